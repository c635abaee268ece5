"""Run commands on a pseudo-terminal."""

import os
import subprocess
import sys

import pytest

RUN = [sys.executable, "-W", "error", "-m", "sknn_scratch"]


def run_on_a_terminal(command):
    """What a command writes to a terminal of 80 columns, and its exit code."""
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(command, stdout=slave, stderr=slave, env=environment) as run:
        os.close(slave)
        chunks = []
        try:
            while chunk := os.read(master, 65536):
                chunks.append(chunk)
        except OSError:  # so Linux says that the other side has closed
            pass
    os.close(master)
    return b"".join(chunks).decode(), run.returncode
