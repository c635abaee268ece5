"""The two stages of TableEncoder: what is kept of a row, and its outputs."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from sknn_scratch.preprocessing import TableEncoder
from sknn_scratch.preprocessing._columns import Output
from sknn_scratch.preprocessing._encoding import BLOCK_ROWS, Encoding
from sknn_scratch.preprocessing._tables import READ_ROWS

M = READ_ROWS + 2 * BLOCK_ROWS + 3


@pytest.fixture(scope="module")
def table():
    """A table of every kind of column, longer than what is read at a time."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "price": rng.gamma(1, size=M),
            "area": np.where(rng.random(M) < 0.1, np.nan, rng.standard_normal(M)),
            "rooms": rng.integers(1, 6, M),
            "city": rng.choice(["Oslo", "Rome", "Lima", None], M),
            "sold": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.random(M), "D"),
            "new": rng.random(M) < 0.5,
            "same": 1,
        }
    )


@pytest.fixture(scope="module")
def encoder(table):
    return TableEncoder(n_bins=5, max_levels=2).fit(table)


@pytest.fixture(scope="module")
def values(encoder, table):
    return encoder._read(table)


@pytest.fixture(scope="module")
def outputs(encoder, table):
    return encoder.transform(table)


def test_a_row_keeps_less_than_it_becomes(encoder, values, outputs):
    assert values.dtype == np.float32
    assert len(values) == len(outputs) == M
    assert values.shape[1] < outputs.shape[1] == encoder._n_outputs


def test_both_stages_give_the_bits_of_transform(encoder, values, outputs):
    np.testing.assert_array_equal(encoder._encode(values), outputs)


@pytest.mark.parametrize("rows", [slice(3, 4), slice(5, 300), slice(READ_ROWS, None)])
def test_some_rows_are_read_to_the_same_bits(encoder, table, values, rows):
    np.testing.assert_array_equal(encoder._read(table, rows), values[rows])
    np.testing.assert_array_equal(encoder._read(table.iloc[rows]), values[rows])


def test_any_rows_are_encoded_to_the_same_bits(encoder, values, outputs):
    rows = np.random.default_rng(0).permutation(M)[: BLOCK_ROWS + 7]
    np.testing.assert_array_equal(encoder._encode(values[rows]), outputs[rows])


def test_no_rows_are_encoded(encoder, values):
    assert encoder._encode(values[:0]).shape == (0, encoder._n_outputs)


def test_the_outputs_of_a_batch_are_contiguous_as_columns(encoder, values):
    assert encoder._encode(values[:64]).T.flags.c_contiguous


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_outputs_are_written_where_they_are_wanted(
    encoder, values, outputs, order, dtype
):
    out = np.full((300, encoder._n_outputs + 2), 7, dtype=dtype, order=order)
    inside = out[:, 1:-1]
    assert encoder._encode(values[:300], inside) is inside
    np.testing.assert_array_equal(inside, outputs[:300])
    assert (out[:, [0, -1]] == 7).all()


def test_values_stay_as_they_are(encoder, values):
    before = values.copy()
    encoder._encode(values)
    np.testing.assert_array_equal(values, before)


def test_a_pickled_encoder_gives_the_same_bits(encoder, table, outputs):
    again = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(again.transform(table), outputs)


def test_threads_share_an_encoder(encoder, table, values, outputs):
    with ThreadPoolExecutor(4) as pool:
        for result in pool.map(encoder.transform, [table] * 8):
            np.testing.assert_array_equal(result, outputs)
        for result in pool.map(encoder._encode, [values] * 8):
            np.testing.assert_array_equal(result, outputs)


def test_outputs_follow_their_formulas():
    v = np.array([[0.25, -3.0], [2.5, 1.0], [9.0, 2.0]])
    encoding = Encoding(
        [
            Output("", 1),
            Output("", 0, 1.0, 0.0, 1.0),
            Output("", 1, 2.0, one_hot=True),
        ],
        np.dtype(np.float64),
    )
    np.testing.assert_array_equal(encoding(v), [[-3, 0, 0], [1, 1, 0], [2, 1, 1]])


def test_float64_outputs_are_those_of_float32_to_a_rounding(table, outputs):
    exact = TableEncoder(n_bins=5, max_levels=2, dtype=np.float64).fit_transform(table)
    # a position among the bins is rounded to 2^-24 of up to 5
    np.testing.assert_allclose(outputs, exact, rtol=2**-23, atol=5 * 2**-24)
