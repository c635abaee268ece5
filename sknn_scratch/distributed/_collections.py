"""Rows in Dask collections: their checks, and their shares on the workers."""

import dask
import dask.array as da
import numpy as np

from .._rows.source import RowSource
from . import _worker
from ._blocks import checked_array, checked_lengths, checked_table
from ._cluster import Cluster, compute, current_client
from ._objective import DaskBatches, DaskObjective, task


def rows_of_collection(X, dtype):
    """Return DaskRows, or without a cluster an array to stream from, and a template.

    The template has the names and the number of the features.
    """
    check_type(X)
    like = X
    if is_table(X):
        like, X = X._meta, array_of_table(X)
    check_blocks(X)
    if np.isnan(X.shape[0]):
        X = with_lengths(X)
    if 0 in X.shape:
        raise ValueError(f"X must have rows and features, got shape {X.shape}.")
    client = current_client()
    if client is None:
        return Slices(X), like
    X = checked_array(X).rechunk({1: -1})
    dtypes = dtype if isinstance(dtype, tuple) else (dtype,)
    dtype = np.dtype(X.dtype if X.dtype in dtypes else dtypes[0])
    cluster = Cluster(client)
    places = cluster.worker_addresses()
    if not places:
        raise ValueError(
            "the cluster must have workers to share the rows out to, got none yet; "
            "client.wait_for_workers(n) waits for them."
        )
    starts, ends = split_into_shares(X.chunks[0], len(places))
    # each share has its worker: Dask could place several of them on one
    shares = [
        cluster.compute(
            task(_worker.load_share, X[a:b], dtype, a, X.chunks[0]),
            workers=[place],
            allow_other_workers=True,
        )
        for a, b, place in zip(starts, ends, places, strict=False)
    ]
    cluster.wait(shares)
    return DaskRows(cluster, shares, ends, X.shape[1], dtype), like


def is_table(X):
    """Return True for a Dask data frame or a column of one."""
    return type(X).__module__.startswith("dask.dataframe")


def array_of_table(table):
    """Return a data frame as a Dask array with the lengths of its partitions."""
    if table.ndim != 2:
        return table.to_dask_array(lengths=True)
    lengths = compute(table.map_partitions(len, enforce_metadata=False))
    lengths = np.atleast_1d(lengths).tolist()  # a number for a single partition
    table = with_uniform_dtype(checked_table(table))
    return table.to_dask_array(lengths=tuple(lengths))


def with_lengths(X):
    """Return an array with the lengths of its blocks; compute all for that."""
    shapes = [dask.delayed(np.shape)(block) for block in X.to_delayed()[:, 0]]
    lengths = tuple(shape[0] for shape in compute(dask.delayed(shapes)))
    return da.Array(X.dask, X.name, (lengths, X.chunks[1]), meta=X._meta)


def values_of_collection(values, name):
    """Return targets or weights as they are, once all blocks have been checked."""
    if isinstance(values, da.Array):
        values = checked_lengths(values, name)
    return compute(values)


def check_type(X):
    """Raise TypeError unless X is a Dask array or data frame."""
    if not (isinstance(X, da.Array) or is_table(X)):
        raise TypeError(
            f"X must be a Dask array or data frame, got {type(X).__name__}; "
            "dask.array.from_delayed and Bag.to_dataframe make one."
        )


def with_uniform_dtype(table):
    """Return a data frame of numbers and bools with all columns of one NumPy type.

    Tables with other columns are returned unchanged.
    """
    dtypes = [getattr(dtype, "numpy_dtype", dtype) for dtype in table._meta.dtypes]
    if any(not isinstance(t, np.dtype) or t.kind not in "buif" for t in dtypes):
        return table
    return table.astype(np.result_type(*dtypes)) if dtypes else table


def check_blocks(X):
    """Raise ValueError unless X has rows of real numbers in blocks of NumPy arrays."""
    if X.ndim != 2 or X.dtype.kind not in "buif":
        raise ValueError(
            "X (a Dask collection) must hold real numbers, of shape (n_samples, "
            f"n_features), got {X.dtype} of {X.ndim} dimensions."
        )
    if not isinstance(X._meta, np.ndarray):
        raise ValueError(
            "X (a Dask collection) must have NumPy arrays as blocks, got "
            f"{type(X._meta).__name__}; X.map_blocks(lambda x: x.toarray()) makes "
            "them of sparse ones."
        )


def split_into_shares(blocks, n):
    """Return the first rows and the ends of at most n shares of whole blocks.

    The shares are as equal as the blocks allow.
    """
    ends = np.cumsum(blocks)
    cuts = np.searchsorted(ends, ends[-1] * np.arange(1, n) / n)
    ends = np.unique([*ends[cuts], ends[-1]]).tolist()
    return [0, *ends[:-1]], ends


