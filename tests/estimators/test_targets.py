"""standardize_target: training on (y - mean) / scale, everything else in y's units."""

import pickle

import numpy as np
import pytest
from matrix import matrix
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import mean_squared_error, r2_score

from sknn_scratch import DeepNetRegressor, ShallowNetRegressor
from sknn_scratch._training.watch import observe
from sknn_scratch.hdf5 import load_model, save_model

SOLVERS = ["gd", "sgd", "rmsprop", "adam", "adamw", "lbfgs"]
# loss -> its parameters for y of size 1, and the power of the scale in its units
LOSSES = {"squared_error": 2, "absolute_error": 1, "huber": 2, "quantile": 1}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def rows():
    rng = np.random.RandomState(0)
    X = rng.randn(150, 3)
    return X, np.sin(2 * X[:, 0]) + X[:, 1] + 0.1 * rng.randn(150) + 3


def net(loss="squared_error", scale=1.0, **options):
    """A small network; huber_delta grows with y."""
    if loss == "huber":
        options["huber_delta"] = 0.4 * scale
    if loss == "quantile":
        options["quantile"] = 0.7
    usual = {"hidden_layer_sizes": (8,), "random_state": 0, "max_iter": 8, "alpha": 2.0}
    usual["init"] = "xavier"
    return DeepNetRegressor(loss, **usual | options)


# -- y of any size ---------------------------------------------------------------------


@matrix("solver", SOLVERS, "adam")
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("scale", [2.0**-20, 2.0**30])
def test_powers_of_2_times_y_change_no_bit(rows, solver, loss, scale):
    X, y = rows
    one = net(loss, solver=solver).fit(X, y)
    other = net(loss, scale, solver=solver).fit(X, scale * y)
    assert_array_equal(other.predict(X), scale * one.predict(X))
    unit = scale ** LOSSES[loss]
    assert other.loss_curve_ == [unit * J for J in one.loss_curve_]
    assert other.loss_ == unit * one.loss_


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1e3, 1e9])
def test_y_of_any_size_is_learned_alike(rows, loss, scale):
    X, y = rows
    options = {"max_iter": 500, "learning_rate_init": 0.02}
    one = net(loss, **options).fit(X, y)
    other = net(loss, scale, **options).fit(X, scale * (y + 100))
    assert one.n_iter_ == other.n_iter_ < 500
    # y + 100 has lost two of its digits, and some hundred epochs add to that
    assert_allclose(other.predict(X) / scale - 100, one.predict(X), atol=1e-6)
    assert r2_score(scale * y, other.predict(X) - 100 * scale) > 0.8


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_y_at_the_ends_of_the_range_is_learned(rows, scale):
    X, y = rows
    one = net().fit(X, y).predict(X)
    model = net().fit(X, scale * y)
    assert_allclose(model.predict(X) / scale, one, rtol=1e-9)
    assert np.isfinite(model.loss_curve_).all()


@matrix("solver", SOLVERS, "adam")
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_a_training_on_targets_standardised_by_hand(
    rows, rng, solver, loss, dtype
):
    X, y = rows[0].astype(dtype), 50 * rows[1]
    w = rng.uniform(0.5, 2, 150)
    mean = np.average(y, weights=w)
    scale = np.sqrt(np.average((y - mean) ** 2, weights=w))
    model = net(loss, 50, solver=solver).fit(X, y, w)
    by_hand = net(loss, 50 / scale, solver=solver, standardize_target=False)
    by_hand.fit(X, (y - mean) / scale, w)
    rtol = 1e-5 if dtype == np.float32 else 1e-9
    assert_allclose(
        model.predict(X), by_hand.predict(X) * scale + mean, rtol=rtol, atol=50 * rtol
    )
    unit = scale ** LOSSES[loss]
    expected = np.multiply(by_hand.loss_curve_, unit)
    assert_allclose(model.loss_curve_, expected, rtol=100 * rtol)


def test_weights_are_repetition(rows, rng):
    X, y = rows
    w = rng.randint(0, 4, 150)
    weighted = net(solver="lbfgs").fit(X, y, w)
    repeated = net(solver="lbfgs").fit(np.repeat(X, w, axis=0), np.repeat(y, w))
    assert_allclose(weighted._target.scale, repeated._target.scale, rtol=1e-12)
    assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-4)


def test_each_column_has_its_scale(rows):
    X, y = rows
    Y = np.column_stack([y, y**2, -y])
    units = [1.0, 1e6, 1e-6]
    one, other = net().fit(X, Y), net().fit(X, Y * units)
    assert_allclose(other.predict(X) / units, one.predict(X), rtol=1e-9)


