"""`sknn-scratch train`: train a network on a data file and save it."""

from .console import terminal
from .output import check_can_write
from .training import (
    OPTIONS,
    SWITCHES,
    add_files_and_model,
    epochs_of,
    make_model,
    make_pipeline_for,
    name_columns,
    train,
)


def add_train(commands):
    """Add the parser of `sknn-scratch train`."""
    train = commands.add_parser(
        "train",
        help="train a network on a data file and save it",
        description="Trains logistic regression, a shallow or a deep network on the "
        "rows of an HDF5 file in the course's layout, prints what share of them it "
        "gets right, and saves it. Images are divided by --scale, features "
        "standardised. What is not given is as in Python, which has more parameters. "
        "Ctrl-C ends training after the epoch in progress and saves what was learned. "
        "Files larger than the memory are read while they are trained on. With "
        "--checkpoint the same command goes on where a training was cut short.",
    )
    add_files_and_model(train)
    for flag, parameter, kind, text in OPTIONS:
        train.add_argument(flag, dest=parameter, type=kind, metavar="X", help=text)
    for flag, parameter, text in SWITCHES:
        train.add_argument(flag, dest=parameter, action="store_true", help=text)
    train.set_defaults(run=run_train, random_state=0)


def run_train(arguments):
    """Read the data, train, print the scores and save the model."""
    from ..hdf5 import open_dataset, save_model

    check_can_write(arguments.out, [arguments.train, arguments.test])
    model = make_model(arguments)
    console = terminal()
    with open_dataset(arguments.train, arguments.test) as data:
        pipeline = make_pipeline_for(data.X_train, model, arguments.scale)
        stopped = train(pipeline, model, data, console)
    name_columns(model, arguments.train)
    save_model(pipeline, arguments.out, class_names=data.classes)
    print(f"Saved what was learned in {epochs_of(model)} epochs to {arguments.out}.")
    return 130 if stopped else 0
