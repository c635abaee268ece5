"""Fits on the workers of a cluster are those of one machine."""

import gc
import time
import warnings

import dask
import dask.array as da
import dask.bag as db
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from sknn_scratch._training.watch import observe
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.hdf5 import RowReader, save_dataset
from sknn_scratch.inspection import (
    check_gradient,
    check_my,
    compare,
    diagnose,
    explain_step,
)
from sknn_scratch.preprocessing import ImageFlattener

M, N = 1000, 12
CHUNKS = (300, 100, 350, 250)
COMMON = {"random_state": 0, "warn": False}


@pytest.fixture
def data(rng):
    X = rng.randn(M, N)
    return X, (X @ rng.randn(N, 3) + rng.randn(M, 3)).argmax(axis=1)


def spread_out(X, y):
    return da.from_array(X, chunks=(CHUNKS, N)), da.from_array(y, chunks=(CHUNKS,))


def close(one, other, tolerance=1e-10):
    """Parameters to within 1e-10 of the largest, and the same curves."""
    for a, b in zip(one.parameters_.values(), other.parameters_.values(), strict=True):
        assert abs(a - b).max() <= tolerance * max(1, abs(b).max())
    assert one.n_iter_ == other.n_iter_
    assert_allclose(one.loss_curve_, other.loss_curve_, rtol=1e-10)


def both(model, X, y, **options):
    here = clone(model).fit(X, y, **options)
    there = clone(model).fit(*spread_out(X, y), **options)
    return there, here


# -- the same as on one machine --------------------------------------------------------

FULL_BATCH = [
    DeepNetClassifier((8, 5), solver="gd", max_iter=60, activation="tanh", **COMMON),
    DeepNetClassifier((8,), solver="gd", max_iter=40, standardize=True, **COMMON),
    DeepNetClassifier((8,), solver="lbfgs", max_iter=30, activation="tanh", **COMMON),
    DeepNetClassifier((), solver="lbfgs", alpha=1.0, tol=1e-8, **COMMON),
    ShallowNetClassifier(6, solver="gd", max_iter=40, l1_ratio=0.5, **COMMON),
    LogisticRegressionScratch(solver="newton", **COMMON),
    LogisticRegressionScratch(solver="newton", standardize=True, C=10, **COMMON),
    LogisticRegressionScratch(solver="newton", C=np.inf, **COMMON),
    LogisticRegressionScratch(solver="newton", fit_intercept=False, **COMMON),
    LogisticRegressionScratch(solver="lbfgs", C=0.01, tol=1e-9, **COMMON),
    LogisticRegressionScratch(solver="gd", max_iter=50, tol=0, **COMMON),
    LogisticRegressionScratch(solver="gd", l1_ratio=0.5, max_iter=50, **COMMON),
    LogisticRegressionScratch(class_weight="balanced", **COMMON),
]
MINIBATCH = [
    DeepNetClassifier((8, 5), batch_size=64, max_iter=3, **COMMON),
    DeepNetClassifier((8,), batch_size=150, max_iter=3, standardize=True, **COMMON),
    DeepNetClassifier((8,), batch_size=64, max_iter=3, shuffle=False, **COMMON),
    DeepNetClassifier((8,), solver="sgd", batch_size=100, max_iter=3, **COMMON),
    DeepNetClassifier((8,), batch_size=M, max_iter=5, label_smoothing=0.1, **COMMON),
    ShallowNetClassifier(6, solver="rmsprop", batch_size=90, max_iter=3, **COMMON),
    LogisticRegressionScratch(solver="adam", batch_size=90, max_iter=3, **COMMON),
    DeepNetClassifier(
        (8,),
        batch_size=90,
        max_iter=4,
        early_stopping=True,
        activation="gelu",
        **COMMON,
    ),
    DeepNetClassifier(
        (8,),
        batch_size=90,
        max_iter=4,
        early_stopping=True,
        scoring="accuracy",
        standardize=True,
        max_grad_norm=0.1,
        **COMMON,
    ),
]


def text(model):
    return repr(model).replace("\n", "")


@pytest.mark.parametrize("model", FULL_BATCH, ids=text)
def test_solvers_of_all_rows_end_where_they_do_on_one_machine(client, data, model):
    close(*both(model, *data))


@pytest.mark.parametrize("model", MINIBATCH, ids=text)
def test_batches_have_the_same_rows_as_on_one_machine(client, data, model):
    there, here = both(model, *data)
    close(there, here)
    if there.early_stopping:
        assert_allclose(there.validation_scores_, here.validation_scores_)
        assert there.best_epoch_ == here.best_epoch_


