"""Blocks of Dask collections that are not what the collection declares."""

import contextlib

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix

from sknn_scratch import DeepNetClassifier, LogisticRegressionScratch

ROWS, BLOCKS, N = 10, 4, 3
COMMON = {"random_state": 0, "warn": False}


@pytest.fixture(params=["client", "no client"])
def place(request):
    """With the workers of a cluster, and in this process."""
    if request.param == "client":
        request.getfixturevalue("client")


@pytest.fixture
def blocks(rng):
    return list(rng.randn(BLOCKS, ROWS, N))


@pytest.fixture
def y():
    return np.arange(ROWS * BLOCKS) % 2


def collection(blocks, dtype=float, shape=(ROWS, N)):
    """A Dask array that declares `shape` and `dtype` for every block."""
    lazy = [dask.delayed(block, pure=False) for block in blocks]
    return da.concatenate([da.from_delayed(b, shape, dtype) for b in lazy])


def table(parts):
    """A Dask data frame that declares columns a, b, c, with these partitions."""
    frame = pd.DataFrame(np.zeros((ROWS * BLOCKS, N)), columns=list("abc"))

    def replace(part, partition_info=None):
        return parts[partition_info["number"]] if partition_info else part

    return dd.from_pandas(frame, npartitions=BLOCKS).map_partitions(
        replace, meta=frame.iloc[:0], enforce_metadata=False
    )


def net(**options):
    return DeepNetClassifier((4,), max_iter=2, **COMMON, **options)


@contextlib.contextmanager
def refused(*words):
    with pytest.raises(ValueError, match="a Dask") as refusal:
        yield
    message = str(refusal.value)
    assert len(message) <= 300
    assert "\n" not in message
    for word in words:
        assert word in message


def with_nan(block):
    block = block.copy()
    block[3, 1] = np.nan
    return block


# what comes in block 1 instead of ten rows of three float64, and what the error says
WRONG = {
    "more rows": (
        lambda b: np.r_[b, b[:2]],
        ["got (12, 3) in block 1", "(10, 3) is declared", "X.compute_chunk_sizes()"],
    ),
    "fewer rows": (lambda b: b[:8], ["got (8, 3) in block 1", "(10, 3) is declared"]),
    "no rows": (lambda b: b[:0], ["got (0, 3) in block 1"]),
    "fewer columns": (lambda b: b[:, :2], ["got (10, 2) in block 1", "same columns"]),
    "one dimension": (lambda b: b[:, 0], ["got (10,) in block 1"]),
    "complex": (lambda b: b + 1j, ["float64 as declared, got complex128 in block 1"]),
    "objects": (lambda b: b.astype(object), ["got object in block 1"]),
    "texts": (lambda b: b.astype(str), ["got <U32 in block 1"]),
    "sparse": (csr_matrix, ["got a csr_matrix in block 1", "x.toarray()"]),
    "a data frame": (pd.DataFrame, ["got a DataFrame in block 1", "np.asarray"]),
    "masked": (np.ma.asarray, ["got a MaskedArray in block 1", "np.ma.filled"]),
    "NaN": (with_nan, ["got nan in row 13 (the first is 0), row 3 of block 1"]),
}


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG)
def test_a_block_that_is_not_as_declared_is_named(place, blocks, y, change, words):
    X = collection(blocks)
    model = LogisticRegressionScratch(**COMMON).fit(X, y)
    blocks[1] = change(blocks[1])
    wrong = collection(blocks)
    with refused("X (a Dask collection)", *words):
        net().fit(wrong, y)
    with refused(*words):
        net().fit(X, y, X_val=wrong, y_val=y)
    with refused(*words):
        net().partial_fit(wrong, y, classes=[0, 1])
    with refused(*words):
        model.predict(wrong).compute()
    with refused(*words):
        model.score(wrong, y)


