"""Tables of the command line: files read, columns decided, models trained and used."""
