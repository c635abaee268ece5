"""Some of the rows, of whatever holds rows."""

import numpy as np
from scipy.sparse import issparse


def n_rows(data):
    """How many rows there are; `len` of a sparse matrix is an error."""
    return data.shape[0] if hasattr(data, "shape") else len(data)


def rows_at(data, chosen):
    """The rows of these numbers, in this order; each number comes once."""
    if hasattr(data, "iloc"):
        return data.iloc[chosen]
    if not hasattr(data, "shape"):  # a list
        return [data[i] for i in chosen]
    if issparse(data):
        data = data.tocsr()
    elif not isinstance(data, np.ndarray):  # a file gives rows only in its own order
        order = np.argsort(chosen)
        data, chosen = data[chosen[order]], np.argsort(order)
    return data[chosen]
