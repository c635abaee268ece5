"""Working memory, and the order in which it is gone through.

What a training needs again at every step is made once and kept by whoever needs it:
a step asks for no memory, and its size does not grow with the number of steps.
"""

import numpy as np

SLICE = 131072  # elements: of several vectors together they stay in the cache


class Scratch:
    """Working memory of one fit, of any content unless `make` is np.zeros or ones."""

    def __init__(self, make=np.empty):
        self._make, self._memory, self._views = make, make(0), {}

    def __reduce__(self):  # what is in it is worth nothing elsewhere
        return Scratch, (self._make,)

    def columns(self, shape, dtype):
        """An array that reads (n, m); each example lies together, as in A and dZ."""
        return self.rows(shape[::-1], dtype).T

    def rows(self, shape, dtype):
        """An array that reads (n, m); each row lies together."""
        if (shape, dtype) not in self._views:
            self._views[shape, dtype] = self._first(shape, dtype)
        return self._views[shape, dtype]

    def _first(self, shape, dtype):
        size = shape[0] * shape[1]
        if self._memory.size < size or self._memory.dtype != dtype:
            self._memory, self._views = self._make(size, dtype), {}
        return self._memory[:size].reshape(shape)


def slices(vectors, scratch):
    """Parts of the vectors with as much of the scratch, slice by slice.

    Work that goes over them several times does so slice after slice: what it comes back
    to is then still in the cache.
    """
    size = vectors[0].size
    if size == scratch.size:
        return [(*vectors, scratch)]
    starts = range(0, size, scratch.size)
    parts = [[v[start : start + scratch.size] for v in vectors] for start in starts]
    return [(*part, scratch[: part[0].size]) for part in parts]


def slice_of(vector):
    """Memory for one slice of it."""
    return np.empty(min(SLICE, vector.size), vector.dtype)
