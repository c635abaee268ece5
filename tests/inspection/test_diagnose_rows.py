"""Planted faults of columns and targets, and tables that only look like them."""

import numpy as np
import pandas as pd
import pytest

from sknn_scratch import DeepNetClassifier, DeepNetRegressor, TabularNetClassifier
from sknn_scratch.inspection import diagnose

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def table(m=200, seed=0):
    """Return columns of three scales, and numbers and classes that follow from them."""
    rng = np.random.RandomState(seed)
    X = pd.DataFrame(rng.randn(m, 4), columns=list("abcd"))
    y = 50 + 10 * X["a"] - 8 * X["b"] * X["c"] + 5 * rng.randn(m)
    X["a"], X["b"] = 30 * X["a"], np.rint(1000 * np.exp(X["b"]))
    return X, y.to_numpy().copy(), rng


def found(X, y):
    """Return {code: finding} before the first training."""
    kind = DeepNetRegressor if np.asarray(y).dtype.kind in "fO" else DeepNetClassifier
    net = kind(hidden_layer_sizes=(4,), standardize=True, random_state=0)
    return {finding.code: finding for finding in diagnose(net, X, y)}


def test_the_table_itself_is_no_reason_to_speak():
    for m in (100, 900):
        X, y, _ = table(m)
        assert not found(X, y)
        assert not found(X, y > 50)


# -- ids -------------------------------------------------------------------------------

GIVEN_OUT = {
    "a tenth of all": lambda rng, m: np.sort(rng.choice(10 * m, m, replace=False)),
    "with gaps": lambda rng, m: 10**6 + np.cumsum(rng.randint(1, 10, m)),
    "with wide gaps": lambda rng, m: np.cumsum(rng.randint(1, 5000, m)),
    "downwards": lambda rng, m: np.cumsum(rng.randint(1, 9, m))[::-1],
    "in any order": lambda rng, m: rng.permutation(np.cumsum(rng.randint(1, 4, m))),
}


@pytest.mark.parametrize("m", [200, 2500])
@pytest.mark.parametrize("numbers", GIVEN_OUT.values(), ids=GIVEN_OUT)
def test_numbers_that_were_given_out_one_by_one_are_ids(numbers, m):
    X, y, rng = table(m)
    X["e"] = numbers(rng, m)
    finding = found(X, y)["id_column"]
    assert finding.text.startswith("column 'e' holds whole numbers that all differ")


MEASURED = {
    "people": lambda rng, m: np.rint(np.exp(11 + rng.randn(m))),
    "people, in order": lambda rng, m: np.sort(np.rint(np.exp(11 + rng.randn(m)))),
    "prices": lambda rng, m: rng.randint(50_000, 900_000, m),
    "counts": lambda rng, m: rng.poisson(300, m),
    "years, in order": lambda rng, m: np.sort(rng.randint(1950, 2024, m)),
}


@pytest.mark.parametrize("m", [200, 2500])
@pytest.mark.parametrize("numbers", MEASURED.values(), ids=MEASURED)
def test_whole_numbers_that_were_measured_are_no_ids(numbers, m):
    X, y, rng = table(m)
    X["e"] = numbers(rng, m)
    assert not found(X, y)


# -- codes for missing values ----------------------------------------------------------

CODES = [("a", -999.0), ("b", -99999), ("a", 9999), ("d", -9), ("c", 1e30)]
CODES += [("b", -(2**31))]


@pytest.mark.parametrize(("name", "code"), CODES)
def test_a_number_that_stands_for_missing_is_named(name, code):
    X, y, rng = table()
    X.loc[rng.rand(200) < 0.1, name] = code
    for target in (y, y > 50):
        finding = found(X, target)["sentinel_values"]
        assert finding.text.startswith(f"column {name!r} is ")
        assert finding.value == np.mean(X[name] == code)
    shown = "1e+30" if code == 1e30 else f"{code:.0f}"
    assert f"X[{name!r}].replace({shown}, numpy.nan)" in finding.advice


MEASURED_AS = {
    "age": lambda rng, m: rng.randint(18, 80, m),
    "pressure": lambda rng, m: np.rint(rng.normal(115, 15, m)),
    "score": lambda rng, m: np.round(rng.uniform(0, 100, m), 1),
    "money": lambda rng, m: np.rint(rng.lognormal(8, 0.8, m)),
}
EDGES = [("pressure", 0), ("age", -1), ("age", 99), ("score", -1), ("money", -1)]


@pytest.mark.parametrize("share", [0.05, 0.12])
@pytest.mark.parametrize(("kind", "code"), EDGES)
def test_a_code_near_the_values_is_named(kind, code, share):
    X, y, rng = table(600)
    X["e"] = MEASURED_AS[kind](rng, 600)
    assert not found(X, y)
    X.loc[rng.rand(600) < share, "e"] = code
    finding = found(X, y)["sentinel_values"]
    assert finding.text.startswith(f"column 'e' is {code} in ")


