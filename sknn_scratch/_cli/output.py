"""Checks and descriptions of the files that commands read and write."""

import os


def check_can_write(path, sources, flag="--out"):
    """Raise an error before the training if the output file cannot be written."""
    for source in sources:
        both = source and os.path.exists(source) and os.path.exists(path)
        if both and os.path.samefile(source, path):
            raise ValueError(f"{flag} must be another file than {source}.")
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(path):
        raise IsADirectoryError(f"{flag} {path} must be a file, got a directory.")
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"{flag} {path}: the folder {folder} must exist.")
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"{flag} {path}: the folder {folder} must be writable.")


def readable_bytes(count):
    """Return a number of bytes as text: 1234567 as `1.23 MB`."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"