@pytest.mark.parametrize("solver", ["gd", "lbfgs", "adam"])
@pytest.mark.parametrize("weights", [False, True])
def test_regressors(client, data, rng, solver, weights):
    X, _ = data
    Y = np.c_[X[:, 0] * 2, np.sin(X[:, 1])] + 0.1 * rng.randn(M, 2)
    options = {"sample_weight": rng.randint(0, 3, M)} if weights else {}
    model = DeepNetRegressor(
        hidden_layer_sizes=(7,),
        solver=solver,
        activation="tanh",
        max_iter=5,
        batch_size=120,
        **COMMON,
    )
    here = clone(model).fit(X, Y, **options)
    given = {name: da.from_array(w, chunks=400) for name, w in options.items()}
    there = clone(model).fit(da.from_array(X, chunks=(CHUNKS, N)), Y, **given)
    close(there, here)


def test_poisson(client, data, rng):
    X, _ = data
    y = rng.poisson(np.exp(X[:, 0] / 2))
    close(
        *both(
            ShallowNetRegressor(n_hidden=5, loss="poisson", max_iter=3, **COMMON), X, y
        )
    )


def test_multilabel_and_texts(client, data):
    X, y = data
    labels = np.c_[y > 0, y > 1].astype(int)
    model = DeepNetClassifier((6,), solver="lbfgs", max_iter=8, **COMMON)
    here = clone(model).fit(X, labels)
    close(clone(model).fit(da.from_array(X, chunks=(CHUNKS, N)), labels), here)
    names = np.array(["ape", "bear", "cat"])[y]
    there, here = both(model, X, names)
    close(there, here)
    assert_array_equal(there.classes_, ["ape", "bear", "cat"])


def test_float32_stays_so(client, data):
    X, y = data
    there, here = both(
        DeepNetClassifier((6,), solver="gd", max_iter=10, **COMMON), X.astype("f4"), y
    )
    assert there.coefs_[0].dtype == np.float32
    close_enough = 1e-4  # the order of sums of 250 and more numbers of 24 bits
    for a, b in zip(there.coefs_, here.coefs_, strict=True):
        assert_allclose(a, b, atol=close_enough)


def test_partial_fit_and_warm_start_go_on(client, data):
    X, y = data
    X_there, y_there = spread_out(X, y)
    model = DeepNetClassifier((6,), batch_size=100, max_iter=2, **COMMON)
    here, there = clone(model), clone(model)
    for _ in range(3):
        here.partial_fit(X, y, classes=[0, 1, 2])
        there.partial_fit(X_there, y_there, classes=[0, 1, 2])
    close(there, here)
    here, there = (clone(model).set_params(warm_start=True) for _ in range(2))
    for _ in range(2):
        here.fit(X, y)
        there.fit(X_there, y_there)
    close(there, here)


def test_rows_to_validate_may_be_there_or_here(client, data):
    X, y = data
    model = DeepNetClassifier((6,), batch_size=100, max_iter=4, early_stopping=True)
    model.set_params(**COMMON)
    here = clone(model).fit(X[:800], y[:800], X_val=X[800:], y_val=y[800:])
    X_there, y_there = da.from_array(X, chunks=170), da.from_array(y, chunks=170)
    for X_val, y_val in (X_there[800:], y_there[800:]), (X[800:], y[800:]):
        there = clone(model).fit(X_there[:800], y_there[:800], X_val=X_val, y_val=y_val)
        close(there, here)
        assert_allclose(there.validation_loss_curve_, here.validation_loss_curve_)


def test_data_frames(client, data):
    X, y = data
    table = pd.DataFrame(X, columns=[f"x{i}" for i in range(N)])
    table_there = dd.from_pandas(table.assign(y=y), npartitions=5)
    model = LogisticRegressionScratch(**COMMON)
    here = clone(model).fit(table, y)
    there = clone(model).fit(table_there[list(table)], table_there["y"])
    close(there, here)
    assert_array_equal(there.feature_names_in_, table.columns)
    proba = there.predict_proba(table_there[list(table)])
    assert isinstance(proba, da.Array)
    assert_allclose(proba.compute(), here.predict_proba(table), rtol=1e-9)
    score = here.score(table, y)
    assert there.score(table_there[list(table)], table_there["y"]) == score


