"""Data and models for the tests with other libraries."""

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)

MODELS = {
    "logistic": LogisticRegressionScratch(),
    "shallow": ShallowNetClassifier(8, max_iter=60, random_state=0),
    "deep": DeepNetClassifier(
        (16, 8), learning_rate_init=0.01, max_iter=60, random_state=0
    ),
}


def pytest_collection_modifyitems(items):
    # Where nets end is not the point; what other libraries warn of is their own affair
    for item in items:
        if "ecosystem" in item.path.parts:
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture(scope="session")
def wine():
    """Three classes with names, 178 rows, 13 scaled features."""
    X, y = load_wine(return_X_y=True)
    return scale(X), np.array(["pinot", "barbera", "malbec"])[y]


@pytest.fixture(scope="session")
def rare():
    """One row in ten is of the second class, and the classes overlap."""
    rng = np.random.RandomState(0)
    y = np.where(np.arange(400) % 10 == 0, "rare", "common")
    return rng.randn(400, 3) + 1.5 * (y == "rare")[:, None], y


@pytest.fixture(params=MODELS)
def model(request):
    """Each class, unfitted."""
    return MODELS[request.param]


@pytest.fixture(params=["shallow", "deep"])
def net(request):
    """Each class with partial_fit, unfitted."""
    return MODELS[request.param]


@pytest.fixture
def logistic():
    return MODELS["logistic"]


@pytest.fixture
def bits():
    """A function: the fitted parameters of a model as bytes."""
    return lambda model: b"".join(
        np.ascontiguousarray(array).tobytes() for array in model.parameters_.values()
    )
