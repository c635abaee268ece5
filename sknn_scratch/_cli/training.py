"""Functions of the commands that train: build a model, fit it, tell how it went."""

import time

import numpy as np

from .._estimators.registry import ESTIMATORS
from .._training.watch import observe
from .console import print_table, progress, say, short_warnings, stop_on_ctrl_c
from .options import OF_TRAIN

MODELS = {
    "logistic": ESTIMATORS["LogisticRegressionScratch"],
    "shallow": ESTIMATORS["ShallowNetClassifier"],
    "deep": ESTIMATORS["DeepNetClassifier"],
}


def make_model(arguments):
    """Return the estimator with the parameters that were given as options."""
    kind = arguments.model or "deep"
    if kind not in MODELS:
        raise ValueError(
            f"--model {kind} must be for a table; for images and data files it is one "
            f"of {', '.join(MODELS)}."
        )
    return set_options(MODELS[kind](), kind, given_options(arguments))


def given_options(arguments):
    """Return {parameter: (flag, value)} of the options of the network that are given.

    The seed is 0 where it is not given.
    """
    given = {}
    for option in OF_TRAIN:
        value = getattr(arguments, option.parameter, None)
        if value is not None and value is not False:
            given[option.parameter] = (option.flags[0], value)
    return given


def set_options(model, kind, given):
    """Set given options of a model; raise ValueError for those that it has not."""
    given, known = dict(given), model.get_params()
    if "n_hidden" in known and "hidden_layer_sizes" in given:
        flag, units = given.pop("hidden_layer_sizes")
        if len(units) != 1:
            raise ValueError(
                f"{flag} must be one number for --model {kind}, got "
                f"{','.join(map(str, units))}; take --model deep."
            )
        given["n_hidden"] = (flag, units[0])
    for parameter, (flag, value) in given.items():
        if parameter not in known:
            raise ValueError(
                f"{flag} must not be given for --model {kind}, which has no "
                f"{parameter}, got {value!r}."
            )
        model.set_params(**{parameter: value})
    return model


def refuse(arguments, options, what):
    """Raise ValueError if an option is given that does not go with the data."""
    for option in options:
        value = getattr(arguments, option.parameter, None)
        if value is not None and value is not False:
            name = getattr(option, "flags", [option.shown])[0]
            raise ValueError(f"{name} must not be given with {what}.")


def check_all_rows(arguments):
    """Raise ValueError for --all-rows where all rows of the table train already."""
    if arguments.all_rows and (arguments.test_rows or arguments.test):
        raise ValueError(
            f"--all-rows must not be given with a test file: all rows of "
            f"{arguments.train} train already."
        )


def reading_of(arguments):
    """Return the options of reading a table, as keywords."""
    header = {"yes": True, "no": False}.get(arguments.header)
    found = {name: getattr(arguments, name) for name in ("separator", "encoding")}
    return {**found, "dates": arguments.dates, "header": header}


def make_pipeline_for(X, model, scale, dtype="float32"):
    """Return a Pipeline that scales images, or for features a standardising model.

    Images are trained on in `dtype`: float32 takes half the time of float64.
    """
    from sklearn.pipeline import make_pipeline

    from .._storage.store import row_blocks
    from ..preprocessing import ImageFlattener

    if X.ndim == 2:
        if scale is not None:
            raise ValueError(
                f"--scale must not be given for rows of features, got {scale:g}; they "
                "are standardised."
            )
        return model.set_params(standardize=True)
    if scale is None:  # images may use a part of the type: digits go to 16
        highest = max(float(rows.max()) for rows in row_blocks(X.file, X.name[1:]))
        scale = 255.0 if X.dtype == np.uint8 and highest > 127 else max(highest, 1.0)
    return make_pipeline(ImageFlattener(scale, dtype=dtype), model)


class TimeLimit:
    """Whether so many seconds are over; `passed` keeps the last answer."""

    def __init__(self, seconds):
        self._end, self.passed = time.perf_counter() + seconds, False

    def __call__(self):
        """Return True after the seconds."""
        self.passed = time.perf_counter() > self._end
        return self.passed


def train(pipeline, model, data, console, over=lambda: False):
    """Fit, print and return cost and accuracy, and whether Ctrl-C ended the training.

    `over` is asked after each epoch; the training ends if it returns True.
    """
    check_classes(model, data)
    start = time.perf_counter()
    with progress(console) as show, stop_on_ctrl_c() as stopped, short_warnings():
        name = type(model).__name__

        def after_epoch(epoch, last, J, theta):
            show(name, epoch, last, J)
            return stopped() or over()

        with observe(after_epoch):
            pipeline.fit(data.X_train, data.y_train)
    seconds = time.perf_counter() - start
    result = {
        "model": name,
        "cost": float(model.loss_),
        "seconds": round(seconds, 3),
        "train_accuracy": float(pipeline.score(data.X_train, data.y_train)),
    }
    if data.X_test is not None:
        result["test_accuracy"] = float(pipeline.score(data.X_test, data.y_test))
    formats = {"cost": ".6f", "seconds": ".1f"}
    row = [name, *(f"{result[k]:{formats.get(k, '.4f')}}" for k in [*result][1:])]
    print_table(console, [key.replace("_", " ") for key in result], [row])
    if stopped():
        say(f"Interrupted after {epochs_of(model)} of {model.max_iter} epochs.")
    epochs = {"epochs": epochs_of(model), "max_iter": model.max_iter}
    return {**result, **epochs, "interrupted": stopped()}


def name_columns(model, columns):
    """Give a fitted model the names of the columns of its data file, if it has any."""
    if columns is not None:
        model.feature_names_in_ = np.array(columns, dtype=object)


def check_classes(model, data):
    """Raise ValueError, with the class's name, where a class has too few rows."""
    from ..hdf5._models import name_of

    y = np.asarray(data.y_train)
    if y.ndim > 1:  # several labels a row
        return
    classes, counts = np.unique(y, return_counts=True)
    rarest = name_of(classes[counts.argmin()], data.classes)
    if len(classes) < model._fewest_classes:
        raise ValueError(
            f"the training set must have at least {model._fewest_classes} classes for "
            f"{type(model).__name__}, got only {rarest!r}."
        )
    if model.early_stopping and counts.min() < 2:
        raise ValueError(
            "--early-stopping holds out rows of each class and needs at least 2 rows "
            f"of each, got 1 of class {rarest!r}; add rows, or leave it out."
        )


def epochs_of(model):
    """Return the number of epochs, or iterations, of the training."""
    return int(np.max(model.n_iter_))
