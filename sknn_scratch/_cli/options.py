"""Arguments and options of the commands, each declared once.

Nothing is imported here that takes time: --help and wrong arguments are answered
before NumPy is imported. So the names that registries have are repeated as literals;
tests/cli/test_options.py compares them with the registries.
"""

from typing import NamedTuple

from .kinds import (
    FILE,
    NAMES,
    NUMBER,
    ONE_EACH,
    OR_AUTO,
    OR_INF,
    PIXELS,
    TEXT,
    UNITS,
    WHOLE,
    Kind,
    one_of,
)

MODELS = ("logistic", "shallow", "deep")
TABLE_MODELS = ("tabular", *MODELS)
TASKS = ("classification", "regression")
DATE_ORDERS = ("day-first", "month-first")
SOLVERS = ("adam", "adamw", "auto", "gd", "lbfgs", "newton", "newton-cg")
SOLVERS += ("newton-cholesky", "rmsprop", "sgd")
SCHEDULES = ("constant", "adaptive", "cosine", "exponential", "invscaling")
INITIALIZERS = ("auto", "he", "scaled", "small_random", "xavier", "zeros")
POINTS = ("moons", "circles", "flower", "blobs", "quantiles", "xor", "three", "spiral")
EXPORTS = ("onnx", "c", "js", "python", "plain-python")
PRINTED = ("table", "csv", "json")
COURSE_WEEKS = ("week2", "week3", "week4")
ASSIGNMENTS = ("notebook", "pytest", "nbgrader", "otter")

# the groups that --help shows
DATA, NETWORK, TRAINING, OUTPUT = "Data", "Network", "Training", "Output"
ENSEMBLES = "Of ensembles only (--model tabular)"
SINGLE = "Of single networks only (--model deep, shallow, logistic)"


class Option(NamedTuple):
    """An option; without a kind, a switch."""

    parameter: str  # name of the attribute of the arguments
    flags: tuple
    kind: Kind | None
    text: str
    group: str
    default: str | None = None  # as the user would type it
    shown: str | None = None  # default in --help where there is none here
    required: bool = False


class Argument(NamedTuple):
    """An argument by position: a path, or several."""

    parameter: str
    shown: str
    text: str
    optional: bool = False
    many: bool = False
    choices: tuple = ()  # for completion: names that are taken besides paths


# -- files -----------------------------------------------------------------------------

TRAIN_FILE = Argument(
    "train", "DATA", "a table, a folder of images, .npz, .npy, IDX or an HDF5 data file"
)
TEST_FILE = Argument("test", "TEST", "file with the test set, if apart", True)
DATA_FILE = Argument(
    "data", "DATA", "rows for a saved model: a table or a data file (.h5)", True
)
MODEL_FILE = Argument("model", "MODEL.h5", "file written by train")
SCALE = Option(
    "scale",
    ("--scale",),
    NUMBER,
    "what pixels are divided by",
    DATA,
    shown="255 for bytes that go beyond 127, else the largest value",
)


def data(flag, parameter, kind, text, shown=None):
    return Option(parameter, (flag,), kind, text, DATA, shown=shown)


