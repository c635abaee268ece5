"""How training ends: what is kept, what belongs together, what is said."""

import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from small_net import SOLVERS, net, warned

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetRegressor,
)
from sknn_scratch._cli.main import main
from sknn_scratch._estimators.access import next_run
from sknn_scratch._estimators.base import BaseNetwork
from sknn_scratch._estimators.convergence import (
    ENDINGS,
    HELD_OUT_TOO,
    course_of,
    judge,
    turn_of,
)
from sknn_scratch._pages.report.training import training
from sknn_scratch._training.objective import Objective
from sknn_scratch._training.run import Baseline
from sknn_scratch._training.watch import observe
from sknn_scratch.hdf5 import load_model, save_dataset
from sknn_scratch.inspection import compare, diagnose

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    X = rng.randn(60, 4)
    return X, (X[:, 0] + X[:, 1] > 0).astype(int)


def theta(model):
    return np.concatenate([v.ravel() for v in model.parameters_.values()])


# -- the last epoch is tried out, too --------------------------------------------------


@pytest.mark.parametrize("solver", ["gd", "sgd"])
@pytest.mark.parametrize("epochs", [1, 3])
def test_a_last_epoch_that_diverges_is_undone(data, solver, epochs):
    wild = {"solver": solver, "learning_rate_init": 1e200, "tol": 0}
    with pytest.warns(ConvergenceWarning, match="below 1e[+]200 .try 1e[+]199"):
        model = net(**wild, max_iter=epochs).fit(*data)
    assert np.isfinite(theta(model)).all()
    assert np.isfinite(model.predict_proba(data[0])).all()
    assert np.isfinite(model.loss_)


def test_a_partial_fit_that_diverges_leaves_the_parameters_it_found(data):
    X, y = data
    model = net(solver="sgd").partial_fit(X, y, classes=[0, 1])
    before = theta(model)
    with pytest.warns(ConvergenceWarning, match="try 1e[+]199"):
        model.set_params(learning_rate_init=1e200).partial_fit(X, y)
    assert_array_equal(theta(model), before)
    model.set_params(learning_rate_init=0.01).partial_fit(X, y)
    assert np.isfinite(model.loss_curve_[-1])


# -- an interrupt ----------------------------------------------------------------------


@pytest.mark.parametrize("at", [1, 2, 4])
def test_an_interrupt_while_scores_are_made_keeps_what_all_have_seen(data, at):
    calls = []

    def score(estimator, X, y):
        calls.append(1)
        if len(calls) == at:
            raise KeyboardInterrupt
        return 1.0 / len(calls)

    model = net(early_stopping=True, scoring=score, max_iter=9, solver="adam")
    with pytest.raises(KeyboardInterrupt):
        model.fit(*data)
    if at == 1:
        assert not hasattr(model, "coefs_")
        return
    whole = at - 1
    curves = [model.loss_curve_, model.validation_loss_curve_]
    curves += [model.validation_scores_, model.learning_rate_curve_]
    assert {len(curve) for curve in curves} == {model.n_iter_} == {whole}
    assert model.best_epoch_ == 1
    assert model.best_validation_score_ == model.validation_scores_[0] == 1.0


