"""Files that are there whole or not at all: written beside their place, then moved."""

import os
import re
import secrets
import shutil
import socket
import time
from contextlib import contextmanager, suppress
from hashlib import blake2b

LONGEST_NAME = 80  # bytes; with what comes after it below the 143 that eCryptfs allows
A_DAY = 24 * 60 * 60


@contextmanager
def replacing(path, ending):
    """A name to write to; what is there when the block ends well is moved to path.

    Before that, what killed processes left of writing the same file is removed.
    """
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
    before, space = _before(target), _space()
    _clean(folder, before, space, ending)
    # a name and not a file of mkstemp, so that the umask gives the permissions
    name = f"{before}{space}.{os.getpid()}.{secrets.token_hex(4)}{ending}"
    temporary = os.path.join(folder, name)
    try:
        yield temporary
        try:
            with open(temporary, "rb+") as written:  # Windows syncs nothing read-only
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


def write_whole(path, data, ending):
    """These bytes at path; an OSError of one line names the path."""
    path = os.fsdecode(path)
    try:
        with replacing(path, ending) as temporary, open(temporary, "xb") as file:
            file.write(data)
    except OSError as error:
        if error.errno is None:  # said in our own words
            raise
        reason = os.strerror(error.errno)
        raise OSError(f"{path} could not be written: {reason}.") from error


def _before(target):
    """How names of temporary files for this target begin."""
    name = os.path.basename(target)
    if len(os.fsencode(name)) > LONGEST_NAME:
        name = _short(os.fsencode(name), 16)
    return f".{name}."


def _space():
    """Eight digits that are the same in processes which see each other's numbers.

    Containers may have the same host name and numbers of their own, each from 1 on;
    a host that starts again counts anew. Linux has names for both.
    """
    names = [socket.gethostname()]
    with suppress(OSError):
        with open("/proc/sys/kernel/random/boot_id") as file:
            names.append(file.read())
        names.append(os.readlink("/proc/self/ns/pid"))
    return _short("\n".join(names).encode(), 4)


def _short(text, digest_size):
    return blake2b(text, digest_size=digest_size).hexdigest()


def _clean(folder, before, space, ending):
    """Remove what dead processes left; that it cannot be done is no reason to fail."""
    rest = re.compile(
        rf"([0-9a-f]{{8}})\.([1-9]\d{{0,8}})\.[0-9a-f]{{8}}{re.escape(ending)}"
    )
    names = []
    with suppress(OSError):  # a folder may be written to and not be listed
        names = [name for name in os.listdir(folder) if name.startswith(before)]
    for name in names:
        found = rest.fullmatch(name, len(before))
        if not found:
            continue
        # another process was faster; the file, or the process to ask for, is not ours
        with suppress(OSError):
            file = os.path.join(folder, name)
            if _left_behind(file, found[1] == space, int(found[2])):
                os.unlink(file)


def _left_behind(file, same_space, pid):
    """Whether nobody writes the file any more.

    A number of another space says nothing: the process may live in another container,
    or have died with the host's last start. Time tells then: every block of rows that
    is written makes the file new, and none takes a day. Windows is asked in the same
    way, for there `os.kill` kills whatever the signal.
    """
    if not same_space or os.name == "nt":
        return time.time() - os.lstat(file).st_mtime > A_DAY
    try:
        os.kill(pid, 0)  # sends nothing
    except ProcessLookupError:
        return True
    return False