TEST_ROWS = data(
    "--test", "test_rows", FILE, "file with the rows to judge by", "a fifth is held out"
)
TRAINING_TABLE = data(
    "--train",
    "train_rows",
    FILE,
    "table of the training, to compare with and to diagnose",
    "found in DATA, if it is there",
)
ALL_ROWS = data(
    "--all-rows",
    "all_rows",
    None,
    "after the judgement, train what is saved on all rows, those held out, too",
)
# of tables: CSV and its kin, Parquet, Feather
READING = [
    data(
        "--separator",
        "separator",
        TEXT,
        "what is between the cells of a CSV",
        "found: , ; tab | or spaces",
    ),
    data("--encoding", "encoding", TEXT, "of a CSV, as utf-8 or cp1252", "found"),
    data(
        "--header",
        "header",
        one_of("yes", "no"),
        "whether the first line of a CSV holds names",
        "found",
    ),
    data(
        "--dates",
        "dates",
        one_of(*DATE_ORDERS),
        "order of day and month in dates as 03/04/2020",
        "found, if one cannot be a month",
    ),
]
COLUMNS = [
    data(
        "--target",
        "target",
        TEXT._replace(shown="NAME"),
        "column to predict",
        "one called target, label, class or y",
    ),
    data(
        "--task", "task", one_of(*TASKS), "what is predicted", "what the target holds"
    ),
    data("--drop", "drop", NAMES, "columns to leave out"),
    data(
        "--keep", "keep", NAMES, "columns to take although they look like identifiers"
    ),
]
TABLE = [*COLUMNS, *READING]
OF_TABLES = [TEST_ROWS, ALL_ROWS, *TABLE]  # of train and tune
# of images and arrays
IMAGES = [
    data(
        "--size",
        "size",
        PIXELS,
        "pixels of the images",
        "their own, if all have the same, up to 65536; else 64",
    ),
    data("--grey", "grey", None, "images in grey", "if all are grey"),
    data("--colour", "colour", None, "images in colour (RGB), also if all are grey"),
    data(
        "--skip-broken", "skip_broken", None, "leave out broken images, and name them"
    ),
]
LABEL = data(
    "--label",
    "label",
    TEXT._replace(shown="NAME|FILE"),
    "column of the classes in a CSV; file of them for a .npy or an IDX file",
    "label",
)
DTYPE = data(
    "--dtype", "dtype", one_of("float32", "float64"), "number type of a CSV", "float64"
)


def out(default, text="file to write or replace", shown=None, name="FILE"):
    """Return the option --out with a command's default path."""
    kind = FILE._replace(shown=name)
    return Option("out", ("--out",), kind, text, OUTPUT, default, shown)


# -- network and training: what is not given is as in Python -------------------------


def network(flag, parameter, kind, text, shown=None):
    return Option(parameter, (flag,), kind, text, NETWORK, shown=shown)


def training(flag, parameter, kind, text, shown=None):
    return Option(parameter, (flag,), kind, text, TRAINING, shown=shown)


TRAIN_MODEL = Option(
    "model",
    ("--model",),
    one_of(*TABLE_MODELS),
    "what to train",
    NETWORK,
    shown="tabular, an ensemble, for a table; else deep, a single network",
)
MODEL = Option("model", ("--model",), one_of(*MODELS), "what to train", NETWORK, "deep")
SEED = Option(
    "random_state",
    ("--seed",),
    WHOLE,
    "draws the first weights and the minibatches",
    TRAINING,
    "0",
)
MAX_ITER = training(
    "--max-iter", "max_iter", WHOLE, "the most epochs; of gd: iterations", "200"
)
HIDDEN = network(
    "--hidden", "hidden_layer_sizes", UNITS, "units of the hidden layers: 20,7,5", "100"
)
ACTIVATION = network(
    "--activation",
    "activation",
    ONE_EACH,
    "of the hidden units, one or one each",
    "relu",
)
LEARNING_RATE = training(
    "--learning-rate",
    "learning_rate_init",
    NUMBER,
    "the course's alpha",
    "0.001, of gd 0.1",
)
BATCH_SIZE = training(
    "--batch-size", "batch_size", OR_AUTO, "rows of a minibatch", "auto"
)
TOL = training("--tol", "tol", NUMBER, "what counts as no improvement", "0.0001")
PATIENCE = training(
    "--patience",
    "n_iter_no_change",
    OR_INF,
    "epochs without improvement before it stops",
    "10",
)
FITTING = [
    HIDDEN,
    ACTIVATION,
    network("--init", "init", one_of(*INITIALIZERS), "first weights", "auto"),
    network("--alpha", "alpha", NUMBER, "L2 penalty of a network", "0.0001"),
    network("--C", "C", NUMBER, "inverse L2 penalty of logistic; inf: none", "1.0"),
    network("--l1-ratio", "l1_ratio", NUMBER, "part of it that makes weights 0", "0.0"),
    network("--dropout", "dropout", NUMBER, "share of units left out in a step", "0.0"),
    training(
        "--solver",
        "solver",
        one_of(*SOLVERS),
        "how the cost is minimised (gd: as in the course)",
        "adam",
    ),
    LEARNING_RATE,
    training(
        "--schedule",
        "learning_rate",
        one_of(*SCHEDULES),
        "of the learning rate",
        "constant",
    ),
    training("--warmup", "warmup_epochs", WHOLE, "epochs in which the rate grows", "0"),
    MAX_ITER,
    BATCH_SIZE,
    training(
        "--label-smoothing",
        "label_smoothing",
        NUMBER,
        "certainty taken from labels",
        "0.0",
    ),
    training("--max-grad-norm", "max_grad_norm", NUMBER, "longest gradient of a step"),
    TOL,
    PATIENCE,
    SEED,
    training(
        "--buffer", "buffer_size", OR_AUTO, "rows in memory, of a large file", "auto"
    ),
    training(
        "--checkpoint",
        "checkpoint",
        FILE,
        "file to keep the training in, and go on from",
    ),
    training(
        "--checkpoint-every",
        "checkpoint_every",
        NUMBER,
        "seconds between two writings",
        "60",
    ),
]
SWITCHES = [
    training(
        "--early-stopping",
        "early_stopping",
        None,
        "hold out a tenth, keep the best epoch",
    ),
    training(
        "--standardize", "standardize", None, "each pixel to mean 0 and variance 1"
    ),
]

