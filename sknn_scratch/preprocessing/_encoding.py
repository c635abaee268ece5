"""From the few numbers that a table keeps of a row to the many outputs of an encoder."""

import numpy as np

BLOCK_ROWS = 256  # of which the outputs fit into the cache


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
        for start in range(0, m, BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            self._encode(values[rows], out[rows].T)
        return out

    def _encode(self, values, out):
        """Write the outputs as columns of examples, (n_outputs, m)."""
        V = np.ascontiguousarray(values.T)
        contiguous = out.flags.c_contiguous and out.dtype == self.dtype
        A = out if contiguous else np.empty(out.shape, self.dtype)
        np.take(V, self._source, axis=0, out=A, mode="clip")  # (n_outputs, m)
        A -= self._offset
        np.maximum(A, self._low, out=A)
        np.minimum(A, self._high, out=A)
        A[self._one_hot] = A[self._one_hot] == 0
        if A is not out:
            out[...] = A
