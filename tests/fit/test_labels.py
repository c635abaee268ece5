"""Labels: the y of a classifier as a value. No network is trained."""

import pickle
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.utils import compute_class_weight

from sknn_scratch import DeepNetClassifier, LogisticRegressionScratch
from sknn_scratch._fit.labels import Labels, check_label_types, read_labels

RNG = np.random.RandomState(0)
YS = {
    "binary": RNG.choice(["no", "yes"], 60),
    "bool": np.arange(60) % 2 == 0,
    "multiclass": RNG.choice([3, 7, 9], 60),
    "objects": RNG.choice(np.array(["ä", "b", "c"], object), 60),
    "floats": RNG.choice([-1.0, 2.0, 5.0], 60),
    "multilabel": RNG.randint(2, size=(60, 3)),
}
KINDS = {"bool": "binary", "objects": "multiclass", "floats": "multiclass"}
all_ys = pytest.mark.parametrize("name", YS)


def learn(y, classes=None, **options):
    return Labels.learn(read_labels(y), classes, owner="Net", **options)


@all_ys
def test_decoding_is_the_inverse_of_encoding(name):
    labels, codes = learn(YS[name])
    assert_array_equal(labels.decode(codes), YS[name])


@all_ys
def test_the_kind_is_that_of_y_and_a_unit_decides_each_output(name):
    labels, _ = learn(YS[name])
    kind = KINDS.get(name, name)
    assert labels.kind == kind
    n_classes = len(np.unique(YS[name]))
    outputs = {"binary": 1, "multiclass": n_classes, "multilabel": 3}
    assert labels.n_outputs == outputs[kind]
    assert labels.targets(learn(YS[name])[1], "f4").shape == (60, labels.n_outputs)


@all_ys
def test_a_pickle_is_the_same_labels(name):
    labels, codes = learn(YS[name])
    again = pickle.loads(pickle.dumps(labels))
    assert_array_equal(again.classes, labels.classes)
    assert (again.kind, again.dtype) == (labels.kind, labels.dtype)
    assert_array_equal(again.decode(codes), labels.decode(codes))


def test_classes_that_are_named_may_be_missing_from_y():
    labels, codes = learn(np.array([2, 1, 2]), classes=[3, 1, 2])
    assert labels.classes.tolist() == [1, 2, 3]
    assert codes.tolist() == [1, 0, 1]


def test_labels_that_go_on_keep_their_classes():
    before, _ = learn(np.array([0, 1, 2]))
    labels, codes = learn(np.array([2, 2]), before=before, partial=True)
    assert labels is before
    assert codes.tolist() == [2, 2]
    with pytest.raises(ValueError, match=r"Net goes on from a fit on classes \[0, 1"):
        learn(np.array([2, 2]), before=before)


def test_other_labels_are_refused_by_name():
    labels, _ = learn(np.array([0, 1]))
    with pytest.raises(ValueError, match=r"y_val must hold the labels of classes=\[0"):
        labels.encode_validation(np.array([0, 2]))
    with pytest.raises(ValueError, match="y_val must be one class a row"):
        labels.encode_validation(np.array([[0, 1], [1, 0]]))


def test_too_few_classes_are_refused():
    with pytest.raises(ValueError, match="Net needs at least 2 classes in y, got 1"):
        learn(np.array([5, 5]), fewest=2)
    with pytest.raises(ValueError, match="classes must name at least one class"):
        learn(np.array([5, 5]), classes=[])


def test_sparse_multilabel_targets_are_those_of_the_dense_ones():
    y = YS["multilabel"]
    assert_array_equal(learn(csr_matrix(y))[1], learn(y)[1])


def test_balanced_weights_are_scikit_learn_s():
    y = YS["multiclass"]
    labels, codes = learn(y)
    labels = labels.weighted("balanced", codes, np.ones(60))
    expected = compute_class_weight("balanced", classes=labels.classes, y=y)
    np.testing.assert_allclose(labels.row_weights(codes), expected[codes], rtol=1e-15)


def test_balanced_weights_count_the_weights_of_rows():
    y, w = YS["multiclass"], RNG.rand(60)
    labels, codes = learn(y)
    w_balanced = w * labels.weighted("balanced", codes, w).row_weights(codes)
    totals = np.bincount(codes, w_balanced)
    np.testing.assert_allclose(totals, w.sum() / 3, rtol=1e-14)


def test_balanced_weights_of_several_labels_multiply():
    y = YS["multilabel"]
    labels, codes = learn(y)
    labels = labels.weighted("balanced", codes, np.ones(60))
    expected = np.ones(60)
    for column in y.T:
        counts = np.bincount(column, minlength=2)
        expected *= 60 / (2 * counts[column])
    np.testing.assert_allclose(labels.row_weights(codes), expected, rtol=1e-14)


