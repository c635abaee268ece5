"""Neural networks from scratch in NumPy that are scikit-learn estimators."""

import importlib
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:  # for editors; `__getattr__` imports them when they are used
    from ._estimators.classifiers import DeepNetClassifier, ShallowNetClassifier
    from ._estimators.logistic import LogisticRegressionScratch
    from ._estimators.regressors import DeepNetRegressor, ShallowNetRegressor
    from ._tabular.classifier import TabularNetClassifier
    from ._tabular.regressor import TabularNetRegressor
    from ._versions import show_versions

_MODULES = {
    "DeepNetClassifier": "_estimators.classifiers",
    "DeepNetRegressor": "_estimators.regressors",
    "LogisticRegressionScratch": "_estimators.logistic",
    "ShallowNetClassifier": "_estimators.classifiers",
    "ShallowNetRegressor": "_estimators.regressors",
    "TabularNetClassifier": "_tabular.classifier",
    "TabularNetRegressor": "_tabular.regressor",
    "show_versions": "_versions",
}
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
    "TabularNetClassifier",
    "TabularNetRegressor",
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
    """Import estimators and submodules on first use.

    h5py is imported only to read files. The command line answers Ctrl-C while
    scikit-learn is imported.
    """
    if name in _SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _MODULES:
        # first: from within one of the modules it takes 60 ms more (measured)
        importlib.import_module("sklearn.base")
        module = importlib.import_module(f"{__name__}.{_MODULES[name]}")
        globals()[name] = getattr(module, name)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_MODULES, *_SUBMODULES])
