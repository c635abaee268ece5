"""`sknn-scratch convert`: write a data file from images, a CSV or NumPy arrays."""

import os

import numpy as np

from .console import by_class, counting, print_counts, say, terminal
from .output import readable_bytes
from .readers.arrays import read_npy, read_npz
from .readers.csv import SEPARATORS, read_csv
from .readers.images import read_folder


def run_convert(arguments):
    """Read the labels, choose the test set, copy the rows block by block, print."""
    from .._storage import store

    source, out = arguments.source, arguments.out
    read = reader(arguments)
    rng = np.random.RandomState(arguments.seed)
    console = terminal()
    with (
        store.appending(out, compression=arguments.compress) as file,
        counting(console) as show,
    ):
        classes, parts, columns = read(arguments, rng, show)
        masks = test_masks(arguments, parts, rng)
        row = {}
        for part, test in zip(parts, masks, strict=True):
            row = copy_rows(source, part, test, file, show, row)
        labels = np.concatenate([part.labels for part in parts])
        test = np.concatenate(masks)
        splits = {"train": labels[~test], "test": labels[test]}
        splits = {split: y for split, y in splits.items() if len(y)}
        for split, y in splits.items():
            file.write(f"{split}_set_y", y)
        file.write("list_classes", np.array([name.encode() for name in classes]))
        if columns is not None:
            file.write("list_columns", np.array([name.encode() for name in columns]))
    return summary(console, arguments, classes, splits, row)


def reader(arguments):
    """Return the function that reads the source; refuse options it does not use."""
    source, out = arguments.source, arguments.out
    if arguments.grey and arguments.colour:
        raise ValueError("--grey must not be given with --colour.")
    ending = os.path.splitext(source)[1].lower()
    if os.path.isdir(source):
        read, uses = read_folder, {"size", "grey", "colour", "skip_broken"}
    elif not os.path.exists(source):
        raise FileNotFoundError(
            f"{source} must be a folder of images or a file, but does not exist."
        )
    elif not os.path.isfile(source):  # a pipe cannot be read twice, and may block
        raise ValueError(f"{source} must be a folder or a file, got another kind.")
    elif ending in SEPARATORS:
        read, uses = read_csv, {"label", "dtype"}
    elif ending in (".npy", ".npz"):
        read = read_npy if ending == ".npy" else read_npz
        uses = {"label"} if ending == ".npy" else set()
    else:
        raise ValueError(
            f"{source} must be a folder of images, .csv, .tsv, .npz or .npy, got "
            f"{ending or 'a file without extension'}."
        )
    for option in ("size", "grey", "colour", "skip_broken", "label", "dtype"):
        value = getattr(arguments, option)
        if option not in uses and value not in (None, False):
            what = "a folder" if read is read_folder else f"a {ending}"
            flag = option.replace("_", "-")
            raise ValueError(f"--{flag} must not be given with {what}: {source}.")
    for read_from in (source, arguments.label):
        both = read_from and os.path.exists(read_from) and os.path.exists(out)
        if both and os.path.samefile(read_from, out):
            raise ValueError(f"--out must be another file than the source, got {out}.")
    return read


def test_masks(arguments, parts, rng):
    """Return for each part the mask of its test rows, bool of shape (m,)."""
    if len(parts) == 2:
        if arguments.test is not None:
            raise ValueError(
                f"--test must not be given: {arguments.source} has its own test set."
            )
        return [np.full(len(part.labels), i == 1) for i, part in enumerate(parts)]
    share = 0.2 if arguments.test is None else arguments.test
    labels = parts[0].labels
    count = round(share * len(labels))
    if share and not 0 < count < len(labels):
        raise ValueError(
            f"--test {share} of the {len(labels)} rows of {arguments.source} must "
            f"leave rows for both sets, got a test set of {count}; --test 0 makes none."
        )
    return [stratified(labels, count, rng)]


def stratified(labels, count, rng):
    """Return the mask of `count` random rows: the same share of every class."""
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]  # grouped by class
    sizes = np.bincount(labels)
    # position in the class as a fraction: rows of all classes can be ranked by it
    depth = np.concatenate([(np.arange(size) + 0.5) / size for size in sizes if size])
    chosen = np.zeros(len(labels), dtype=bool)
    chosen[order[np.argsort(depth, kind="stable")[:count]]] = True
    return chosen


def copy_rows(source, part, test, file, show, row):
    """Write the rows of a part to the file; return shape and dtype of one row."""
    m, done = len(part.labels), 0
    sizes = {"train": m - int(test.sum()), "test": int(test.sum())}
    show("rows", 0, m)
    for rows in part.blocks():
        if rows.dtype.kind == "f" and not np.isfinite(rows).all():
            bad = ~np.isfinite(rows.reshape(len(rows), -1)).all(axis=1)
            raise ValueError(
                f"{source} must hold finite numbers, got NaN or infinity in row "
                f"{done + bad.argmax()} (the first is 0)."
            )
        in_test = test[done : done + len(rows)]
        done += len(rows)
        if len(in_test) != len(rows):
            break
        for split, chosen in (("train", ~in_test), ("test", in_test)):
            if chosen.any():
                file.append(f"{split}_set_x", rows[chosen], sizes[split])
        row = {"shape": rows.shape[1:], "dtype": rows.dtype}
        show("rows", done, m)
    if done != m:
        raise ValueError(f"{source} must stay as it is while it is read, got changes.")
    return row


def summary(console, arguments, classes, splits, row):
    """Print and return the size of the file, its rows and the counts of the classes."""
    size = os.path.getsize(arguments.out)
    packed = f", {arguments.compress}" if arguments.compress else ""
    test = f"{len(splits['test'])} to test" if "test" in splits else "none to test"
    say(
        f"Wrote {arguments.out} ({readable_bytes(size)}{packed}): "
        f"{len(splits['train'])} rows to train on, {test}, each {row['dtype']} of "
        f"shape {row['shape']}."
    )
    counts = {s: np.bincount(y, minlength=len(classes)) for s, y in splits.items()}
    print_counts(console, classes, counts)
    return {
        "file": arguments.out,
        "bytes": size,
        "dtype": str(row["dtype"]),
        "shape": row["shape"],
        "rows": {split: len(y) for split, y in splits.items()},
        "classes": by_class(classes, counts),
    }
