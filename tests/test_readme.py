"""What the README shows is what happens."""

import importlib
import pathlib
import re

from sknn_scratch.__main__ import COMMANDS

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language=""):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_first_example_prints_what_it_says(capsys):
    example = blocks("python")[0]
    exec(example, {})
    claimed = re.search(r"print\(.*\)  # (.*)", example)[1]
    assert capsys.readouterr().out.strip() == claimed


def test_the_course_s_example_prints_what_it_says(course, capsys, monkeypatch):
    monkeypatch.chdir(course)
    example = blocks("python")[1]
    exec(example, {})
    claimed = re.findall(r"^print\(.*\)  # (.*)", example, re.MULTILINE)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(claimed) == 3
    for line, claim in zip(printed, claimed, strict=True):
        assert claim.startswith(line)


def test_files_it_names_exist():
    named = set(re.findall(r"(?:sknn_scratch|examples|tests|docs)/[\w-]+\.\w+", README))
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_names_in_its_table_of_the_course_exist():
    table = README.split("The course, section by section")[1].split("Inside,")[0]
    named = re.findall(r"`(_?\w+)\.(\w+)", table)
    modules = [name for name in named if (ROOT / f"sknn_scratch/{name[0]}.py").exists()]
    assert len(modules) > 10
    for module, name in modules:
        assert hasattr(importlib.import_module(f"sknn_scratch.{module}"), name), name


def test_commands_it_names_exist(capsys):
    commands = set(re.findall(r"`sknn-scratch ([a-z]+)", README))
    assert commands == set(COMMANDS)
