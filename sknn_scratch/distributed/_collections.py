"""Rows in Dask collections: their blocks, batches, objective and predictions."""

from copy import copy
from functools import partial
from threading import Lock
from typing import NamedTuple

import dask
import dask.array as da
import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

try:
    from distributed import get_client, wait
except ImportError:
    get_client = None

from .._engine.activations import Dropout
from .._rows.columns import columns
from .._rows.disk import FEWEST
from .._rows.source import RowSource
from .._training.newton import Expansion
from .._training.objective import Objective
from . import _worker

WARNING, changing = "distributed.admin.large-graph-warning-threshold", Lock()
FEW = 4  # sums that one task adds up: every task on the way takes milliseconds


def rows_of_collection(X, dtype):
    """Rows on the workers, or, without a cluster, an array to stream from.

    And what tells the names and the number of the features.
    """
    check_type(X)
    like = X
    if is_table(X):
        like, X = X._meta, of_one_type(X).to_dask_array(lengths=True)
    check_blocks(X)
    if np.isnan(X.shape[0]):
        X = X.copy().compute_chunk_sizes()  # which goes over all of it
    X = X.rechunk({1: -1})
    if 0 in X.shape:
        raise ValueError(f"X must have rows and features, got shape {X.shape}.")
    client = current_client()
    if client is None:
        return Slices(X), like
    dtypes = dtype if isinstance(dtype, tuple) else (dtype,)
    dtype = np.dtype(X.dtype if X.dtype in dtypes else dtypes[0])
    places = places_of(client)
    if not places:
        raise ValueError(
            "the cluster must have workers to share the rows out to, got none yet; "
            "client.wait_for_workers(n) waits for them."
        )
    starts, ends = share_out(X.chunks[0], len(places))
    # left to itself, Dask may gather several shares on one worker
    shares = [
        client.compute(
            task(_worker.load_share, X[a:b], dtype, a),
            workers=[place],
            allow_other_workers=True,
        )
        for a, b, place in zip(starts, ends, places, strict=False)
    ]
    for share in wait(shares).done:
        if share.status == "error":
            raise share.exception()
    return DaskRows(client, shares, ends, X.shape[1], dtype), like


def is_table(X):
    """Whether it is a data frame, or a column of one."""
    return type(X).__module__.startswith("dask.dataframe")


def check_type(X):
    """An error for what is neither an array nor a table."""
    if not (isinstance(X, da.Array) or is_table(X)):
        raise TypeError(
            f"X must be a Dask array or data frame, got {type(X).__name__}; "
            "dask.array.from_delayed and Bag.to_dataframe make one."
        )


def of_one_type(table):
    """Numbers and truth values of several types: rows of one NumPy type."""
    if table.ndim != 2:
        return table
    dtypes = [getattr(dtype, "numpy_dtype", dtype) for dtype in table._meta.dtypes]
    if any(not isinstance(t, np.dtype) or t.kind not in "buif" for t in dtypes):
        return table
    return table.astype(np.result_type(*dtypes)) if dtypes else table


def check_blocks(X):
    """An error where X does not hold rows of real numbers in NumPy's arrays."""
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


def places_of(client):
    """The worker of each thread there is: each worker once, then again."""
    n_threads = client.nthreads().items()
    most = max((n for _, n in n_threads), default=0)
    return [place for k in range(most) for place, n in n_threads if k < n]


def share_out(blocks, n):
    """First rows and ends of n shares: whole blocks, as even as these allow."""
    ends = np.cumsum(blocks)
    cuts = np.searchsorted(ends, ends[-1] * np.arange(1, n) / n)
    ends = np.unique([*ends[cuts], ends[-1]]).tolist()
    return [0, *ends[:-1]], ends


def current_client():
    """The cluster's client that is in use, or None."""
    if get_client is None:
        return None
    try:
        return get_client()
    except ValueError:
        return None


class Slices:
    """A Dask array to stream from: a slice of it is an array."""

    def __init__(self, X):
        self._X = X
        self.shape, self.dtype, self.ndim, self.chunks = X.shape, X.dtype, 2, X.chunks

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        return np.asarray(self._X[rows].compute())