ZEROS = {
    "claims": lambda rng, m: (rng.rand(m) < 0.9) * np.rint(rng.lognormal(8, 0.5, m)),
    "few claims": lambda rng, m: (rng.rand(m) < 0.1) * rng.lognormal(8, 1, m),
    "charges": lambda rng, m: (rng.rand(m) < 0.9) * np.rint(rng.gamma(9, 20, m)),
    "hours": lambda rng, m: (rng.rand(m) < 0.92) * rng.randint(15, 60, m),
    "counts": lambda rng, m: rng.poisson(3, m),
    "more counts": lambda rng, m: (rng.rand(m) < 0.8) * rng.poisson(20, m),
    "cut off": lambda rng, m: np.maximum(np.rint(rng.normal(3, 3, m)), -1),
    "differences": lambda rng, m: rng.poisson(2, m) - rng.poisson(2, m),
}


@pytest.mark.parametrize("zeros", ZEROS.values(), ids=ZEROS)
def test_honest_zeros_and_counts_are_values(zeros):
    X, y, rng = table(600)
    X["e"] = zeros(rng, 600)
    assert not found(X, y)


def test_a_code_among_the_targets_is_named():
    X, y, _ = table()
    y[::20] = -999
    assert list(found(X, y)) == ["sentinel_values"]


NO_CODES = {
    "percents": lambda rng: np.clip(np.rint(70 + 30 * rng.randn(200)), 0, 99),
    "prices": lambda rng: rng.choice([9, 19, 49, 99, 199, 299, 499, 999], 200),
    "sums of money, many 0": lambda rng: (rng.rand(200) < 0.6) * rng.randint(99, 200),
    "signs": lambda rng: rng.choice([-1, 0, 1], 200),
    "one far out": lambda rng: np.where(np.arange(200) == 5, 9999, rng.randn(200)),
    "cut off": lambda rng: np.minimum(200 * np.exp(rng.randn(200)), 999),
    "ages": lambda rng: np.where(rng.rand(200) < 0.03, 99, rng.randint(18, 90, 200)),
}


@pytest.mark.parametrize("numbers", NO_CODES.values(), ids=NO_CODES)
def test_numbers_that_look_like_codes_are_values(numbers):
    X, y, rng = table()
    X["e"] = numbers(rng)
    assert "sentinel_values" not in found(X, y)


# -- two columns that give y away ------------------------------------------------------


def test_two_columns_that_are_summed_up_to_y_are_named():
    X, y, rng = table()
    X["e"] = 20 * rng.rand(200)
    X["f"] = 2 * (y - X["e"])
    X.loc[:9, "e"] = np.nan
    net = TabularNetClassifier(n_members=1, max_iter=2, random_state=0)
    report = diagnose(net.fit(X, y > 50), X, y > 50)
    assert "leakage" not in {f.code for f in report}  # the sum, but not y
    X = X.fillna(0.0)[10:]
    finding = found(X, y[10:])["leakage"]
    assert finding.text == (
        "columns 'e' and 'f' together give y exactly: y = 1 'e' +0.5 'f'"
    )


def test_two_columns_that_are_multiplied_to_y_are_named():
    X, y, rng = table()
    y = np.exp(y / 20)
    X["e"] = np.exp(rng.randn(200))
    X["f"] = y / X["e"]
    finding = found(X, y)["leakage"]
    assert "exactly: y = 1 'e'^1 'f'^1" in finding.text


@pytest.mark.parametrize("factor", [1, 2])
def test_two_columns_whose_difference_is_the_class_are_named(factor):
    X, y, rng = table()
    y = 1 + (y > 45).astype(int) + (y > 55)
    X["e"] = rng.randint(0, 20, 200)
    X["f"] = factor * y + X["e"]
    assert "columns 'e' and 'f' together" in found(X, y)["leakage"].text


def nearly(X, rng):
    return X["a"] / 30 + X["d"] + 1e-3 * rng.randn(200)


def of_three(X, rng):
    return X["a"] / 30 + X["c"] + X["d"]


def bent(X, rng):
    return np.tanh(X["a"] / 30 + X["d"])


@pytest.mark.parametrize("target", [nearly, of_three, bent])
def test_what_follows_nearly_from_two_columns_is_to_be_learned(target):
    X, _, rng = table()
    y = target(X, rng).to_numpy()
    assert not found(X, y)
    assert not found(X, y > 0)


