"""From the few numbers that are kept of a row to the many outputs of an encoder."""

import numpy as np

# the outputs of so many rows fit into the cache; a power of two transposes slowly
BLOCK_ROWS = 272


class Encoding:
    """The formula of each output: clip(v - offset, low, high), or [v = offset].

    Parameters
    ----------
    outputs : list of Output
        `source` is the column of the values.
    dtype : dtype
        Type of the values and of the outputs.
    """

    def __init__(self, outputs, dtype):
        columns = [np.array(list(parts)) for parts in zip(*outputs, strict=True)]
        _, source, offset, low, high, one_hot = columns or [np.empty(0)] * 6
        self._source = source.astype(np.intp)
        self._offset, self._low, self._high = (
            part.astype(dtype)[:, np.newaxis] for part in (offset, low, high)
        )
        self._one_hot = np.flatnonzero(one_hot)
        self.dtype = dtype

    @property
    def n_outputs(self):
        return len(self._source)

    def __call__(self, values, out=None):
        """Return the outputs (m, n_outputs) of values (m, n_values).

        Without `out` they lie column by column in memory.
        """
        m = len(values)
        if out is None:
            out = np.empty((self.n_outputs, m), self.dtype).T
        if self.n_outputs == 0:
            return out
        in_place = out.T.flags.c_contiguous and out.dtype == self.dtype
        for start in range(0, m, BLOCK_ROWS):
            block = out[start : start + BLOCK_ROWS].T  # (n_outputs, m)
            A = block if in_place else np.empty(block.shape, self.dtype)
            self._encode(values[start : start + BLOCK_ROWS], A)
            if not in_place:
                block[...] = A
        return out

    def _encode(self, values, A):
        """Write the outputs as columns of examples, A (n_outputs, m)."""
        V = np.ascontiguousarray(values.T)
        np.take(V, self._source, axis=0, out=A, mode="clip")
        A -= self._offset
        np.maximum(A, self._low, out=A)
        np.minimum(A, self._high, out=A)
        A[self._one_hot] = A[self._one_hot] == 0
