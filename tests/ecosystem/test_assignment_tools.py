"""Assignments for nbgrader and otter, read by their own tools."""

import json

import pytest

from sknn_scratch._cli.main import main
from sknn_scratch.inspection._exercises.tasks import WEEKS, given


@pytest.fixture(params=WEEKS)
def week(request):
    return request.param


def written(tmp_path, week, way):
    folder = tmp_path / "out"
    words = ["assignment", week, "--for", way, "--seed", "4242", "--out", str(folder)]
    assert main([*words, "-q"]) == 0
    return folder


def graded(folder, submissions, capsys):
    """Grade a folder with one submission; return its record."""
    words = ["grade", submissions, "--assignment", folder, "--json"]
    words += ["--out", folder / "class.html"]
    capsys.readouterr()
    assert main([*map(str, words)]) == 0
    (one,) = json.loads(capsys.readouterr().out)["students"]
    return one


def test_nbgrader_makes_the_students_notebook(tmp_path, week, capsys):
    pytest.importorskip("nbgrader")
    from nbgrader import nbgraderformat, preprocessors
    from traitlets.config.loader import PyFileConfigLoader

    folder = written(tmp_path, week, "nbgrader")
    source = folder / f"source/{week}/{week}.ipynb"
    notebook = nbgraderformat.read(str(source), as_version=4)
    nbgraderformat.MetadataValidator().validate_nb(notebook)
    points = [
        cell.metadata.nbgrader.points
        for cell in notebook.cells
        if cell.metadata.nbgrader.grade
    ]
    assert sum(points) == sum(
        json.loads((folder / "assignment.json").read_text())["points"].values()
    )
    config = PyFileConfigLoader("nbgrader_config.py", str(folder)).load_config()
    for name in (
        "ClearSolutions",
        "CheckCellMetadata",
        "LockCells",
        "ClearHiddenTests",
    ):
        preprocessor = getattr(preprocessors, name)(config=config)
        notebook, _ = preprocessor.preprocess(notebook, {})
    release = folder / f"release/{week}.ipynb"
    release.parent.mkdir()
    nbgraderformat.write(notebook, str(release))
    text = release.read_text()
    assert "SOLUTION" not in text
    assert "4242" not in text
    assert set(graded(folder, release.parent, capsys)["mistakes"]) == {*WEEKS[week]}


def test_otter_makes_the_students_notebook(tmp_path, week, capsys):
    assign = pytest.importorskip("otter.assign")
    folder = written(tmp_path, week, "otter")
    dist = folder / "dist"
    assign.main(
        str(folder / f"{week}.ipynb"), str(dist), no_pdfs=True, no_run_tests=True
    )
    text = (dist / f"student/{week}.ipynb").read_text()
    assert "SOLUTION" not in text
    assert "4242" not in text
    assert "4242" in (dist / f"autograder/{week}.ipynb").read_text()
    mistakes = graded(folder, dist / "student", capsys)["mistakes"]
    assert mistakes == dict.fromkeys(WEEKS[week], ["blank_left"])
    mistakes = graded(folder, dist / "autograder", capsys)["mistakes"]
    assert mistakes == {}
    assert all(f"def {name}" in text for name in given(week))