# -- targets ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "m", "named"),
    [(2, 100, True), (10, 900, True), (19, 900, True), (20, 900, False),
     (12, 100, False)],
)  # fmt: skip
def test_a_class_that_a_hold_out_has_next_to_nothing_of_is_scarce(rows, m, named):
    X, y, _ = table(m)
    y = np.where(y > 50, "high", "low")
    y[np.arange(rows) * (m // rows)] = "odd"
    findings = found(X, y)
    assert ("scarce_class" in findings) == named
    assert not named or findings["scarce_class"].value == rows


def test_a_small_class_that_new_rows_show_to_be_recognised_is_none_too_small():
    X, y, _ = table(900)
    y = np.where(y > 50, "high", "low")
    y[::90], X.loc[::90, "d"] = "odd", 9.5
    net = DeepNetClassifier((8,), standardize=True, solver="lbfgs", random_state=0)
    net.fit(X[:600], y[:600])
    assert "scarce_class" in found(X[:600], y[:600])
    val = {"X_val": X[600:], "y_val": y[600:]}
    report = diagnose(net, X[:600], y[:600], **val)
    assert "scarce_class" not in {f.code for f in report}


FAR = {
    "equally far": lambda y, rng: y + 1e4,
    "to both sides": lambda y, rng: 10 ** rng.uniform(4, 5, 3) * [-1, 1, 1],
    "one": lambda y, rng: np.r_[1e9, y[1:]],
}


@pytest.mark.parametrize("m", [100, 900])
@pytest.mark.parametrize("far", FAR.values(), ids=FAR)
def test_targets_far_from_all_others_are_named(far, m):
    X, y, rng = table(m)
    y[:3] = far(y[:3], rng)
    findings = found(X, y)
    assert list(findings) == ["target_outliers"]
    assert {"loss": "absolute_error"} in findings["target_outliers"].cures


def test_targets_of_the_type_object_are_numbers_of_a_regression():
    X, y, _ = table(100)
    y[:3] = 1e6
    assert list(found(X, y.astype(object))) == ["target_outliers"]


HEAVY = {
    "prices": lambda y, rng: np.exp(y / 15),
    "two degrees of freedom": lambda y, rng: y + 10 * rng.standard_t(2, 900),
    "mostly 0": lambda y, rng: (rng.rand(900) < 0.3) * np.exp(y / 20),
    "claims": lambda y, rng: (rng.rand(900) < 0.05) * rng.gamma(2, 500, 900),
    "few values": lambda y, rng: rng.choice([0.0, 0, 0, 0, 1, 50], 900),
}


@pytest.mark.parametrize("heavy", HEAVY.values(), ids=HEAVY)
def test_targets_of_heavy_tails_are_no_outliers(heavy):
    X, y, rng = table(900)
    assert "target_outliers" not in found(X, heavy(y, rng))


# -- cells far out ---------------------------------------------------------------------

SLIPS = {
    "one age": (lambda rng, m: rng.randint(18, 80, m), 1, 1e3),
    "three sizes": (lambda rng, m: np.round(rng.normal(5, 1, m), 1), 3, 1e3),
    "four incomes": (lambda rng, m: np.rint(rng.lognormal(8, 0.5, m)), 4, 1e4),
    "two counts": (lambda rng, m: 1.0 + rng.poisson(4, m), 2, 1e4),
}


@pytest.mark.parametrize("m", [150, 900])
@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_cells_that_set_the_scale_of_a_column_are_named(slip, m):
    numbers, cells, factor = slip
    X, y, rng = table(m)
    X["e"] = numbers(rng, m).astype(float)
    assert not found(X, y)
    X.loc[X.index[::30][:cells], "e"] *= factor
    (finding,) = found(X, y).values()
    assert finding.code == "feature_outliers"
    lie = "cell lies" if cells == 1 else "cells lie"
    assert finding.text.startswith(f"{cells} {lie} at least ")
    assert "column 'e'" in finding.text


TAILS = {
    "lognormal": lambda rng, m: rng.lognormal(3, 1.5, m),
    "Pareto": lambda rng, m: rng.pareto(1.5, m),
    "two degrees of freedom": lambda rng, m: rng.standard_t(2, m),
    "counts": lambda rng, m: rng.poisson(0.1, m),
    "many counts": lambda rng, m: rng.negative_binomial(0.3, 0.01, m),
    "mostly 0": lambda rng, m: (rng.rand(m) < 0.08) * rng.lognormal(8, 1, m),
    "rare": lambda rng, m: 1.0 * (np.arange(m) < 3),
}


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
def test_cells_of_heavy_tails_are_no_outliers(tail):
    for m in (100, 900):
        X, y, rng = table(m)
        X["e"] = tail(rng, m)
        assert "feature_outliers" not in found(X, y)
