"""Readers of the sources of `sknn-scratch convert`: one for each kind of file."""