@pytest.mark.parametrize("value", [0.0, 0.1, -7e12])
def test_a_constant_y_is_predicted(rows, value):
    X, y = rows
    Y = np.column_stack([y, np.full(150, value)])
    model = net(max_iter=500, alpha=0, learning_rate_init=0.02).fit(X, Y)
    # of a constant the scale is 1: the network's own error is left
    assert_allclose(model.predict(X)[:, 1], value, rtol=1e-12, atol=0.2)
    assert model._target.scale[1] == 1


def test_float32_learns_y_that_is_far_from_0(rows):
    X, y = rows
    y = 1e6 + 1e3 * y
    options = {"max_iter": 300, "learning_rate_init": 0.02}
    model = net(**options).fit(X.astype(np.float32), y)
    assert r2_score(y, model.predict(X.astype(np.float32))) > 0.8


def test_digits_that_float32_cannot_predict_are_named(rows):
    X, y = rows
    with pytest.warns(UserWarning, match="predictions in float32 lose 9 of their 7"):
        net().fit(X.astype(np.float32), 1e9 + y)


def test_counts_are_not_standardised(rows):
    X, y = rows
    models = [net("poisson", standardize_target=on) for on in (True, False)]
    one, other = (model.fit(X, np.round(y)) for model in models)
    assert_array_equal(one.coefs_[-1], other.coefs_[-1])
    assert one.loss_curve_ == other.loss_curve_


@pytest.mark.parametrize(
    ("loss", "on", "init"),
    [
        ("squared_error", True, "xavier"),
        ("squared_error", False, "he"),
        ("poisson", True, "he"),
    ],
)
def test_first_outputs_are_small_beside_standardised_targets(rows, loss, on, init):
    X, y = rows[0], np.abs(rows[1])
    # one step that is too short to be seen
    options = {"standardize_target": on, "learning_rate_init": 1e-300, "max_iter": 1}
    auto, named = (net(loss, init=name, **options).fit(X, y) for name in ("auto", init))
    assert_array_equal(auto.coefs_[0], named.coefs_[0])


# -- what it is learned from -----------------------------------------------------------


def test_rows_held_out_do_not_count(rows):
    X, y = rows
    y = y.copy()
    model = net(early_stopping=True).fit(X, y)
    train_mean = model._target.mean
    assert train_mean[0] != pytest.approx(y.mean(), rel=1e-6)
    with_others = net().fit(X, y, X_val=X, y_val=1e3 * y)
    assert with_others._target.mean[0] == pytest.approx(y.mean())
    assert_array_equal(with_others.predict(X), net().fit(X, y).predict(X))


@pytest.mark.parametrize("loss", LOSSES)
def test_validation_losses_are_in_the_units_of_y(rows, loss):
    X, y = rows
    model = net(loss, 100, alpha=0).fit(X, 100 * y, X_val=X, y_val=100 * y)
    plain = net(loss, 100, alpha=0, standardize_target=False, max_iter=1)
    plain.fit(X, 100 * y)
    for key in ("coefs_", "intercepts_"):
        for to, of in zip(getattr(plain, key), getattr(model, key), strict=True):
            to[...] = of
    plain.set_params(warm_start=True, learning_rate_init=1e-300).fit(X, 100 * y)
    assert model.validation_loss_curve_[-1] == pytest.approx(plain.loss_curve_[0])
    assert model.validation_scores_[-1] == -model.validation_loss_curve_[-1]


def test_scorers_see_predictions_in_the_units_of_y(rows):
    X, y = rows
    model = net(early_stopping=True, scoring="neg_mean_squared_error")
    model.fit(X, 1e3 * y, X_val=X, y_val=1e3 * y)
    squares = np.multiply(2, model.validation_loss_curve_)
    assert_allclose(model.validation_scores_, -squares, rtol=1e-9)


def test_partial_fits_keep_the_scale_of_the_first(rows):
    X, y = rows
    model = net().partial_fit(X, y)
    first = model._target
    for factor in (10, 1e4):
        model.partial_fit(X, factor * y)
    assert model._target == first


def test_a_warm_start_keeps_the_scale(rows):
    X, y = rows
    model = net(warm_start=True).fit(X, y)
    first = model._target
    assert model.fit(X, 10 * y)._target == first
    assert net().fit(X, 10 * y)._target != first


