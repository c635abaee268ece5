"""What holds for all five estimators and every solver: epochs, weights, ends."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone, is_classifier

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from sknn_scratch._engine.losses import CLASSIFICATION, LOSSES
from sknn_scratch._engine.optimizers import OPTIMIZERS
from sknn_scratch._fit.inputs import hold_out

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:.*makes no use of"),
]
STEPPING = [*OPTIMIZERS]
NETS = {
    "DeepNetClassifier": DeepNetClassifier((6,)),
    "ShallowNetClassifier": ShallowNetClassifier(6),
    "ShallowNetRegressor": ShallowNetRegressor(6),
    **{
        f"DeepNetRegressor of {loss}": DeepNetRegressor(
            hidden_layer_sizes=(6,), loss=loss
        )
        for loss in LOSSES
        if loss not in CLASSIFICATION
    },
}
LOGISTIC = LogisticRegressionScratch()


def each(*solvers):
    """Every estimator with those of the solvers that it has."""
    cases = [
        (name, solver) for name in NETS for solver in solvers if solver != "newton"
    ]
    mine = {"newton", "lbfgs", "gd", "sgd", "adam"}
    cases += [("LogisticRegressionScratch", s) for s in solvers if s in mine]
    return pytest.mark.parametrize(("name", "solver"), cases)


def made(name, solver, **options):
    """The estimator, for five epochs of batches of 16."""
    options = {"max_iter": 5, "tol": 0, "random_state": 0, "solver": solver, **options}
    if solver in OPTIMIZERS:
        options["learning_rate_init"] = 0.01
    return clone(NETS.get(name, LOGISTIC)).set_params(batch_size=16, **options)


def on_y_itself(model):
    """The model without the scale of y, which costs the last bit where calls meet."""
    if is_classifier(model):
        return model
    return model.set_params(standardize_target=False)


@pytest.fixture
def rows(blobs, name):
    """X, and labels or numbers of 0 and above, which every loss takes."""
    X, y = blobs
    if "Regressor" not in name:
        return X, y
    return X, np.abs(X[:, 0] + np.sin(X[:, 1]))


def values(model):
    return np.concatenate([value.ravel() for value in model.parameters_.values()])


@pytest.mark.parametrize("solver", STEPPING)
@pytest.mark.parametrize("name", NETS)
def test_partial_fits_are_the_epochs_of_a_fit(rows, name, solver):
    X, y = rows
    once, parts = (on_y_itself(made(name, solver)) for _ in range(2))
    once.fit(X, y)
    for _ in range(5):
        parts.partial_fit(
            X, y, **({"classes": [0, 1, 2]} if is_classifier(parts) else {})
        )
    assert_array_equal(values(parts), values(once))
    assert parts.loss_curve_ == once.loss_curve_
    assert parts.n_iter_ == once.n_iter_ == 5
    assert parts.t_ == once.t_


@pytest.mark.parametrize("options", [{}, {"standardize": True}], ids=repr)
@each(*STEPPING, "lbfgs", "newton")
def test_rows_of_weight_zero_are_absent_to_the_bit(rows, rng, name, solver, options):
    X, y = rows
    w = rng.uniform(0.5, 2, 90) * (rng.rand(90) > 0.4)
    kept = w > 0
    weighted = made(name, solver, **options).fit(X, y, w)
    absent = made(name, solver, **options).fit(X[kept], y[kept], w[kept])
    assert_array_equal(values(weighted), values(absent))


@each("gd", "lbfgs", "newton")
def test_whole_weights_are_repetition_for_solvers_on_all_rows(rows, rng, name, solver):
    X, y = rows
    w = rng.randint(0, 4, 90)
    options = {"alpha": 1} if name in NETS else {}
    weighted = made(name, solver, max_iter=10, **options).fit(X, y, w)
    repeated = made(name, solver, max_iter=10, **options)
    repeated.fit(np.repeat(X, w, axis=0), np.repeat(y, w))
    # ten steps from sums in another order; steps of the logarithm of a mean are longer
    rtol, atol = (1e-6, 1e-8) if is_classifier(weighted) else (1e-5, 1e-7)
    assert_allclose(values(weighted), values(repeated), rtol=rtol, atol=atol)


@each("gd")
def test_a_warm_start_goes_on_where_it_was(rows, name, solver):
    X, y = rows
    twice = on_y_itself(made(name, solver, warm_start=True)).fit(X, y).fit(X, y)
    once = on_y_itself(made(name, solver, max_iter=10)).fit(X, y)
    assert_array_equal(values(twice), values(once))
    assert np.max(twice.n_iter_) == 5


@each("adam")
def test_a_warm_start_holds_out_the_same_rows(rows, name, solver, monkeypatch):
    held = []

    def seen(*arguments, **strata):
        train, rest = hold_out(*arguments, **strata)
        held.append(rest.X.copy())
        return train, rest

    monkeypatch.setattr("sknn_scratch._fit.prepare.hold_out", seen)
    model = made(name, solver, early_stopping=True, warm_start=True)
    for _ in range(3):
        model.fit(*rows)
    assert_array_equal(held[0], held[1])
    assert_array_equal(held[0], held[2])


@each(*STEPPING, "lbfgs", "newton")
def test_early_stopping_returns_to_the_best_epoch(rows, name, solver):
    X, y = rows
    options = {"early_stopping": True, "max_iter": 30}
    model = made(name, solver, **options).fit(X, y)
    losses = model.validation_loss_curve_
    assert len(losses) == len(model.loss_curve_) == np.max(model.n_iter_)
    assert model.best_epoch_ == np.argmin(losses) + 1
    assert model.validation_scores_ == [-J for J in losses]
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.best_loss_ is None
    if solver not in ("gd", "lbfgs", "newton"):  # which know the cost after the epoch
        assert model.loss_ == model.loss_curve_[model.best_epoch_ - 1]
    # the same training, stopped at that epoch, has those parameters
    shorter = made(name, solver, **{**options, "max_iter": model.best_epoch_})
    assert_array_equal(values(shorter.fit(X, y)), values(model))
