"""What the README shows is what happens."""

import pathlib
import re

README = (pathlib.Path(__file__).parents[1] / "README.md").read_text()


def blocks(language=""):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_first_example_prints_what_it_says(capsys):
    example = blocks("python")[0]
    exec(example, {})
    claimed = re.search(r"print\(.*\)  # (.*)", example)[1]
    assert capsys.readouterr().out.strip() == claimed


def test_the_course_s_example_prints_what_it_says(course, capsys, monkeypatch):
    monkeypatch.chdir(course)
    load, train = blocks("python")[1:3]
    exec(load + train, {})
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith("Iteration")] == [
        "(20, 12288)",
        "0.8",
    ]
    assert sum(line.startswith("Iteration") for line in lines) == 25


def test_modules_it_names_exist():
    root = pathlib.Path(__file__).parents[1]
    named = re.findall(r"`(sknn_scratch/\w+\.py)`", README)
    assert named
    assert all((root / name).exists() for name in named)
