"""The public estimators by their class names."""

from .classifiers import DeepNetClassifier, ShallowNetClassifier
from .logistic import LogisticRegressionScratch
from .regressors import DeepNetRegressor, ShallowNetRegressor

ESTIMATORS = {
    cls.__name__: cls
    for cls in (
        DeepNetClassifier,
        DeepNetRegressor,
        LogisticRegressionScratch,
        ShallowNetClassifier,
        ShallowNetRegressor,
    )
}
