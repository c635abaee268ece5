"""The documentation says what is so; .ci/run builds it."""

import doctest
import importlib
import pathlib
import re
import runpy
from types import SimpleNamespace

import matplotlib.pyplot as plt
import pytest

import sknn_scratch
from sknn_scratch.inspection import check_my
from sknn_scratch.inspection._exercises.tasks import TASKS

ROOT = pathlib.Path(__file__).parents[2]
PACKAGE = pathlib.Path(sknn_scratch.__file__).parent  # elsewhere where it is installed
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.rst"), *(DOCS / "course").glob("*.rst")])
WEEKS = [DOCS / "course" / f"week{week}.rst" for week in (1, 2, 3, 4)]
MISTAKES = sorted((DOCS / "course" / "exercises").glob("*.py"))


def stem(path):
    return path.stem


def directives(page, name):
    """The argument and the options of each such directive."""
    found = re.finditer(
        rf"^( *)\.\. {name}:: *(.*)\n((?:\1   +:.*\n)*)", page.read_text(), re.MULTILINE
    )
    for match in found:
        options = re.findall(r":([\w-]+): *(.*)", match[3])
        yield match[2].strip(), dict(options)


def sections(page):
    """The text of each section by its title; what stands before the first: by ""."""
    parts = re.split(r"^(\S.*)\n-{3,}\n", page.read_text(), flags=re.MULTILINE)
    return {"": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("page", PAGES, ids=stem)
def test_what_a_page_tells_to_try_prints_what_it_says(page):
    failed, _ = doctest.testfile(str(page), module_relative=False)
    assert failed == 0


@pytest.mark.parametrize("week", WEEKS, ids=stem)
def test_every_page_of_the_course_has_something_to_try(week):
    assert week.read_text().count("**Try it.**") >= 4


@pytest.mark.parametrize("page", PAGES, ids=stem)
def test_figures_of_a_page_are_drawn_without_a_warning(page, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    plt.close("all")
    blocks = re.findall(
        r"^\.\. plot::\n(?:   :.*\n)*\n((?:   .*\n|\n)+)",
        page.read_text(),
        re.MULTILINE,
    )
    for block in blocks:
        exec(re.sub(r"^   ", "", block, flags=re.MULTILINE), {})
        assert plt.get_fignums() != []
        plt.close("all")


def included():
    for page in PAGES:
        for path, options in directives(page, "literalinclude"):
            source = page.parent / path
            if PACKAGE.name in source.parts:
                inside = source.parts.index(PACKAGE.name) + 1
                source = PACKAGE.joinpath(*source.parts[inside:])
            yield pytest.param(source, options, id=f"{page.stem}-{path}")


@pytest.mark.parametrize(("source", "options"), included())
def test_lines_that_a_page_includes_are_there(source, options):
    text = source.read_text()
    for name in ("start-at", "start-after", "end-at", "end-before"):
        assert options.get(name, "") in text
    if "pyobject" in options:
        *classes, name = options["pyobject"].split(".")
        for cls in classes:
            text = text[re.search(rf"^class {cls}\b", text, re.MULTILINE).start() :]
        assert re.search(rf"^ *(def|class) {name}\b", text, re.MULTILINE)


# -- exercises -------------------------------------------------------------------------


def function_in(path):
    """The one function that a file defines."""
    space = {}
    exec(compile(path.read_text(), path, "exec"), space)
    return space[path.stem]


@pytest.mark.parametrize("file", MISTAKES, ids=stem)
def test_the_bug_to_find_runs_and_is_named(file):
    verdict = check_my(function_in(file))
    assert not verdict.passed
    codes = {finding.code for finding in verdict.findings}
    assert not codes & {"raises", "wrong_arguments", "returns_nothing", "wrong_values"}


def test_every_exercise_is_in_one_page_and_has_a_bug_to_find():
    shown = [name for page in WEEKS for name, _ in directives(page, "exercise")]
    assert sorted(shown) == sorted(TASKS)
    assert sorted(TASKS) == [file.stem for file in MISTAKES]


@pytest.mark.parametrize("page", PAGES, ids=stem)
def test_common_mistakes_are_wrong(page):
    """What is printed is tested; that it names a mistake, here."""
    boxes = page.read_text().split(".. admonition:: Common mistake")[1:]
    printed = [re.search(r"   >>> print\(check_my.*\n(.*)", box) for box in boxes]
    assert all("is not right yet" in found[1] for found in printed if found)


# -- nothing is left out ---------------------------------------------------------------


def words(text):
    """Letters and digits alone: the notes have marks and broken characters."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower().replace("'", "")))


def headings_of(notes):
    """Lines that are headings: with #, or wholly bold or italic."""
    code = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
    for line in code.sub("", notes).splitlines():
        line = re.sub(r"^\s*(?:[-\d.]+ )?", "", line).strip()
        bold = re.fullmatch(r"\*\*(.+?)\*\*:?|\*([^*].*?)\*:?", line)
        if line.startswith("#") or bold:
            yield line


def test_every_heading_of_the_notes_is_in_the_table(course):
    table = words((DOCS / "course" / "headings.rst").read_text())
    found = list(headings_of((course / "notes.md").read_text()))
    assert len(found) > 45
    missing = [heading for heading in found if words(heading) not in table]
    assert missing == []


def test_every_row_of_that_table_says_where_to_look():
    page = (DOCS / "course" / "headings.rst").read_text()
    rows = re.findall(r"^   \* - (.*)\n     - (.*)\n     - (.*)\n", page, re.MULTILINE)
    assert len(rows) > 50
    for heading, _, where in rows[1:]:
        assert re.search(r":(ref|doc):`[^`]+`", where), heading


def test_what_the_pages_refer_to_exists():
    text = {page: page.read_text() for page in PAGES}
    labels = set(re.findall(r"^\.\. _([\w-]+):$", "\n".join(text.values()), re.M))
    examples = {path.name for path in (ROOT / "examples").glob("plot_*.py")}
    labels |= {f"sphx_glr_auto_examples_{name}" for name in examples}
    for page, content in text.items():
        for label in re.findall(r":ref:`(?:[^`<]*<)?([^`>]+)>?`", content):
            assert " ".join(label.split()) in labels, f"{page.name}: {label}"
        for name in re.findall(r"images/sphx_glr_(plot_\w+?)_\d{3}\.png", content):
            assert f"{name}.py" in examples


def test_no_page_has_a_name_that_sphinx_has_for_its_own():
    own = {"search", "genindex", "modindex", "py-modindex"}
    assert not own & {page.stem for page in DOCS.glob("*.rst")}


def test_every_public_name_is_in_the_reference():
    page = (DOCS / "api.rst").read_text()
    for place in ("", *sknn_scratch._SUBMODULES):
        module = importlib.import_module(f"sknn_scratch.{place}".rstrip("."))
        for name in module.__all__:
            thing = getattr(module, name)
            if callable(thing):
                shown = f"{place}.{name}".lstrip(".")
                assert re.search(rf"^   {re.escape(shown)}$", page, re.MULTILINE), shown


def test_every_example_has_its_place_in_the_gallery():
    page = (DOCS / "_ext" / "gallery_order.py").read_text()
    listed = re.findall(r'"(plot_\w+\.py)"', page)
    assert sorted(listed) == sorted(p.name for p in (ROOT / "examples").glob("*.py"))


def test_the_front_page_shows_the_playground_that_the_build_writes(tmp_path):
    write = runpy.run_path(str(DOCS / "_ext" / "playground.py"))["write"]
    builder = SimpleNamespace(format="html")
    write(SimpleNamespace(builder=builder, outdir=tmp_path), None)
    (name,) = re.findall(r'<iframe[^>]*\ssrc="(.*?)"', (DOCS / "index.rst").read_text())
    assert 50_000 < (tmp_path / name).stat().st_size < 200_000


def test_the_page_on_looking_inside_shows_the_step_that_the_build_writes(tmp_path):
    space = runpy.run_path(str(DOCS / "_ext" / "step_page.py"))
    builder = SimpleNamespace(format="html")
    space["write"](SimpleNamespace(builder=builder, outdir=tmp_path), None)
    text = (DOCS / "inside.rst").read_text()
    (name,) = re.findall(r'<iframe[^>]*\ssrc="(.*?)"', text)
    assert "Your <code>linear_backward</code>" in (tmp_path / name).read_text("utf-8")
