"""`sknn-scratch report`: a page on how good a saved model is, and where it errs."""

import os
import warnings

from .console import note, say
from .options import READING, TRAINING_TABLE
from .output import check_can_write
from .tables.files import is_table
from .training import reading_of, refuse

LACKS = "The table has not all rows of the training (--train TABLE gives them)"


def run_report(arguments):
    """Load the model, evaluate it on the rows of the file and write the page."""
    from .._html.page import write_page
    from .._pages.report.page import report_of
    from ..hdf5._models import read_model

    path = arguments.data
    check_can_write(arguments.out, [arguments.model, path])
    stored = read_model(arguments.model)
    if is_table(path):
        subject = of_table(arguments, stored)
    else:
        refuse(arguments, [*READING, TRAINING_TABLE], f"a data file: {path}")
        subject = of_data_file(arguments, stored)
    with warnings.catch_warnings():  # data files have no feature names
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        found = report_of(subject)
    write_page(arguments.out, found.html)
    size = len(found.html.encode())
    say(f"Judged by {found.subject.words}.")
    say(f"Wrote {arguments.out}, {size / 1000:.0f} kB: open it in a browser.")
    return {"file": arguments.out, "bytes": size, **found.as_dict()}


def of_table(arguments, stored):
    """Return the Subject of a table; rows that the model has not seen judge it."""
    from .tables.judging import parts_of_table

    table = parts_of_table(stored, arguments.data, **reading_of(arguments))
    for text in table.notes:
        note(text)
    train = table.train
    if arguments.train_rows is not None:
        train = training_rows(arguments, stored)
    elif train is None:
        note(f"{LACKS}: they are what the model is compared with and diagnosed by.")
    names = getattr(stored.model, "classes_", None)
    return subject_of(
        arguments,
        stored,
        names=None if names is None else [*map(str, names)],
        part=table.part,
        rows=table.rows,
        train=train,
        target=stored.target_name or "y",
        words=table.words,
        numbers=table.numbers,
        ids=table.ids,
        lacks=LACKS,
    )


def training_rows(arguments, stored):
    """Return X and y of the training, from the table that --train names."""
    from .tables.judging import parts_of_table

    path = arguments.train_rows
    if not is_table(path):
        raise ValueError(f"--train must be a table, got {path}.")
    table = parts_of_table(stored, path, **reading_of(arguments))
    if table.train is None:
        raise ValueError(
            "--train must be the table that the model was trained on, got "
            f"{path}, which lacks rows of the training."
        )
    return table.train


def of_data_file(arguments, stored):
    """Return the Subject of a data file: its test set judges, where it has one."""
    from .._pages.report.rows import model_names, read_parts
    from ..hdf5._models import check_columns

    check_columns(arguments.data, stored.model)
    parts, names = read_parts(arguments.data, stored.model, model_names(stored))
    part = "test" if "test" in parts else "train"
    found = {"names": names, "part": part, "rows": parts[part]}
    return subject_of(arguments, stored, train=parts.get("train"), **found)


def subject_of(arguments, stored, **found):
    """Return the Subject of the files, with the rows that were found."""
    from .._pages.report.page import Subject

    return Subject(
        model=stored.model,
        model_file=os.path.basename(arguments.model),
        data_file=os.path.basename(arguments.data),
        written_by=stored.written_by,
        output=stored.output,
        **found,
    )
