"""Count and select rows of arrays, sparse matrices, data frames, lists and files."""

import numpy as np
from scipy.sparse import issparse


def n_rows(data):
    """Return the number of rows; `len` of a sparse matrix raises."""
    return data.shape[0] if hasattr(data, "shape") else len(data)


def rows_at(data, chosen):
    """Return the rows with the distinct numbers `chosen`, in this order."""
    if hasattr(data, "iloc"):
        return data.iloc[chosen]
    if not hasattr(data, "shape"):  # a list
        return [data[i] for i in chosen]
    if issparse(data):
        data = data.tocsr()
    elif not isinstance(data, np.ndarray):  # files read rows in increasing order only
        order = np.argsort(chosen)
        data, chosen = data[chosen[order]], np.argsort(order)
    return data[chosen]
