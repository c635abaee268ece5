"""Rows on disk are trained on like rows in memory, and are never all in memory."""

import threading
from collections import deque

import h5py
import numpy as np
import pandas as pd
import pytest
from matrix import matrix
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.base import clone

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch._rows.columns import Targets
from sknn_scratch._rows.disk import DiskRows, buffer_length, is_on_disk
from sknn_scratch._rows.disk_batches import DiskBatches, read_ahead, scatter_blocks
from sknn_scratch._training.watch import observe

M, N = 640, 12


class OnDisk:
    """An array that is only there in slices, and knows how long they were."""

    def __init__(self, values, chunks=None):
        self._values, self.chunks, self.longest = values, chunks, 0
        self.shape, self.dtype, self.ndim = values.shape, values.dtype, values.ndim
        self.read = 0

    def __getitem__(self, rows):
        assert isinstance(rows, slice)
        values = self._values[rows]
        self.longest = max(self.longest, len(values))
        self.read += len(values)
        return values.copy()

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("all of it was asked for")


@pytest.fixture
def data(rng):
    X = rng.randn(M, N)
    return X, (X @ rng.randn(N, 3)).argmax(axis=1)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr("sknn_scratch._rows.disk.BLOCK_BYTES", 40 * N * 8)
    monkeypatch.setattr("sknn_scratch._rows.disk.CHUNK_BYTES", 150 * N * 8)


def same(one, other):
    for a, b in zip(one.parameters_.values(), other.parameters_.values(), strict=True):
        assert_array_equal(a, b)


def close(one, other, rtol=1e-9, atol=1e-12):
    for a, b in zip(one.parameters_.values(), other.parameters_.values(), strict=True):
        assert_allclose(a, b, rtol=rtol, atol=atol)


# -- what is on disk -------------------------------------------------------------------


def test_arrays_that_must_be_read_are_on_disk(tmp_path):
    np.save(tmp_path / "X.npy", np.ones((3, 2)))
    with h5py.File(tmp_path / "X.h5", "w") as file:
        assert is_on_disk(file.create_dataset("X", data=np.ones((3, 2))))
    assert is_on_disk(np.load(tmp_path / "X.npy", mmap_mode="r"))
    assert is_on_disk(OnDisk(np.ones((3, 2))))
    assert is_on_disk(DiskRows(OnDisk(np.ones((3, 2))), float))


@pytest.mark.parametrize(
    "X", [[[1.0]], np.ones((2, 2)), csr_array(np.eye(2)), pd.DataFrame([[1]]), None]
)
def test_arrays_in_memory_are_not_on_disk(X):
    assert not is_on_disk(X)


# -- rows ------------------------------------------------------------------------------


def test_a_slice_of_rows_is_what_an_array_has_there(data):
    X, _ = data
    rows = DiskRows(OnDisk(X), np.float32)
    for part in (slice(0, M), slice(3, 97), slice(600, 999), slice(5, 5)):
        assert rows[part].dtype == np.float32
        assert_array_equal(rows[part], X[part].astype(np.float32))


def test_rows_of_rows_are_rows(rng, data):
    X, _ = data
    index = np.flatnonzero(rng.rand(M) < 0.1)
    rows = DiskRows(OnDisk(X), float)[index]
    assert_array_equal(rows[2:40], X[index][2:40])
    again = np.arange(0, len(index), 3)
    assert_array_equal(rows[again][:], X[index][again])


def test_blocks_of_rows_cover_all_of_them_and_are_short(data):
    X, _ = data
    source = OnDisk(X)
    parts = list(DiskRows(source, float).blocks(10**6))
    assert_array_equal(np.concatenate([block for _, block in parts]), X)
    assert_array_equal(np.concatenate([X[part] for part, _ in parts]), X)
    assert source.longest <= 150


def test_reading_ahead_gives_everything_in_order_and_the_error_where_it_is():
    def items():
        yield from range(5)
        raise OSError("torn")

    seen = []
    with pytest.raises(OSError, match="torn"):
        deque(map(seen.append, read_ahead(items())))
    assert seen == [0, 1, 2, 3, 4]