class DaskRows(RowSource):
    """Rows on the workers of a cluster.

    Parameters
    ----------
    client : distributed.Client
    shares : list of Future
        Arrays of rows, one for each thread of a worker.
    ends : ndarray of int
        The number of the row after the last of each share.
    n_features : int
    dtype : dtype
    rows : ndarray of int, optional
        Numbers of the rows that there are, in their order; all, without.
    scaler : StandardScaler, optional
        What brings them to another scale.
    """

    is_remote = True

    def __init__(self, client, shares, ends, n_features, dtype, rows=None, scaler=None):
        self.client, self._shares, self._ends = client, shares, ends
        self.dtype, self._rows, self._scaler = dtype, rows, scaler
        self.shape = (int(ends[-1]) if rows is None else len(rows), n_features)
        self._starts = np.array([0, *ends[:-1]])

    def batch_length(self, most):
        return len(self)  # they are never all here

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
            return self._like(rows, self._scaler)
        # a few, for who looks at an example
        few = self[np.arange(*rows.indices(len(self)))]
        found = [self.submit(_worker.take, *part[:2]) for part in few.parts()]
        X = np.empty(few.shape, self.dtype)
        for (_, _, places), values in zip(
            few.parts(), self.client.gather(found), strict=True
        ):
            X[places] = values
        return X if self._scaler is None else self._scaler.transform(X)

    def scaled(self, scaler):
        return self._like(self._rows, scaler)

    def learn(self, scaler, w):
        # one share after the other: the scaler goes from worker to worker
        for share, index, places in self.parts():
            weights = None if w is None else w[places]
            scaler = self.submit(_worker.learn, scaler, share, index, weights)
        return scaler.result()

    def parts(self):
        """Each share that has rows, which of its rows, and their places among all."""
        owner = self._owner()
        for s, (start, end) in enumerate(zip(self._starts, self._ends, strict=True)):
            if owner is None:
                yield self._shares[s], None, slice(start, end)
                continue
            places = np.flatnonzero(owner == s)
            if len(places):
                yield self._shares[s], self._rows[places] - start, places

    def owners(self):
        """Of each row: the place of its part among `parts`, and its place in that."""
        owner, place = np.empty((2, len(self)), np.int64)
        for p, (_, _, places) in enumerate(self.parts()):
            owner[places] = p
            place[places] = np.arange(len(owner[places]))
        return owner, place

    def batches(self, Y, w, size, rng=None, buffer_size="auto"):
        return DaskBatches(self, Y, w, size, rng)

    def part(self, share, index, Y, w):
        """What a worker needs of these rows for a training: the share, and the rest."""
        return share, self.submit(_worker.Part, index, Y, w, self._scaler)

    def objective(self, standard, *args, **options):
        return DaskObjective(self.client, *args, **options)

    def outputs(self, standard, params, g, link):
        parts = list(self.parts())
        found = [
            self.submit(_worker.outputs_of, share, index, self._scaler, params, g, link)
            for share, index, _ in parts
        ]
        found = self.client.gather(found)
        out = np.empty((len(self), *found[0].shape[1:]), found[0].dtype)
        for (_, _, places), values in zip(parts, found, strict=True):
            out[places] = values
        return out

    def submit(self, function, *args):
        return self.client.submit(function, *args, pure=False)

    def _owner(self):
        if self._rows is None:
            return None
        return np.searchsorted(self._ends, self._rows, side="right")

    def _like(self, rows, scaler):
        shape = self.shape[1], self.dtype
        return DaskRows(self.client, self._shares, self._ends, *shape, rows, scaler)


class DaskBatches:
    """Batches of rows on the workers: those of MemoryBatches, by their numbers."""

    def __init__(self, X, Y, w, size, rng):
        self._X, self._rng = X, rng
        self._first = X, Y, w
        self.weight = len(X)
        self.size, self.columns = min(size, self.weight), min(size, FEWEST, self.weight)
        self.parts = [
            X.part(share, index, Y.take(places), w[places])
            for share, index, places in X.parts()
        ]
        everything = [None] * len(self.parts)
        self._all = Remote(self.parts, everything, X.shape[1], self.weight)
        if self.size < self.weight:
            self._owner, self._place = X.owners()

    def __iter__(self):
        if self.size == self.weight:
            yield self._all, None, range(self.weight)
            return
        order = np.arange(self.weight)
        if self._rng is not None:
            order = self._rng.permutation(self.weight)
        for start in range(0, self.weight, self.size):
            rows = order[start : start + self.size]
            owner, place = self._owner[rows], self._place[rows]
            there = np.unique(owner)
            X = Remote(
                [self.parts[p] for p in there],
                [place[owner == p] for p in there],
                self._X.shape[1],
                len(rows),
            )
            yield X, None, range(len(rows))

    def first_batch(self):
        """A few rows, here."""
        X, Y, w = self._first
        rows = slice(0, self.columns)
        values = np.empty((self.columns, Y.shape[1]), Y.dtype)
        Y.write(rows, out=values)
        return columns(X[rows], values, w[rows])


class Remote(NamedTuple):
    """A batch that is on the workers, in place of X: parts and rows of them."""

    parts: list
    rows: list
    n_features: int
    m: int

    @property
    def shape(self):
        return self.n_features, self.m


