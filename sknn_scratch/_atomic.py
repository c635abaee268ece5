"""Files that are there whole or not at all: written beside their place, then moved."""

import os
import secrets
import shutil
from contextlib import contextmanager, suppress


@contextmanager
def replacing(path, ending):
    """A name to write to; what is there when the block ends well is moved to path."""
    path = os.fsdecode(path)
    target = os.path.realpath(path)  # what a link points at is replaced, not the link
    folder = os.path.dirname(target)
    if os.path.isdir(target):
        raise IsADirectoryError(f"{path} must be a file to write, got a directory.")
    if os.path.exists(target) and not os.path.isfile(target):  # a device, a pipe
        raise OSError(f"{path} must be a file to write, got something else.")
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            f"{path} must be in a folder that exists, but {folder} does not."
        )
    # a name and not a file of mkstemp, so that the umask gives the permissions
    temporary = os.path.join(folder, f".{secrets.token_hex(8)}{ending}")
    try:
        yield temporary
        try:
            with open(temporary, "rb") as written:
                os.fsync(written.fileno())
            if os.path.exists(target):
                shutil.copymode(target, temporary)
            os.replace(temporary, target)
        except OSError as error:
            reason = os.strerror(error.errno)
            raise OSError(f"{path} could not be written: {reason}.") from error
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
