"""Pages about a model that need no network and no other file."""