class DaskObjective(Objective):
    """J over batches that are on the workers, or here as for any other.

    It overrides what it inherits, against the rule of the house: solvers, stopping and
    validation take it for an Objective, and hand it batches of both kinds.
    """

    def __init__(self, client, *args, **options):
        super().__init__(*args, **options)
        self._client = client
        self._problem = _worker.Problem(
            self.params.n, self.params.theta.dtype, self.g, self.loss, self.intercept
        )
        self._rng = next((g._rng for g in self.g if isinstance(g, Dropout)), None)

    def __call__(self, theta, X, Y, w):
        if not isinstance(X, Remote):
            return super().__call__(theta, X, Y, w)
        if self._rng is None:
            seeds = [None] * len(X.parts)
        else:
            seeds = self._rng.randint(2**31, size=len(X.parts)).tolist()
        J, grad = self.total(_worker.gradient_sums, X, theta, seeds)
        np.divide(grad, X.m, out=self.grads.theta)
        self._penalise()
        return J / X.m + self.penalty(), self.grads.theta

    def loss_at(self, theta, X, Y, w):
        if not isinstance(X, Remote):
            return super().loss_at(theta, X, Y, w)
        return self.total(_worker.loss_sums, X, theta)[0] / X.m

    def expansion(self, batches):
        return DaskExpansion(self, batches)

    def total(self, function, X, theta, *each):
        """Sums over a batch, made by the workers; `each` has a value for each part."""
        theta = self.sent(theta)
        sums = added(
            task(function, *part, rows, theta, self._problem, *values)
            for part, rows, *values in zip(X.parts, X.rows, *each, strict=True)
        )
        return self.begin(sums).result()

    def sent(self, theta):
        """The parameters as a task."""
        return task(_worker.same, self.at(theta).theta.copy())

    def begin(self, tasks):
        """Futures of tasks; of many that depend on each other one message is enough."""
        # Dask warns of 10 MB in a message: here they are parameters, sent once. Its
        # configuration is that of all threads: they change it one after the other.
        with changing, dask.config.set({WARNING: "1TB"}):
            return self._client.compute(tasks, optimize_graph=False)


def task(function, *args):
    """A call, to be made by a worker; it may be made again."""
    return dask.delayed(function, pure=False)(*args)


def added(sums):
    """The task that has one sum of them all: a tree of sums of a few."""
    sums = list(sums)
    while len(sums) > 1:
        few = [sums[i : i + FEW] for i in range(0, len(sums), FEW)]
        sums = [s[0] if len(s) == 1 else task(_worker.add, *s) for s in few]
    return sums[0]


class DaskExpansion(Expansion):
    """An Expansion whose sums the workers make."""

    def __init__(self, objective, batches):
        super().__init__(objective, batches)
        self._expanded = []

    def _go_over(self, theta, curved, anew):
        objective = self._objective
        sent = objective.sent(theta)
        expanded = [
            task(_worker.expand, *part, objective._problem, sent, curved, anew)
            for part in self._batches.parts
        ]
        sums = added(task(_worker.sums_of, one) for one in expanded)
        sums, *expanded = objective.begin([sums, *expanded])
        if curved:
            self._expanded = expanded
        J, grad, *curvature = [value / self._m for value in sums.result()]
        if anew:
            self._H, self._spread = curvature
        # where those look who judge the gradient
        objective.grads.theta[...] = grad
        objective._penalise()
        return J + objective.penalty(), objective.grads.theta.astype(np.float64)

    def _bend(self, M):
        objective = self._objective
        sent = task(_worker.same, M)
        sums = added(
            task(_worker.bend, *part, objective._problem, one, sent)
            for part, one in zip(self._batches.parts, self._expanded, strict=True)
        )
        (sums,) = objective.begin(sums).result()
        return sums / self._m


# -- predictions -----------------------------------------------------------------------


def lazily(model, method, X):
    """What a method says of the rows of a collection, as a Dask array."""
    check_is_fitted(model)
    check_type(X)
    few = X._meta if is_table(X) else np.empty((0, X.shape[-1]))
    validate_data(model, few, reset=False, skip_check_array=True)
    model = copy(model)  # a later fit does not change what is due
    nameless = copy(model)  # for an array, without a warning for each block
    vars(nameless).pop("feature_names_in_", None)
    like = answer_to_none(nameless, method)
    if is_table(X):
        call = partial(_worker.call_on_rows, model, method, like)
        lazy, shape = dask.delayed(call, pure=True), (np.nan, *like.shape[1:])
        parts = [da.from_delayed(lazy(p), shape, like.dtype) for p in X.to_delayed()]
        return da.concatenate(parts)
    check_blocks(X)
    X = X.rechunk({1: -1})
    call = partial(_worker.call_on_rows, nameless, method, like)
    if like.ndim == 1:
        return X.map_blocks(call, drop_axis=1, meta=like)
    return X.map_blocks(call, chunks=(X.chunks[0], like.shape[1:]), meta=like)


def answer_to_none(model, method):
    """What the method would say of no rows: its type, and the shape of a row."""
    W, _ = model._layers()
    row = np.zeros((1, W[0].shape[1]), W[0].dtype)
    return getattr(model, method)(row)[:0]