def test_a_data_frame_of_several_types(client, data):
    X, y = data
    table = pd.DataFrame(X, columns=[f"x{i}" for i in range(N)])
    table["x0"] = table["x0"] > 0
    table["x1"] = (9 * table["x1"]).round().astype("Int64")
    model = LogisticRegressionScratch(**COMMON)
    there = clone(model).fit(dd.from_pandas(table, npartitions=5), y)
    close(there, clone(model).fit(table.astype(float), y))


def test_dropout_is_the_same_in_every_run_on_as_many_workers(client, data):
    model = DeepNetClassifier((16,), dropout=0.3, batch_size=100, max_iter=3, **COMMON)
    one, other = (clone(model).fit(*spread_out(*data)) for _ in range(2))
    for a, b in zip(one.coefs_, other.coefs_, strict=True):
        assert_array_equal(a, b)
    assert one.loss_curve_[-1] < one.loss_curve_[0]


def test_rows_to_look_at_change_nothing(client, data):
    X, y = spread_out(*data)
    model = DeepNetClassifier((16,), dropout=0.3, batch_size=100, max_iter=3, **COMMON)
    alone = clone(model).fit(X, y)
    watched = clone(model).fit(X, y, X_val=X[:200], y_val=y[:200])
    for a, b in zip(alone.coefs_, watched.coefs_, strict=True):
        assert_array_equal(a, b)


def test_each_worker_has_a_share(client, data):
    _, y = data
    X = da.random.RandomState(0).normal(size=(M, 4000), chunks=(125, 4000))
    holders = []

    def look(*epoch):
        held = client.has_what()
        holders.append([str(keys).count("load_share") for keys in held.values()])

    with observe(look):
        DeepNetClassifier((4,), batch_size=100, max_iter=3, **COMMON).fit(X, y)
    assert min(map(min, holders)) > 0


def test_nothing_stays_on_the_workers(client, data):
    model = DeepNetClassifier(
        (4,), max_iter=2, early_stopping=True, scoring="accuracy", **COMMON
    )
    gc.collect()
    gc.disable()
    try:
        model.fit(*spread_out(*data))
        end = time.monotonic() + 30
        while client.futures and time.monotonic() < end:
            time.sleep(0.01)  # the client is told by its own thread
        assert client.futures == {}
    finally:
        gc.enable()


def test_a_training_that_diverges_says_so_once(client, data):
    X, y = data
    model = DeepNetRegressor(
        loss="squared_error",
        hidden_layer_sizes=(4,),
        solver="gd",
        learning_rate_init=1e200,
        max_iter=9,
        random_state=0,
    )
    client.run(warnings.simplefilter, "error", RuntimeWarning)
    try:
        with pytest.warns(ConvergenceWarning, match="stopped being finite"):
            model.fit(da.from_array(X, chunks=(CHUNKS, N)), y)
    finally:
        client.run(warnings.resetwarnings)


def test_threads_of_one_worker_do_not_share_buffers(data):
    from distributed import Client

    model = DeepNetClassifier(
        (8, 8), activation=("gelu", "swish"), solver="gd", max_iter=30, **COMMON
    )
    here = clone(model).fit(*data)
    with Client(
        processes=False, n_workers=1, threads_per_worker=4, dashboard_address=":0"
    ):
        close(clone(model).fit(*spread_out(*data)), here)


# -- without a cluster, and where the rows come from -----------------------------------


def test_without_a_client_rows_are_streamed(data):
    model = DeepNetClassifier((6,), solver="gd", max_iter=20, **COMMON)
    there, here = both(model.set_params(buffer_size=100), *data)
    close(there, here)
    in_order = {"solver": "adam", "batch_size": 90, "shuffle": False, "max_iter": 3}
    close(*both(clone(model).set_params(**in_order), *data))


@pytest.mark.parametrize("buffer_size", ["auto", 50])
def test_without_a_client_a_data_frame_keeps_its_names(data, buffer_size):
    X, y = data
    names = [f"x{i}" for i in range(X.shape[1])]
    frame = dd.from_pandas(pd.DataFrame(X, columns=names), npartitions=3)
    model = DeepNetClassifier((6,), max_iter=3, buffer_size=buffer_size, **COMMON)
    model.fit(frame, y)
    assert model.feature_names_in_.tolist() == names
    swapped = frame[names[::-1]]
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(swapped)
    with pytest.raises(ValueError, match="feature names should match"):
        model.set_params(warm_start=True).fit(swapped, y)


