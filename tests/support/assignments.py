"""Assignments that the command line has written, and graded."""

import json

from sknn_scratch._cli.main import main


def written(folder, week, way="notebook", seed=4242):
    """Write an assignment; return its folder."""
    words = ["assignment", week, "--for", way, "--seed", str(seed)]
    assert main([*words, "--out", str(folder), "-q"]) == 0
    return folder


def asked(folder):
    """The points of each function."""
    return json.loads((folder / "assignment.json").read_text())["points"]


def graded(folder, submissions, capsys):
    """Grade a folder with one submission; return its record."""
    words = ["grade", submissions, "--assignment", folder, "--json"]
    words += ["--out", folder / "class.html"]
    capsys.readouterr()
    assert main([*map(str, words)]) == 0
    (one,) = json.loads(capsys.readouterr().out)["students"]
    return one
