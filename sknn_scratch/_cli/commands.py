"""What each command is called, says in --help and takes; nothing is run here.

A command NAME is run by the function `run_NAME` of the module NAME of this folder.
"""

from typing import NamedTuple

from . import kinds as k
from . import options as o

HELP = "Neural networks written from scratch in NumPy, at work."
EXIT_CODES = "Exit codes: 0 done, 2 an error (one line on stderr), 130 ended by Ctrl-C."


class Command(NamedTuple):
    """A command: a line for the list, paragraphs, examples, what it takes."""

    summary: str
    text: str
    examples: list
    takes: list  # of Argument and Option, in the order of --help


COMMANDS = {
    "demo": Command(
        "train the course's three networks on handwritten digits, in seconds",
        "Writes the handwritten digits that scikit-learn bundles (images of 8 x 8 "
        "pixels) as an HDF5 file in the course's layout, reads it, trains logistic "
        "regression, a shallow and a deep network on three quarters of them, and "
        "prints what share of the images each gets right: of those it learned from "
        "(train) and of the others (test). Leaves the data, the models, a picture of "
        "their cost curves and one of the mistakes in ./sknn-demo, and two tables to "
        "go on with: homes.csv (--target price) and customers.csv (--target left). "
        "Downloads nothing.",
        ["sknn-scratch demo"],
        o.PRINTING,
    ),
    "convert": Command(
        "make a data file of your own images, a CSV or NumPy arrays",
        """\
Makes an HDF5 file in the course's layout (train_set_x, train_set_y, test_set_x, \
test_set_y, list_classes; of a table also list_columns) from SOURCE, which is one of

\b
  photos/       a folder with a sub-folder of images for each class, as
                photos/cat/ and photos/dog/; classes are the names, sorted.
                Every image is stretched to --size; transparent parts become
                white. A broken image ends it, or is left out with
                --skip-broken.
  table.csv     (or .tsv) a line of column names, then a line for each row:
                the column --label holds the class, the others hold numbers.
                The index that pandas writes is left out.
  arrays.npz    arrays X and y, or x_train and y_train, perhaps x_test and
                y_test.
  X.npy         one array, a row for each example; --label y.npy holds the
                classes.
  train-images-idx3-ubyte.gz
                (or the folder that holds it) images in MNIST's layout; labels
                and the test set, t10k-..., lie beside it.

A part of the rows is held out as the test set, of every class the same share: a \
network is judged by rows it has not learned from. A source may be larger than the \
memory: it is read block by block. A file that is there is replaced when the new one \
is whole.""",
        [
            "sknn-scratch convert photos/ --out photos.h5 --size 64",
            "sknn-scratch convert iris.csv --label species --out iris.h5",
        ],
        [
            o.Argument("source", "SOURCE", "folder, .csv, .tsv, .npz, .npy or IDX"),
            *o.IMAGES,
            o.LABEL,
            o.DTYPE,
            o.Option(
                "test",
                ("--test",),
                k.FRACTION,
                "share of the rows held out as test set, 0: none",
                o.DATA,
                shown="0.2",
            ),
            o.Option(
                "seed",
                ("--seed",),
                k.WHOLE,
                "draws the test set and the order of images",
                o.DATA,
                "0",
            ),
            o.out(None, "file to write", name="FILE.h5")._replace(required=True),
            o.Option(
                "compress",
                ("--compress",),
                k.one_of("gzip", "lzf"),
                "make the file smaller, without loss: gzip more, lzf faster",
                o.OUTPUT,
            ),
            *o.PRINTING,
        ],
    ),
    "inspect": Command(
        "print what a table, a model file or a data file holds",
        "Prints what a file holds. Of a table: each column with its kind, its gaps, "
        "its values, and what train does with it. Of a model: its steps, the "
        "parameters that differ from the defaults, how its training ended, and the "
        "shapes of its layers, W[l] (n[l], n[l-1]) and b[l] (n[l], 1) as the course "
        "writes them. Of data in the course's layout: shapes, number types, range of "
        "the values (pixels of 0 to 255 want scale 255) and how often each class "
        "occurs. Of any other HDF5 file: its datasets.",
        [
            "sknn-scratch inspect homes.csv",
            "sknn-scratch inspect data.h5",
            "sknn-scratch inspect model.h5 --json",
        ],
        [
            o.Argument("file", "FILE", "a table, a model file or a data file"),
            *o.TABLE,
            *o.PRINTING,
        ],
    ),
    "train": Command(
        "train a network on a table or on images, judge it and save it",
        "Of a table (CSV, TSV, Parquet, Feather) the column --target is predicted. "
        "Whether that is a class or a number is found, and said; so are identifiers, "
        "indexes, dates, constants and gaps. A fifth of the rows is held out, and the "
        "model is judged by them beside a constant answer and gradient boosting, both "
        "trained on the same rows. The model that is saved is the one that was judged, "
        "trained on four fifths; --all-rows trains it on all of them afterwards. It is "
        "an ensemble of networks; --model takes a single one.\n\n"
        "Of images or arrays (a folder with a sub-folder of images for each class, "
        ".npz, .npy, IDX, or an HDF5 file in the course's layout) logistic regression, "
        "a shallow or a deep network is trained. Images are divided by --scale, "
        "features standardised. HDF5 files larger than the memory are read while they "
        "are trained on. With --checkpoint the same command goes on where a training "
        "was cut short.\n\n"
        "What is not given is as in Python, which has more parameters. Ctrl-C ends the "
        "training after the epoch in progress and saves what was learned.",
        [
            "sknn-scratch train homes.csv --target price --out homes.h5",
            "sknn-scratch train customers.csv --target left --drop customer",
            "sknn-scratch train photos/ --size 64 --out photos.h5",
            "sknn-scratch train data.h5 --model deep --hidden 20,7,5 --json",
        ],
        [
            o.TRAIN_FILE,
            o.TEST_FILE,
            *o.OF_TABLES,
            *o.IMAGES,
            o.LABEL,
            o.SCALE,
            o.DTYPE._replace(
                text="number type of the training of images", shown="float32"
            ),
            o.TRAIN_MODEL,
            *o.OF_TRAIN,
            o.out("model.h5"),
            *o.PRINTING,
        ],
    ),
    "tune": Command(
        "search for hyperparameters within a time limit, save the best model",
        "Tries other hyperparameters than the default ones for so many minutes, "
        "prints what was best, trains that on the whole training set and saves it, "
        "with a figure of what mattered. Candidates are drawn at random and judged by "
        "cross-validation on the training set; most are given up after a ninth of "
        "their epochs. Where the time is short, one held-out part, fewer rows and "
        "fewer epochs are judged by. The test set has no part in it but for the "
        "scores that are told at the end. A table, images or data as for train, but "
        "within the memory.\n\n"
        "Of a table the ensemble of train is tuned: candidates have two members and "
        "are judged by log loss or RMSE. In the end the default and the best "
        "candidate are trained with all members; the candidate is saved if its rows "
        "out of fold have a loss that is lower by more than its standard error, else "
        "the default. With --model deep, "
        "shallow or logistic, as of images, a single network is tuned, by accuracy, "
        "of numbers by R2. Ctrl-C ends the search early: the best so far is trained "
        "and saved, of a table the default if there is none.",
        [
            "sknn-scratch tune homes.csv --target price --minutes 2",
            "sknn-scratch tune data.h5 --minutes 2 --out model.h5",
        ],
        [
            o.TRAIN_FILE,
            o.TEST_FILE,
            *o.OF_TABLES,
            o.SCALE,
            o.TRAIN_MODEL._replace(text="what to tune"),
            # large was never worse than small within two minutes. Cross-validated
            # accuracy on digits (two seeds): .989 and .985 against .980 and .979; on
            # flower and cancer: up by .003
            o.Option(
                "size",
                ("--size",),
                k.one_of("small", "large"),
                "of the search space, as search_space has them",
                o.TRAINING,
                "large",
            ),
            o.Option(
                "minutes",
                ("--minutes",),
                k.MINUTES,
                "for search and last training",
                o.TRAINING,
                "5",
            ),
            o.Option("cv", ("--cv",), k.WHOLE, "folds to judge by", o.TRAINING, "3"),
            o.SEED._replace(text="draws folds, candidates and first weights"),
            o.out("model.h5"),
            o.Option(
                "figure",
                ("--figure",),
                k.FILE,
                "picture to write: png, pdf, svg",
                o.OUTPUT,
                shown="beside the model, as png",
            ),
            *o.PRINTING,
        ],
    ),
    "predict": Command(
        "print what a saved model says of a table, images or data",
        "Prints what a saved model predicts: the class and the probabilities, or the "
        "number and its interval. Of a table the columns count by name: others are "
        "ignored, a missing one is an error, gaps and levels that are new are taken. "
        "Where the answer is known, the predictions are judged. Images (files, or a "
        "folder of them) are brought to the size and the channels of the training; of "
        "an HDF5 file in the course's layout the test set is predicted, where it has "
        "one.",
        [
            "sknn-scratch predict homes.h5 new_homes.csv --out prices.csv",
            "sknn-scratch predict customers.h5 new_customers.csv --threshold 0.24",
            "sknn-scratch predict model.h5 cat.png photos/",
            "sknn-scratch predict model.h5 data.h5 --format csv > predictions.csv",
        ],
        [
            o.MODEL_FILE,
            o.Argument(
                "sources",
                "SOURCE",
                "a table; images or folders of them; an HDF5 data file",
                many=True,
            ),
            o.data(
                "--id", "id", k.NAMES, "columns of the table to copy to the answers"
            ),
            o.data(
                "--coverage",
                "coverage",
                k.FRACTION,
                "probability that an interval holds the number",
                "0.9",
            ),
            o.data(
                "--threshold",
                "threshold",
                k.FRACTION,
                "probability from which a row is of the class --positive",
                "the most probable class",
            ),
            o.data(
                "--positive",
                "positive",
                k.TEXT._replace(shown="CLASS"),
                "class that --threshold is for",
                "the second of two",
            ),
            *o.READING,
            o.Option(
                "format",
                ("--format",),
                k.one_of(*o.PRINTED),
                "of the output",
                o.OUTPUT,
                shown="table; with --out csv, or json by its ending",
            ),
            o.out(None, "file to write or replace", shown="standard output"),
            *o.PRINTING,
        ],
    ),
    "play": Command(
        "watch a network learn, or look into a saved model, on a page of HTML",
        "Trains a network on points of the plane and writes a page that plays the "
        "training back: what the network says of each place of the plane, what each "
        "hidden unit sees, and the cost, epoch by epoch. The page is one file, needs "
        "no network and no server, and shows how to repeat the run. Data of more than "
        "two features are projected to two (PCA); without a test set a quarter of the "
        "rows is held out to validate by.\n\n"
        "Of a saved model it writes a page that looks into it: draw a digit, drop a "
        "picture, or set each column of a table, and see the answer with its "
        "probabilities or its interval, every layer's activations, what part of the "
        "picture matters (occlusion), and how the answer changes with a column. DATA "
        "gives real rows to begin with, and their true answers.",
        [
            "sknn-scratch play moons --hidden 4,3 --epochs 100 --out moons.html",
            "sknn-scratch play homes.h5 homes.csv --out homes.html",
        ],
        [
            o.Argument(
                "source",
                "SOURCE",
                "saved model (.h5), data file in the course's layout (.h5), or "
                f"{', '.join(o.POINTS)}",
                choices=o.POINTS,
            ),
            o.DATA_FILE,
            *o.READING,
            o.MODEL,
            *(o.PLAYED.get(option.parameter, option) for option in o.FITTING),
            o.out("play.html", "page to write or replace"),
            *o.PRINTING,
        ],
    ),
    "report": Command(
        "write a page on how good a saved model is, and where it errs",
        "Judges a saved model by the rows of a table (those that it was not trained "
        "on, where it knows them again) or of an HDF5 file in the course's layout (its "
        "test set, where it has one) and writes one HTML page that needs no network: "
        "key figures, a diagnosis, how training went, which classes are confused, how "
        "far the probabilities can be trusted, the most confident mistakes. For a "
        "model that predicts numbers the labels in the file are numbers; for one of "
        "several labels a row, zeros and ones of shape (m, labels).",
        [
            "sknn-scratch report homes.h5 homes.csv --out report.html",
            "sknn-scratch report homes.h5 new.csv --train homes.csv",
            "sknn-scratch report model.h5 data.h5 --out report.html",
        ],
        [
            o.MODEL_FILE,
            o.Argument("data", "DATA", "a table or a data file with the true answers"),
            o.TRAINING_TABLE,
            *o.READING,
            o.out("report.html", "page to write or replace"),
            *o.PRINTING,
        ],
    ),
    "assignment": Command(
        "write a programming assignment of the course, with hidden tests",
        "Writes the functions of a week of the course as an assignment: the student's "
        "file with blanks and three hints for each function, the teacher's file with "
        "the solutions, hidden tests that give points by function, and "
        "assignment.json, which 'sknn-scratch grade' reads. The hidden tests draw "
        "their numbers from the seed, so that results cannot be written down "
        "beforehand: keep assignment.json from the students. Points may be edited in "
        "it.",
        ["sknn-scratch assignment week3 --for notebook --out week3"],
        [
            o.Argument(
                "week", "WEEK", ", ".join(o.COURSE_WEEKS), choices=o.COURSE_WEEKS
            ),
            o.Option(
                "format",
                ("--for",),
                k.one_of(*o.ASSIGNMENTS),
                "what the files are for",
                o.OUTPUT,
                "notebook",
            ),
            o.Option(
                "seed",
                ("--seed",),
                k.WHOLE,
                "draws the numbers of the hidden tests",
                o.OUTPUT,
                shown="drawn",
            ),
            o.out(None, "folder to write", name="FOLDER")._replace(required=True),
            *o.PRINTING,
        ],
    ),
    "grade": Command(
        "mark a folder of submissions, and show who made which mistake",
        "Runs each submission (.py or .ipynb) of a folder, a file or a folder for each "
        "student, calls its functions, and compares the results with right ones. "
        "Writes one HTML page that needs no network: marks by student and function, "
        "which mistake how many made, and sentences as feedback for each student. "
        "assignment.json, in FOLDER or above it, says what is asked. A wrong function "
        "costs its own points only: those that call it are judged with a right one. "
        "Files of other kinds are named and not graded: look at them. A "
        "submission is somebody's code. It runs in a process of its own with limits "
        "of time and memory, but this is no sandbox: it can read and write what you "
        "can, and use the network. Run it where that does no harm.",
        ["sknn-scratch grade week3/submitted --out class.html --csv class.csv"],
        [
            o.Argument("folder", "FOLDER", "folder of submissions"),
            o.Option(
                "assignment",
                ("--assignment",),
                k.FILE._replace(shown="FILE|WEEK"),
                "assignment.json or its folder, or the name of a week",
                o.DATA,
                shown="found in FOLDER or above it",
            ),
            o.Option(
                "timeout",
                ("--timeout",),
                k.SECONDS,
                "seconds for each function, and three times as many for the file",
                o.DATA,
                "10",
            ),
            o.Option(
                "memory",
                ("--memory",),
                k.BYTES,
                "the most memory of a submission; not on Windows",
                o.DATA,
                "1G",
            ),
            o.out("class.html", "page to write or replace"),
            o.Option(
                "csv", ("--csv",), k.FILE, "file to write the marks to, too", o.OUTPUT
            ),
            *o.PRINTING,
        ],
    ),
    "export": Command(
        "write a saved model as ONNX, C, JavaScript or Python",
        "Writes a saved model for places without this package: an ONNX model (needs "
        "skl2onnx), a C99 header that allocates nothing, in float32, for a model of a "
        "table in double, an ES module, or a file of Python with NumPy or without. In "
        "C the names of functions begin with the name of the model's file, not of "
        "--out. Steps that scale become part of the "
        "first layer, or are applied before it where that would lose digits. An image "
        "goes into C, JavaScript and plain Python as its values, pixel after pixel.",
        ["sknn-scratch export model.h5 --to c --out model.h"],
        [
            o.MODEL_FILE,
            o.Option(
                "to",
                ("--to",),
                k.one_of(*o.EXPORTS),
                "what to write",
                o.OUTPUT,
                required=True,
            ),
            o.out(None, shown="the model's name with .onnx, .h, .mjs or .py"),
            *o.PRINTING,
        ],
    ),
    "doctor": Command(
        "print versions and BLAS, measure it, say what could be faster",
        "Prints versions, the CPU, BLAS libraries with their kernel and threads; "
        "measures for about two seconds how fast matrix products of three sizes of "
        "layers are, with one thread and with all; and says what to change where "
        "something could be faster: another OpenBLAS kernel for this CPU, too many "
        "threads, a busy machine.",
        ["sknn-scratch doctor"],
        o.PRINTING,
    ),
}