def test_pipeline_of_images_that_every_worker_reads_from_a_file(client, tmp_path):
    images, y = load_digit_images()
    save_dataset(tmp_path / "digits.h5", images, y)
    X = da.from_array(RowReader(tmp_path / "digits.h5"), chunks=(400, 8, 8))
    model = make_pipeline(
        ImageFlattener(scale=16), LogisticRegressionScratch(solver="newton", **COMMON)
    )
    here = clone(model).fit(images, y)
    there = clone(model).fit(X, y)
    assert_allclose(there[-1].coef_, here[-1].coef_, atol=1e-10)
    assert_array_equal(there.predict(X).compute(), here.predict(images))


# -- predictions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "method", ["predict", "predict_proba", "predict_log_proba", "decision_function"]
)
def test_predictions_are_lazy(client, data, method):
    X, y = data
    model = DeepNetClassifier((6,), max_iter=3, **COMMON).fit(X, y)
    lazy = getattr(model, method)(spread_out(X, y)[0])
    assert isinstance(lazy, da.Array)
    expected = getattr(model, method)(X)
    assert lazy.shape == expected.shape
    assert lazy.dtype == expected.dtype
    assert lazy.chunks[0] == CHUNKS
    assert_allclose(lazy.compute(), expected, rtol=1e-12)


def test_lazy_predictions_are_those_of_the_model_as_it_was(data):
    X, y = data
    model = LogisticRegressionScratch(**COMMON).fit(X, y)
    expected = model.predict_proba(X)
    array = model.predict_proba(spread_out(X, y)[0])
    table = model.predict_proba(dd.from_pandas(pd.DataFrame(X), npartitions=3))
    model.fit(X, 1 - y)
    for lazy in (array, table):
        proba = lazy.compute(scheduler="synchronous")
        assert_allclose(proba, expected, rtol=1e-9)


def test_predictions_of_regressors_are_lazy(client, data):
    X, _ = data
    for y in X[:, 0], X[:, :2]:
        model = DeepNetRegressor(max_iter=3, **COMMON).fit(X, y)
        lazy = model.predict(da.from_array(X, chunks=(CHUNKS, N)))
        assert isinstance(lazy, da.Array)
        assert_allclose(lazy.compute(), model.predict(X))


def test_score_of_a_collection(client, data):
    X, y = data
    model = DeepNetClassifier((6,), max_iter=3, **COMMON).fit(X, y)
    assert model.score(*spread_out(X, y)) == model.score(X, y)
    w = np.arange(len(X)) % 3
    score = model.score(*spread_out(X, y), sample_weight=da.from_array(w, chunks=99))
    assert score == model.score(X, y, sample_weight=w)
    regressor = DeepNetRegressor(hidden_layer_sizes=(6,), max_iter=3, **COMMON)
    regressor.fit(X, X[:, 0])
    table = dd.from_pandas(pd.DataFrame(X), npartitions=3)
    for there in (table, table.to_dask_array()):
        assert regressor.score(there, X[:, 0]) == regressor.score(X, X[:, 0])


def test_an_array_without_names_is_warned_of_once(data):
    X, y = data
    table = pd.DataFrame(X, columns=[f"x{i}" for i in range(N)])
    model = LogisticRegressionScratch(**COMMON).fit(table, y)
    with pytest.warns(UserWarning, match="valid feature names"):
        lazy = model.predict(spread_out(X, y)[0])
    with dask.config.set(scheduler="synchronous"):
        assert_array_equal(lazy.compute(), model.predict(table))


