"""Neural networks from scratch in NumPy that are scikit-learn estimators."""

import importlib

# first: from within one of the modules below it takes 60 ms more (measured)
import sklearn.base  # noqa: F401

from ._estimators.classifiers import DeepNetClassifier, ShallowNetClassifier
from ._estimators.logistic import LogisticRegressionScratch
from ._estimators.regressors import DeepNetRegressor, ShallowNetRegressor
from ._version import __version__
from ._versions import show_versions

_SUBMODULES = (
    "datasets",
    "export",
    "hdf5",
    "inspection",
    "plotting",
    "preprocessing",
    "search",
)

__all__ = [
    "DeepNetClassifier",
    "DeepNetRegressor",
    "LogisticRegressionScratch",
    "ShallowNetClassifier",
    "ShallowNetRegressor",
    "__version__",
    "datasets",
    "export",
    "hdf5",
    "inspection",
    "plotting",
    "preprocessing",
    "search",
    "show_versions",
]


def __getattr__(name):
    """Import submodules on first use: h5py is imported only to read files."""
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_SUBMODULES])
