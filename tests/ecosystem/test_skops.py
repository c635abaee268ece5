"""skops: files without pickle, whose types have to be trusted one by one."""

import numpy as np
import pytest
import skops.io as sio
from numpy.testing import assert_array_equal
from sklearn import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def test_nothing_but_the_class_has_to_be_trusted(wine, model, tmp_path):
    X, y = wine
    fitted = make_pipeline(StandardScaler(), clone(model)).fit(X, y)
    sio.dump(fitted, tmp_path / "model.skops")
    cls = f"{type(model).__module__}.{type(model).__name__}"
    assert sio.get_untrusted_types(file=tmp_path / "model.skops") == [cls]
    with pytest.raises(sio.exceptions.UntrustedTypesFoundException, match=cls):
        sio.load(tmp_path / "model.skops")
    loaded = sio.load(tmp_path / "model.skops", trusted=[cls])
    assert_array_equal(loaded.predict_proba(X), fitted.predict_proba(X))
    assert_array_equal(loaded.predict(X), fitted.predict(X))
    assert loaded[-1].get_params() == fitted[-1].get_params()


@pytest.mark.parametrize("solver", ["gd", "sgd", "rmsprop", "adam", "adamw"])
def test_training_goes_on_where_it_was(wine, net, bits, solver):
    X, y = wine
    net = clone(net).set_params(solver=solver, keep_optimizer_state=True, batch_size=50)
    net.partial_fit(X, y, classes=np.unique(y))
    data = sio.dumps(net)
    cls = f"{type(net).__module__}.{type(net).__name__}"
    assert sio.get_untrusted_types(data=data) == [cls]
    loaded = sio.loads(data, trusted=[cls])
    assert bits(loaded.partial_fit(X, y)) == bits(net.partial_fit(X, y))
