"""HTML pages about a model, each in one file that needs no network connection."""
