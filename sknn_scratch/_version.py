"""The version, on its own: building the package must not import it."""

__version__ = "0.1.0"
