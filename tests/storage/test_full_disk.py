"""A full disk is an error of one line, and leaves the old file: see full_disk.py."""

import errno
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import pytest

from sknn_scratch._storage import store
from sknn_scratch.hdf5 import save_dataset

pytest.importorskip("resource")  # which Windows has not

from full_disk import SHARES  # noqa: E402

TESTS = pathlib.Path(__file__).parents[1]
CALLS = ["save_model", "save_dataset", "fit"]
COMMANDS = ["convert", "train", "report", "play"]
# in a namespace of its own: nobody else sees the disk, and it ends with the process
MOUNT = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
MOUNT += ['mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"']


def may_mount():
    """Whether there can be a small disk."""
    if shutil.which("unshare") is None:
        return False
    asked = [*MOUNT, tempfile.gettempdir(), "true"]
    return subprocess.run(asked, capture_output=True).returncode == 0


REASONS = {"limit": errno.EFBIG, "disk": errno.ENOSPC}
WAYS = ["limit", "disk"] if may_mount() else ["limit"]


@pytest.fixture(scope="module", params=WAYS)
def tried(request, tmp_path_factory):
    """The way, the process that tried all writers, and how each try ended."""
    folder = str(tmp_path_factory.mktemp(request.param))
    command = [
        sys.executable,
        str(TESTS / "support" / "full_disk.py"),
        request.param,
        folder,
    ]
    if request.param == "disk":
        command = [*MOUNT, folder, *command]
    path = [str(TESTS.parent), os.environ.get("PYTHONPATH", "")]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    return request.param, done, [json.loads(line) for line in done.stdout.splitlines()]


def tries(tried, writer):
    """Those of a writer without room, and the one with it."""
    *without, enough = [found for found in tried[2] if found["writer"] == writer]
    assert len(without) == len(SHARES)
    assert enough["room"] is None
    return without, enough


def test_nothing_crashes(tried):
    assert (tried[1].returncode, tried[1].stderr) == (0, "")
    assert {found["writer"] for found in tried[2]} == {*CALLS, *COMMANDS}


@pytest.mark.parametrize("writer", CALLS)
def test_an_error_of_one_line_names_the_path_and_the_reason(tried, writer):
    reason = os.strerror(REASONS[tried[0]])
    for found in tries(tried, writer)[0]:
        assert found["kind"] == "OSError"
        line = rf"/\S+/{writer}.out could not be written: (the system says: )?{reason}."
        assert re.fullmatch(line, found["said"]), found


@pytest.mark.parametrize("writer", COMMANDS)
def test_a_command_ends_with_2_and_one_line(tried, writer):
    reason = os.strerror(REASONS[tried[0]])
    for found in tries(tried, writer)[0]:
        start = "exit code 2: sknn-scratch: error: /"
        end = rf"/{writer}.out could not be written: (the system says: )?{reason}.\n"
        assert re.fullmatch(rf"{start}\S+{end}", found["said"]), found


@pytest.mark.parametrize("writer", CALLS + COMMANDS)
def test_the_old_file_is_as_it_was_and_nothing_else_is_there(tried, writer):
    for found in tries(tried, writer)[0]:
        assert found["same"], found
        assert found["others"] == []


@pytest.mark.parametrize("writer", CALLS + COMMANDS)
def test_with_room_it_is_written(tried, writer):
    _, enough = tries(tried, writer)
    assert enough == {
        "writer": writer,
        "room": None,
        "said": None,
        "kind": None,
        "same": False,
        "others": [],
    }


class FullWhenClosed(io.FileIO):
    """As on a network's file system, which writes when a file is closed."""

    def close(self):
        was_open = not self.closed
        super().close()
        if was_open:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("first", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_is_full_when_the_file_is_closed_is_named(
    tmp_path, monkeypatch, first
):
    class Disk(store._DeferringFile, FullWhenClosed):
        def truncate(self, size=None):  # HDF5 does it last; what fails first is told
            if first != errno.ENOSPC:
                self.failure = OSError(first, os.strerror(first))
            return super().truncate(size)

    path = tmp_path / "data.h5"
    path.write_text("old")
    monkeypatch.setattr(store, "_DeferringFile", Disk)
    reason = os.strerror(first)
    with pytest.raises(OSError, match=f"data.h5 could not be written: .*{reason}.$"):
        save_dataset(path, np.zeros((3, 2)), [0, 1, 0])
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["data.h5"]
