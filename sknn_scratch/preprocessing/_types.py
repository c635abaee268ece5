"""The number types that transformers return."""

import numpy as np


def output_type(dtype):
    """Return the dtype of the outputs; ValueError if it is neither of two."""
    for allowed in (np.float32, np.float64):
        names = allowed, np.dtype(allowed), allowed.__name__
        if dtype is not None and dtype in names:
            return np.dtype(allowed)
    raise ValueError(f"dtype must be numpy.float32 or numpy.float64, got {dtype!r}.")
