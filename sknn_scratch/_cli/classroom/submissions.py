"""The files of a folder of submissions, and their code as a list of cells."""

import codecs
import json
import re
from pathlib import Path
from typing import NamedTuple

ENDINGS = (".py", ".ipynb")
LARGEST = 50_000_000  # bytes of a file
NO_SUBMISSION = ("test_*.py", "*_test.py", "conftest.py", "nbgrader_config.py")


class Submission(NamedTuple):
    """A student's file."""

    student: str
    path: Path
    cells: list  # texts of code
    problem: str = ""  # why there are none


def find_submissions(folder, functions):
    """Return the submissions in a folder and in those below it, by student.

    Where a sub-folder has several files, those without any of the functions are left
    out: they are help for the others.
    """
    root = Path(folder)
    paths = sorted(path for path in root.rglob("*") if is_submission(path, root))
    cells = {path: cells_of(path) for path in paths}
    defines = re.compile(rf"\b(?:{'|'.join(functions)})\b")
    kept = []
    for path in paths:
        beside = [other for other in paths if other.parent == path.parent]
        has = any(map(defines.search, cells[path][0]))
        others = any(any(map(defines.search, cells[other][0])) for other in beside)
        if has or path.parent == root or not others:
            kept.append(path)
    names = students([path.relative_to(root) for path in kept])
    found = [
        Submission(name, path, *cells[path])
        for name, path in zip(names, kept, strict=True)
    ]
    return sorted(found, key=lambda one: (one.student.casefold(), str(one.path)))


def left_out(folder, submissions, written=()):
    """Return the files and empty folders that belong to no submission.

    So that nobody is forgotten who has handed in an archive, say. A file beside a
    submission, in a folder below this one, is that student's. `written` are files of
    the teacher.
    """
    root = Path(folder)
    taken = {one.path for one in submissions}
    others = {Path(path).resolve() for path in written if path is not None}
    with_one = {path.parent for path in taken} - {root}
    return [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*"))
        if path not in taken
        and path.resolve() not in others
        and not is_hidden(path, root)
        and not any(map(path.match, ("assignment.json", *NO_SUBMISSION)))
        and with_one.isdisjoint(path.parents)
        and (not path.is_dir() or not any(path.iterdir()))
    ]


def is_hidden(path, root):
    return any(part.startswith((".", "__")) for part in path.relative_to(root).parts)


def is_submission(path, root):
    return (
        path.suffix.casefold() in ENDINGS
        and not is_hidden(path, root)
        and not path.is_symlink()
        and path.is_file()
        and not any(map(path.match, NO_SUBMISSION))
    )


def students(paths):
    """Return the name of each student: the part of the path in which they differ.

    `anna/week3.py` and `ben/week3.py` are anna and ben, `anna.py` is anna. Names that
    are there twice keep the whole path.
    """
    plain = [path.with_suffix("") for path in paths]
    same_file = len(paths) > 1 and len({path.name for path in plain}) == 1
    parts = [path.parts[:-1] if same_file else path.parts for path in plain]
    while parts and all(len(one) > 1 for one in parts):
        last, first = {one[-1] for one in parts}, {one[0] for one in parts}
        if len(last) == 1:
            parts = [one[:-1] for one in parts]
        elif len(first) == 1:
            parts = [one[1:] for one in parts]
        else:
            break
    folders = [one[:-1] for one in parts]
    alone = [bool(one) and folders.count(one) == 1 for one in folders]
    if sum(alone) * 2 > len(parts):  # a folder for each, and files of various names
        parts = [
            one[:-1] if single else one
            for one, single in zip(parts, alone, strict=True)
        ]
    names = ["/".join(one) or path.stem for one, path in zip(parts, paths, strict=True)]
    return [
        path.as_posix() if names.count(name) > 1 else name
        for name, path in zip(names, paths, strict=True)
    ]


def cells_of(path):
    """Return the code of a file as a list of texts, and what is wrong with the file."""
    try:
        if path.stat().st_size > LARGEST:
            return [], f"The file is larger than {LARGEST // 10**6} MB."
        data = path.read_bytes()
    except OSError as error:
        return [], f"The file cannot be read: {error.strerror}."
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    text = text.replace("\r\n", "\n").replace("\0", "")
    if path.suffix.casefold() == ".py":
        return [text], ""
    try:
        return [
            "".join(cell["source"])
            for cell in json.loads(text)["cells"]
            if cell["cell_type"] == "code"
        ], ""
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return [], f"The file is no notebook: {type(error).__name__}: {error}."
