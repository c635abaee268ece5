"""Checks of a reader's functions of the course against the engine, and their use."""