def test_without_class_weight_rows_weigh_as_they_are():
    labels, codes = learn(YS["binary"])
    assert labels.weighted(None, codes, np.ones(60)).row_weights(codes) == 1.0


def test_one_hot_labels_get_a_word():
    codes = np.eye(3, dtype=int)[np.arange(30) % 3]
    labels, codes = learn(codes)
    assert "exactly one 1 in each row of its 3 columns" in labels.note(codes)
    codes[0] = 1
    assert labels.note(codes) is None
    assert learn(np.arange(30) % 3)[0].note(np.arange(30) % 3) is None


def test_few_rows_or_two_columns_may_look_like_that_by_chance():
    labels, codes = learn(np.eye(2, dtype=int)[np.arange(30) % 2])
    assert labels.note(codes) is None
    labels, codes = learn(np.eye(3, dtype=int))
    assert labels.note(codes) is None


# -- labels that are no labels ---------------------------------------------------------


def each(*labels):
    return [*labels] * 4


def objects(*labels):
    y = np.empty(4 * len(labels), object)
    y[:] = each(*labels)
    return y


REFUSED = {  # y, error, words
    "numbers and texts": (each(1, "a"), r"got int \(1\), str \('a'\)"),
    "the same, as objects": (objects(1, "a"), r"got int \(1\), str \('a'\)"),
    "float and text": (objects(1.5, "a"), r"got float \(1.5\), str \('a'\)"),
    "bool and text": (each(True, "a"), r"got bool \(True\), str \('a'\)"),
    "of NumPy": (each(np.int64(1), np.str_("a")), "got int64 .*, str_ "),
    "bytes and text": (each(b"a", "b"), "bytes .*, str .*np.char.decode"),
    "None among texts": (each("a", None), "got None in row 1; leave such rows out"),
    "None among objects": (objects("a", "b", None), "got None in row 2"),
    "None among numbers": (each(1, None), "got None in row 1"),
    "NaN among texts": (each("a", np.nan), "got nan in row 1"),
    "NaN among objects": (objects("a", np.float32("nan")), "got .*nan.* in row 1"),
    "NA of pandas": (pd.Series(each("a", "b", None), dtype="string"), "<NA> in row 2"),
    "column": (objects("a", None).reshape(-1, 1), "got None in row 1"),
    "integers as objects": (objects(1, 2), r"objects: int .*y.astype\('int64'\)"),
    "floats as objects": (objects(1.5, 2), r"objects: .*y.astype\('float64'\)"),
    "bools as objects": (objects(True, False), r"y.astype\('bool'\)"),
    "bytes": (np.array(each(b"a", b"b")), r"bytes .* with np.char.decode\("),
    "list of bytes": (each(b"a", b"b"), r"bytes .* with np.char.decode\("),
    "dicts": (objects({}, {1: 2}), r"one type, numbers or texts, got dict"),
    "decimals": (objects(Decimal(1), Decimal(2)), "got Decimal"),
    "long": (objects("a" * 10_000, 1), "got str .*, int"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_labels_that_cannot_be_classes_are_named(case):
    y, words = case
    X = np.arange(2.0 * len(y)).reshape(-1, 2)
    refusal = pytest.raises((ValueError, TypeError), match=f"y must .*{words}")
    with refusal as caught:
        LogisticRegressionScratch().fit(X, y)
    assert len(str(caught.value)) <= 300
    assert "continuous" not in str(caught.value)
    with pytest.raises((ValueError, TypeError), match=words):
        DeepNetClassifier((2,)).fit(X, np.arange(len(y)) % 2, X_val=X, y_val=y)


@pytest.mark.parametrize("case", ["numbers and texts", "None among texts", "bytes"])
def test_classes_are_judged_as_labels_are(case):
    y, words = REFUSED[case]
    with pytest.raises((ValueError, TypeError), match=f"classes must .*{words}"):
        DeepNetClassifier((2,)).partial_fit(np.eye(2), ["a", "b"], classes=y)


@pytest.mark.parametrize(
    "y",
    [
        each(1, True, 2.0),
        each(np.int8(1), 2),
        each("a", np.str_("b")),
        pd.Series(each("a", "b")),
        pd.Series(each("a", "b"), dtype="string"),
        pd.Series(each("a", "b"), dtype="category"),
        tuple(each("a", "b")),
        each([0, 1], [1, 0]),
        csr_matrix(each([0, 1], [1, 0])),
    ],
    ids=lambda y: type(y).__name__,
)
def test_labels_of_one_kind_are_taken(y):
    assert check_label_types(y) is None
    X = np.ones((y.shape[0] if hasattr(y, "shape") else len(y), 2))
    DeepNetClassifier((2,), max_iter=1, warn=False).fit(X, y)
