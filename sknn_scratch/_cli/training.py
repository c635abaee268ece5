"""Options of the commands that train, and the functions that build and fit models."""

import time

import numpy as np

from .._engine.optimizers import OPTIMIZERS
from .._estimators.registry import ESTIMATORS
from .._training.watch import observe
from .console import print_table, progress, short_warnings, stop_on_ctrl_c

MODELS = {
    "logistic": ESTIMATORS["LogisticRegressionScratch"],
    "shallow": ESTIMATORS["ShallowNetClassifier"],
    "deep": ESTIMATORS["DeepNetClassifier"],
}


def hidden(text):
    """Return `20,7,5` as (20, 7, 5)."""
    return tuple(int(units) for units in text.split(","))


def names(text):
    """Return `tanh` as it is, `tanh,relu` as ("tanh", "relu")."""
    return tuple(text.split(",")) if "," in text else text


def whole_or_infinite(text):
    """Return `10` as 10, `inf` as infinity."""
    return float(text) if text == "inf" else int(text)


def size_or_auto(text):
    """Return `auto` as it is, `32` as 32."""
    return text if text == "auto" else int(text)


# flag, parameter of the estimator, its type, what it does
OPTIONS = [
    ("--hidden", "hidden_layer_sizes", hidden, "units of the hidden layers: 20,7,5"),
    ("--activation", "activation", names, "of the hidden units; one name, or one each"),
    ("--solver", "solver", str, f"{', '.join(OPTIMIZERS)} or lbfgs; gd is the course"),
    ("--learning-rate", "learning_rate_init", float, "the course's alpha"),
    ("--schedule", "learning_rate", str, "invscaling, adaptive, cosine, exponential"),
    ("--warmup", "warmup_epochs", int, "epochs in which the rate grows"),
    ("--max-iter", "max_iter", int, "the most epochs; of gd: iterations"),
    ("--init", "init", str, "first weights: small_random, scaled, xavier, he, zeros"),
    ("--alpha", "alpha", float, "L2 penalty of a network"),
    ("--C", "C", float, "inverse L2 penalty of logistic regression; inf: none"),
    ("--l1-ratio", "l1_ratio", float, "part of the penalty that makes weights 0"),
    ("--dropout", "dropout", float, "share of the hidden units left out in a step"),
    ("--label-smoothing", "label_smoothing", float, "certainty taken from labels"),
    ("--max-grad-norm", "max_grad_norm", float, "longest gradient of a step"),
    ("--batch-size", "batch_size", size_or_auto, "rows of a minibatch"),
    ("--tol", "tol", float, "what counts as no improvement"),
    (
        "--patience",
        "n_iter_no_change",
        whole_or_infinite,
        "epochs without improvement before it stops; or inf",
    ),
    ("--seed", "random_state", int, "draws the first weights and the minibatches"),
    ("--buffer", "buffer_size", size_or_auto, "rows in memory, of a large file"),
    ("--checkpoint", "checkpoint", str, "file to keep the training in, and go on from"),
    ("--checkpoint-every", "checkpoint_every", float, "seconds between two writings"),
]
SWITCHES = [
    ("--early-stopping", "early_stopping", "hold out a tenth, keep the best epoch"),
    ("--standardize", "standardize", "each pixel to mean 0 and variance 1"),
]


def add_files_and_model(command):
    """Add the arguments of every command that trains: data, model, output file."""
    command.add_argument("train", metavar="TRAIN.h5", help="file with the training set")
    command.add_argument(
        "test", metavar="TEST.h5", nargs="?", help="file with the test set, if apart"
    )
    command.add_argument(
        "--model", choices=MODELS, default="deep", help="kind of network (deep)"
    )
    command.add_argument(
        "--scale",
        type=float,
        metavar="X",
        help="what pixels are divided by (255 for bytes that go beyond 127, otherwise "
        "the largest value)",
    )
    command.add_argument(
        "--out",
        default="model.h5",
        metavar="FILE",
        help="file to write or replace (model.h5)",
    )


def make_model(arguments):
    """Return the estimator with the parameters that were given as options."""
    model = MODELS[arguments.model]()
    given = {
        parameter: (flag, getattr(arguments, parameter))
        for flag, parameter, _, _ in OPTIONS
        if getattr(arguments, parameter) is not None
    }
    if arguments.model == "shallow" and "hidden_layer_sizes" in given:
        flag, units = given.pop("hidden_layer_sizes")
        if len(units) != 1:
            raise ValueError(
                f"{flag} must be one number for --model shallow, got "
                f"{','.join(map(str, units))}; take --model deep."
            )
        given["n_hidden"] = (flag, units[0])
    for flag, parameter, _ in SWITCHES:
        if getattr(arguments, parameter):
            given[parameter] = (flag, True)
    for parameter, (flag, value) in given.items():
        if parameter not in model.get_params():
            raise ValueError(
                f"{flag} must not be given for --model {arguments.model}, which has no "
                f"{parameter}, got {value!r}."
            )
        model.set_params(**{parameter: value})
    return model


def make_pipeline_for(X, model, scale):
    """Return a Pipeline that scales images, or for features a standardising model."""
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
    return make_pipeline(ImageFlattener(scale), model)


class TimeLimit:
    """Whether so many seconds are over; `passed` keeps the last answer."""

    def __init__(self, seconds):
        self._end, self.passed = time.perf_counter() + seconds, False

    def __call__(self):
        """Return True after the seconds."""
        self.passed = time.perf_counter() > self._end
        return self.passed


def train(pipeline, model, data, console, over=lambda: False):
    """Fit, print cost and accuracy, and return True if Ctrl-C ended the training.

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
    row = [name, f"{model.loss_:.6f}", f"{time.perf_counter() - start:.1f}"]
    row.append(f"{pipeline.score(data.X_train, data.y_train):.4f}")
    heads = ["model", "cost", "seconds", "train accuracy"]
    if data.X_test is not None:
        row.append(f"{pipeline.score(data.X_test, data.y_test):.4f}")
        heads.append("test accuracy")
    print_table(console, heads, [row])
    if stopped():
        print(f"Interrupted after {epochs_of(model)} of {model.max_iter} epochs.")
    return stopped()


def name_columns(model, path):
    """Give a fitted model the names of the columns in its data file, if it has any."""
    from ..hdf5._datasets import read_columns

    columns = read_columns(path)
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
