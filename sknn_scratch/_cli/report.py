"""`sknn-scratch report`: a page on how good a saved model is, and where it errs."""

import os
import warnings

from .console import say
from .output import check_can_write


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
    size = len(html.encode())
    say(f"Judged by the {part} set of {path}, {len(parts[part][0])} rows.")
    say(f"Wrote {arguments.out}, {size / 1000:.0f} kB: open it in a browser.")
    rows = len(parts[part][0])
    return {"file": arguments.out, "bytes": size, "part": part, "rows": rows}
