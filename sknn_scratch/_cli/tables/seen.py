"""Which rows of a table a model was trained on.

`train` keeps a fingerprint of each row of the training in the model file. A row of
another table that has the same one holds the same values and the same answer.
"""

from hashlib import blake2b

import numpy as np

MOST = 1_000_000  # rows, of 8 bytes each in the file


def fingerprints(model, X, y):
    """Return a fingerprint of each row and its answer, or None.

    It is a hash of 8 bytes of the numbers that the encoder reads from the row, with
    the answer, or the number of its class, behind them. Models without a TableEncoder
    have none, nor have more than MOST rows.

    Parameters
    ----------
    model : estimator
        Fitted.
    X : pandas.DataFrame
        The columns of the training, as `converted` or `training_table` gives them.
    y : array-like of shape (m,)

    Returns
    -------
    ndarray of uint64 of shape (m,)
    """
    encoder = encoder_of(model)
    if encoder is None or len(X) > MOST:
        return None
    rows = np.column_stack([encoder._read(X).astype("<f8"), codes_of(model, y)])
    rows += 0.0  # no -0
    rows[np.isnan(rows)] = np.nan  # of all its forms the same
    rows = np.ascontiguousarray(rows, dtype="<f8")
    hashes = [blake2b(row.tobytes(), digest_size=8).digest() for row in rows]
    return np.frombuffer(b"".join(hashes), dtype="<u8").astype(np.uint64)


def encoder_of(model):
    """Return the TableEncoder that reads the rows of a model, or None."""
    from ..._estimators.access import first_step
    from ...preprocessing import TableEncoder

    first = first_step(model)
    encoder = getattr(first, "encoder_", first)
    return encoder if isinstance(encoder, TableEncoder) else None


def codes_of(model, y):
    """Return answers as floats: of a classifier the numbers of the classes, or -1."""
    if not hasattr(model, "classes_"):
        return np.asarray(y, dtype="<f8")
    number = {label: k for k, label in enumerate(model.classes_.tolist())}
    labels = np.asarray(y).tolist()
    return np.array([number.get(label, -1) for label in labels], dtype="<f8")


def places_in(rows, known):
    """Return for each row the place of one like it among `known`, or -1.

    Each of `known` is taken once: of three equal rows, one of which is known, the first
    has its place.

    Parameters
    ----------
    rows, known : ndarray of uint64
        Fingerprints.
    """
    keys, order = numbered(known)
    table = dict(zip(keys, order.tolist(), strict=True))
    found = np.empty(len(rows), dtype=np.int64)
    keys, order = numbered(rows)
    found[order] = [table.get(key, -1) for key in keys]
    return found


def numbered(prints):
    """Return (fingerprint, how many equal ones are before it) of each, and its place.

    They are in ascending order.
    """
    order = np.argsort(prints, kind="stable")
    found = prints[order]
    first = np.flatnonzero(np.append(True, found[1:] != found[:-1])[: len(found)])
    count = np.arange(len(found)) - np.repeat(first, np.diff([*first, len(found)]))
    return list(zip(found.tolist(), count.tolist(), strict=True)), order
