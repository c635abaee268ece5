"""First values of W[l]; every b[l] starts at 0 (course, week 3: Random Initialization).

Each takes the legacy `RandomState` and (but for zeros) draws n[l] * n[l-1] standard
normal numbers row by row, layer after layer: what the course's notebooks draw after
`np.random.seed`.
"""

import numpy as np


def zeros(rng, n_out, n_in):
    """W = 0: right for logistic regression; hidden units would stay identical."""
    return np.zeros((n_out, n_in))


def small_random(rng, n_out, n_in):
    """W = 0.01 randn: the course's first choice; too small for deep networks."""
    return rng.randn(n_out, n_in) * 0.01


def scaled(rng, n_out, n_in):
    """W = randn / sqrt(n[l-1]): what the course's deep network uses (LeCun 1998)."""
    return rng.randn(n_out, n_in) / np.sqrt(n_in)


def xavier(rng, n_out, n_in):
    """W = randn sqrt(2 / (n[l-1] + n[l])) (Glorot and Bengio 2010)."""
    return rng.randn(n_out, n_in) * np.sqrt(2 / (n_in + n_out))


def he(rng, n_out, n_in):
    """W = randn sqrt(2 / n[l-1]), for units that pass half of their input (He 2015)."""
    return rng.randn(n_out, n_in) * np.sqrt(2 / n_in)


INITIALIZERS = {
    "zeros": zeros,
    "small_random": small_random,
    "scaled": scaled,
    "xavier": xavier,
    "he": he,
}
