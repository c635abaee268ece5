"""otter: it makes the student's notebook and the tests of the master notebook."""

import pytest
from assignments import graded, written

from sknn_scratch.inspection._exercises.tasks import WEEKS, given

pytestmark = pytest.mark.filterwarnings("ignore")  # of what the tool itself warns


@pytest.mark.parametrize("week", WEEKS)
def test_otter_makes_the_students_notebook(tmp_path, week, capsys):
    from otter import assign  # it warns when it is imported

    folder = written(tmp_path / "out", week, "otter")
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
