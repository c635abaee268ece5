"""scikit-learn-intelex: it swaps scikit-learn's classes, and only those."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import clone

CODE = """
import pickle, sys
import numpy as np
if {early}:
    import sknn_scratch
from sklearnex import patch_sklearn
patch_sklearn()
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
assert LogisticRegression.__module__.startswith(("sklearnex", "daal4py"))
import sknn_scratch
model, X, y = pickle.load(open("task", "rb"))
cls = type(model)
assert cls is getattr(sknn_scratch, cls.__name__)
origins = {{base.__module__.split(".")[0] for base in cls.__mro__}}
assert origins <= {{"sknn_scratch", "sklearn", "builtins", "abc"}}, origins
np.save("P.npy", model.fit(X, y).predict_proba(X))
assert cross_val_score(model, X, y, cv=3).mean() > 0.9
"""


@pytest.mark.parametrize("early", [True, False], ids=["imported early", "or late"])
def test_a_patched_scikit_learn_gives_the_same_models(wine, model, tmp_path, early):
    X, y = wine
    (tmp_path / "task").write_bytes(pickle.dumps((clone(model), X, y)))
    code = CODE.format(early=early)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    expected = clone(model).fit(X, y).predict_proba(X)
    assert_array_equal(np.load(tmp_path / "P.npy"), expected)