def test_rows_that_move_between_blocks_are_refused(place, blocks, y):
    """As many rows as declared, but not where they were declared."""
    blocks[1], blocks[2] = blocks[1][:8], np.r_[blocks[1][8:], blocks[2]]
    with refused("in block", "(10, 3) is declared"):
        net().fit(collection(blocks), y)


@pytest.mark.parametrize("batch", [7, 16])
def test_streaming_checks_each_block(blocks, y, batch):
    """A long block is refused even where its surplus rows would never be read."""
    blocks[2] = np.r_[blocks[2], blocks[2][:1]]
    with refused("got (11, 3) in block 2"):
        net(buffer_size=5, batch_size=batch).fit(collection(blocks), y)


def test_a_block_of_parts_of_the_columns_is_named_by_both_numbers(place, blocks, y):
    left = collection([b[:, :1] for b in blocks], shape=(ROWS, 1))
    blocks[1] = blocks[1][:9]
    right = collection([b[:, 1:] for b in blocks], shape=(ROWS, 2))
    with refused("got (9, 2) in block (1, 1)"):
        net().fit(da.concatenate([left, right], axis=1), y)


def test_a_type_that_holds_the_values_is_taken(place, blocks, y):
    blocks[1] = blocks[1].astype("f4")
    blocks[2] = blocks[2].round().astype(int)
    expected = net().fit(np.concatenate(blocks), y)
    found = net().fit(collection(blocks), y)
    assert_allclose(found.coefs_[0], expected.coefs_[0], rtol=1e-10)


def test_fractions_among_whole_numbers_are_not_cut_off(place, blocks, y):
    whole = [block.round().astype(int) for block in blocks]
    with refused("must hold int64 as declared, got float64 in block 1"):
        net().fit(collection([whole[0], blocks[1], *whole[2:]], dtype=int), y)


def test_numbers_too_large_for_float32_are_named(client, blocks, y):
    blocks[2][4, 0] = 1e300
    with refused("finite in float32, got inf in row 24", "row 4 of block 2"):
        net().fit(collection(blocks, dtype="f4"), y)


def test_counted_blocks_are_taken(place, blocks):
    blocks[1] = np.r_[blocks[1], blocks[1][:2]]
    X = collection(blocks).compute_chunk_sizes()
    rows = np.concatenate(blocks)
    y = np.arange(len(rows)) % 2
    model = LogisticRegressionScratch(**COMMON).fit(X, y)
    expected = LogisticRegressionScratch(**COMMON).fit(rows, y)
    assert_allclose(model.coef_, expected.coef_, rtol=1e-8)
    assert_array_equal(model.predict(X), expected.predict(rows))


@pytest.mark.parametrize("name", ["y", "sample_weight"])
def test_targets_and_weights_in_blocks_of_another_length(place, blocks, y, name):
    X = collection(blocks)
    values = {"y": y, "sample_weight": np.ones(len(y))}
    moved = np.split(values[name], [11, 20, 30])  # 11, 9, 10, 10
    wrong = {**values, name: collection(moved, values[name].dtype, (ROWS,))}
    words = [f"{name} (a Dask collection)", "(10,) is declared", "compute_chunk_sizes"]
    with refused(*words):
        net().fit(X, **wrong)
    model = net().fit(X, **values)
    with refused(*words):
        model.score(X, **wrong)
    with refused(*words):
        net().fit(X, y, **{"X_val": X, **{f"{k}_val": v for k, v in wrong.items()}})


def test_other_blocks_of_targets_and_weights_are_taken(place, blocks, y):
    X, w = collection(blocks), np.arange(len(y)) % 3 + 1.0
    expected = net().fit(X, y, sample_weight=w)
    for given in (
        (da.from_array(y, chunks=7), da.from_array(w, chunks=9)),
        (dd.from_pandas(pd.Series(y), 3), dd.from_pandas(pd.Series(w), 5)),
    ):
        found = net().fit(X, given[0], sample_weight=given[1])
        assert found.loss_curve_ == expected.loss_curve_
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        net().fit(X, da.from_array(np.r_[y, 1], chunks=7))
    with pytest.raises(ValueError, match=r"sample_weight.shape == \(41,\)"):
        net().fit(X, y, sample_weight=da.ones(41, chunks=5))


