"""Atomic writing of files: to a temporary file in the same folder, which is renamed."""

import os
import re
import secrets
import shutil
import socket
import time
from contextlib import contextmanager, suppress
from hashlib import blake2b

LONGEST_NAME = 80  # bytes; with the suffix less than the 143 that eCryptfs allows
A_DAY = 24 * 60 * 60


@contextmanager
def replacing(path, ending):
    """Yield a temporary name; if the block does not fail, move that file to path.

    First remove temporary files of the same path that killed processes have left.
    """
    path = os.fsdecode(path)
    target = os.path.realpath(path)  # of a link, its target is replaced, not the link
    folder = os.path.dirname(target)
    if os.path.isdir(target):
        raise IsADirectoryError(f"{path} must be a file to write, got a directory.")
    if os.path.exists(target) and not os.path.isfile(target):  # a device, a pipe
        raise OSError(f"{path} must be a file to write, got something else.")
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            f"{path} must be in a folder that exists, but {folder} does not."
        )
    prefix, namespace = _prefix(target), _pid_namespace()
    _remove_leftovers(folder, prefix, namespace, ending)
    # only a name, not a file of mkstemp, so that the umask sets the permissions
    name = f"{prefix}{namespace}.{os.getpid()}.{secrets.token_hex(4)}{ending}"
    temporary = os.path.join(folder, name)
    try:
        yield temporary
        try:
            with open(temporary, "rb+") as written:  # Windows needs it to sync
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


def write_atomically(path, data, ending):
    """Write bytes to path atomically; raise OSError of one line that names path."""
    path = os.fsdecode(path)
    try:
        with replacing(path, ending) as temporary, open(temporary, "xb") as file:
            file.write(data)
    except OSError as error:
        if error.errno is None:  # the error is one of this module
            raise
        reason = os.strerror(error.errno)
        raise OSError(f"{path} could not be written: {reason}.") from error


def _prefix(target):
    """Return the prefix of the names of temporary files for this target."""
    name = os.path.basename(target)
    if len(os.fsencode(name)) > LONGEST_NAME:
        name = _short_hash(os.fsencode(name), 16)
    return f".{name}."


def _pid_namespace():
    """Return eight hexadecimal digits that identify the namespace of process ids.

    They are equal in processes that can see each other's ids. Containers may share a
    host name but not the process ids, which begin at 1 in each. After a reboot the ids
    begin again. Linux has an id of the boot and one of the pid namespace.
    """
    names = [socket.gethostname()]
    with suppress(OSError):
        with open("/proc/sys/kernel/random/boot_id") as file:
            names.append(file.read())
        names.append(os.readlink("/proc/self/ns/pid"))
    return _short_hash("\n".join(names).encode(), 4)


def _short_hash(text, digest_size):
    return blake2b(text, digest_size=digest_size).hexdigest()


def _remove_leftovers(folder, prefix, namespace, ending):
    """Remove temporary files that dead processes have left; ignore failures."""
    rest = re.compile(
        rf"([0-9a-f]{{8}})\.([1-9]\d{{0,8}})\.[0-9a-f]{{8}}{re.escape(ending)}"
    )
    names = []
    with suppress(OSError):  # a folder may be writable and not readable
        names = [name for name in os.listdir(folder) if name.startswith(prefix)]
    for name in names:
        found = rest.fullmatch(name, len(prefix))
        if not found:
            continue
        # another process removed it, or the file or the process is of another user
        with suppress(OSError):
            file = os.path.join(folder, name)
            if _is_abandoned(file, found[1] == namespace, int(found[2])):
                os.unlink(file)


def _is_abandoned(file, same_namespace, pid):
    """Return True if no process writes the file any more.

    A process id of another namespace cannot be tested: the process may run in another
    container, or have ended with a reboot. Then the age of the file decides. Each block
    of rows that is written updates the time of the file, and no block takes a day. On
    Windows the age decides, too, because `os.kill` kills with every signal there.
    """
    if not same_namespace or os.name == "nt":
        return time.time() - os.lstat(file).st_mtime > A_DAY
    try:
        os.kill(pid, 0)  # sends no signal, only tests the process
    except ProcessLookupError:
        return True
    return False
