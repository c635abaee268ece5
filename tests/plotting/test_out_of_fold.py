"""OutOfFoldDisplay: every number against the out-of-fold attributes of the ensemble."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.calibration import calibration_curve
from sklearn.datasets import make_friedman1
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import TabularNetClassifier, TabularNetRegressor
from sknn_scratch.plotting import OutOfFoldDisplay
from sknn_scratch.plotting._out_of_fold import POINTS, reliability

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 4, "random_state": 0}
RNG = np.random.RandomState(0)
X = RNG.randn(150, 3)
BINARY = np.where(X[:, 0] + RNG.randn(150) > 0, "yes", "no")
THREE = np.digitize(X[:, 0] + RNG.randn(150), [-0.5, 0.5])
LABELS = (X + RNG.randn(150, 3) > 0).astype(int)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def classifier(y, **parameters):
    return TabularNetClassifier(**{**SMALL, **parameters}).fit(X, y)


@pytest.fixture(scope="module")
def regression():
    X, y = make_friedman1(300, noise=1, random_state=0)
    return TabularNetRegressor(**SMALL).fit(X, y), y


def legend(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


# -- probabilities ---------------------------------------------------------------------


def test_two_classes_have_the_probability_of_the_second():
    model = classifier(BINARY)
    display = OutOfFoldDisplay.from_estimator(model, BINARY)
    p = 1 / (1 + np.exp(-model.oof_decision_function_))
    assert_allclose(display.predicted, p, rtol=1e-12)
    assert_array_equal(display.true, BINARY == "yes")
    assert display.ax_.get_xlabel() == "probability of “yes”, out of fold"
    assert display.ax_.get_ylabel() == "share of “yes”"


def test_more_classes_have_the_probability_of_the_predicted_one():
    model = classifier(THREE)
    display = OutOfFoldDisplay.from_estimator(model, THREE)
    log_p = model.oof_decision_function_
    assert_allclose(display.predicted, np.exp(log_p).max(axis=1), rtol=1e-12)
    assert display.true.mean() == pytest.approx(model.oof_score_)


def test_several_labels_share_one_curve():
    model = classifier(LABELS)
    display = OutOfFoldDisplay.from_estimator(model, LABELS)
    p = 1 / (1 + np.exp(-model.oof_decision_function_))
    assert_allclose(display.predicted, p.ravel(), rtol=1e-12)
    assert_array_equal(display.true, LABELS.ravel())


@pytest.mark.parametrize("n_bins", [4, 10])
def test_the_curve_is_scikit_learn_s_of_bins_of_as_many_rows(n_bins):
    model = classifier(BINARY)
    display = OutOfFoldDisplay.from_estimator(model, BINARY, n_bins=n_bins)
    for line, p in zip(
        display.lines_, (display.predicted, display.before), strict=True
    ):
        share, mean = calibration_curve(
            BINARY == "yes", p, n_bins=n_bins, strategy="quantile"
        )
        assert_allclose(line.get_xdata(), mean, rtol=1e-12)
        assert_allclose(line.get_ydata(), share, rtol=1e-12)


def test_before_the_temperature_log_odds_are_t_times_as_large():
    model = classifier(BINARY)
    display = OutOfFoldDisplay.from_estimator(model, BINARY)
    e = 1 / (len(BINARY) + 1)
    after, before = ((p - e / 2) / (1 - e) for p in (display.predicted, display.before))
    ratio = np.log(before / (1 - before)) / np.log(after / (1 - after))
    T = model.temperature_
    assert_allclose(ratio, T, rtol=1e-6)
    assert pytest.approx(1) != T
    assert legend(display) == [
        "perfectly calibrated",
        f"TabularNetClassifier, T = {T:.3g}",
        "TabularNetClassifier, before, T = 1",
    ]


def test_a_weight_of_2_counts_as_a_row_twice():
    p, true = RNG.rand(40), RNG.rand(40) > 0.5
    w = np.where(np.arange(40) % 3, 1, 2)
    # one bin: the edges of several are quantiles of the rows, whatever they weigh
    twice = np.repeat(np.arange(40), w)
    for found, expected in zip(
        reliability(p, true, w, 1), reliability(p[twice], true[twice], None, 1),
        strict=True,
    ):  # fmt: skip
        assert_allclose(found, expected, rtol=1e-12)


def test_rows_that_no_member_held_out_are_not_drawn():
    model = classifier(BINARY, n_members=2)
    display = OutOfFoldDisplay.from_estimator(model, BINARY)
    assert len(display.predicted) == 60  # two folds of five


def test_line_kw_changes_the_curve_and_not_that_before():
    model = classifier(BINARY)
    display = OutOfFoldDisplay.from_estimator(model, BINARY, line_kw={"marker": "s"})
    assert [line.get_marker() for line in display.lines_] == ["s", "None"]
    assert display.lines_[0].get_color() == display.lines_[1].get_color()
    assert (display.points_, display.band_) == (None, None)


# -- numbers ---------------------------------------------------------------------------


def test_numbers_stand_above_their_predictions(regression):
    model, y = regression
    display = OutOfFoldDisplay.from_estimator(model, y)
    points = np.asarray(display.points_.get_offsets())
    assert_array_equal(points[:, 0], model.oof_prediction_)
    assert_array_equal(points[:, 1], y)
    assert display.lines_ == []
    ends = [model.oof_prediction_.min(), model.oof_prediction_.max()]
    assert display.ideal_.get_xdata().tolist() == ends
    assert display.ideal_.get_ydata().tolist() == ends


@pytest.mark.parametrize("coverage", [0.5, 0.9])
def test_the_band_holds_its_share_of_the_rows(regression, coverage):
    model, y = regression
    display = OutOfFoldDisplay.from_estimator(model, y, coverage=coverage)
    m, inside = len(y), abs(y - model.oof_prediction_) <= display.half_width
    assert inside.sum() == np.ceil(coverage * (m + 1))
    assert f"{100 * coverage:g} % interval" in legend(display)
    low, high = display.band_.get_datalim(display.ax_.transData).intervaly
    ends = display.ideal_.get_ydata()
    assert low == pytest.approx(ends[0] - display.half_width)
    assert high == pytest.approx(ends[1] + display.half_width)


def test_too_few_rows_for_the_coverage_have_no_band():
    y = RNG.randn(15)
    model = TabularNetRegressor(**SMALL).fit(X[:15], y)
    display = OutOfFoldDisplay.from_estimator(model, y, coverage=0.99)
    assert display.half_width == np.inf
    assert display.band_ is None


def test_output_chooses_a_column():
    Y = np.stack([X[:, 0], 100 * X[:, 1]], axis=1)
    model = TabularNetRegressor(**SMALL).fit(X, Y)
    display = OutOfFoldDisplay.from_estimator(model, Y, output=1)
    assert_array_equal(display.predicted, model.oof_prediction_[:, 1])
    assert_array_equal(display.true, Y[:, 1])


def test_a_quantile_is_drawn_without_a_band():
    y = X[:, 0]
    model = TabularNetRegressor(loss="quantile", quantile=[0.1, 0.9], **SMALL)
    display = OutOfFoldDisplay.from_estimator(model.fit(X, y), y, output=1)
    assert_array_equal(display.predicted, model.oof_prediction_[:, 1])
    assert_array_equal(display.true, y)
    assert display.band_ is None


def test_of_several_levels_the_middle_one_is_drawn_and_named():
    y = X[:, 0]
    model = TabularNetRegressor(loss="quantile", quantile=[0.1, 0.6, 0.9], **SMALL)
    display = OutOfFoldDisplay.from_estimator(model.fit(X, y), y)
    assert_array_equal(display.predicted, model.oof_prediction_[:, 1])
    assert display.ax_.get_xlabel() == "quantile 0.6, predicted out of fold"


def test_of_many_rows_some_are_drawn():
    x = np.arange(POINTS + 10.0)
    display = OutOfFoldDisplay(predicted=x, true=x).plot()
    assert len(display.points_.get_offsets()) == POINTS


def test_scatter_kw_reaches_the_points(regression):
    display = OutOfFoldDisplay.from_estimator(*regression, scatter_kw={"s": 4})
    assert display.points_.get_sizes().tolist() == [4]


# -- what is given ---------------------------------------------------------------------


def test_a_pipeline_shows_its_last_step():
    y = X[:, 0]
    model = make_pipeline(StandardScaler(), TabularNetRegressor(**SMALL)).fit(X, y)
    display = OutOfFoldDisplay.from_estimator(model, y)
    assert display.name == "TabularNetRegressor"
    assert_array_equal(display.predicted, model[-1].oof_prediction_)


def test_weights_of_the_fit_are_those_of_the_curve():
    w = RNG.randint(0, 3, 150).astype(float)
    model = TabularNetClassifier(**SMALL).fit(X, BINARY, w)
    display = OutOfFoldDisplay.from_estimator(model, BINARY, sample_weight=w, n_bins=1)
    share = np.average(BINARY == "yes", weights=w)
    assert display.lines_[0].get_ydata() == pytest.approx([share])


def test_what_cannot_be_drawn_is_named(regression):
    model, y = regression
    with pytest.raises(TypeError, match="TabularNetClassifier or .* LinearRegression"):
        OutOfFoldDisplay.from_estimator(LinearRegression(), y)
    with pytest.raises(NotFittedError):
        OutOfFoldDisplay.from_estimator(TabularNetRegressor(), y)
    with pytest.raises(ValueError, match="y must be that of fit"):
        OutOfFoldDisplay.from_estimator(model, y[:9])
    with pytest.raises(ValueError, match="coverage must be a probability"):
        OutOfFoldDisplay.from_estimator(model, y, coverage=90)
    with pytest.raises(ValueError, match="output must be below 1.* got 1"):
        OutOfFoldDisplay.from_estimator(model, y, output=1)
    with pytest.raises(ValueError, match="n_bins must be at least 1, got 0"):
        OutOfFoldDisplay.from_estimator(model, y, n_bins=0)
    one_row = TabularNetRegressor(**SMALL).fit(X[:1], [1.0])
    with pytest.raises(ValueError, match="members that held rows out, got none"):
        OutOfFoldDisplay.from_estimator(one_row, [1.0])
    assert plt.get_fignums() == []
