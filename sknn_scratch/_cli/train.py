"""`sknn-scratch train`: train a network on a data file and save it."""

from .console import detail, say, stop_on_ctrl_c, terminal
from .output import check_can_write
from .training import epochs_of, make_model, make_pipeline_for, name_columns, train


def run_train(arguments):
    """Read the data, train, print the scores and save the model."""
    from ..hdf5 import open_dataset, save_model

    check_can_write(arguments.out, [arguments.train, arguments.test])
    model = make_model(arguments)
    console = terminal()
    with open_dataset(arguments.train, arguments.test) as data:
        pipeline = make_pipeline_for(data.X_train, model, arguments.scale)
        detail(f"trains {model} on {data.X_train.shape[0]} rows")
        with stop_on_ctrl_c() as pressed:  # after the training, too, it is saved first
            result = train(pipeline, model, data, console)
            name_columns(model, arguments.train)
            save_model(pipeline, arguments.out, class_names=data.classes)
    say(f"Saved what was learned in {epochs_of(model)} epochs to {arguments.out}.")
    interrupted = result["interrupted"] or pressed()
    return {"file": arguments.out, **result, "interrupted": interrupted}
