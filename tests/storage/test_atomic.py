"""Files that are there whole or not at all; what killed writers leave."""

import errno
import os
import re
import socket
import subprocess
import sys
import threading
import time

import pytest

from sknn_scratch._storage import atomic
from sknn_scratch._storage.atomic import A_DAY, replacing

ENDING = ".h5.part"
WRITE_FOR_EVER = """
import sys, time
from sknn_scratch._storage.atomic import replacing
with replacing(sys.argv[1], ".h5.part") as temporary, open(temporary, "x"):
    print(temporary, flush=True)
    time.sleep(600)
"""

posix = pytest.mark.skipif(os.name == "nt", reason="Windows cannot ask who runs")


def write(path, text="new"):
    with replacing(path, ENDING) as temporary, open(temporary, "x") as file:
        file.write(text)


def left_by(pid, target, space=None):
    """A temporary file as a process of that number makes it."""
    before = atomic._prefix(os.path.realpath(target))
    space = space or atomic._pid_namespace()
    path = target.parent / f"{before}{space}.{pid}.0123abcd{ENDING}"
    path.write_text("half")
    return path


@pytest.fixture
def dead():
    """The number of a process that is no more."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


@pytest.fixture
def target(tmp_path):
    return tmp_path / "model.h5"


@pytest.fixture
def writer(target):
    """A process that writes the target, and its temporary file."""
    command = [sys.executable, "-c", WRITE_FOR_EVER, str(target)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with process.stdout:
        temporary = process.stdout.readline().strip()
        yield process, temporary
        process.kill()
        process.wait()


def make_old(path):
    then = time.time() - A_DAY - 60
    os.utime(path, (then, then))


# -- what a killed process leaves ------------------------------------------------------


@posix
def test_the_next_write_removes_what_a_killed_one_left(target, writer):
    process, temporary = writer
    process.kill()
    process.wait()
    assert os.path.exists(temporary)
    write(target)
    assert os.listdir(target.parent) == [target.name]


def test_the_file_of_a_living_process_stays(target, writer):
    _, temporary = writer
    write(target)
    assert sorted(os.listdir(target.parent)) == sorted(
        [os.path.basename(temporary), target.name]
    )


@posix
def test_the_file_of_a_living_process_stays_however_old_it_is(target, writer):
    _, temporary = writer
    make_old(temporary)
    write(target)
    assert os.path.exists(temporary)


@posix
def test_a_process_of_another_user_is_alive(target, dead, monkeypatch):
    def not_allowed(pid, signal):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    file = left_by(dead, target)
    monkeypatch.setattr(os, "kill", not_allowed)
    write(target)
    assert file.exists()


def test_threads_leave_the_files_of_one_another(target):
    begun, done = threading.Event(), threading.Event()

    def slow():
        with replacing(target, ENDING) as temporary, open(temporary, "x") as file:
            begun.set()
            done.wait()
            file.write("slow")

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait()
    write(target, "fast")
    assert target.read_text() == "fast"
    done.set()
    thread.join()
    assert target.read_text() == "slow"


@posix
@pytest.mark.parametrize(
    "other",
    ["other.h5", "model.h5.h5", "model", "h5", "model.h5.1"],
)
def test_files_of_other_targets_stay(target, dead, other):
    file = left_by(dead, target.parent / other)
    write(target)
    assert file.exists()


@posix
def test_files_of_another_host_go_when_nobody_wrote_to_them_for_a_day(
    target, dead, monkeypatch
):
    here = socket.gethostname()
    monkeypatch.setattr(socket, "gethostname", lambda: f"far-{here}")
    young, old = left_by(dead, target), left_by(dead + 1, target)
    make_old(old)
    monkeypatch.undo()
    write(target)
    assert young.exists()
    assert not old.exists()


@posix
@pytest.mark.parametrize(
    "name",
    [
        ".model.h5.part",
        ".{before}{space}.{pid}.0123abcd.h5.part",
        "{before}{space}.{pid}.0123abcd.html.part",
        "{before}{space}.{pid}.0123abcd.h5.part.keep",
        "{before}{space}.{pid}x.0123abcd.h5.part",
        "{before}{space}.{pid}.0123abcd-h5-part",
        "{before}{space}.0.0123abcd.h5.part",
        "{before}{space}.99999999999999999999.0123abcd.h5.part",
    ],
)
def test_files_with_other_names_stay(target, dead, name):
    parts = {"before": atomic._prefix(str(target)), "space": atomic._pid_namespace()}
    file = target.parent / name.format(pid=dead, **parts)
    file.write_text("mine")
    make_old(file)
    write(target)
    assert file.read_text() == "mine"


def test_in_another_container_a_number_says_nothing(target, dead):
    file = left_by(dead, target, space="00000000")
    write(target)
    assert file.exists()


def test_a_file_of_another_container_goes_when_nobody_wrote_to_it_for_a_day(target):
    file = left_by(os.getpid(), target, space="00000000")
    make_old(file)
    write(target)
    assert not file.exists()


def test_no_process_is_asked_on_windows(target, dead, monkeypatch):
    def kills(pid, signal):
        raise AssertionError("os.kill kills on Windows")

    young, old = left_by(dead, target), left_by(dead + 1, target)
    make_old(old)
    monkeypatch.setattr(os, "kill", kills)
    monkeypatch.setattr(atomic.os, "name", "nt")
    write(target)
    monkeypatch.undo()
    assert young.exists()
    assert not old.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize("source", ["boot_id", "ns/pid"])
def test_another_start_or_container_is_another_space(monkeypatch, tmp_path, source):
    here = atomic._pid_namespace()
    if source == "ns/pid":
        monkeypatch.setattr(os, "readlink", lambda path: "pid:[1]")
    else:
        (tmp_path / "boot_id").write_text("another")
        real = open
        monkeypatch.setattr(
            atomic, "open", lambda path: real(tmp_path / "boot_id"), raising=False
        )
    assert atomic._pid_namespace() != here


@posix
def test_the_folder_of_the_target_is_cleaned_not_that_of_a_link(target, dead, tmp_path):
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "link.h5"
    link.symlink_to(target)
    file = left_by(dead, target)
    write(link)
    assert not file.exists()
    assert link.is_symlink()
    assert target.read_text() == "new"


# -- cleaning is no reason to fail -----------------------------------------------------


@posix
def test_a_file_that_somebody_else_removes_first_is_no_error(target, dead, monkeypatch):
    file = left_by(dead, target)
    listed = os.listdir(target.parent)
    file.unlink()
    monkeypatch.setattr(os, "listdir", lambda folder: listed)
    write(target)
    assert target.read_text() == "new"


@posix
def test_a_folder_with_such_a_name_is_no_error(target, dead):
    file = left_by(dead, target)
    file.unlink()
    file.mkdir()
    write(target)
    assert file.is_dir()


def test_a_folder_that_cannot_be_listed_is_no_error(target, monkeypatch):
    def refuse(folder):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "listdir", refuse)
    write(target)
    assert target.read_text() == "new"


# -- names -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [80, 81, 110, 255])
@pytest.mark.parametrize("character", ["x", "ä", "数"])
def test_every_name_works(tmp_path, monkeypatch, character, size):
    monkeypatch.setattr(socket, "gethostname", lambda: "h" * 64)
    path = tmp_path / (character * ((size - 3) // len(os.fsencode(character))) + ".h5")
    with replacing(path, ".html.part") as temporary:
        assert len(os.fsencode(os.path.basename(temporary))) <= 143  # as in eCryptfs
        with open(temporary, "x") as file:
            file.write("new")
    assert path.read_text() == "new"


@posix
def test_a_long_name_is_cleaned_too_and_others_are_not_taken_for_it(tmp_path, dead):
    target, other = tmp_path / ("x" * 200), tmp_path / ("x" * 199 + "y")
    mine, theirs = left_by(dead, target), left_by(dead, other)
    write(target)
    assert not mine.exists()
    assert theirs.exists()


def test_a_name_says_whose_it_is(target):
    with replacing(target, ENDING) as temporary, open(temporary, "x"):
        name = os.path.basename(temporary)
    assert name.startswith(f".{target.name}.{atomic._pid_namespace()}.{os.getpid()}.")


def test_a_host_may_have_any_name(target, dead, monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "../a.b/数" + "x" * 300)
    write(target)
    assert target.read_text() == "new"


# -- writing ---------------------------------------------------------------------------


def test_what_fails_leaves_the_old_file_and_nothing_else(target):
    target.write_text("old")
    with pytest.raises(TypeError):
        write(target, text=1)
    assert target.read_text() == "old"
    assert os.listdir(target.parent) == [target.name]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_of_the_last_steps_is_named_and_leaves_the_old_file(
    target, monkeypatch, step
):
    def fail(*arguments):
        raise OSError(errno.EIO, "Input/output error", "a temporary name")

    target.write_text("old")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match=re.escape(str(target))) as caught:
        write(target)
    assert str(caught.value) == (
        f"{target} could not be written: {os.strerror(errno.EIO)}."
    )
    assert target.read_text() == "old"
    assert os.listdir(target.parent) == [target.name]


@posix
def test_permissions_are_those_of_the_file_before_or_of_the_umask(tmp_path):
    umask = os.umask(0)
    os.umask(umask)
    path = tmp_path / "new"
    write(path)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask
    path.chmod(0o604)
    write(path)
    assert path.stat().st_mode & 0o777 == 0o604
