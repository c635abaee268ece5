"""cloudpickle: what dask, ray and spark send to their workers."""

import pickle
import subprocess
import sys

import cloudpickle
import numpy as np
from numpy.testing import assert_array_equal
from sklearn import clone


def test_a_model_in_a_closure_predicts_in_another_process(wine, model, tmp_path):
    X, y = wine
    fitted = clone(model).fit(X, y)
    task = cloudpickle.dumps(lambda: fitted.predict_proba(X))
    (tmp_path / "task").write_bytes(task)
    code = (
        "import pickle, numpy as np\n"
        "np.save('P.npy', pickle.load(open('task', 'rb'))())"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert_array_equal(np.load(tmp_path / "P.npy"), fitted.predict_proba(X))


def test_the_class_travels_by_its_name(wine, model):
    fitted = clone(model).fit(*wine)
    text = cloudpickle.dumps(fitted)
    assert type(pickle.loads(text)) is type(model)
    assert len(text) < len(pickle.dumps(fitted)) + 200
