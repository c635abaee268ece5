"""Export of fitted networks to C, JavaScript, Python and ONNX.

The exported networks run without this package. `to_c`, `to_javascript` and `to_python`
return source code without dependencies (Python optionally uses NumPy), for
microcontrollers, web pages and servers. `to_onnx` returns a model for ONNX runtimes. If
skl2onnx is installed, importing this module registers converters with it, so that it
converts scikit-learn Pipelines that contain estimators of this package.
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
    """Return a fitted estimator as an ONNX model.

    Parameters
    ----------
    model : estimator
        A fitted network, TabularNetClassifier or TabularNetRegressor; a Pipeline that
        ends in one; or a TransformedTargetRegressor of one of them, with a scaler.
        Steps before an ensemble or a network of a table are TableEncoder,
        ColumnTransformer, SimpleImputer, OneHotEncoder, OrdinalEncoder, the scalers
        and FunctionTransformer without a function. Before a network, other steps may
        be an ImageFlattener or any class that skl2onnx converts.
    dtype : {float32, float64}, default=float32
        Dtype of the numbers that come in and go out. Networks are computed in it.
        Behind the columns of a table they are computed as `predict` does: members of
        an ensemble in float64.
    target_opset : int or dict, default=None
        Version of the operators; None takes the newest that skl2onnx supports.

    Returns
    -------
    onnx.ModelProto
        The input is "X", of shape (n_samples, n_features) or images. Of a table, each
        column that the model reads is an input, of shape (n_samples, 1), named as the
        column; see the notes. The outputs are
        "label" and "probabilities"; for regressors "variable", of shape (n_samples,
        n_outputs). Convert it to bytes with `SerializeToString`. Labels are int64 for
        numbers, else texts; numbers beyond int64 are texts, too.

    Raises
    ------
    ModuleNotFoundError
        If skl2onnx is not installed.
    ValueError
        If the dtype is neither float32 nor float64, or the model has a step that
        cannot be exported; the message names it.

    Notes
    -----
    `skl2onnx.convert_sklearn` and `skl2onnx.to_onnx` also convert these estimators, and
    TableEncoder, with all their options. For features far from 0, compared with their
    spread, prefer this function: the scalers of skl2onnx round their means to float32.

    The columns of a table come in so, as `InferenceSession.get_inputs` of onnxruntime
    tells:

    - Numbers, booleans and categories that are numbers: floats of `dtype`; NaN is
      missing. Double also for float32, where rounding a column to float32 would change
      it by more than 1e-6 of its interquartile range (a coordinate far from 0), or
      would change a level. Durations are in days.
    - Integers beyond 2^53: int64; the least int64 is missing.
    - Texts: strings. "" and "nan" are missing, unless they were levels in fit.
    - Dates: days since 1970-01-01 as double, NaN is missing:
      ``(dates - pandas.Timestamp("1970-01-01")) / pandas.Timedelta(days=1)``.

    Columns of a model that was fitted on an array are one input "X" if all are numbers,
    else x0, x1 and so on. Columns without effect are no inputs. Where an encoder of
    scikit-learn would refuse a level, the outputs are NaN.

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
