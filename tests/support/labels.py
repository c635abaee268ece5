"""Labels that other languages may get wrong, and a model for them."""

import numpy as np
from numpy.random import RandomState

from sknn_scratch import LogisticRegressionScratch

TEXTS = ['say "a"', "b\\n", "</script><b>", "new\nline\ttab", "$x ${y} %s", "\x01\x7f"]
LABELS = {
    "beyond 2^53": np.array([2**53, 2**53 + 1, 2**53 + 2]),
    "a pair beyond 2^53": np.array([2**53 + 1, 2**53 + 2]),
    "negative": np.array([-(2**63), -(2**53) - 1, -(2**53), -1]),
    "beyond 2^63": np.array([3, 2**63 + 1, 2**63 + 2, 2**64 - 1], np.uint64),
    "uint64": np.array([1, 2**53 - 1], np.uint64),
    "beyond int32": np.array([2**31, 2**31 + 1, -(2**31) - 1]),
    "bool": np.array([False, True]),
    "floats": np.array([-1.0, 0.0, 2.0**60]),
    "float32": np.array([1, 2**24], np.float32),
    "int8": np.array([-128, 127], np.int8),
    "texts": np.array(TEXTS),
    "objects": np.array([*TEXTS, "日本", "😀"], object),
    "NumPy's texts": np.array([np.str_("a"), np.str_("b")], object),
    "numbers as texts": np.array(["1", "01", "1.0"]),
}


def labelled(labels):
    """A classifier of these labels, and 500 rows that have every one of them."""
    rng, k = RandomState(0), len(labels)
    X = np.column_stack([np.eye(k)[np.arange(500) % k], rng.randint(-3, 4, 500)])
    model = LogisticRegressionScratch().fit(X, labels[np.arange(500) % k])
    assert len(np.unique(model.predict(X))) == k
    return model, X
