"""Batches of rows on disk: another thread reads ahead while a training goes on."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
from numpy.random import RandomState

from .batches import block_length, split_block
from .columns import columns, targets_of

MIN_BLOCKS = 64  # smallest number of blocks in a shuffle buffer


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
