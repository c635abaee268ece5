"""nbgrader: it makes the student's notebook of the one that `assignment` writes."""

import pytest
from assignments import asked, graded, written
from nbgrader import nbgraderformat, preprocessors
from traitlets.config.loader import PyFileConfigLoader

from sknn_scratch.inspection._exercises.tasks import WEEKS

pytestmark = pytest.mark.filterwarnings("ignore")  # of what the tool itself warns


@pytest.mark.parametrize("week", WEEKS)
def test_nbgrader_makes_the_students_notebook(tmp_path, week, capsys):
    folder = written(tmp_path / "out", week, "nbgrader")
    source = folder / f"source/{week}/{week}.ipynb"
    notebook = nbgraderformat.read(str(source), as_version=4)
    nbgraderformat.MetadataValidator().validate_nb(notebook)
    points = [
        cell.metadata.nbgrader.points
        for cell in notebook.cells
        if cell.metadata.nbgrader.grade
    ]
    assert sum(points) == sum(asked(folder).values())
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