def test_reading_ahead_reads_the_next_item_while_one_is_in_use():
    began = [threading.Event() for _ in range(3)]

    def items():
        for i in range(3):
            began[i].set()
            yield i

    reading = read_ahead(items())
    assert next(reading) == 0
    assert began[1].wait(5)
    reading.close()
    assert not began[2].is_set()


# -- batches ---------------------------------------------------------------------------


def numbered(m, size, rng=None, buffer=1, chunks=None):
    number = np.arange(m, dtype=float)
    X = DiskRows(OnDisk(np.column_stack([number + 1, -number - 1]), chunks), float)
    return DiskBatches(X, Targets(number[:, None]), number, size, rng, buffer)


@matrix("m", [1, 40, 41, 700], 41)
@pytest.mark.parametrize("size", [1, 7, 100, 1000])
@pytest.mark.parametrize("buffer", [None, 1, 16, 100, 10**4])
@pytest.mark.parametrize("chunks", [None, (30, 2), (1000, 1)])
def test_an_epoch_has_every_row_once_and_whole(rng, m, size, buffer, chunks):
    batches = numbered(m, size, rng if buffer else None, buffer or 1, chunks)
    seen, sizes = [], []
    for X, Y, w in batches:
        assert_array_equal(X, [w + 1, -w - 1])
        assert_array_equal(Y[0], w)
        seen += w.tolist()
        sizes.append(len(w))
    assert sorted(seen) == list(range(m))
    assert set(sizes[:-1]) <= {min(size, m)}
    assert sizes[-1] <= batches.size
    if buffer is None:
        assert seen == list(range(m))


def order_of(batches):
    return [int(n) for _, _, w in batches for n in w]


def test_epochs_are_shuffled_anew_and_the_same_for_the_same_seed():
    def orders(seed):
        batches = numbered(700, 30, np.random.RandomState(seed), 100)
        return [order_of(batches) for _ in range(2)]

    first, again = orders(3), orders(3)
    assert first == again
    assert first[0] != first[1]


def test_an_epoch_draws_before_its_first_batch(rng):
    batches = numbered(700, 30, rng, 100)
    rest = iter(batches)
    next(rest)
    state = rng.get_state()[1].copy()
    for _ in rest:
        pass
    assert_array_equal(rng.get_state()[1], state)