@pytest.mark.parametrize("first", [False, True])
def test_a_warm_start_may_turn_it_on_and_off(rows, first):
    X, y = rows
    options = {"solver": "lbfgs", "alpha": 0, "max_iter": 50, "warm_start": True}
    model = net(standardize_target=first, **options).fit(X, y)
    cost = model.loss_
    model.set_params(standardize_target=not first).fit(X, y)
    assert model.loss_curve_[0] == pytest.approx(cost, rel=1e-9)


# -- going on --------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
def test_partial_fits_are_the_epochs_of_a_fit(rows, solver):
    X, y = rows
    options = {"solver": solver, "tol": 0, "learning_rate_init": 0.01}
    once, parts = net(max_iter=5, **options).fit(X, y), net(**options)
    for _ in range(5):
        parts.partial_fit(X, y)
    assert_allclose(parts.predict(X), once.predict(X), rtol=1e-12)
    assert_allclose(parts.loss_curve_, once.loss_curve_, rtol=1e-12)


def test_a_warm_start_with_its_moments_goes_on_where_it_was(rows):
    X, y = rows
    once = net(max_iter=6, tol=0).fit(X, y)
    parts = net(max_iter=3, tol=0, warm_start=True, keep_optimizer_state=True)
    parts.fit(X, y).fit(X, y)
    assert_allclose(parts.predict(X), once.predict(X), rtol=1e-12)


@pytest.mark.parametrize("options", [{}, {"standardize": True}], ids=str)
@pytest.mark.parametrize("how", ["partial_fit", "warm_start"])
@pytest.mark.parametrize("kept", ["file", "pickle"])
def test_what_was_kept_goes_on_to_the_same_bits(rows, options, how, kept, tmp_path):
    X, y = rows[0], 1e4 * rows[1]
    model = net(warm_start=how == "warm_start", **options).fit(X, y)
    if kept == "file":
        save_model(model, tmp_path / "model.h5")
        again = load_model(tmp_path / "model.h5")
    else:
        again = pickle.loads(pickle.dumps(model))
    for each in (model, again):
        each.partial_fit(X, y) if how == "partial_fit" else each.fit(X, y)
    assert_array_equal(again.predict(X), model.predict(X))
    assert again.loss_curve_ == model.loss_curve_


def test_a_checkpoint_goes_on_to_the_same_bits(rows, tmp_path):
    X, y = rows[0], 1e6 * rows[1]
    options = {"checkpoint": tmp_path / "training.h5", "early_stopping": True}

    def stop(epoch, max_iter, J, theta):
        return epoch == 3

    with observe(stop):
        net(**options).fit(X, y)
    resumed, whole = net(**options).fit(X, y), net(early_stopping=True).fit(X, y)
    assert_array_equal(resumed.predict(X), whole.predict(X))
    assert resumed.loss_curve_ == whole.loss_curve_


def test_a_checkpoint_of_another_standardize_target_is_refused(rows, tmp_path):
    X, y = rows
    options = {"checkpoint": tmp_path / "training.h5", "max_iter": 2}
    net(**options).fit(X, y)
    with pytest.raises(ValueError, match="with standardize_target=True, now it is"):
        net(standardize_target=False, **options).fit(X, y)


# -- who is told of it -----------------------------------------------------------------


def test_listeners_are_told_costs_in_the_units_of_y(rows, capsys):
    X, y = rows
    seen = []
    with observe(lambda epoch, last, J, theta: seen.append(J)):
        model = net(verbose=True).fit(X, 1e3 * y)
    assert seen == model.loss_curve_
    printed = [
        float(line.split("= ")[1]) for line in capsys.readouterr().out.split("\n")[:-1]
    ]
    assert_allclose(printed, model.loss_curve_, atol=1e-8)


def test_the_loss_is_that_of_the_predictions(rows):
    X, y = rows[0], 1e5 * rows[1]
    model = ShallowNetRegressor(5, solver="lbfgs", alpha=0, random_state=0).fit(X, y)
    half = mean_squared_error(y, model.predict(X)) / 2
    assert model.loss_ == pytest.approx(half, rel=1e-9)


def test_a_bad_scale_of_y_is_named_before_that_of_features(rows):
    X, y = rows
    model = net(standardize_target=False, solver="lbfgs", max_iter=3)
    with pytest.warns(match="vary by .*: standardize_target=True may be") as seen:
        model.fit(X * [1, 1e3, 1], 1e6 * y)
    assert not any("standardize=True" in str(found.message) for found in seen)
