"""`sknn-scratch report`: a page on how good a saved model is, and where it errs."""

import os
import warnings

from .console import note, say
from .options import READING
from .output import check_can_write
from .tables.files import is_table
from .training import reading_of, refuse


def run_report(arguments):
    """Load the model, evaluate it on the rows of the file and write the page."""
    from .._html.page import write_page
    from .._pages.report.page import report_page
    from ..hdf5._models import read_model

    path = arguments.data
    check_can_write(arguments.out, [arguments.model, path])
    stored = read_model(arguments.model)
    if is_table(path):
        subject, judged = of_table(arguments, stored)
    else:
        refuse(arguments, READING, f"a data file: {path}")
        subject, judged = of_data_file(arguments, stored)
    with warnings.catch_warnings():  # data files have no feature names
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        html = report_page(subject)
    write_page(arguments.out, html)
    size, rows = len(html.encode()), len(subject.rows[0])
    say(f"Judged by {judged} of {path}, {rows} rows.")
    say(f"Wrote {arguments.out}, {size / 1000:.0f} kB: open it in a browser.")
    return {"file": arguments.out, "bytes": size, "part": subject.part, "rows": rows}


def of_table(arguments, stored):
    """Return the Subject of a table, and the words for the rows that judge.

    The rows that `train` held out are found again in the table of the training.
    """
    from .tables.predict import parts_of_table

    table = parts_of_table(stored, arguments.data, **reading_of(arguments))
    for text in table.notes:
        note(text)
    words = {"test": "the rows held out", "train": "the rows it was trained on"}
    judged = words[table.part] if table.of_training else "all rows"
    names = getattr(stored.model, "classes_", None)
    subject = subject_of(
        arguments,
        stored,
        names=None if names is None else [*map(str, names)],
        part=table.part,
        rows=table.rows,
        train=table.train,
    )
    return subject._replace(target=stored.target_name or "y"), judged


def of_data_file(arguments, stored):
    """Return the Subject of a data file, and the words for the rows that judge."""
    from .._pages.report.rows import model_names, read_parts
    from ..hdf5._models import check_columns

    check_columns(arguments.data, stored.model)
    parts, names = read_parts(arguments.data, stored.model, model_names(stored))
    part = "test" if "test" in parts else "train"
    found = {"names": names, "part": part, "rows": parts[part]}
    subject = subject_of(arguments, stored, train=parts.get("train"), **found)
    return subject, f"the {part} set"


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
