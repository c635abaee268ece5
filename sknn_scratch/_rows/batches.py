"""Batches of rows as columns, the layout of the course.

A source of batches is iterated once an epoch and yields the columns of one batch as
`X, Y, w` of shapes (n[0], m), (n[L], m) and (m,). The arrays are views, or buffers that
the next batch overwrites. A source has these attributes:

weight
    The number of rows of an epoch.
size
    The largest number of columns of a batch.
columns
    The largest number of columns of an array that it yields.
first_batch()
    Returns the first batch without drawing random numbers.
targets(most)
    Returns Y and w of all rows, or of `most` drawn ones, as columns.

The sources here are for rows in memory and on disk. `distributed` has one for rows on
a cluster.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
from numpy.random import RandomState
from scipy.sparse import issparse

from .columns import columns, targets_of

BLOCK = 2**16  # elements of X, or of Y if that is wider
MIN_BLOCKS = 64  # smallest number of blocks in a shuffle buffer


def split_block(block, size):
    """Yield the batches of a block of rows X, Y, w, as columns."""
    m = len(block[2])
    if m <= size:
        yield columns(*block)
        return
    for first in range(0, m, size):
        rows = slice(first, first + size)
        yield columns(*[part[rows] for part in block])


def block_length(size, widest, m):
    """Return the number of rows to fetch at a time: the batches that fit the cache."""
    return min(size * max(1, BLOCK // (size * widest)), m)


class MemoryBatches:
    """Batches of rows that are in memory.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (m, n[0])
    Y : Targets, OneHotTargets or SmoothedTargets
    w : ndarray of shape (m,)
        Weights of the rows, mean 1.
    size : int
        Rows of a batch; the last one may be shorter.
    rng : RandomState or None
        Shuffles the rows in each epoch; None keeps their order.
    """

    def __init__(self, X, Y, w, size, rng=None):
        self._X, self._Y, self._w = X, Y, w
        self.weight = X.shape[0]
        self.size = self.columns = min(size, self.weight)
        # the order of rows within a batch of all rows does not matter
        self._rng = rng if self.size < self.weight else None
        # Small batches are fetched in blocks that fit the cache: the overhead of the
        # NumPy calls is paid once a block. Sparse rows would be sliced once more.
        widest = max(X.shape[1], Y.shape[1])
        self._block = self.size
        if not issparse(X):
            self._block = block_length(self.size, widest, self.weight)
        self._Y_rows = np.empty((self._block, Y.shape[1]), Y.dtype)
        self._full_batch = None
        if self._rng is not None:
            if not issparse(X):
                self._X_rows = np.empty((self._block, X.shape[1]), X.dtype)
            self._w_rows = w[: self._block].copy()
            self._equal_weights = (w == w[0]).all()  # these are not shuffled

    def __iter__(self):
        if self.size == self.weight:
            if self._full_batch is None:
                self._full_batch = columns(*self._slice(0, self.weight))
            yield self._full_batch
            return
        order = None if self._rng is None else self._rng.permutation(self.weight)
        for start in range(0, self.weight, self._block):
            stop = min(start + self._block, self.weight)
            if order is None:
                block = self._slice(start, stop)
            else:
                block = self._gather(order[start:stop])
            yield from split_block(block, self.size)

    def first_batch(self):
        return columns(*self._slice(0, self.size))

    def targets(self, most):
        return targets_of(self._Y, self._w, most)

    def _slice(self, start, stop):
        rows, Y = slice(start, stop), self._Y_rows[: stop - start]
        self._Y.write(rows, out=Y)
        return self._X[rows], Y, self._w[rows]

    def _gather(self, rows):
        k = len(rows)
        Y, w = self._Y_rows[:k], self._w_rows[:k]
        self._Y.write(rows, out=Y)
        if not self._equal_weights:
            np.take(self._w, rows, out=w, mode="clip")
        if issparse(self._X):
            return self._X[rows], Y, w
        # with mode="clip" take writes into X directly; "raise" needs a copy
        X = np.take(self._X, rows, axis=0, out=self._X_rows[:k], mode="clip")
        return X, Y, w


class DiskBatches:
    """Batches of rows that are on disk, which another thread reads ahead.

    The rows of the file are read in blocks. A shuffle buffer of `buffer` rows holds
    some of the blocks, and its rows are yielded in random order. Meanwhile a second
    buffer is filled block by block. The blocks of each buffer are a random sample from
    the whole file: if the file is sorted by class, every buffer has all classes. All
    random numbers of an epoch are drawn when it begins, so that they do not depend on
    what else draws from `rng` during the epoch.

    Parameters
    ----------
    X : DiskRows of shape (m, n[0])
    Y, w, size, rng : as for MemoryBatches
    buffer : int
        Number of rows in the shuffle buffer; not used without rng.
    """

    def __init__(self, X, Y, w, size, rng=None, buffer=None):
        self._X, self._Y, self._w, self._rng = X, Y, w, rng
        self.weight = X.shape[0]
        self.size = self.columns = min(size, self.weight)
        self._step = block_length(self.size, max(X.shape[1], Y.shape[1]), self.weight)
        self._block, self._blocks = min(X.block, self.weight), 1  # of a buffer
        if rng is not None:
            # a buffer mixes rows from many blocks, however large the file's chunks are
            self._block = max(1, min(self._block, buffer // MIN_BLOCKS))
            self._blocks = max(1, buffer // self._block)

    def __iter__(self):
        rng, blocks = None, np.arange(-(-self.weight // self._block))
        if self._rng is None:
            parts = np.split(blocks, range(self._blocks, len(blocks), self._blocks))
        else:
            parts = scatter_blocks(blocks, self._blocks, self._rng)
            rng = RandomState(self._rng.randint(2**32, size=8, dtype=np.uint32))
        with closing(read_ahead(self._fetch(parts, rng))) as fetched:
            for block in fetched:
                yield from split_block(block, self.size)

    def first_batch(self):
        rows = np.arange(self.size)
        Y = np.empty((self.size, self._Y.shape[1]), self._Y.dtype)
        self._Y.write(rows, out=Y)
        return columns(self._X[: self.size], Y, self._w[: self.size])

    def targets(self, most):
        return targets_of(self._Y, self._w, most)

    def _fetch(self, parts, rng):
        """Yield blocks X, Y, w of whole batches; the last one may end in a short batch.

        `parts` are the numbers of the file's blocks, one array for each buffer.
        """
        X, Y, most = self._X, self._Y, max(map(len, parts))
        buffer, spare = [Buffer(X, self._block, most) for _ in range(2)]
        item, other = [
            (
                np.empty((self._step, X.shape[1]), X.dtype),
                np.empty((self._step, Y.shape[1]), Y.dtype),
                np.empty(self._step, self._w.dtype),
            )
            for _ in range(2)
        ]
        filled = 0
        for _ in buffer.fill(parts[0]):
            pass
        for coming in [*parts[1:], ()]:
            filling, share = spare.fill(coming), 0.0
            m = buffer.m
            rows = np.arange(m) if rng is None else rng.permutation(m)
            done = 0
            while done < m:
                chosen = rows[done : done + self._step - filled]
                self._take(buffer, chosen, [part[filled:] for part in item])
                done, filled = done + len(chosen), filled + len(chosen)
                if filled == self._step:
                    yield item
                    item, other, filled = other, item, 0
                while share < done / m:
                    share = next(filling, 1.0)
            buffer, spare = spare, buffer
        if filled:
            yield [part[:filled] for part in item]

    def _take(self, buffer, chosen, out):
        """Write rows of the buffer, converted and scaled, into out: X, Y and w."""
        X, Y, w = (part[: len(chosen)] for part in out)
        numbers = buffer.numbers[chosen]
        if buffer.rows.dtype == X.dtype:
            raw = np.take(buffer.rows, chosen, axis=0, out=X, mode="clip")
        else:
            raw = buffer.rows[chosen]
        self._X.finish(raw, X, numbers)
        self._Y.write(numbers, out=Y)
        np.take(self._w, numbers, out=w, mode="clip")


def scatter_blocks(blocks, most, rng):
    """Split block numbers into parts of at most `most`, sampled from the whole file.

    Of n successive blocks, where n is the number of parts, each goes to another part.
    """
    n_parts = -(-len(blocks) // most)
    neighbours = np.full((most, n_parts), -1)  # -1: the file has no more blocks
    neighbours.flat[: len(blocks)] = blocks
    order = rng.random_sample(neighbours.shape).argsort(axis=1)
    parts = np.take_along_axis(neighbours, order, axis=1).T
    return [part[part >= 0] for part in parts]


class Buffer:
    """A shuffle buffer: raw rows from several blocks of the file, and their numbers."""

    def __init__(self, X, block, n_blocks):
        self._X, self._block = X, block
        size = min(block * n_blocks, X.shape[0])
        self.rows = np.empty((size, X.shape[1]), X.source.dtype)
        self.numbers = np.empty(size, np.int64)
        self.m = 0  # number of rows in the buffer

    def fill(self, blocks):
        """Read the blocks one by one; yield the fraction that has been read."""
        self.m = 0
        for i, block in enumerate(blocks, start=1):
            start = block * self._block
            stop = min(start + self._block, self._X.shape[0])
            place = slice(self.m, self.m + stop - start)
            self._X.read(start, stop, self.rows[place])
            self.numbers[place] = np.arange(start, stop)
            self.m = place.stop
            yield i / len(blocks)


def read_ahead(items):
    """Yield the items; another thread computes the next one in advance."""
    with ThreadPoolExecutor(1, "sknn_scratch reads ahead") as reader:
        end = object()
        coming = reader.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = reader.submit(next, items, end)
            yield item
