"""Every example runs, with the course's files and without, and warns of nothing."""

import os
import pathlib
import subprocess
import sys

import pytest

FOLDER = pathlib.Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))


def uses_images(example):
    return "SKNN_SCRATCH_COURSE_DATA" in example.read_text()


IMAGE_EXAMPLES = list(filter(uses_images, EXAMPLES))


def run(example, where, data):
    """What the example prints, run in the folder `where`."""
    settings = {
        "MPLBACKEND": "Agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "SKNN_SCRATCH_COURSE_DATA": str(data),
    }
    # where there is a screen, plt.show() says that Agg cannot use it
    show = "ignore:FigureCanvasAgg is non-interactive"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", show, example],
        cwd=where,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_there_are_examples():
    assert len(EXAMPLES) >= 4
    assert all(example.name.startswith("plot_") for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_it_runs_on_bundled_data_and_leaves_no_file(example, tmp_path):
    printed = run(example, tmp_path, data="")
    assert list(tmp_path.iterdir()) == []
    assert ("images of shape (8, 8)" in printed) == uses_images(example)


@pytest.mark.parametrize("example", IMAGE_EXAMPLES, ids=lambda path: path.stem)
def test_it_uses_the_course_s_images(example, tmp_path, course):
    assert "209 images of shape" in run(example, tmp_path, data=course)
