"""The models that the command line trains on tables."""

from ..readers.labels import short
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


def make_table_model(kind, task, options):
    """Return the estimator of a task, behind a TableEncoder where it needs one.

    Parameters
    ----------
    kind : str
        A name of MODELS.
    task : {"classification", "regression"}
    options : dict
        Parameters of the network or the ensemble; None is left at its default.
    """
    from sklearn.pipeline import make_pipeline

    import sknn_scratch

    from ...preprocessing import TableEncoder

    if kind not in MODELS:
        raise ValueError(
            f"--model must be one of {', '.join(MODELS)}, got {short(kind)}."
        )
    if task not in MODELS[kind]:
        raise ValueError(
            f"--model {kind} must have a target of classes, got numbers; take "
            "--model tabular."
        )
    model = getattr(sknn_scratch, MODELS[kind][task])()
    given = {name: value for name, value in options.items() if value is not None}
    known = model.get_params()
    units = given.get("hidden_layer_sizes")
    if units is not None and "n_hidden" in known and "hidden_layer_sizes" not in known:
        if len(units) != 1:
            raise ValueError(
                f"--hidden must be one number for --model {kind}, got "
                f"{','.join(map(str, units))}; take --model deep."
            )
        given["n_hidden"] = given.pop("hidden_layer_sizes")[0]
    for name, value in given.items():
        if name not in known:
            flag = f"--{name.replace('_', '-')}"
            raise ValueError(
                f"{flag} must not be given for --model {kind}, which has no {name}, "
                f"got {value!r}."
            )
    model.set_params(**{"random_state": 0} | given)
    return model if kind == "tabular" else make_pipeline(TableEncoder(), model)
