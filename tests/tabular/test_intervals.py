"""Intervals from residuals: the ranks of CV+ by their definition."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from sknn_scratch._tabular.intervals import Residuals


def by_definition(centres, residuals, coverage):
    """The ceil(coverage (n + 1))-th smallest of mu_k(x) + R_i, for one x."""
    values = np.sort(
        np.concatenate([mu + r for mu, r in zip(centres, residuals, strict=True)])
    )
    rank = math.ceil(coverage * (len(values) + 1) * (1 - 1e-12))
    return values[rank - 1] if rank <= len(values) else np.inf


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
    st.floats(0.05, 0.99),
    st.integers(0, 10**6),
)
def test_the_upper_end_has_the_rank_of_cv_plus(sizes, coverage, seed):
    rng = np.random.RandomState(seed)
    residuals = [rng.rand(n).round(1) for n in sizes]  # with ties
    centres = 10 * rng.randn(len(sizes), 3)
    found = Residuals(residuals, [np.ones(n) for n in sizes]).upper(centres, coverage)
    for x in range(3):
        expected = by_definition(centres[:, x], residuals, coverage)
        assert_allclose(found[x], expected, rtol=1e-12, atol=1e-12)


def test_a_weight_is_a_repetition_of_the_row(rng):
    residuals = [rng.rand(40), rng.rand(30)]
    weights = [rng.randint(1, 4, 40), rng.randint(1, 4, 30)]
    centres = rng.randn(2, 5)
    repeated = [np.repeat(r, w) for r, w in zip(residuals, weights, strict=True)]
    ones = [np.ones(len(r)) for r in repeated]
    # the row to come weighs one row of the mean weight, here about 2 of n = 140
    assert_allclose(
        Residuals(residuals, [w.astype(float) for w in weights]).upper(centres, 0.5),
        Residuals(repeated, ones).upper(centres, 0.5),
        atol=0.05,
    )


@pytest.mark.parametrize("coverage", [0.5, 0.9, 0.95])
def test_a_row_that_several_members_held_out_counts_as_one(rng, coverage):
    r, centres, ones = rng.rand(19), rng.randn(1, 4), np.ones(19)
    once = Residuals([r], [ones]).upper(centres, coverage)
    thrice = Residuals([r] * 3, [ones] * 3, 19).upper(
        np.repeat(centres, 3, 0), coverage
    )
    assert_allclose(thrice, once, rtol=1e-12)


def test_too_few_rows_for_the_coverage_give_an_infinite_end():
    residuals = Residuals([np.array([0.1, 0.2])], [np.ones(2)])
    assert residuals.upper(np.zeros((1, 1)), 0.9) == [np.inf]
    assert residuals.upper(np.zeros((1, 1)), 0.6) == pytest.approx(0.2)


@pytest.mark.parametrize("scale", [1e-200, 1e-8, 1.0, 1e8, 1e200])
def test_intervals_have_the_scale_of_the_target(rng, scale):
    r, centres = rng.rand(50), rng.randn(1, 4)
    one = Residuals([r], [np.ones(50)]).upper(centres, 0.8)
    other = Residuals([r * scale], [np.ones(50)]).upper(centres * scale, 0.8)
    assert_allclose(other, one * scale, rtol=1e-12)
