"""Fitted networks for places without this package: ONNX, C, JavaScript, plain Python.

`to_c`, `to_javascript` and `to_python` give source text that needs nothing else (Python
may have NumPy), for microcontrollers, pages and servers. `to_onnx` gives a model for
the runtimes of ONNX. Where skl2onnx is installed, importing this module registers a
converter with it, so that scikit-learn Pipelines with our estimators in them convert.
"""

import numpy as np

from ._c import to_c
from ._javascript import to_javascript
from ._python import to_python

try:
    from . import _onnx
except ModuleNotFoundError as error:
    if error.name not in ("skl2onnx", "onnx"):
        raise
    _onnx = None

__all__ = ["to_c", "to_javascript", "to_onnx", "to_python"]


def to_onnx(model, *, dtype=np.float32, target_opset=None):
    """A fitted estimator as an ONNX model.

    Parameters
    ----------
    model : estimator
        A fitted network of this package, or a Pipeline with one and with whatever
        steps skl2onnx knows; ImageFlattener is among them.
    dtype : {float32, float64}, default=float32
        Of the numbers it takes and computes with.
    target_opset : int or dict, default=None
        Version of the operators; the newest that skl2onnx knows, without.

    Returns
    -------
    onnx.ModelProto
        Its input is "X", (n_samples, n_features) or images; its outputs are "label"
        and "probabilities", for regressors "variable", (n_samples, n_outputs). Write
        it with `SerializeToString`.

    Raises
    ------
    ModuleNotFoundError
        If skl2onnx is not installed.
    ValueError
        If the dtype is another.

    Notes
    -----
    `skl2onnx.convert_sklearn` and `skl2onnx.to_onnx` take our estimators, too, and all
    their options.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import ShallowNetClassifier
    >>> from sknn_scratch.export import to_onnx
    >>> net = ShallowNetClassifier(4, solver="lbfgs", random_state=0)
    >>> onnx_model = to_onnx(net.fit(*load_iris(return_X_y=True)))  # doctest: +SKIP
    >>> with open("iris.onnx", "wb") as file:  # doctest: +SKIP
    ...     file.write(onnx_model.SerializeToString())
    """
    if _onnx is None:
        raise ModuleNotFoundError(
            "to_onnx needs skl2onnx, which is not installed: pip install skl2onnx."
        )
    return _onnx.to_onnx(model, dtype=dtype, target_opset=target_opset)
