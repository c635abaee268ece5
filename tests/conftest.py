"""Set before anything imports scipy: the array API check runs only with it."""

import json
import os
import pathlib
from importlib.util import find_spec

os.environ["SCIPY_ARRAY_API"] = "1"
os.environ["MPLBACKEND"] = "Agg"
# two threads wait for one another longer than such small matrices take
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402  (after the environment is set)
import pytest

import sknn_scratch
from sknn_scratch.hdf5 import load_dataset

# Each file of tests/ecosystem is about the library that it is named after.
collect_ignore = [
    f"ecosystem/test_{library}.py"
    for library in [
        "cloudpickle",
        "dask_ml",
        "eli5",
        "imblearn",
        "optuna",
        "shap",
        "sklearnex",
        "skops",
        "yellowbrick",
    ]
    if find_spec(library) is None
]
collect_ignore += [
    f"graders/test_{grader}.py"
    for grader in ["nbgrader", "otter"]
    if find_spec(grader) is None
]
if find_spec("sklearn.callback") is None:  # scikit-learn before 1.9
    collect_ignore.append("estimators/test_callbacks.py")


def pytest_configure(config):
    """Leave out modules of the package whose one library is not installed."""
    package = pathlib.Path(sknn_scratch.__file__).parent
    needs = {"export/_onnx*.py": "skl2onnx", "distributed": "dask"}
    config.option.ignore = [
        *(config.option.ignore or []),
        *(
            file
            for pattern, name in needs.items()
            if not find_spec(name)
            for file in package.glob(pattern)
        ),
    ]


@pytest.fixture
def rng():
    return np.random.RandomState(0)


@pytest.fixture(scope="session")
def blobs():
    """90 rows of 3 classes that overlap, 4 features."""
    rng = np.random.RandomState(7)
    y = np.arange(90) % 3
    return rng.randn(90, 4) + np.eye(3, 4)[y] * 1.5, y


@pytest.fixture(scope="session")
def course():
    """The folder of the course's files; tests that need it are skipped without."""
    place = os.environ.get("SKNN_SCRATCH_COURSE_DATA")
    if place is None:
        place = pathlib.Path(__file__).parents[2] / "shared" / "course"
    folder = pathlib.Path(place)
    if not (folder / "reference.json").exists():
        pytest.skip("the course's files are not here")
    return folder


@pytest.fixture(scope="session")
def reference(course):
    return json.loads((course / "reference.json").read_text())


@pytest.fixture(scope="session")
def cats(course):
    return load_dataset(course / "train_catvnoncat.h5", course / "test_catvnoncat.h5")