def test_predictions_hold_no_more_than_a_block(data):
    X, y = data
    model = DeepNetClassifier((6,), max_iter=3, **COMMON).fit(X, y)
    calls = []

    def block(numbers):
        calls.append(len(numbers))
        return np.tile(X[:10], (len(numbers) // 10, 1))

    rows = (
        da.arange(4000, chunks=500)
        .reshape(-1, 1)
        .map_blocks(block, chunks=((500,) * 8, (N,)), meta=np.empty((0, N)))
    )
    lazy = model.predict(rows)
    assert calls == []
    with dask.config.set(scheduler="synchronous"):
        assert lazy[700:720].compute().shape == (20,)
    assert calls == [500]


# -- what cannot be --------------------------------------------------------------------


def test_values_that_are_not_finite_are_named(client, data):
    X, y = data
    X = X.copy()
    X[777, 3] = np.nan
    with pytest.raises(
        ValueError, match=r"must be finite in float64, got nan in row 777"
    ):
        DeepNetClassifier((4,), **COMMON).fit(*spread_out(X, y))


def test_errors_of_rows_to_validate_name_them(client, data):
    X, y = data
    X_val = X[:300].copy()
    X_val[3, 2] = np.inf
    rows = spread_out(X, y)
    with pytest.raises(ValueError, match="X_val, y_val or .* got inf in row 3"):
        DeepNetClassifier((4,), **COMMON).fit(
            *rows, X_val=da.from_array(X_val, chunks=100), y_val=y[:300]
        )


@pytest.mark.parametrize(
    "X", [db.from_sequence([[1.0]] * 30), dask.delayed(np.ones)((30, 2))]
)
def test_what_is_no_array_nor_table_is_refused(X):
    with pytest.raises(TypeError, match="X must be a Dask array or data frame, got"):
        DeepNetClassifier((4,), **COMMON).fit(X, np.arange(30) % 2)


def test_arrays_of_unknown_length_are_left_as_they_are(client, data):
    X, y = data
    X_there = da.from_array(X, chunks=(CHUNKS, N))
    some = X_there[X_there[:, 0] > 0]
    model = LogisticRegressionScratch(**COMMON)
    here = clone(model).fit(X[X[:, 0] > 0], y[X[:, 0] > 0])
    close(clone(model).fit(some, y[X[:, 0] > 0]), here)
    assert np.isnan(some.shape[0])


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (da.ones((30, 2, 2), chunks=10), "of 3 dimensions"),
        (da.ones((30, 2), chunks=10, dtype=complex), "real numbers"),
        (dd.from_pandas(pd.Series(np.ones(30)), npartitions=2), "of 1 dimensions"),
        (dd.from_pandas(pd.DataFrame({"x": ["a", "b"]}), npartitions=1), "got object"),
        (da.ones((0, 2), chunks=10), "must have rows and features"),
        (da.ones((30, 2), chunks=10).map_blocks(csr_matrix), "NumPy arrays as blocks"),
        (da.ones((20, 2), chunks=10), "inconsistent numbers of samples"),
    ],
)
def test_other_collections_are_refused(client, X, words):
    with pytest.raises(ValueError, match=words):
        DeepNetClassifier((4,), **COMMON).fit(X, np.arange(30) % 2)


def test_rows_to_validate_that_are_further_away_are_refused(client, data):
    X, y = data
    model = DeepNetClassifier((4,), early_stopping=True, **COMMON)
    with pytest.raises(ValueError, match=r"X_val must be here .* X_val.compute\(\)"):
        model.fit(X, y, X_val=spread_out(X, y)[0], y_val=y)


def test_what_looks_into_rows_wants_them_here(client, data):
    X, y = spread_out(*data)
    net = DeepNetClassifier((4,), max_iter=2, activation="sigmoid", **COMMON)

    def compare_two(*given):
        return compare(*given, alpha=[0, 1])

    for look in (check_gradient, compare_two, diagnose, explain_step):
        with pytest.raises(ValueError, match="X must be here to be looked into"):
            look(net, X, y)


def test_functions_of_ones_own_do_not_go_to_the_workers(client, data):
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    net = DeepNetClassifier((4,), max_iter=2, activation="sigmoid", **COMMON)
    with pytest.raises(ValueError, match="X must be here where functions of your own"):
        check_my(sigmoid).use_in(net).fit(*spread_out(*data))


def test_a_checkpoint_is_refused(client, data, tmp_path):
    model = DeepNetClassifier((4,), checkpoint=tmp_path / "c.h5", **COMMON)
    with pytest.raises(ValueError, match="must be None for Dask collections"):
        model.fit(*spread_out(*data))


def test_an_unfitted_model_and_other_features_are_refused_at_once(data):
    from sklearn.exceptions import NotFittedError

    X, y = spread_out(*data)
    with pytest.raises(NotFittedError):
        DeepNetClassifier().predict(X)
    model = DeepNetClassifier((4,), max_iter=1, **COMMON).fit(*data)
    with pytest.raises(ValueError, match="12 features"):
        model.predict(X[:, :5])
    table = pd.DataFrame(data[0]).add_prefix("x")
    model.fit(table, data[1])
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(dd.from_pandas(table.rename(columns={"x3": "z"}), npartitions=2))


def test_many_parameters_are_no_reason_to_warn(client, data):
    net = DeepNetClassifier((1400, 1400), solver="gd", max_iter=2, **COMMON)
    there = net.fit(*spread_out(*data))
    assert there.coefs_[1].nbytes > 10e6  # of a message, from where on Dask warns