@pytest.mark.parametrize("seed", range(5))
def test_a_buffer_has_rows_of_all_parts_of_the_file(seed):
    # 704 blocks of a row, 64 at a time: 11 buffers. Of any 11 neighbours each gets one
    order = order_of(numbered(704, 30, np.random.RandomState(seed), 64))
    for buffer in np.reshape(order, (11, 64)):
        assert sorted(buffer // 11) == [*range(64)]


@pytest.mark.parametrize("most", [1, 2, 16, 63, 64, 65, 700, 1000])
@pytest.mark.parametrize("n_blocks", [1, 2, 17, 700])
def test_blocks_are_spread_over_parts_none_of_them_empty(rng, most, n_blocks):
    parts = scatter_blocks(np.arange(n_blocks), most, rng)
    assert 1 <= min(map(len, parts))
    assert max(map(len, parts)) <= most
    assert len(parts) == -(-n_blocks // most)
    assert sorted(np.concatenate(parts)) == [*range(n_blocks)]


def test_no_more_than_two_buffers_and_two_batches_are_in_memory(data):
    import tracemalloc

    X = np.zeros((20_000, 50))
    rows = DiskRows(OnDisk(X), float)
    targets = Targets(np.zeros((20_000, 1)))
    batches = DiskBatches(
        rows, targets, np.ones(20_000), 100, np.random.RandomState(0), 1000
    )
    tracemalloc.start()
    for _ in batches:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # 2 buffers of 1000 rows, 2 x 13 batches of 100, what numbers the blocks
    assert peak < (2 * 1000 + 2 * 1300 + 500) * 50 * 8


# -- training --------------------------------------------------------------------------

OPTIONS = [
    {},
    {"solver": "sgd", "batch_size": 33},
    {"solver": "rmsprop", "max_grad_norm": 0.1},
    {"solver": "adamw", "dropout": 0.3},
    {"l1_ratio": 0.5, "label_smoothing": 0.1, "class_weight": "balanced"},
    {"learning_rate": "invscaling"},
]


def net(**options):
    defaults = {"max_iter": 3, "random_state": 0, "warn": False, "batch_size": 50}
    return DeepNetClassifier((7,), **{**defaults, **options})


@pytest.mark.parametrize("options", OPTIONS)
def test_in_the_order_of_the_file_the_fit_is_that_of_memory(data, options):
    X, y = data
    source = OnDisk(X)
    streamed = net(shuffle=False, buffer_size=100, **options).fit(source, y)
    same(streamed, net(shuffle=False, **options).fit(X, y))
    assert source.longest < 100


def order_of_epoch(estimator, y, monkeypatch):
    """The numbers of the rows in the order in which they are trained on."""
    seen = []

    class Recorder(DiskBatches):
        def __iter__(self):
            for X, Y, w in super().__iter__():
                seen.extend(X[0].astype(int).tolist())
                yield X, Y, w

    with monkeypatch.context() as patch:
        patch.setattr("sknn_scratch._rows.disk.DiskBatches", Recorder)
        numbers = np.arange(len(y), dtype=float)[:, None] * np.ones(N)
        clone(estimator).fit(OnDisk(numbers), y)
    return seen


@pytest.mark.parametrize("options", OPTIONS)
def test_a_shuffled_epoch_is_that_of_memory_in_the_same_order(
    data, options, monkeypatch
):
    X, y = data
    options = {**options, "max_iter": 1, "dropout": 0.0}
    streamed = net(buffer_size=200, **options)
    order = order_of_epoch(streamed, y, monkeypatch)
    assert sorted(order) == list(range(M))
    assert order != sorted(order)
    streamed.fit(OnDisk(X), y)
    same(streamed, net(shuffle=False, **options).fit(X[order], y[order]))


def test_rows_no_more_than_a_buffer_are_read_once_and_trained_on_as_an_array(data):
    X, y = data
    source = OnDisk(X)
    same(net(buffer_size=M).fit(source, y), net().fit(X, y))
    assert source.read == M


def test_auto_is_a_buffer_of_64_MB(data, monkeypatch):
    X, y = data
    source = OnDisk(X)
    net(max_iter=5).fit(source, y)
    assert source.read == M
    monkeypatch.setattr("sknn_scratch._rows.disk.BUFFER_BYTES", (M - 1) * N * 8)
    net(max_iter=5).fit(source, y)
    assert source.read >= 5 * M  # and a batch at the end


@pytest.mark.parametrize(
    ("kind", "solver"),
    [
        (LogisticRegressionScratch, "newton"),
        (LogisticRegressionScratch, "lbfgs"),
        (LogisticRegressionScratch, "gd"),
        (LogisticRegressionScratch, "auto"),
        (ShallowNetClassifier, "gd"),
        (ShallowNetClassifier, "lbfgs"),
        (DeepNetRegressor, "gd"),
    ],
)
@pytest.mark.parametrize("standardize", [False, True])
def test_solvers_that_see_all_rows_see_them_block_by_block(
    data, kind, solver, standardize
):
    X, y = data
    options = {"solver": solver, "standardize": standardize, "warn": False}
    options |= {"max_iter": 8, "random_state": 0, "tol": 1e-8}
    source = OnDisk(X)
    streamed = kind(buffer_size=10, **options).fit(source, y)
    memory = kind(**options).fit(X, y)
    close(streamed, memory, rtol=1e-6, atol=1e-8)
    assert_allclose(streamed.loss_curve_, memory.loss_curve_, rtol=1e-9)
    assert streamed.loss_ == pytest.approx(memory.loss_, rel=1e-9)
    assert source.longest <= 150


def test_auto_is_lbfgs_for_wide_rows_on_disk(rng):
    # Newton's row space would need X whole
    X, y = rng.randn(30, 2100), np.arange(30) % 2
    options = {"max_iter": 5, "warn": False}
    streamed = LogisticRegressionScratch(buffer_size=7, **options).fit(OnDisk(X), y)
    lbfgs = LogisticRegressionScratch(solver="lbfgs", **options).fit(X, y)
    close(streamed, lbfgs, rtol=1e-6)


def test_newton_on_disk_works_with_fewer_rows_than_features(rng):
    X, y = rng.randn(30, 50), np.arange(30) % 2
    options = {"solver": "newton", "tol": 1e-8}
    streamed = LogisticRegressionScratch(buffer_size=7, **options).fit(OnDisk(X), y)
    close(streamed, LogisticRegressionScratch(**options).fit(X, y), atol=1e-7)


def test_the_scale_is_learned_in_a_pass_over_the_file(data):
    X, y = data
    X = X * np.arange(1, N + 1) + 5
    source = OnDisk(X)
    weights = np.random.RandomState(1).rand(M)
    options = {"standardize": True, "shuffle": False, "max_iter": 2}
    streamed = net(buffer_size=90, **options).fit(source, y, weights)
    assert 3 * M <= source.read < 4 * M
    memory = net(**options).fit(X, y, weights)
    assert_allclose(streamed.scaler_.mean_, memory.scaler_.mean_, rtol=1e-12)
    assert_allclose(streamed.scaler_.var_, memory.scaler_.var_, rtol=1e-12)
    close(streamed, memory)


def test_chunks_of_many_lengths_are_blocks_of_the_longest(data):
    X, y = data
    source = OnDisk(X, chunks=((500, 140), (N,)))
    assert DiskRows(source, float).block == 500
    same(net(buffer_size=90).fit(source, y), net(buffer_size=90).fit(OnDisk(X), y))


@pytest.mark.parametrize("dtype", ["f4", ">f4", "f2", "u1", "i8", "?"])
def test_rows_of_every_type_are_trained_on_as_in_memory(data, dtype):
    X, y = data
    X = (10 * X).clip(0, 255).astype(dtype)
    options = {"shuffle": False, "max_iter": 1}
    streamed = net(buffer_size=100, **options).fit(OnDisk(X), y)
    memory = net(**options).fit(X, y)
    same(streamed, memory)
    assert streamed.coefs_[0].dtype == memory.coefs_[0].dtype


def test_the_user_s_wish_for_frames_does_not_reach_the_scale(data):
    X, y = data
    expected = net(standardize=True, max_iter=1).fit(X, y)
    with config_context(transform_output="pandas"):
        for rows in (X, OnDisk(X)):
            model = net(standardize=True, max_iter=1, buffer_size=M).fit(rows, y)
            same(model, expected)
            net(standardize=True, max_iter=1, buffer_size=99).fit(rows, y)
            model.partial_fit(rows, y)


def test_a_buffer_of_bytes_has_room_for_more_rows():
    X = DiskRows(OnDisk(np.zeros((10, 100), np.uint8)), np.float64)
    assert buffer_length(X, "auto", X.source.dtype) == 2**26 // 100
    assert buffer_length(X, 7, X.source.dtype) == 7


def test_rows_held_out_are_not_trained_on(data):
    X, y = data
    streamed = net(early_stopping=True, buffer_size=100, max_iter=6)
    source = OnDisk(X)
    streamed.fit(source, y)
    assert streamed.t_ == 6 * 576
    assert source.longest < 100
    # the rows held out are those of a fit in memory: the same score for the same net
    memory = net(early_stopping=True, max_iter=6).fit(X, y)
    assert len(streamed.validation_scores_) == len(memory.validation_scores_)
    assert streamed.validation_scores_[-1] == pytest.approx(
        memory.validation_scores_[-1], rel=0.2
    )


def test_rows_held_out_from_disk_are_those_of_memory(data):
    X, y = data
    options = {"early_stopping": True, "learning_rate_init": 1e-300, "max_iter": 1}
    for scoring in ("loss", "accuracy"):
        streamed = net(buffer_size=100, scoring=scoring, **options).fit(OnDisk(X), y)
        memory = net(scoring=scoring, **options).fit(X, y)
        assert streamed.validation_scores_ == pytest.approx(
            memory.validation_scores_, rel=1e-12
        )


def test_rows_to_validate_by_may_be_on_disk(data):
    X, y = data
    options = {"shuffle": False, "standardize": True}
    streamed = net(buffer_size=100, **options)
    streamed.fit(OnDisk(X), y, X_val=OnDisk(X), y_val=y)
    memory = net(**options).fit(X, y, X_val=X, y_val=y)
    assert_allclose(
        streamed.validation_loss_curve_, memory.validation_loss_curve_, rtol=1e-9
    )


def test_rows_of_weight_zero_are_absent(rng, data):
    X, y = data
    w = rng.randint(3, size=M)
    options = {"shuffle": False}
    streamed = net(buffer_size=100, **options).fit(OnDisk(X), y, w)
    same(streamed, net(**options).fit(X, y, w))


def test_a_buffer_is_filled_block_by_block_while_the_other_is_in_use(rng, monkeypatch):
    monkeypatch.setattr(
        "sknn_scratch._rows.batches.BLOCK", 1
    )  # batches come one by one
    source = OnDisk(np.zeros((M, N)))
    Y, w = Targets(np.zeros((M, 1))), np.ones(M)
    batches = DiskBatches(DiskRows(source, float), Y, w, 8, rng, buffer=160)
    parts = scatter_blocks(np.arange(-(-M // batches._block)), batches._blocks, rng)
    read = [source.read for _ in batches._fetch(parts, rng)]
    assert read[-1] == M
    assert len(read) == 80
    assert max(np.diff(read)) <= 8 + batches._block


def test_masks_of_dropout_do_not_depend_on_who_reads_first(data):
    X, y = data
    fits = [net(dropout=0.5, buffer_size=64).fit(OnDisk(X), y) for _ in range(3)]
    same(fits[0], fits[1])
    same(fits[0], fits[2])


def test_partial_fit_takes_an_epoch_from_disk(data):
    X, y = data
    streamed, memory = net(shuffle=False, buffer_size=100), net(shuffle=False)
    for _ in range(2):
        streamed.partial_fit(OnDisk(X), y, classes=[0, 1, 2])
        memory.partial_fit(X, y, classes=[0, 1, 2])
    same(streamed, memory)


# -- prediction ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method",
    ["predict", "predict_proba", "predict_log_proba", "decision_function", "transform"],
)
def test_predictions_of_rows_on_disk(data, method):
    X, y = data
    model, source = net().fit(X, y), OnDisk(X)
    found = getattr(model, method)(source)
    assert_allclose(found, getattr(model, method)(X), rtol=1e-12)
    assert source.longest <= 150


def test_a_network_without_hidden_layers_gives_rows_on_disk_back(data):
    X, y = data
    model = net().set_params(hidden_layer_sizes=()).fit(X, y)
    assert_array_equal(model.transform(OnDisk(X)), X)


def test_score_takes_both_from_a_file(data, tmp_path):
    X, y = data
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["X"], file["y"] = X, y
        model = net(buffer_size=100).fit(file["X"], file["y"])
        assert model.score(file["X"], file["y"]) == model.score(X, y)
        regressor = DeepNetRegressor(
            hidden_layer_sizes=(5,), max_iter=2, buffer_size=100, warn=False
        )
        regressor.fit(file["X"], file["y"])
        assert regressor.score(file["X"], file["y"]) == regressor.score(X, y)


def test_a_memmap_streams(data, tmp_path):
    X, y = data
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    same(net(buffer_size=100).fit(mapped, y), net(buffer_size=100).fit(OnDisk(X), y))
    same(net().fit(mapped, y), net().fit(X, y))
    assert_array_equal(net().fit(X, y).predict(mapped), net().fit(X, y).predict(X))


# -- what can be wrong -----------------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("options", [{}, {"standardize": True}, {"solver": "gd"}])
def test_a_value_that_is_not_finite_is_named_with_its_row(data, value, options):
    X, y = data
    X[431, 3] = value
    model = net(buffer_size=100, **options)
    with pytest.raises(
        ValueError, match=f"X .* must be finite .* got {value} in row 43"
    ):
        model.fit(OnDisk(X), y)
    assert not hasattr(model, "coefs_")
    assert not [t for t in threading.enumerate() if "reads ahead" in t.name]


def test_the_row_of_a_bad_value_is_that_of_the_file(data):
    X, y = data
    X[431, 3] = np.nan
    w = np.ones(M)
    w[:100] = 0
    with pytest.raises(ValueError, match="in row 431 "):
        net(buffer_size=100).fit(OnDisk(X), y, w)


def test_rows_that_cannot_be_read_are_named(data):
    X, y = data

    class Torn(OnDisk):
        def __getitem__(self, rows):
            if rows.stop > 300:
                raise RuntimeError("inflate() failed")
            return super().__getitem__(rows)

    with pytest.raises(OSError, match=r"X \(Torn\) must be readable, .*inflate"):
        net(buffer_size=100).fit(Torn(X), y)


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.ones((5, 2, 2)), r"must be of shape \(n_samples, n_features\).*ImageFlat"),
        (np.ones(5), "must be of shape"),
        (np.ones((5, 0)), "must be of shape"),
        (np.ones((5, 2), complex), "must hold real numbers, got complex128"),
        (np.array([["a"]] * 5), "must hold real numbers"),
        (np.ones((4, 2)), "inconsistent numbers of samples"),
    ],
)
def test_arrays_on_disk_of_another_kind_are_refused(X, words):
    with pytest.raises(ValueError, match=words):
        net(buffer_size=2).fit(OnDisk(X), [0, 1, 0, 1, 0])


def test_rows_of_other_features_are_refused(data):
    X, y = data
    model = net().fit(X, y)
    with pytest.raises(ValueError, match="11 features, but DeepNetClassifier is exp"):
        model.predict(OnDisk(X[:, 1:]))
    with pytest.raises(ValueError, match="must be finite"):
        model.predict(OnDisk(X * np.inf))


def test_the_place_of_a_dataset_is_told(data, tmp_path):
    X, y = data
    X[7] = np.nan
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["rows"] = X
        with pytest.raises(ValueError, match=r"X \(.*data.h5:/rows\) must be finite"):
            net(buffer_size=100).fit(file["rows"], y)


def test_an_interrupt_in_an_epoch_from_disk_keeps_the_epoch_before(data):
    X, y = data

    def press(epoch, max_iter, J, theta):
        if epoch == 2:
            raise KeyboardInterrupt

    model = net(buffer_size=100)
    with observe(press), pytest.raises(KeyboardInterrupt):
        model.fit(OnDisk(X), y)
    same(model, net(buffer_size=100, max_iter=2).fit(OnDisk(X), y))
    assert not [t for t in threading.enumerate() if "reads ahead" in t.name]


def test_a_file_that_is_sorted_by_class_trains_as_well_as_a_shuffled_one(rng):
    X = rng.randn(4000, N)
    y = (X @ rng.randn(N, 4)).argmax(axis=1)
    order = np.argsort(y, kind="stable")
    options = {"max_iter": 10, "batch_size": 50, "learning_rate_init": 0.01}
    scores = [
        [
            net(**options | {"random_state": seed, **more})
            .fit(rows, labels)
            .score(X, y)
            for seed in range(3)
        ]
        for rows, labels, more in [
            (OnDisk(X[order]), y[order], {"buffer_size": 400}),
            (X, y, {}),
            (OnDisk(X[order]), y[order], {"shuffle": False, "buffer_size": 640}),
        ]
    ]
    streamed, memory, unshuffled = np.mean(scores, axis=1)
    assert streamed > memory - 0.02
    assert unshuffled < memory - 0.05
