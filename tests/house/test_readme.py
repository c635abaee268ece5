"""What the README shows is what happens."""

import pathlib
import re

import sknn_scratch
from sknn_scratch import inspection
from sknn_scratch._cli.commands import COMMANDS

ROOT = pathlib.Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
INDEX = (ROOT / "docs/on_an_index.md").read_text()


def blocks(language="", text=README):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_examples_print_what_they_say(capsys):
    # the one of the course's files has a test of its own
    examples, space = blocks("python"), {}
    claimed = []
    for example in (examples[0], examples[2], examples[3]):
        exec(example, space)
        claimed += re.findall(r"^print\(.*\)  # (.*)", example, re.MULTILINE)
    assert len(claimed) == 6
    assert capsys.readouterr().out.splitlines() == claimed


def test_inspection_has_the_functions_it_names():
    table = README.split("| function | answers |")[1].split("`sknn_scratch.plotting`")[
        0
    ]
    named = re.findall(r"^\| `(\w+)\(", table, re.MULTILINE)
    assert len(named) == 7
    assert [name for name in named if not hasattr(inspection, name)] == []


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
    assert len(named) > 8
    inside = pathlib.Path(sknn_scratch.__file__).parents[1]
    there = [
        ((inside if name.startswith("sknn_scratch/") else ROOT) / name).exists()
        for name in named
    ]
    assert all(there), named


def test_commands_it_names_exist(capsys):
    commands = set(re.findall(r"`sknn-scratch ([a-z]+)", README))
    assert commands == set(COMMANDS)


def test_what_an_index_shows_leads_nowhere_and_is_said_in_the_readme_too():
    # links and pictures of the folder lead nowhere there
    assert re.findall(r"\]\(|<\w", INDEX) == []
    opening = INDEX.split("\n\n")[1]
    table = [line for line in INDEX.splitlines() if line.startswith("|")]
    for part in (opening, *table, *blocks("python", INDEX)):
        assert part in README
    modules = re.findall(r"`sknn_scratch\.(\w+)`", INDEX)
    assert [name for name in modules if name not in sknn_scratch.__all__] == []
