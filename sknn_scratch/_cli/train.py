"""`sknn-scratch train`: train a network on a table, images or data, and save it."""

from .console import detail, say, stop_on_ctrl_c, terminal
from .options import DTYPE, IMAGES, LABEL, OF_TABLES, SCALE
from .output import check_can_write
from .readers.data_file import as_data_file, is_data_file
from .tables.files import is_table
from .training import (
    check_all_rows,
    epochs_of,
    given_options,
    make_model,
    make_pipeline_for,
    name_columns,
    reading_of,
    refuse,
    train,
)

OF_IMAGES = (*IMAGES, LABEL, SCALE, DTYPE)
OF_SOURCE = ("size", "grey", "colour", "skip_broken", "label")  # of a Conversion


def run_train(arguments):
    """Train on a table, or on images and data files."""
    if is_table(arguments.train):
        return train_table(arguments)
    return train_images(arguments)


def train_table(arguments):
    """Train on a table, judge by the rows held out, print and save."""
    from .tables.train import train_on_table
    from .tables.trained import print_trained, saved_in_words

    refuse(arguments, OF_IMAGES, f"a table: {arguments.train}")
    if arguments.test and arguments.test_rows:
        raise ValueError(f"--test must not be given beside {arguments.test}.")
    check_all_rows(arguments)
    console = terminal()
    done = train_on_table(
        arguments.train,
        target=arguments.target,
        task=arguments.task,
        drop=arguments.drop or (),
        keep=arguments.keep or (),
        test=arguments.test_rows or arguments.test,
        model=arguments.model or "tabular",
        out=arguments.out,
        given=given_options(arguments),
        all_rows=arguments.all_rows,
        console=console,
        tell=say,
        **reading_of(arguments),
    )
    print_trained(done, console)
    say(saved_in_words(done))
    return done.as_dict()


def train_images(arguments):
    """Read images or a data file, train, print the scores and save the model."""
    from ..hdf5 import open_dataset, save_model
    from ..hdf5._datasets import read_columns

    source = arguments.train
    refuse(arguments, OF_TABLES, f"images or a data file: {source}")
    if is_data_file(source):
        refuse(arguments, (*IMAGES, LABEL), f"an HDF5 file: {source}")
    elif arguments.test is not None:
        raise ValueError(
            f"TEST must not be given beside {source}: a fifth of it is held out; "
            "sknn-scratch convert makes data files."
        )
    check_can_write(arguments.out, [source, arguments.test])
    model = make_model(arguments)
    console = terminal()
    given = {name: getattr(arguments, name) for name in OF_SOURCE}
    with (
        as_data_file(source, console, **given) as path,
        open_dataset(path, arguments.test) as data,
    ):
        dtype = arguments.dtype or "float32"
        pipeline = make_pipeline_for(data.X_train, model, arguments.scale, dtype)
        detail(f"trains {model} on {data.X_train.shape[0]} rows")
        with stop_on_ctrl_c() as pressed:  # after the training, too, it is saved first
            result = train(pipeline, model, data, console)
            name_columns(model, read_columns(path))
            save_model(pipeline, arguments.out, class_names=data.classes)
    say(f"Saved what was learned in {epochs_of(model)} epochs to {arguments.out}.")
    interrupted = result["interrupted"] or pressed()
    return {"file": arguments.out, **result, "interrupted": interrupted}
