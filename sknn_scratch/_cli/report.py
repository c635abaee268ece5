"""`sknn-scratch report`: a page on how good a saved model is, and where it errs."""

import os
import warnings

from .output import check_can_write


def add_report(commands):
    """Add the parser of `sknn-scratch report`."""
    report = commands.add_parser(
        "report",
        help="write a page on how good a saved model is, and where it errs",
        description="Judges a saved model by the rows of an HDF5 file in the course's "
        "layout (its test set, where it has one) and writes one HTML page that needs "
        "no network: key figures, a diagnosis, how training went, which classes are "
        "confused, how far the probabilities can be trusted, the most confident "
        "mistakes. For a model that predicts numbers the labels in the file are "
        "numbers; for one of several labels a row, zeros and ones of shape (m, "
        "labels).",
    )
    report.add_argument("model", metavar="MODEL.h5", help="file written by train")
    report.add_argument("data", metavar="DATA.h5", help="rows and their true labels")
    text = "page to write or replace (report.html)"
    report.add_argument("--out", metavar="FILE", default="report.html", help=text)
    report.set_defaults(run=run_report)


def run_report(arguments):
    """Load the model, evaluate it on the rows of the data file and write the page."""
    from .._html.page import write_page
    from .._pages.report.page import Subject, report_page
    from .._pages.report.rows import model_names, read_parts
    from ..hdf5._models import check_columns, read_model

    path = arguments.data
    check_can_write(arguments.out, [arguments.model, path])
    stored = read_model(arguments.model)
    check_columns(path, stored.model)
    parts, names = read_parts(path, stored.model, model_names(stored))
    part = "test" if "test" in parts else "train"
    subject = Subject(
        model=stored.model,
        model_file=os.path.basename(arguments.model),
        data_file=os.path.basename(path),
        written_by=stored.written_by,
        output=stored.output,
        names=names,
        part=part,
        rows=parts[part],
        train=parts.get("train"),
    )
    with warnings.catch_warnings():  # data files have no feature names
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        html = report_page(subject)
    write_page(arguments.out, html)
    size = len(html.encode()) / 1000
    print(f"Judged by the {part} set of {path}, {len(parts[part][0])} rows.")
    print(f"Wrote {arguments.out}, {size:.0f} kB: open it in a browser.")
