"""What a model file of sknn_scratch puts out, with h5py and NumPy alone."""

import datetime
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
        *before, last = (file[f"step{i}"] for i in range(file.attrs["n_steps"]))
        table = last.attrs["class"].startswith(b"TabularNet")
        A = X if table or is_table(before) else np.reshape(X, (len(X), -1)).T
        for step in before:
            A = transformed(step, A)
        return (ensemble if table else network)(last, A).T


def network(net, A, T=1.0):
    """Return what a network puts out, its last Z divided by T."""
    names = [*json.loads(net.attrs["activations"]), net.attrs["output"].decode()]
    options = [*json.loads(net.attrs["activation_options"]), []]
    for l, (name, option) in enumerate(zip(names, options, strict=True), 1):
        Z = net[f"W{l}"][:] @ A + net[f"b{l}"][:]
        A = G[name](Z if l < len(names) else Z / T, **dict(option))
    return A


def ensemble(step, X):
    """Return the mean of the members: one temperature, or within the y of training."""
    fitted, A = json.loads(step.attrs["fitted"]), encoded(step["encoder"], X)
    members, T = range(fitted["n_members"]), fitted.get("temperature", 1.0)
    P = np.array([network(step[f"member{i}"], A, T) for i in members])
    if "temperature" in fitted:
        e = 1 / (fitted["n_rows"] + 1)
        K = P.shape[1] if step.attrs["kind"] == b"multiclass" else 2
        return (1 - e) * P.mean(0) + e / K
    P = P.clip(step["range_low"][:][:, None], step["range_high"][:][:, None])
    return np.sort(P, 1).mean(0) if step.attrs["kind"] == b"quantile" else P.mean(0)


def is_table(steps):
    """Return whether the first step takes a table and no matrix."""
    return bool(steps) and steps[0].attrs["class"] == b"TableEncoder"


def transformed(step, A):
    """Return what a step before the network makes of columns of examples."""
    if step.attrs["class"] == b"TableEncoder":
        return encoded(step, A)
    p = json.loads(step.attrs["parameters"])
    v = {k: d[:][:, None] for k, d in step.items() if d.ndim}
    if step.attrs["class"] == b"ImageFlattener":
        return A / p["scale"]
    if step.attrs["class"] == b"MinMaxScaler":
        A = A * v["scale_"] + v["min_"]
        return A.clip(*p["feature_range"]["tuple"]) if p["clip"] else A
    # StandardScaler, RobustScaler, MaxAbsScaler
    A = A - v["mean_"] if p.get("with_mean") else A - v.get("center_", 0)
    A = A / v.get("scale_", 1)
    return A.clip(-1, 1) if p.get("clip") else A


def encoded(encoder, X):
    """Return the outputs of a TableEncoder as columns; X is a list of rows."""
    out = []
    columns = json.loads(bytes(encoder["columns"][:]))
    for c, x in zip(columns, np.array(X, object).T, strict=True):
        missing = np.array([v is None or v != v for v in x])
        out += {"numeric": numbers, "time": times, "category": levels}[c["kind"]](
            c, x, missing
        )
    return np.array(out, float) if out else np.zeros((1, len(X)))


def levels(c, x, missing):
    """Return the outputs of a category: one a level, the rest, what is missing."""
    known = [
        level if not isinstance(level, dict) else date(level) for level in c["levels"]
    ]
    n, rest = len(known), c["has_rest"]
    code = [n if v not in known else known.index(v) for v in np.where(missing, None, x)]
    k = np.where(missing, -1, code)
    if n == 2 and not rest and not c["has_missing"]:
        return [(k == 1) * 1.0 - (k == 0)]
    hot = [k == j for j in range(n + rest)] if n + rest > 1 else []
    return hot + [missing] * (c["has_missing"])


def numbers(c, x, missing):
    """Return the outputs of a column of numbers."""
    return spread(
        c,
        np.array(
            [
                0 if m else float(v - c["origin"] if c["origin"] else v)
                for v, m in zip(x, missing, strict=True)
            ]
        ),
        missing,
    )


def spread(c, x, missing):
    """Return z, what is missing, and the bins."""
    x = np.where(missing, c["median"], x)
    out, t = [], c["edges"]
    if c["scale"]:
        z = ((x - c["median"]) / c["scale"]).clip(-1e8, 1e8)
        out.append(z / np.sqrt(1 + (z / 3) ** 2))
    out += [missing] * c["has_missing"]
    return out + [
        ((x - a) / (b - a)).clip(0, 1) for a, b in zip(t, t[1:], strict=False)
    ]


def times(c, x, missing):
    """Return days since the origin as numbers, and cycles."""
    x = np.where(missing, np.datetime64(0, "us"), x).astype("M8[us]")
    day = x.astype("M8[D]")
    part = (x - day) / np.timedelta64(1, "D")
    out = spread(c, day.astype(int) - c["origin"] + part, missing)
    phases = {
        "month": x.astype("M8[M]").astype(int) % 12 / 12,
        "weekday": (day.astype(int) + 3) % 7 / 7,
        "time": part,
    }
    for cycle in c["cycles"]:
        angle = 2 * np.pi * phases[cycle]
        out += [np.where(missing, 0, f(angle)) for f in (np.sin, np.cos)]
    return out


def date(level):
    """Return a level that JSON lacks."""
    ((kind, value),) = level.items()
    if kind == "float":
        return float(value)
    if kind == "timedelta":
        return datetime.timedelta(*value)
    return getattr(datetime, kind).fromisoformat(value)