def test_training_goes_on_after_an_interrupt_as_if_there_had_been_none(
    data, monkeypatch
):
    X, y = data
    options = {"keep_optimizer_state": True, "batch_size": 20, "tol": 0}
    expected = net(**options, max_iter=4).fit(X, y)
    model, steps = net(**options, max_iter=9), []
    original = Objective.__call__

    def interrupt(*batch):
        steps.append(1)
        if len(steps) == 8:  # the second of three batches of the third epoch
            raise KeyboardInterrupt
        return original(*batch)

    monkeypatch.setattr(Objective, "__call__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    monkeypatch.undo()
    assert model.n_iter_ == 2
    model.partial_fit(X, y).partial_fit(X, y)
    assert_array_equal(theta(model), theta(expected))


def test_after_early_stopping_training_goes_on_from_the_best_epoch(data):
    X, y = data
    scores = iter([0.1, 0.2, 0.9, 0.3, 0.3, 0.3, 0.3])
    options = {"keep_optimizer_state": True, "batch_size": 20, "tol": 0}
    model = net(
        **options,
        early_stopping=True,
        n_iter_no_change=3,
        scoring=lambda *rows: next(scores),
    )
    model.fit(X, y, X_val=X[:5], y_val=y[:5])
    assert (model.n_iter_, model.best_epoch_) == (6, 3)
    expected = net(**options, max_iter=3).fit(X, y)
    assert_array_equal(theta(model), theta(expected))
    model.partial_fit(X, y)
    expected.partial_fit(X, y)
    assert_array_equal(theta(model), theta(expected))


def test_moments_of_partial_fit_are_not_those_of_a_later_warm_start(data):
    X, y = data
    one = net(warm_start=True, max_iter=3, tol=0).partial_fit(X, y, classes=[0, 1])
    other = net(warm_start=True, max_iter=3, tol=0).partial_fit(X, y, classes=[0, 1])
    other._optimizer_state = None  # as a pickle would do
    assert_array_equal(theta(one.fit(X, y)), theta(other.fit(X, y)))


# -- what is said ----------------------------------------------------------------------


def test_noise_of_dropout_is_not_taken_for_a_rate_that_is_too_high(data):
    X, y = data
    slow = {"dropout": 0.5, "learning_rate_init": 1e-3, "n_iter_no_change": 99}
    with pytest.warns(ConvergenceWarning, match="still falling.*raise max_iter") as w:
        DeepNetClassifier((32,), **slow, random_state=0).fit(X, y)
    assert "below" not in str(w[0].message)


def test_an_end_that_is_worse_than_no_answer_at_all_is_said(data):
    X, y = data
    wild = net(solver="sgd", learning_rate_init=5, init="zeros", batch_size=4)
    y = np.random.RandomState(1).randint(2, size=60)
    with pytest.warns(ConvergenceWarning, match="above the 0.693.* than 5"):
        wild.fit(data[0], y)


def test_a_good_end_says_nothing(data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net(solver="lbfgs").fit(*data)
        net(learning_rate_init=0.01, max_iter=999).fit(*data)
        net(learning_rate_init=0.01, max_iter=999, early_stopping=True).fit(*data)


# -- what is said of scores ------------------------------------------------------------


def test_a_score_that_is_no_number_at_all_is_refused(data):
    model = net(early_stopping=True, scoring=lambda e, X, y: np.nan)
    with pytest.raises(ValueError, match="scoring=.* must return a number, got nan"):
        model.fit(*data)


def test_a_scorer_that_fails_is_named(data):
    X, y = data
    model = net(early_stopping=True, scoring=lambda e, X, y: 1.0)
    with pytest.raises(ValueError, match="scoring=.*fails.*must take.*sample_weight"):
        model.fit(X, y, sample_weight=np.ones(60))
    with pytest.raises(ValueError, match="scoring='accuracy' fails"):
        DeepNetRegressor(early_stopping=True, scoring="accuracy").fit(X, X[:, 0])


# -- what is learned belongs to the fit ------------------------------------------------


def test_a_fitted_regressor_predicts_by_the_loss_it_was_fitted_with(data):
    X, _ = data
    model = DeepNetRegressor(hidden_layer_sizes=4, max_iter=5, random_state=0)
    expected = model.fit(X, X[:, 0] + 9).predict(X)
    assert_array_equal(model.set_params(loss="poisson").predict(X), expected)
    assert model.out_activation_ == "identity"


def test_the_result_of_transform_is_the_caller_s(data):
    X, y = data
    model = DeepNetClassifier((), max_iter=2).fit(X, y)
    model.transform(X)[...] = 0
    assert X.any()


# -- scales ----------------------------------------------------------------------------


def test_features_without_a_finite_variance_cannot_be_standardised(data):
    X, y = data
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="standardize=True needs features whose"):
            net(standardize=True).fit(X * 1e200, y)


def test_digits_that_float32_loses_are_named(data):
    X, y = data
    far = (X + 1e6).astype(np.float32)
    with pytest.warns(UserWarning, match="loses 6 of float32's 7 digits"):
        LogisticRegressionScratch(standardize=True).fit(far, y)


def test_chunks_count_by_their_weight_in_the_scale(data):
    X, y = data
    model = net(standardize=True)
    model.partial_fit(X, y, np.full(60, 9.0), classes=[0, 1])
    model.partial_fit(X + 10, y, np.ones(60))
    scaler = StandardScaler().fit(
        np.concatenate([X, X + 10]), sample_weight=np.repeat([9.0, 1.0], 60)
    )
    assert_allclose(model.scaler_.mean_, scaler.mean_)
    assert_allclose(model.scaler_.scale_, scaler.scale_)


def test_sparse_rows_to_validate_by_cannot_be_centred(data):
    X, y = data
    with pytest.raises(ValueError, match="X_val must be dense where X is"):
        net(standardize=True).fit(X, y, X_val=csr_array(X), y_val=y)


# -- rates, labels ---------------------------------------------------------------------


def test_inverse_scaling_counts_the_rows_of_all_chunks(data):
    X, y = data
    model = net(learning_rate="invscaling", learning_rate_init=0.1)
    model.partial_fit(X, y, classes=[0, 1]).partial_fit(X[:6], y[:6])
    model.partial_fit(X, y)
    expected = [0.1, 0.1 / 61**0.5, 0.1 / 67**0.5]
    assert model.learning_rate_curve_ == pytest.approx(expected)


@pytest.mark.parametrize("n_labels", [2, 5])
def test_each_label_is_smoothed_between_two_answers(n_labels):
    Y = np.zeros((50, n_labels), dtype=int)
    Y[:, 0] = 1
    model = DeepNetClassifier(
        (), solver="lbfgs", alpha=0, label_smoothing=0.2, tol=1e-9
    ).fit(np.zeros((50, 2)), Y)
    expected = [0.9] + [0.1] * (n_labels - 1)
    assert_allclose(model.predict_proba([[0, 0]])[0], expected, atol=1e-6)


def test_smoothing_a_single_class_changes_nothing():
    model = DeepNetClassifier((), solver="gd", label_smoothing=0.2, alpha=0)
    model.set_params(init="zeros", max_iter=20, tol=0).fit(np.eye(3), [7, 7, 7])
    assert not theta(model).any()


# -- one judgement, for all that speak of a training -----------------------------------

N = np.arange(200)
GUESS = np.log(2)  # the cost of outputs 0, and of the best constant, for two classes

CURVES = {  # costs as parts of GUESS, why training ended, the kind that is found
    "to inf": ([1.2, 80.0, 1e9, np.inf], "diverged", "not finite"),
    "last step not tried out": ([1.2, 1.0, 0.8], "diverged", "not finite"),
    "one, to nan": ([np.nan], "diverged", "not finite"),
    "two, to inf": ([1.2, np.inf], "diverged", "not finite"),
    "risen": (1.2 * 1.02**N, "max_iter", "risen"),
    "risen until patience ended": (1.2 * 1.1 ** N[:20], "plateau", "risen"),
    "risen and swinging": (1.2 + (N > 9) * (9 + 6 * (-1.0) ** N), "max_iter", "risen"),
    "high at once": (180 + 20 * np.cos(N), "max_iter", "far"),
    "high until patience ended": (180 + 20 * np.cos(N[:30]), "plateau", "far"),
    "high, on its way down": (1800 * 0.98 ** N[:100], "max_iter", "falling"),
    "oscillating": (0.9 + 0.8 * (-1.0) ** N, "max_iter", "oscillating"),
    "waves": (0.6 + 0.28 * np.cos(N / 3), "max_iter", "oscillating"),
    "falling": (1.2 * 0.995**N, "max_iter", "falling"),
    "falling when patience ended": (1.2 * 0.995**N, "plateau", "falling"),
    "falling by little": (0.02 + 0.2 * 0.98**N, "max_iter", "slow"),
    "flat": (0.4 + 2e-5 * np.cos(N), "max_iter", "flat"),
    "flat above guessing": (10 + 2e-5 * np.cos(N), "max_iter", "flat"),
    "above guessing, patience ended": (10 + 2e-5 * np.cos(N), "plateau", "flat"),
    "three": ([1.2, 1.0, 0.8], "max_iter", "falling"),
    "none": ([], "max_iter", "unknown"),
    "one": ([1.2], "max_iter", "unknown"),
    "two": ([1.2, 0.6], "max_iter", "unknown"),
    "warm start": (1e-5 + 1e-6 * N, "max_iter", "flat"),
    "nearly 0": (1e-9 * 0.9**N, "max_iter", "slow"),
    "noise of a low cost": (0.02 + 0.016 * (-1.0) ** N, "plateau", "flat"),
    "arrived": (0.2 + 0.9**N, "plateau", "flat"),
}  # fmt: skip


@pytest.fixture
def trained_so(monkeypatch):
    """Makes every training end for that reason, with that cost curve."""

    def plant(curve, reason):
        publish = BaseNetwork._publish

        def planted(self, *args):
            publish(self, *args)
            self.loss_curve_, self._ending = list(map(float, curve)), reason
            self.n_iter_ = max(len(curve), 1)

        monkeypatch.setattr(BaseNetwork, "_publish", planted)

    return plant


@pytest.mark.parametrize("case", CURVES)
def test_all_that_speak_of_one_training_agree(trained_so, tmp_path, capsys, case):
    curve, reason, kind = CURVES[case]
    trained_so(np.multiply(curve, GUESS), reason)
    rng = np.random.RandomState(0)
    X, y = rng.randint(256, size=(40, 6)).astype(np.uint8), np.arange(40) % 2
    rows = X / 255.0
    max_iter = max(len(curve), 1) + 50 * (reason != "max_iter")
    options = {"solver": "gd", "learning_rate_init": 0.1, "max_iter": max_iter}
    model = DeepNetClassifier((3,), **options, random_state=0)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(rows, y)
    said = [str(one.message) for one in caught]
    text = said[0] if said else ""
    findings = {found.code: found for found in diagnose(model, rows, y)}
    val = {"X_val": rows, "y_val": y}
    (row,) = compare(clone(model), rows, y, **val, alpha=[model.alpha]).table
    save_dataset(tmp_path / "d.h5", X, y)
    line = f"train d.h5 --out m.h5 --hidden 3 --solver gd --max-iter {max_iter}"
    line += " --learning-rate 0.1 --seed 0"
    paths = [str(tmp_path / word) if ".h5" in word else word for word in line.split()]
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert main(paths) == 0
    loaded = load_model(tmp_path / "m.h5")

    assert course_of(model, "gd", Baseline(GUESS, GUESS)).kind == kind
    # the warning, which `compare` and `train` repeat
    diverged = kind in ("not finite", "risen", "far")
    assert len(said) <= 1
    assert row["warnings"] == [one.replace(HELD_OUT_TOO, "") for one in said]
    printed = capsys.readouterr()
    printed = " ".join((printed.out + printed.err).split())
    assert text in printed
    assert ("below 0.1" in text) == (diverged or kind == "oscillating")
    assert ("still falling" in text) == (kind == "falling" and reason == "max_iter")
    assert ("goes up and down" in text) == (kind == "oscillating")
    assert ("above the 0.693" in text) == (kind == "far" or "guessing" in case)
    # `diagnose`
    assert ("diverged" in findings) == diverged
    falling = kind in ("falling", "unknown") and reason == "max_iter"
    assert ("still_falling" in findings) == falling
    assert not falling or "raise max_iter" in text
    cure = findings["still_falling"].advice if falling else ""
    assert (HELD_OUT_TOO in text) == (HELD_OUT_TOO in cure)
    assert diverged or ("oscillating" in findings) == (kind == "oscillating")
    assert kind != "not finite" or findings["diverged"].text in text
    # `compare`
    assert row["diverged"] == diverged
    assert row["ended"] == ("diverged" if diverged else ENDINGS[reason])
    # the page of `report`, which knows the curve, but not why training ended
    said_of_file = [found.text for found in diagnose(loaded, rows, y)]
    page = training(loaded).lower()
    words = "the cost stopped being finite at iteration"
    assert (words in page) == any(words in text for text in said_of_file)
    assert ("all the epochs it was allowed" in page) == (reason == "max_iter")


@pytest.mark.parametrize(
    "model",
    [
        DeepNetRegressor(hidden_layer_sizes=(4,), random_state=0, max_iter=999),
        DeepNetClassifier((4,), random_state=0, max_iter=999, learning_rate_init=0.01),
    ],
    ids=["regressor", "classifier"],
)
def test_targets_that_outputs_of_0_meet_are_no_false_alarm(data, model):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(data[0], np.zeros(60))
    assert model._ending == "plateau"


def test_a_first_batch_whose_targets_are_all_0_is_no_false_alarm(data):
    X, y = data[0], np.zeros(60)
    y[30:] = 5.0
    model = DeepNetRegressor(batch_size=10, shuffle=False, random_state=0)
    model.set_params(learning_rate_init=0.01, max_iter=999, tol=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, y)


def test_a_small_rise_counts_where_targets_are_small():
    small = judge([1e-6, 2e-6, 4e-6, 8e-6], baseline=Baseline(1e-6, 1e-6))
    usual = judge([1e-6, 2e-6, 4e-6, 8e-6], baseline=Baseline(0.7, 0.7))
    assert (small.kind, usual.kind) == ("risen", "flat")


def test_a_sample_too_small_for_its_classes_says_nothing_of_a_constant():
    X, y = np.random.RandomState(0).randn(3000, 2), np.arange(3000) % 1000
    _, run = next_run(DeepNetClassifier(()), X, y)
    assert run.baseline() == pytest.approx((np.log(1000), np.log(1000)))


# -- interrupts ------------------------------------------------------------------------

INTERRUPTED = [
    *(net(tol=0, solver=solver) for solver in SOLVERS),
    net(tol=0, solver="adam", standardize=True),
    net(tol=0, solver="lbfgs", standardize=True),
    DeepNetRegressor(tol=0, random_state=0),
    ShallowNetRegressor(tol=0, solver="lbfgs", random_state=0),
    LogisticRegressionScratch(tol=0, solver="newton", C=10.0),
    LogisticRegressionScratch(tol=0, solver="lbfgs"),
    LogisticRegressionScratch(tol=0, solver="adam", random_state=0),
]


@pytest.mark.parametrize("model", INTERRUPTED, ids=repr)
def test_an_interrupt_keeps_the_last_whole_epoch(blobs, model, monkeypatch):
    X, y = blobs
    expected = sklearn.clone(model).set_params(max_iter=2).fit(X, y)
    epochs, original = [], Objective.__call__

    def interrupt(*batch):
        if len(epochs) == 2:
            raise KeyboardInterrupt
        return original(*batch)

    monkeypatch.setattr(Objective, "__call__", interrupt)
    with observe(lambda *epoch: epochs.append(epoch)), pytest.raises(KeyboardInterrupt):
        model.set_params(max_iter=9).fit(X, y)
    assert np.max(model.n_iter_) == len(model.loss_curve_) == 2
    assert model.loss_curve_ == expected.loss_curve_
    assert model.learning_rate_curve_ == expected.learning_rate_curve_
    assert_array_equal(model.predict(X), expected.predict(X))
    for name, value in expected.parameters_.items():
        assert_array_equal(model.parameters_[name], value)


# -- warnings --------------------------------------------------------------------------

NOISY = {  # each warns, and for another reason
    "still falling": net(max_iter=3),
    "unused": net(solver="lbfgs", momentum=0.5, max_iter=500),
    "diverged": net(solver="gd", activation="identity", learning_rate_init=1e300),
    "logistic": LogisticRegressionScratch(solver="gd", max_iter=3),
    "regressor": DeepNetRegressor(max_iter=3, random_state=0),
}


@pytest.mark.parametrize("name", NOISY)
def test_warn_false_is_silent(blobs, name):
    X, y = blobs
    assert warned(lambda: sklearn.clone(NOISY[name]).fit(X, y))
    assert not warned(
        lambda: sklearn.clone(NOISY[name]).set_params(warn=False).fit(X, y)
    )


def test_warn_false_is_silent_about_sparse_rows(blobs):
    X, y = csr_matrix(blobs[0]), blobs[1]
    model = net(standardize=True, max_iter=2, warn=False)
    assert not warned(lambda: model.fit(X, y))


def test_warn_false_is_silent_in_other_processes():
    code = """
        import sys
        from sklearn.datasets import load_iris
        from sklearn.model_selection import cross_val_score
        from sknn_scratch import DeepNetClassifier

        X, y = load_iris(return_X_y=True)
        for warn in (False, True):
            model = DeepNetClassifier(solver="sgd", beta_1=0.5, max_iter=2, warn=warn)
            cross_val_score(model, X, y, n_jobs=2, cv=2)
            print("-- next --", file=sys.stderr, flush=True)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    silent, loud, _ = done.stderr.split("-- next --\n")
    assert silent == ""
    assert "ConvergenceWarning" in loud
    assert "makes no use of beta_1" in loud


def line(m=40):
    """A regression whose Hessian has the eigenvalues 1 (b) and 1 (w)."""
    x = np.linspace(-1, 1, m)[:, None]
    x /= x.std()
    return x, 3 * x.ravel() + 1


def descent(**options):
    """Gradient descent for that regression; it diverges for rates above 2."""
    return DeepNetRegressor(
        **{
            "hidden_layer_sizes": (), "solver": "gd", "alpha": 0, "random_state": 0,
            "n_iter_no_change": np.inf, "standardize_target": False, **options,
        }
    )  # fmt: skip


# what is planted: a model, and what its one warning says
PLANTED = {
    "falling": (
        descent(learning_rate_init=1e-2, max_iter=10),
        r"reached max_iter=10 .*still falling .* raise max_iter or the learning rate",
    ),
    "falling slowly": (
        descent(learning_rate_init=1e-3, max_iter=50),
        r"reached max_iter=50 .*falls slowly, .* else raise max_iter or the learning",
    ),
    "plateau above guessing": (
        descent(solver="adam", learning_rate_init=1e-9, max_iter=50, init="zeros"),
        r"plateau, above the 4.5 of one answer for all rows; try another solver",
    ),
    "slowly risen": (
        descent(learning_rate_init=2.1, max_iter=50),
        r"the cost rose to .* set learning_rate_init below 2.1 \(try 0.21\)",
    ),
    "risen until patience ended": (
        descent(learning_rate_init=2.1, max_iter=50, n_iter_no_change=10),
        r"training diverged: the cost rose from .* below 2.1 \(try 0.21\)",
    ),
    "not finite": (
        descent(learning_rate_init=1e200, max_iter=50),
        r"stopped being finite at iteration 2; .*kept; .*\(try 1e\+199\)",
    ),
    "oscillating": (
        descent(loss="absolute_error", learning_rate_init=2.5, max_iter=80),
        r"the cost goes up and down; set learning_rate_init below 2.5 \(try 0.25\)",
    ),
    "plateau": (
        descent(learning_rate_init=0.5, max_iter=400, alpha=1.0),
        "the cost is on a plateau; .*raise tol",
    ),
    "too few iterations": (
        descent(solver="lbfgs", max_iter=1, n_iter_no_change=10),
        "solver='lbfgs' reached max_iter=1 before .* raise max_iter",
    ),
    "too few evaluations": (
        descent(solver="lbfgs", max_fun=1, n_iter_no_change=10),
        "used max_fun=1 evaluations .* raise max_fun",
    ),
}


@pytest.mark.parametrize("cause", PLANTED)
def test_the_one_warning_names_the_cause_and_the_cure(cause):
    model, text = PLANTED[cause]
    (warning,) = warned(lambda: sklearn.clone(model).fit(*line()))
    assert warning.category is ConvergenceWarning
    assert str(warning.message).startswith("DeepNetRegressor: ")
    assert "\n" not in str(warning.message)
    with pytest.warns(ConvergenceWarning, match=text):
        sklearn.clone(model).fit(*line())


def test_the_rate_it_says_to_try_is_one_that_works():
    diverged = descent(learning_rate_init=2.1, max_iter=50, tol=1e-6)
    (warning,) = warned(lambda: diverged.fit(*line()))
    rate = float(str(warning.message).split("(try ")[1].split(")")[0])
    model = descent(learning_rate_init=rate, max_iter=50, n_iter_no_change=10)
    assert not warned(lambda: model.fit(*line()))
    assert model.score(*line()) > 0.999


@pytest.mark.parametrize("solver", ["newton", "lbfgs", "gd", "sgd", "adam"])
def test_the_regression_says_it_once_too(blobs, solver):
    model = LogisticRegressionScratch(solver=solver, max_iter=1, tol=1e-9)
    (warning,) = warned(lambda: model.fit(*blobs))
    assert warning.category is ConvergenceWarning
    assert f"solver='{solver}' reached max_iter=1" in str(warning.message)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_training_that_arrives_is_silent(blobs, solver):
    rate = {} if solver == "lbfgs" else {"learning_rate_init": 0.02}
    model = net(solver=solver, tol=1e-3, max_iter=5000, alpha=5.0, **rate)
    assert not warned(lambda: model.fit(*blobs))
    assert model.n_iter_ < 5000


def test_tol_zero_means_max_iter_and_is_silent(blobs):
    assert not warned(lambda: net(tol=0, max_iter=3).fit(*blobs))


BAD_SCALES = {
    "differ in scale by a factor of ": lambda X: X * [1e-3, 1, 1, 1e4],
    "far from 0 for how little it varies": lambda X: X + [0, 0, 1e4, 0],
    "its features vary by about 1e": lambda X: X * 1e5 / X.std(axis=0),
}


@pytest.mark.parametrize("text", BAD_SCALES)
def test_badly_scaled_features_are_named(blobs, text):
    X, y = BAD_SCALES[text](blobs[0]), blobs[1]
    (warning,) = warned(lambda: net(max_iter=3).fit(X, y))
    assert text in str(warning.message)
    assert "standardize=True" in str(warning.message)


@pytest.mark.parametrize("text", BAD_SCALES)
def test_features_that_are_standardised_are_not_blamed(blobs, text):
    X, y = BAD_SCALES[text](blobs[0]), blobs[1]
    (warning,) = warned(lambda: net(max_iter=3, standardize=True).fit(X, y))
    assert "reached max_iter=3" in str(warning.message)
    assert "feature" not in str(warning.message)


def test_features_of_one_scale_are_not_blamed(blobs):
    (warning,) = warned(lambda: net(max_iter=3).fit(*blobs))
    assert "feature" not in str(warning.message)


def test_where_the_validation_loss_turned_is_found_through_noise():
    rng = np.random.RandomState(0)
    noise = 1 + 0.02 * rng.randn(200)
    turned = turn_of((0.3 + (N / 100 - 1) ** 2) * noise, 200)
    assert abs(turned.at - 101) < 20  # N = 100 is iteration 101
    assert turned.least == pytest.approx(0.3, rel=0.05)
    assert turned.last == pytest.approx(1.3, rel=0.15)  # the mean of ten
    assert turn_of(np.exp(-N / 50.0) * noise, 200) is None
    assert turn_of(np.ones(200), 200) is None
    assert turn_of([], 200) is None
    assert turn_of([1.0, np.nan] * 9, 18) is None
    # of a curve whose beginning was dropped, and of scores alone
    assert turn_of((0.3 + (N / 100 - 1) ** 2), 1200).at == 1101
    assert turn_of((), 200, best_epoch=150).at == 150
    assert turn_of((), 200, best_epoch=190) is None
