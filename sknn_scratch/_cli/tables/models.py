"""The models that the command line trains on tables."""

from ..training import set_options
from .task import CLASSIFICATION, REGRESSION

# kind -> its estimator for each task; none for numbers: logistic regression
MODELS = {
    "tabular": {
        CLASSIFICATION: "TabularNetClassifier",
        REGRESSION: "TabularNetRegressor",
    },
    "logistic": {CLASSIFICATION: "LogisticRegressionScratch"},
    "shallow": {
        CLASSIFICATION: "ShallowNetClassifier",
        REGRESSION: "ShallowNetRegressor",
    },
    "deep": {CLASSIFICATION: "DeepNetClassifier", REGRESSION: "DeepNetRegressor"},
}


def make_table_model(kind, task, given):
    """Return the estimator of a task, behind a TableEncoder where it needs one.

    Parameters
    ----------
    kind : str
        A name of MODELS.
    task : {"classification", "regression"}
    given : dict of str to (str, object)
        Flag and value of the given parameters of the network or the ensemble.
    """
    from sklearn.pipeline import make_pipeline

    import sknn_scratch

    from ...preprocessing import TableEncoder

    if task not in MODELS[kind]:
        raise ValueError(
            f"--model {kind} must have a target of classes, got numbers; take "
            "--model tabular."
        )
    model = getattr(sknn_scratch, MODELS[kind][task])(random_state=0)
    set_options(model, kind, given)
    return model if kind == "tabular" else make_pipeline(TableEncoder(), model)