class Slices:
    """A Dask array to stream from; a slice of it is a NumPy array.

    A block is checked when its first rows are read, which computes the whole block.
    Later slices may compute less of it: Dask reads only these rows of a file.
    """

    filename = "a Dask collection"  # for error messages

    def __init__(self, X):
        self._checked = checked_array(X).rechunk({1: -1})
        self._X = X.rechunk({1: -1})
        self.shape, self.dtype, self.ndim = X.shape, X.dtype, 2
        self.chunks = self._X.chunks
        self._ends = np.cumsum(self.chunks[0])
        self._is_checked = np.zeros(len(self._ends), bool)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        start, stop, _ = rows.indices(len(self))
        first, last = np.searchsorted(self._ends, [start, stop - 1], side="right")
        blocks = self._is_checked[first : last + 1]
        X = self._X if blocks.all() else self._checked
        values = np.asarray(X[rows].compute())
        blocks[:] = True
        return values


class DaskRows(RowSource):
    """Rows on the workers of a cluster.

    Parameters
    ----------
    cluster : Cluster
    shares : list of Future
        Arrays of rows, one for each thread of a worker.
    ends : ndarray of int
        For each share, the number of its last row plus 1.
    n_features : int
    dtype : dtype
    rows : ndarray of int, optional
        Numbers of the selected rows, in their order. By default all rows.
    scaler : StandardScaler, optional
        Applied to the rows on the workers.
    """

    is_remote = True

    def __init__(
        self, cluster, shares, ends, n_features, dtype, rows=None, scaler=None
    ):
        self.cluster, self._shares, self._ends = cluster, shares, ends
        self.dtype, self._rows, self._scaler = dtype, rows, scaler
        self.shape = (int(ends[-1]) if rows is None else len(rows), n_features)
        self._starts = np.array([0, *ends[:-1]])

    def batch_length(self, most):
        return len(self)  # no limit: the rows stay on the workers

    def largest(self):
        return None

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "these rows are on the workers of a cluster and no array; "
            "estimator.predict(X) and its kind take them as they are."
        )

    def __getitem__(self, rows):
        if not isinstance(rows, slice):
            rows = np.asarray(rows)
            rows = rows if self._rows is None else self._rows[rows]
            return self._with(rows, self._scaler)
        # a slice is an array: meant for a few rows, such as a first batch
        selected = self[np.arange(*rows.indices(len(self)))]
        futures = [self.submit(_worker.take, *part[:2]) for part in selected.parts()]
        X = np.empty(selected.shape, self.dtype)
        for (_, _, places), values in zip(
            selected.parts(), self.cluster.results(futures), strict=True
        ):
            X[places] = values
        return X if self._scaler is None else self._scaler.transform(X)

    def scaled(self, scaler):
        return self._with(self._rows, scaler)

    def learn(self, scaler, w):
        # one share after the other: the scaler is sent from worker to worker
        for share, index, places in self.parts():
            weights = None if w is None else w[places]
            scaler = self.submit(_worker.learn, scaler, share, index, weights)
        return self.cluster.result(scaler)

    def parts(self):
        """Yield each share with rows, its row numbers or None, and their positions.

        The row numbers count within the share; None stands for all. The positions count
        among the rows of this source.
        """
        owner = self._owner()
        for s, (start, end) in enumerate(zip(self._starts, self._ends, strict=True)):
            if owner is None:
                yield self._shares[s], None, slice(start, end)
                continue
            places = np.flatnonzero(owner == s)
            if len(places):
                yield self._shares[s], self._rows[places] - start, places

    def owners(self):
        """Return for each row the index of its part in `parts`, and its index there."""
        owner, place = np.empty((2, len(self)), np.int64)
        for p, (_, _, places) in enumerate(self.parts()):
            owner[places] = p
            place[places] = np.arange(len(owner[places]))
        return owner, place

    def batches(self, Y, w, size, rng=None, buffer_size="auto"):
        return DaskBatches(self, Y, w, size, rng)

    def part(self, share, index, Y, w):
        """Return the share and its `Part`, with targets, weights and scaler."""
        return share, self.submit(_worker.Part, index, Y, w, self._scaler)

    def objective(self, standard, *args, **options):
        return DaskObjective(self.cluster, *args, **options)

    def outputs(self, standard, params, g, link):
        parts = list(self.parts())
        futures = [
            self.submit(_worker.outputs_of, share, index, self._scaler, params, g, link)
            for share, index, _ in parts
        ]
        outputs = self.cluster.results(futures)
        out = np.empty((len(self), *outputs[0].shape[1:]), outputs[0].dtype)
        for (_, _, places), values in zip(parts, outputs, strict=True):
            out[places] = values
        return out

    def submit(self, function, *args):
        return self.cluster.submit(function, *args)

    def _owner(self):
        if self._rows is None:
            return None
        return np.searchsorted(self._ends, self._rows, side="right")

    def _with(self, rows, scaler):
        shape = self.shape[1], self.dtype
        return DaskRows(self.cluster, self._shares, self._ends, *shape, rows, scaler)
