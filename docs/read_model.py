"""What a model file of sknn_scratch puts out, with h5py and NumPy alone."""

import json

import h5py
import numpy as np

G = {
    "identity": lambda z: z,
    "logistic": lambda z: 1 / (1 + np.exp(-z)),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z, negative_slope: np.maximum(z, negative_slope * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: z / 2 * (1 + np.tanh(0.7978845608 * (z + 0.044715 * z**3))),
    "softplus": lambda z: np.logaddexp(0, z),
    "swish": lambda z: z / (1 + np.exp(-z)),
    "exp": np.exp,
    "softmax": lambda z: np.exp(z - z.max(0)) / np.exp(z - z.max(0)).sum(0),
}


def outputs(path, X):
    """Return a column for each class, label or target; of two, P(classes[1])."""
    with h5py.File(path) as file:
        A = np.reshape(X, (len(X), -1)).T
        *before, net = (file[f"step{i}"] for i in range(file.attrs["n_steps"]))
        for step in before:
            p = json.loads(step.attrs["parameters"])
            v = {k: d[:][:, None] for k, d in step.items() if d.ndim}
            if step.attrs["class"] == b"ImageFlattener":
                A = A / p["scale"]
            elif step.attrs["class"] == b"MinMaxScaler":
                A = A * v["scale_"] + v["min_"]
                A = A.clip(*p["feature_range"]["tuple"]) if p["clip"] else A
            else:  # StandardScaler, RobustScaler, MaxAbsScaler
                A = A - v["mean_"] if p.get("with_mean") else A - v.get("center_", 0)
                A = A / v.get("scale_", 1)
                A = A.clip(-1, 1) if p.get("clip") else A
        names = [*json.loads(net.attrs["activations"]), net.attrs["output"].decode()]
        options = [*json.loads(net.attrs["activation_options"]), []]
        for l, (name, option) in enumerate(zip(names, options, strict=True), 1):
            A = G[name](net[f"W{l}"][:] @ A + net[f"b{l}"][:], **dict(option))
        return A.T
