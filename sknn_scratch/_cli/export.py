"""`sknn-scratch export`: write a saved model as ONNX, C, JavaScript or Python."""

import os
import re
from functools import partial

from .._storage.atomic import write_atomically
from .console import say
from .output import check_can_write


def run_export(arguments):
    """Load the model, write the export and print its size."""
    from ..hdf5._models import names_of_classes, read_model

    suffix, write = FORMATS[arguments.to]
    stem = os.path.splitext(arguments.model)[0]
    out = arguments.out or f"{stem}{suffix}"
    check_can_write(out, [arguments.model])
    if arguments.out is None and arguments.to in MARKS:
        check_is_its_own(out, arguments.to)
    stored = read_model(arguments.model)
    names = names_of_classes(stored)
    text = write(stored.model, class_names=names, stem=os.path.basename(stem))
    write_atomically(out, text, ".part")
    say(f"Wrote {out} ({len(text) / 1e3:.1f} kB).")
    return {"file": out, "format": arguments.to, "bytes": len(text)}


def check_is_its_own(out, to):
    """Raise ValueError where the file is there, but not from this format."""
    if not os.path.exists(out):
        return
    with open(out, "rb") as file:
        if MARKS[to] in file.read(1000):
            return
    raise ValueError(
        f"--out must name the file, since {out} is there and was not written by "
        f"--to {to}."
    )


def c(model, *, class_names, stem):
    """Return a C header, whose names begin with the name of the file."""
    from ..export._c import to_c

    word = re.sub("[^A-Za-z0-9]+", "_", stem).strip("_").lower()
    name = word if word[:1].isalpha() and word.isascii() else "network"
    return to_c(model, name=name, class_names=class_names).encode()


def javascript(model, *, class_names, stem):
    from ..export._javascript import to_javascript

    return to_javascript(model, class_names=class_names).encode()


def python(model, *, class_names, stem, numpy=True):
    from ..export._python import to_python

    return to_python(model, numpy=numpy, class_names=class_names).encode()


def onnx(model, *, class_names, stem):
    """Return an ONNX model, which gives labels as numbers, without class names."""
    from ..export import to_onnx

    try:
        return to_onnx(model).SerializeToString()
    except ModuleNotFoundError as error:
        raise ValueError(str(error)) from None


FORMATS = {
    "onnx": (".onnx", onnx),
    "c": (".h", c),
    "js": (".mjs", javascript),
    "python": (".py", python),
    "plain-python": (".py", partial(python, numpy=False)),
}
# formats with the same suffix: what is in the first lines of their files
MARKS = {
    "python": b"Needs NumPy.",
    "plain-python": b"Needs nothing but Python.",
}