# -- data frames -----------------------------------------------------------------------

WRONG_PARTS = {
    "other order": (lambda p: p[list("cba")], "['c', 'b', 'a'] in partition 1"),
    "other names": (lambda p: p.rename(columns={"a": "z"}), "['z', 'b', 'c'] in"),
    "fewer columns": (lambda p: p[["a", "b"]], "got ['a', 'b'] in partition 1"),
    "more columns": (lambda p: p.assign(d=1.0), "['a', 'b', 'c', ...] in partition 1"),
    "texts": (lambda p: p.assign(b="7"), "in column 'b' of partition 1"),
    "an array": (lambda p: p.to_numpy(), "in partition 1 (the first is 0)"),
    "NaN": (lambda p: p.assign(a=np.nan), "nan in row 10 (the first is 0), row 0 of"),
}


@pytest.mark.parametrize(("change", "words"), WRONG_PARTS.values(), ids=WRONG_PARTS)
def test_a_partition_that_is_not_as_declared_is_named(place, blocks, y, change, words):
    parts = [pd.DataFrame(block, columns=list("abc")) for block in blocks]
    X = table(parts)
    model = LogisticRegressionScratch(**COMMON).fit(X, y)
    wrong = table([parts[0], change(parts[1]), *parts[2:]])
    with refused(words):
        net().fit(wrong, y)
    with refused(words):
        net().fit(X, y, X_val=wrong, y_val=y)
    if words.startswith("nan"):
        return  # the model says so, without the number of the row
    with refused(words):
        model.predict(wrong).compute()


@pytest.mark.parametrize("npartitions", [1, 2])
def test_few_partitions(place, blocks, y, npartitions):
    frame = pd.DataFrame(np.concatenate(blocks), columns=list("abc"))
    X = dd.from_pandas(frame, npartitions=npartitions)
    expected = LogisticRegressionScratch(**COMMON).fit(frame, y)
    found = LogisticRegressionScratch(**COMMON).fit(X, y)
    assert_allclose(found.coef_, expected.coef_, rtol=1e-8)
    assert_array_equal(found.predict(X), expected.predict(frame))


def test_names_of_columns_are_compared_everywhere(place, blocks, y):
    frame = pd.DataFrame(np.concatenate(blocks), columns=list("abc"))
    X = dd.from_pandas(frame, npartitions=3)
    swapped = X[list("cba")]
    model = net().fit(X, y)
    assert list(model.feature_names_in_) == list("abc")
    for use in (
        lambda: model.predict(swapped),
        lambda: model.predict(frame[list("cba")]),
        lambda: model.score(swapped, y),
        lambda: model.partial_fit(swapped, y),
        lambda: net().fit(X, y, X_val=swapped, y_val=y),
        lambda: net().fit(X, y, X_val=frame[list("cba")], y_val=y),
        lambda: net().fit(frame, y, X_val=swapped.compute(), y_val=y),
    ):
        with pytest.raises(ValueError, match="feature names should match"):
            use()
    assert list(model.partial_fit(X, y).feature_names_in_) == list("abc")


def test_names_that_are_no_texts(place, blocks, y):
    frame = pd.DataFrame(np.concatenate(blocks))
    model = net().fit(dd.from_pandas(frame, npartitions=3), y)
    assert not hasattr(model, "feature_names_in_")
    frame.columns = [0, "b", "c"]
    with pytest.raises(TypeError, match="only supported if all input features have"):
        net().fit(dd.from_pandas(frame, npartitions=3), y)


def test_polars_beside_a_client(place, blocks, y):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(np.concatenate(blocks), schema=list("abc"))
    model = net().fit(frame, y)
    assert list(model.feature_names_in_) == list("abc")
    there = net().fit(collection(blocks), polars.Series(y))
    assert_allclose(there.coefs_[0], model.coefs_[0], rtol=1e-10)
