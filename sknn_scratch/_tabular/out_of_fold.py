"""What members say of rows that they were not trained on."""

import numpy as np


def mean_out_of_fold(parts, rows, m):
    """Return the mean of the predictions of each of m rows; NaN where there is none.

    Parameters
    ----------
    parts : list of ndarray of shape (n_held_out, ...)
        The predictions of each member.
    rows : list of ndarray of shape (n_held_out,)
        The numbers of these rows.
    m : int
    """
    total, seen = np.zeros((m, *parts[0].shape[1:])), np.zeros(m)
    for part, held_out in zip(parts, rows, strict=True):
        total[held_out] += part
        seen[held_out] += 1
    with np.errstate(invalid="ignore"):
        return total / seen.reshape(-1, *[1] * (total.ndim - 1))
