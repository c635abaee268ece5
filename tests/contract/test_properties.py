"""Claims that hold whatever the rows, labels, weights, options and solvers are."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix, issparse
from sklearn import clone
from sklearn.base import is_classifier
from strategies import (
    CLASSIFIERS,
    LABELS,
    LAYOUTS,
    NETS,
    STEPPING,
    claim,
    disordered,
    formats,
    frames,
    in_two_parts,
    layouts,
    make_rows,
    problems,
    seeds,
    unaligned,
)

from sknn_scratch import LogisticRegressionScratch
from sknn_scratch._training import objective
from sknn_scratch.hdf5 import load_model, save_model

pytestmark = pytest.mark.filterwarnings(
    "ignore:The number of unique classes is greater",
    "ignore:R.2 score is not well-defined",
    "ignore:Constructing a DIA matrix",
)
FLOATS = st.sampled_from([np.float32, np.float64])
METHODS = ["predict", "predict_proba", "decision_function", "transform"]


def bits(model):
    """Everything that training has left in the parameters and curves."""
    arrays = [*model.parameters_.values(), np.array(model.loss_curve_)]
    return [(a.dtype.str, a.shape, a.tobytes()) for a in arrays]


def outputs(model, X):
    """What each method says of the rows."""
    there = [name for name in METHODS if hasattr(model, name)]
    found = {name: getattr(model, name)(X) for name in there}
    if issparse(found.get("transform")):  # no hidden layers: X itself
        found["transform"] = found["transform"].toarray()
    return found


def numbers(model, X):
    """Those outputs that change little where the raw outputs do."""
    found = outputs(model, X)
    if is_classifier(model):
        del found["predict"]
    return found


def assert_near(found, expected, dtype):
    """Equal but for rounding: BLAS adds in another order for another number of rows.

    A sum of n products is off by at most n eps times the sum of their sizes: n is 40 at
    most, and there are three layers.
    """
    for name, value in expected.items():
        bound = 1000 * np.finfo(dtype).eps * max(1.0, abs(value).max())
        assert_allclose(found[name], value, rtol=0, atol=bound, err_msg=name)


def assert_same_fit(found, expected, share=1e-6):
    """Parameters that differ by no more than this share of the largest of them."""
    for name, value in expected.parameters_.items():
        bound = share * max(1.0, abs(value).max())
        assert_allclose(found.parameters_[name], value, rtol=0, atol=bound)


def assert_same_optimum(found, expected, X):
    """Equal as far as L-BFGS can tell; b has no optimum where a label never changes."""
    assert_allclose(found.coef_, expected.coef_, rtol=0, atol=1e-5)
    P = expected.predict_proba(X)
    assert_allclose(found.predict_proba(X), P, rtol=0, atol=1e-5)


# For claims of near equality: no kinks, and none of Newton's steps, which are solved
# for only as well as they are worth, among the rows or among the features.
STEADY = {"regression_solvers": ["lbfgs", "gd", "sgd", "adam"], "smooth": True}
OPTIMUM = {
    "classes": [LogisticRegressionScratch],
    "regression_solvers": ["newton", "lbfgs"],
    "smooth": True,
    "weights": ["none", "fractions", "some zeros"],  # the penalty still counts
}


def at_its_optimum(model, X, y, w=None):
    return model.set_params(C=1.0, tol=1e-9, max_iter=1000).fit(X, y, w)


# -- how rows lie in memory ------------------------------------------------------------


@claim
@given(problems(), layouts, FLOATS)
def test_where_the_rows_lie_does_not_change_the_fit(problem, place, dtype):
    model, X, y, w = problem
    X = X.astype(dtype)
    expected = bits(clone(model).fit(X, y, w))
    assert bits(model.fit(place(X), y, w)) == expected


@claim
@given(problems(**STEADY))
def test_rows_may_lie_across_the_words_of_memory(problem):
    model, X, y, w = problem
    expected = clone(model).fit(X, y, w)  # NumPy multiplies these in another order
    assert_same_fit(model.fit(unaligned(X), y, w), expected)
    assert_near(numbers(expected, unaligned(X)), numbers(expected, X), X.dtype)


@claim
@given(problems(), st.sampled_from(["f2", ">f2", ">f8", "i1", ">i4", "u8", "?", "O"]))
def test_the_type_of_the_rows_does_not_change_the_fit(problem, dtype):
    model, X, y, w = problem
    if dtype not in ("f2", ">f2", ">f8", "O"):
        X = abs(np.rint(X))
    X = X.astype(dtype)
    expected = bits(clone(model).fit(X.astype(np.float64), y, w))
    assert bits(model.fit(X, y, w)) == expected


@claim
@given(problems(), FLOATS)
def test_models_and_outputs_have_the_type_of_the_rows(problem, dtype):
    model, X, y, w = problem
    model.fit(X.astype(dtype), y, w)
    found = numbers(model, X)
    arrays = [*found.values(), *model.parameters_.values()]
    assert {v.dtype for v in arrays} == {np.dtype(dtype)}


@claim
@given(problems(weights=["fractions", "some zeros"]), layouts)
def test_where_targets_and_weights_lie_does_not_change_the_fit(problem, place):
    model, X, y, w = problem
    expected = bits(clone(model).fit(X, y, w))

    def moved(v):
        return place(v[:, None])[:, 0] if v.ndim == 1 else place(v)

    if not issparse(y) and y.dtype.kind != "O":  # those cannot lie elsewhere
        y = moved(y)
    assert bits(model.fit(X, y, moved(w))) == expected


@claim
@given(problems(weights=["fractions", "some zeros"]))
def test_lists_are_taken_like_arrays(problem):
    model, X, y, w = problem
    expected = bits(clone(model).fit(X, y, w))
    y = y if issparse(y) else y.tolist()
    assert bits(model.fit(X.tolist(), y, w.tolist())) == expected


@claim
@given(problems(), frames)
def test_frames_are_taken_like_arrays(problem, frame):
    model, X, y, w = problem
    expected = clone(model).fit(X, y, w)
    model.fit(frame(X), y, w)
    assert bits(model) == bits(expected)
    assert_near(numbers(model, frame(X)), numbers(expected, X), X.dtype)


@claim
@given(problems(), layouts, FLOATS)
def test_where_the_rows_lie_does_not_change_predictions(problem, place, dtype):
    model, X, y, w = problem
    X = X.astype(dtype)
    model.fit(X, y, w)
    assert_near(numbers(model, place(X)), numbers(model, X), dtype)


# -- sparse rows -----------------------------------------------------------------------


@claim
@given(problems(), formats)
def test_the_format_of_sparse_rows_does_not_change_the_fit(problem, wrap):
    model, X, y, w = problem
    expected = clone(model).fit(csr_matrix(X), y, w)
    model.fit(wrap(X), y, w)
    assert bits(model) == bits(expected)
    found = outputs(model, wrap(X))
    for name, value in outputs(expected, csr_matrix(X)).items():
        assert_array_equal(found[name], value)


@claim
@given(problems(**STEADY, standardize=[False]), formats)
def test_sparse_rows_are_taken_like_dense_ones(problem, wrap):
    model, X, y, w = problem
    expected = clone(model).fit(X, y, w)
    assert_same_fit(model.fit(wrap(X), y, w), expected)
    assert_near(numbers(expected, wrap(X)), numbers(expected, X), X.dtype)


@claim
@given(problems(**OPTIMUM, standardize=[False]), formats)
def test_sparse_rows_have_the_optimum_of_dense_ones(problem, wrap):
    model, X, y, w = problem
    expected = at_its_optimum(clone(model), X, y, w)
    assert_same_optimum(at_its_optimum(model, wrap(X), y, w), expected, X)


@claim
@given(problems(**STEADY), disordered)
def test_entries_of_sparse_rows_may_be_zero_or_in_disorder(problem, wrap):
    model, X, y, w = problem
    expected = clone(model).fit(csr_matrix(X), y, w)
    assert_same_fit(model.fit(wrap(X), y, w), expected)
    assert_near(numbers(expected, wrap(X)), numbers(expected, X), X.dtype)


@claim
@given(problems(**STEADY))
def test_entries_of_sparse_rows_may_be_given_in_parts(problem):
    model, X, y, w = problem
    expected = clone(model).fit(csr_matrix(X), y, w)
    assert_same_fit(model.fit(in_two_parts(X), y, w), expected)
    assert_near(numbers(expected, in_two_parts(X)), numbers(expected, X), X.dtype)


# -- input is only read ----------------------------------------------------------------


def contents(data):
    """The bytes of an array, or what the parts of a sparse matrix hold.

    scikit-learn may give the caller's matrix the same indices in another type.
    """
    if not issparse(data):
        return data if data is None else data.tobytes()
    parts = vars(data).items()
    return {key: v.tolist() for key, v in parts if isinstance(v, np.ndarray)}


@claim
@given(problems(), st.one_of(layouts, formats, disordered), FLOATS)
def test_what_is_given_is_not_written_into(problem, wrap, dtype):
    model, X, y, w = problem
    X = wrap(X.astype(dtype))
    before = [contents(v) for v in (X, y, w)]
    model.fit(X, y, w, X, y, w)
    outputs(model, X)
    model.score(X, y)
    if hasattr(model, "partial_fit"):
        model.partial_fit(X, y, w)
    assert [contents(v) for v in (X, y, w)] == before


# -- predictions of rows are their own -------------------------------------------------


@claim
@given(problems(), seeds, FLOATS)
def test_predictions_follow_their_rows(problem, seed, dtype):
    model, X, y, w = problem
    X = X.astype(dtype)
    model.fit(X, y, w)
    order = np.random.RandomState(seed).permutation(len(X))
    expected = {k: v[order] for k, v in numbers(model, X).items()}
    assert_near(numbers(model, X[order]), expected, dtype)


@claim
@given(problems(), st.data(), FLOATS)
def test_predictions_of_parts_are_those_of_the_whole(problem, data, dtype):
    model, X, y, w = problem
    X = X.astype(dtype)
    model.fit(X, y, w)
    cut = data.draw(st.integers(0, len(X)))
    assume(0 < cut < len(X))
    parts = [numbers(model, X[:cut]), numbers(model, X[cut:])]
    whole = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    assert_near(whole, numbers(model, X), dtype)


@claim
@given(problems(), FLOATS, st.integers(1, 5))
def test_predictions_of_whole_blocks_are_those_of_the_whole_to_the_bit(
    problem, dtype, block
):
    model, X, y, w = problem
    X = X[:100].astype(dtype)
    model.fit(X, y if len(X) == y.shape[0] else y[:100], None if w is None else w[:100])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objective, "ELEMENTS", 1)
        patch.setattr(objective, "MIN_ROWS", block)
        whole = outputs(model, X)
        starts = range(0, len(X), block)
        parts = [outputs(model, X[start : start + block]) for start in starts]
    for name, value in whole.items():
        assert_array_equal(np.concatenate([p[name] for p in parts]), value)


# -- weights ---------------------------------------------------------------------------

ALL_ROWS = STEADY | {"solvers": ["gd", "lbfgs"], "regression_solvers": ["gd", "lbfgs"]}


def repeated(v, w):
    return v[np.repeat(np.arange(len(w)), w.astype(int))]


@claim
@given(problems(**ALL_ROWS, weights=["some zeros"]))
def test_whole_weights_are_repetition(problem):
    model, X, y, w = problem
    # the t of invscaling counts rows
    assume(model.get_params().get("learning_rate") != "invscaling")
    expected = clone(model).fit(repeated(X, w), repeated(y, w))
    assert_same_fit(model.fit(X, y, w), expected)


@claim
@given(problems(**(OPTIMUM | {"weights": ["some zeros"]})))
def test_whole_weights_are_repetition_at_the_optimum_of_a_regression(problem):
    model, X, y, w = problem
    expected = at_its_optimum(clone(model), repeated(X, w), repeated(y, w))
    assert_same_optimum(at_its_optimum(model, X, y, w), expected, X)


@claim
@given(problems(weights=["some zeros"]))
def test_rows_of_weight_zero_are_absent_to_the_bit(problem):
    model, X, y, w = problem
    kept = np.flatnonzero(w)
    expected = bits(clone(model).fit(X[kept], y[kept], w[kept]))
    assert bits(model.fit(X, y, w)) == expected


@claim
@given(
    problems(weights=["fractions", "some zeros", "large"], standardize=[False]),
    st.integers(-20, 20),
)
def test_the_scale_of_weights_changes_nothing_but_the_penalty(problem, exponent):
    model, X, y, w = problem
    expected = clone(model).fit(X, y, w)
    factor = 2.0**exponent  # which every product with is exact
    if isinstance(model, LogisticRegressionScratch):
        model.set_params(C=model.C / factor)
    else:
        model.set_params(alpha=model.alpha * factor)
    assert bits(model.fit(X, y, w * factor)) == bits(expected)


@claim
@given(problems(weights=["none"]))
def test_weights_of_one_are_no_weights(problem):
    model, X, y, _ = problem
    expected = bits(clone(model).fit(X, y))
    assert bits(model.fit(X, y, np.ones(len(X)))) == expected


# -- what classifiers say --------------------------------------------------------------


@claim
@given(problems(CLASSIFIERS), FLOATS, seeds)
def test_probabilities_are_such(problem, dtype, seed):
    model, X, y, w = problem
    model.fit(X.astype(dtype), y, w)
    X = 1000 * make_rows(X.shape, seed, "mostly zeros")
    P = model.predict_proba(X)
    assert (P >= 0).all()
    assert (P <= 1).all()
    if y.ndim == 1:
        assert_allclose(P.sum(axis=1), 1, rtol=0, atol=8 * np.finfo(dtype).eps)
    assert_array_equal(np.log(P), model.predict_log_proba(X))


@claim
@given(problems(CLASSIFIERS), FLOATS)
def test_the_most_probable_class_is_predicted(problem, dtype):
    model, X, y, w = problem
    X = X.astype(dtype)
    model.fit(X, y, w)
    P, Z = model.predict_proba(X), model.decision_function(X)
    if y.ndim > 1:
        assert_array_equal(model.predict(X), P > 0.5)
        assert ((Z > 0) >= (P > 0.5)).all()
        return
    assert_array_equal(model.predict(X), model.classes_[P.argmax(axis=1)])
    Z = Z.reshape(len(Z), -1)
    Z = np.column_stack([0 * Z, Z]) if P.shape[1] == 2 else Z
    highest = np.take_along_axis(Z, P.argmax(axis=1)[:, None], axis=1).ravel()
    # logits nearer than eps have the same probability
    assert_allclose(highest, Z.max(axis=1), rtol=1e-6, atol=1e-6)


@claim
@given(problems(CLASSIFIERS))
def test_predictions_are_labels_of_the_type_given(problem):
    model, X, y, w = problem
    found = model.fit(X, y, w).predict(X)
    assert found.dtype == y.dtype
    assert found.shape == y.shape
    known = [0, 1] if y.ndim > 1 else y.tolist()
    assert {*found.ravel().tolist()} <= {*known}


ONE_LABEL = {"kinds": [*LABELS]}


@claim
@given(problems(CLASSIFIERS, **ONE_LABEL))
def test_names_of_classes_do_not_matter(problem):
    model, X, y, w = problem
    expected = clone(model).fit(X, y, w)
    labels, codes = np.unique(y, return_inverse=True)
    names = np.array(["a", "a b", "b", "ä"])[: len(labels)]
    model.fit(X, names[codes], w)
    assert bits(model) == bits(expected)
    found = np.searchsorted(labels, expected.predict(X))
    assert_array_equal(model.predict(X), names[found])


@claim
@given(problems(**OPTIMUM, **ONE_LABEL), seeds)
def test_the_order_of_classes_does_not_matter_to_a_regression(problem, seed):
    model, X, y, w = problem
    codes = np.unique(y, return_inverse=True)[1]
    order = np.random.RandomState(seed).permutation(codes.max() + 1)
    expected = at_its_optimum(clone(model), X, codes, w).predict_proba(X)
    found = at_its_optimum(model, X, order[codes], w).predict_proba(X)
    assert_allclose(found[:, order], expected, rtol=0, atol=1e-6)


@claim
@given(problems(**OPTIMUM), seeds)
def test_the_order_of_features_does_not_matter_to_a_regression(problem, seed):
    model, X, y, w = problem
    order = np.random.RandomState(seed).permutation(X.shape[1])
    expected = at_its_optimum(clone(model), X, y, w)
    found = at_its_optimum(model, X[:, order], y, w)
    found.coef_ = found.coef_[:, np.argsort(order)]
    assert_same_optimum(found, expected, X)


@claim
@given(problems(**ALL_ROWS), seeds)
def test_the_order_of_rows_does_not_matter_to_solvers_on_all_rows(problem, seed):
    model, X, y, w = problem
    order = np.random.RandomState(seed).permutation(len(X))
    expected = clone(model).fit(X, y, w)
    model.fit(X[order], y[order], w if w is None else w[order])
    assert_same_fit(model, expected)


# -- the same again --------------------------------------------------------------------


def saved(model, folder):
    save_model(model, folder / "model.h5")
    return load_model(folder / "model.h5")


def pickled(model, folder):
    # NumPy keeps the order of bytes from protocol 5 on
    return pickle.loads(pickle.dumps(model, pickle.HIGHEST_PROTOCOL))


def copied(model, folder):
    return copy.deepcopy(model)


@pytest.mark.parametrize("through", [saved, pickled, copied])
@claim
@given(problem=problems(), dtype=FLOATS, wrap=st.sampled_from([*LAYOUTS, csr_matrix]))
def test_a_model_that_comes_back_is_the_same(
    through, problem, dtype, wrap, tmp_path_factory
):
    model, X, y, w = problem
    X = wrap(X.astype(dtype))
    model.fit(X, y, w)
    again = through(model, tmp_path_factory.getbasetemp())
    assert bits(again) == bits(model)
    assert repr(again.get_params()) == repr(model.get_params())
    found = outputs(again, X)
    for name, value in outputs(model, X).items():
        assert_array_equal(found[name], value)
        assert found[name].dtype == value.dtype


@claim
@given(problems())
def test_another_fit_is_the_same_fit(problem):
    model, X, y, w = problem
    expected = bits(model.fit(X, y, w))
    assert bits(clone(model).fit(X, y, w)) == expected
    assert bits(model.fit(X, y, w)) == expected


@claim
@given(problems(NETS, solvers=STEPPING))
def test_a_fit_leaves_nothing_to_the_next(problem):
    model, X, y, w = problem
    expected = bits(clone(model).fit(X, y, w))
    other = np.eye(3, 7), np.arange(3.0)
    assert bits(model.fit(*other).fit(X, y, w)) == expected


@claim
@given(problems(NETS, solvers=STEPPING, standardize=[False]), FLOATS)
def test_partial_fits_are_the_epochs_of_a_fit(problem, dtype):
    model, X, y, w = problem
    X = X.astype(dtype)
    # patience would end the fit, and an adaptive rate waits as patience does
    model.set_params(n_iter_no_change=np.inf, max_iter=3)
    if not is_classifier(model):  # folding in a scale costs the last bit
        model.set_params(standardize_target=False)
    assume(model.learning_rate != "adaptive")
    expected = clone(model).fit(X, y, w)
    assume(np.isfinite(expected.loss_curve_).all())  # it ends where it diverges
    classes = [np.unique(y)] if y.ndim == 1 else [np.arange(y.shape[1])]
    for _ in range(3):
        model.partial_fit(X, y, w, *classes if is_classifier(model) else ())
    assert bits(model) == bits(expected)


@claim
@given(problems(NETS, solvers=STEPPING))
def test_one_partial_fit_is_a_fit_of_one_epoch(problem):
    model, X, y, w = problem
    model.set_params(max_iter=1)
    expected = clone(model).fit(X, y, w)
    classes = [np.unique(y)] if y.ndim == 1 else [np.arange(y.shape[1])]
    model.partial_fit(X, y, w, *classes if is_classifier(model) else ())
    assert bits(model) == bits(expected)