# of the ensembles for tables alone
ENSEMBLE = [
    network(
        "--members",
        "n_members",
        OR_AUTO,
        "networks of an ensemble",
        "8, from 1,000 rows on 5",
    ),
    training("--time-limit", "time_limit", NUMBER, "seconds that training may take"),
    training("--jobs", "n_jobs", WHOLE, "networks that are trained at a time", "1"),
]
OF_CLASSES = [
    training(
        "--class-weight",
        "class_weight",
        one_of("balanced"),
        "find more of rare classes, whose probabilities are then too high",
    ),
]
# what the ensembles for tables read of FITTING, and the defaults that they have
TABULAR = {
    "hidden_layer_sizes": "128,128",
    "activation": "swish",
    "dropout": "0.0",
    "learning_rate_init": "0.005",
    "max_iter": "100",
    "batch_size": "auto",
    "n_iter_no_change": "16, from 1,000 rows on 6",
    "random_state": "0",
}


def of_train(option):
    """Return an option with the defaults of both kinds of models, or in its own group.

    Options that the ensembles for tables refuse, or that they alone have, are in groups
    that say so.
    """
    if option in OF_CLASSES:
        return option
    if option in ENSEMBLE:
        return option._replace(group=ENSEMBLES)
    if option.parameter not in TABULAR:
        return option._replace(group=SINGLE)
    tabular, single = TABULAR[option.parameter], option.shown
    if option.default is not None or tabular == single:
        return option
    return option._replace(shown=f"tabular: {tabular}; else: {single}")


OF_TRAIN = [*map(of_train, (*FITTING, *OF_CLASSES, *ENSEMBLE, *SWITCHES))]

# what play takes where it is not given, by parameter: all epochs are to be seen
PLAYED = {
    "hidden_layer_sizes": HIDDEN._replace(shown="8,8"),
    "activation": ACTIVATION._replace(shown="tanh"),
    "max_iter": MAX_ITER._replace(flags=("--max-iter", "--epochs"), shown="300"),
    "learning_rate_init": LEARNING_RATE._replace(shown="0.01; 0.5 for logistic"),
    "batch_size": BATCH_SIZE._replace(shown="32"),
    "tol": TOL._replace(shown="0"),
    "n_iter_no_change": PATIENCE._replace(shown="inf"),
}


# -- what every command prints --------------------------------------------------------

JSON = Option(
    "json",
    ("--json",),
    None,
    "print the result as one JSON object, the rest on stderr",
    OUTPUT,
)
QUIET = Option("quiet", ("--quiet", "-q"), None, "print results and errors", OUTPUT)
VERBOSE = Option(
    "verbose",
    ("--verbose", "-v"),
    None,
    "print every epoch, versions and seconds, too",
    OUTPUT,
)
PRINTING = [JSON, QUIET, VERBOSE]
