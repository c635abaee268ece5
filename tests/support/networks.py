"""Twenty fitted networks of all kinds, for tests of what is made of a network."""

import numpy as np
from numpy.random import RandomState
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch.preprocessing import ImageFlattener

NAMES = ["apple", 'the "pear"', "plum\\n", "quince?", "Äpfel", "z"]
SCALERS = [None, StandardScaler, MinMaxScaler, MaxAbsScaler, "images"]


def targets(kind, rng, X):
    """y of a kind that has to do with X."""
    Z = X @ rng.randn(X.shape[1], 5) + 0.3 * rng.randn(len(X), 5)
    return {
        "binary": Z[:, 0] > 0,
        "numbered": np.where(Z[:, 0] > 0, 7, -3),
        "multiclass": Z.argmax(axis=1),
        "texts": np.array(NAMES)[Z.argmax(axis=1)],
        "multilabel": (Z[:, :3] > 0).astype(int),
        "regression": Z[:, 0],
        "several": Z[:, :3],
        "poisson": rng.poisson(np.exp(np.clip(Z[:, 0] / 3, -3, 3))),
    }[kind]


KINDS = ["binary", "numbered", "multiclass", "texts", "multilabel", "regression"]
KINDS += ["several", "poisson"]


def network(seed):
    """A fitted network, or a Pipeline with one, and 1000 rows for it."""
    rng = RandomState(seed)
    kind, activations = KINDS[seed % len(KINDS)], sorted(ACTIVATIONS)
    d = 2 * rng.randint(1, 20)
    centre = 3 * rng.randn(d)
    X, X_new = centre + rng.randn(150, d), centre + 1.5 * rng.randn(1000, d)
    y = targets(kind, rng, X - centre)
    sizes = [int(rng.randint(1, 30)) for _ in range(seed % 4)]
    options = {
        "activation": [activations[(seed + l) % len(activations)] for l in range(3)],
        "standardize": bool(seed // 2 % 2),
        "random_state": seed,
        "learning_rate_init": 0.01,
        "max_iter": 15,
        "warn": False,
    }
    options["activation"] = options["activation"][: len(sizes)] or "relu"
    if "leaky_relu" in options["activation"]:
        options["negative_slope"] = 0.2
    regressor = kind in ("regression", "several", "poisson")
    if regressor:
        options["loss"] = "poisson" if kind == "poisson" else "squared_error"
    if len(sizes) == 1:
        cls = ShallowNetRegressor if regressor else ShallowNetClassifier
        net = cls(
            n_hidden=sizes[0], **options | {"activation": options["activation"][0]}
        )
    elif not sizes and not regressor:
        net = LogisticRegressionScratch(standardize=options["standardize"])
    else:
        cls = DeepNetRegressor if regressor else DeepNetClassifier
        net = cls(hidden_layer_sizes=sizes, **options)
    dtype = np.float32 if seed % 3 == 1 else np.float64
    X, X_new = X.astype(dtype), X_new.astype(dtype)
    scaler = SCALERS[seed % len(SCALERS)]
    if scaler == "images":
        X, X_new = (rows.reshape(len(rows), 2, -1) for rows in (X, X_new))
        net = make_pipeline(ImageFlattener(scale=4), net)
    elif scaler is not None:
        net = make_pipeline(scaler(), net)
    return net.fit(X, y), X_new


def expected(model, X):
    """What the model says of X: probabilities, or predictions as columns."""
    if hasattr(model, "predict_proba"):
        return model.predict_proba(X)
    return model.predict(X).reshape(len(X), -1)


every_network = range(20)
