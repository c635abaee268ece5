"""Every example runs, with the course's files and without, and warns of nothing."""

import pathlib
import runpy
import warnings

import pytest
from matplotlib import pyplot

FOLDER = pathlib.Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))


def uses_images(example):
    return "SKNN_SCRATCH_COURSE_DATA" in example.read_text()


IMAGE_EXAMPLES = list(filter(uses_images, EXAMPLES))


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs an example in an empty folder; what it prints. Warnings are errors."""

    def run(example, data):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SKNN_SCRATCH_COURSE_DATA", str(data))
        pyplot.switch_backend("Agg")
        with warnings.catch_warnings():
            # where there is a screen, plt.show() says that Agg cannot use it
            warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")
            runpy.run_path(str(example), run_name="__main__")
        pyplot.close("all")
        printed, complaints = capsys.readouterr()
        assert complaints == ""
        return printed

    return run


def test_there_are_examples():
    assert len(EXAMPLES) >= 4
    assert all(example.name.startswith("plot_") for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_it_runs_on_bundled_data_and_leaves_no_file(example, run, tmp_path):
    printed = run(example, data="")
    assert list(tmp_path.iterdir()) == []
    assert ("images of shape (8, 8)" in printed) == uses_images(example)


@pytest.mark.parametrize("example", IMAGE_EXAMPLES, ids=lambda path: path.stem)
def test_it_uses_the_course_s_images(example, run, course):
    assert "209 images of shape" in run(example, data=course)
