"""loss="quantile": what is found, for one level and for several."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import QuantileRegressor
from sklearn.metrics import d2_pinball_score, mean_pinball_loss

from sknn_scratch import DeepNetRegressor, ShallowNetRegressor
from sknn_scratch.export import to_python
from sknn_scratch.hdf5 import load_model, save_model

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
LEVELS = [0.05, 0.5, 0.95]


@pytest.fixture(scope="module")
def cone():
    """Noise whose deviation grows with the first feature."""
    rng = np.random.RandomState(0)
    X = rng.uniform(0, 2, (3000, 2))
    return X, 1e4 * (X[:, 1] + (0.2 + X[:, 0]) * rng.randn(3000))


def net(quantile=0.5, **options):
    usual = {"hidden_layer_sizes": (16,), "random_state": 0, "learning_rate_init": 0.01}
    return DeepNetRegressor("quantile", quantile=quantile, **usual | options)


@pytest.mark.parametrize(
    ("level", "weights", "expected"),
    [
        (0.5, None, 16.0),
        (0.85, None, 128.0),  # between 7 / 9 and 8 / 9 of the rows
        (0.15, None, 2.0),
        (0.5, [1.0, 1, 1, 6, 1, 1, 1, 1, 1], 8.0),  # of 14 the first 3 hold 3, 4 hold 9
    ],
)
def test_without_features_it_is_the_weighted_quantile(level, weights, expected):
    y = np.array([1.0, 2, 4, 8, 16, 32, 64, 128, 256])
    model = net(
        level, hidden_layer_sizes=(), init="zeros", solver="gd", max_iter=1000,
        learning_rate_init=2.0, learning_rate="exponential",
        learning_rate_decay=0.97, tol=0, n_iter_no_change=np.inf,
    )  # fmt: skip
    model.fit(np.zeros((9, 1)), y, weights)
    # the last steps are shorter than 80 * 2 * 0.97^999 = 1e-11
    assert model.intercepts_[0][0] == pytest.approx(expected, abs=1e-6)


def test_a_linear_network_is_scikit_learn_s_quantile_regression(cone):
    X, y = cone[0][:300], cone[1][:300]
    theirs = QuantileRegressor(quantile=0.8, alpha=0).fit(X, y)
    ours = net(
        0.8, hidden_layer_sizes=(), alpha=0, batch_size=300, max_iter=2000, tol=0,
        learning_rate="cosine", n_iter_no_change=np.inf,
    ).fit(X, y)  # fmt: skip
    losses = [mean_pinball_loss(y, m.predict(X), alpha=0.8) for m in (ours, theirs)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


@pytest.mark.parametrize("level", LEVELS)
def test_as_many_rows_as_the_level_says_lie_below(cone, level):
    X, y = cone
    model = net(level, max_iter=60).fit(X[:2000], y[:2000])
    share = np.mean(y[2000:] <= model.predict(X[2000:]))
    # two standard errors of a share of 1000 rows, and one of what was learned
    assert share == pytest.approx(level, abs=3 * np.sqrt(level * (1 - level) / 1000))


def test_several_levels_are_learned_at_once_and_never_cross(cone):
    X, y = cone
    model = net(LEVELS, max_iter=60).fit(X[:2000], y[:2000])
    P = model.predict(X[2000:])
    assert P.shape == (1000, 3)
    assert (np.diff(P, axis=1) >= 0).all()
    shares = (y[2000:, None] <= P).mean(axis=0)
    assert_allclose(shares, LEVELS, atol=0.045)
    wide, narrow = X[2000:, 0] > 1.5, X[2000:, 0] < 0.5
    width = P[:, 2] - P[:, 0]
    assert width[wide].mean() > 2 * width[narrow].mean()


def test_quantiles_that_cross_are_sorted(cone):
    X, y = cone
    model = net([0.1, 0.9], hidden_layer_sizes=(), max_iter=1).fit(X, y)
    model.intercepts_[0][:] = [1e9, -1e9]
    assert (np.diff(model.predict(X), axis=1) > 0).all()


def test_one_level_in_a_list_keeps_its_column(cone):
    X, y = cone
    one, listed = net(0.9, max_iter=2).fit(X, y), net([0.9], max_iter=2).fit(X, y)
    assert_array_equal(listed.predict(X), one.predict(X)[:, None])
    assert listed.score(X, y) == one.score(X, y)


def test_several_targets_have_one_level(cone):
    X, y = cone
    Y = np.column_stack([y, -y])
    model = net(0.9, max_iter=2).fit(X, Y)
    assert model.predict(X).shape == Y.shape
    with pytest.raises(ValueError, match="must be one level for y of 2 columns, got"):
        net([0.1, 0.9]).fit(X, Y)


@pytest.mark.parametrize(
    "bad", [[0.5, 0.1], [0.5, 0.5], [0.1, 1.0], [], [[0.1], [0.2]], ["a"], [np.nan]]
)
def test_levels_that_are_none_are_refused(cone, bad):
    with pytest.raises(ValueError, match="quantile must be a number between 0 and 1"):
        net(bad).fit(*cone)


@pytest.mark.parametrize("bad", [0, 1, 1.5, None])
def test_a_number_that_is_no_level_is_refused(cone, bad):
    with pytest.raises(ValueError, match="'quantile' parameter"):
        net(bad).fit(*cone)


def test_other_losses_make_no_use_of_it(cone):
    X, y = cone
    model = ShallowNetRegressor(2, quantile=0.9, max_iter=1)
    with pytest.warns(UserWarning, match="makes no use of quantile=0.9"):
        model.fit(X, y)


def test_the_score_is_d2_of_the_pinball_loss(cone):
    X, y = cone
    model = net(LEVELS, max_iter=5).fit(X, y)
    each = [
        d2_pinball_score(y, column, alpha=level)
        for column, level in zip(model.predict(X).T, LEVELS, strict=True)
    ]
    assert model.score(X, y) == pytest.approx(np.mean(each))
    assert 0 < model.score(X, y) < 1


def test_a_model_is_judged_by_the_levels_it_was_fitted_to(cone):
    X, y = cone
    model = net(0.9, max_iter=5).fit(X, y)
    expected = model.score(X, y)
    assert model.set_params(quantile=0.1).score(X, y) == expected


@pytest.mark.parametrize("quantile", [0.9, LEVELS], ids=str)
def test_a_loaded_model_predicts_and_goes_on_alike(cone, quantile, tmp_path):
    X, y = cone
    model = net(quantile, max_iter=3).fit(X, y)
    save_model(model, tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert_array_equal(again.predict(X), model.predict(X))
    assert again.score(X, y) == model.score(X, y)
    model.partial_fit(X, y), again.partial_fit(X, y)
    assert_array_equal(again.predict(X), model.predict(X))


def test_one_level_is_exported_and_several_are_refused(cone):
    X, y = cone
    assert "def " in to_python(net(0.9, max_iter=1).fit(X, y))
    with pytest.raises(ValueError, match="one level of loss='quantile' to be exported"):
        to_python(net(LEVELS, max_iter=1).fit(X, y))


def test_early_stopping_may_judge_by_the_score(cone):
    X, y = cone
    model = net(LEVELS, early_stopping=True, scoring=None, max_iter=5).fit(X, y)
    assert len(model.validation_scores_) == 5
