"""Atomic writing of files, and HDF5 files that are checked before they are read."""
