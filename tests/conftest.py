"""Set before anything imports scipy: the array API check runs only with it."""

import os

os.environ["SCIPY_ARRAY_API"] = "1"

import matplotlib  # noqa: E402  (after the environment is set)
import numpy as np
import pytest

matplotlib.use("Agg")


@pytest.fixture
def rng():
    return np.random.RandomState(0)
