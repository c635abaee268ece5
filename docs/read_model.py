"""What a model file of sknn_scratch predicts, with h5py and NumPy alone.

A file holds steps, a step is a group of the file. `STEPS` has a function for each class
of steps: from the group and the rows, (m, n), to new rows or to predictions.
"""

import datetime
import json

import h5py
import numpy as np


def outputs(path, X):
    """Return the predict_proba of a classifier, the predict of a regressor.

    X is an array of rows. Those of a table are an array of objects, in which None and
    NaN are missing, or a data frame of pandas.
    """
    if not isinstance(X, np.ndarray):  # pandas would round large numbers beside floats
        X = np.array(X.astype(object) if hasattr(X, "astype") else X, object)
    with h5py.File(path) as file:
        return pipeline(file, X)


def predict(path, X):
    """Return the class of each row, its zeros and ones for labels, or its numbers."""
    A = outputs(path, X)
    with h5py.File(path) as file:
        last = steps_of(file)[-1]
        while last.attrs["class"] == b"Pipeline":
            last = steps_of(last)[-1]
        if last.attrs.get("kind") == b"multilabel":
            return (A > 0.5).astype(int)
        if "classes" not in last:
            return A
        classes = last["classes"][:]
        dtype = np.dtype(fitted(last)["classes_dtype"])
    if classes.dtype.kind == "S":
        classes = np.char.decode(classes, "utf-8")
    classes = classes.view(dtype) if dtype.kind in "mM" else classes.astype(dtype)
    return classes[A.argmax(1)]


# -- JSON ------------------------------------------------------------------------------


def parameters(step):
    """Return the parameters of a step, as scikit-learn names them."""
    return values_of(step.attrs["parameters"])


def fitted(step):
    """Return what a step has learned, but for its arrays."""
    return values_of(step.attrs["fitted"])


def values_of(text):
    """Return the values of a JSON object."""
    return {key: decoded(value) for key, value in json.loads(text).items()}


def decoded(value):
    """Return a value of JSON; an object of one key is what JSON lacks."""
    if isinstance(value, list):
        return [decoded(v) for v in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    return FROM_JSON[kind](decoded(content))


FROM_JSON = {
    "float": float,
    "tuple": tuple,
    "dict": dict,
    "array": np.array,
    "dtype": np.dtype,
    "type": lambda name: np.dtype(name.removeprefix("numpy.")),
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "timedelta": lambda parts: datetime.timedelta(*parts),
}


def lists_of_levels(dataset):
    """Return a list of levels for each column of an encoder."""
    lists = []
    for part in json.loads(bytes(dataset[:])):
        values, dtype = decoded(part["values"]), np.dtype(part["dtype"])
        if dtype.kind in "mM":  # microseconds become Python's dates
            dates = np.array(values, np.int64).view(dtype.newbyteorder("="))
            values = dates.astype(f"{dtype.kind}8[us]").tolist()
        lists.append(values)
    return lists


# -- steps that hold others ------------------------------------------------------------


def applied(step, X):
    """Return what a step makes of rows."""
    return STEPS[step.attrs["class"].decode()](step, X)


def steps_of(group):
    """Return the groups step0, step1, ... within a group."""
    n = sum(name.startswith("step") for name in group)
    return [group[f"step{i}"] for i in range(n)]


def pipeline(group, X):
    """Return what the steps make of rows, one after the other."""
    for step in steps_of(group):
        X = applied(step, X)
    return X


def columns(group, X):
    """Return what the steps of a ColumnTransformer make of their columns."""
    parts = []
    for i, (_, _, indices, state) in enumerate(fitted(group)["transformers"]):
        if state == "passthrough":
            parts.append(X[:, indices])
        elif state == "fitted":
            parts.append(applied(group[f"transformer{i}"], X[:, indices]))
    return np.hstack(parts)


def scaled_target(group, X):
    """Return what the regressor predicts, in the units of y."""
    A = applied(group["regressor"], X).reshape(len(X), -1)
    scaler = group["transformer"]
    A = UNSCALED.get(scaler.attrs["class"].decode(), unscaled)(scaler, A)
    return A.ravel() if fitted(group)["training_dim"] == 1 and A.shape[1] == 1 else A


# -- numbers ---------------------------------------------------------------------------


def floats(X):
    """Return a copy of X as float32 if it is that, else as float64."""
    return np.array(X, np.float32 if X.dtype == np.float32 else np.float64)


def images(step, X):
    """Return each image as a row of numbers, divided by the scale."""
    p = parameters(step)
    dtype = p.get("dtype") or (np.float32 if X.dtype == np.float32 else np.float64)
    return np.divide(X.reshape(len(X), -1), p["scale"], dtype=dtype)


def centre_and_scale(step):
    """Return what a StandardScaler, RobustScaler or MaxAbsScaler has learned."""
    p, centre, scale = parameters(step), 0, 1
    for flag, name in (("with_mean", "mean_"), ("with_centering", "center_")):
        if name in step and p.get(flag, True):
            centre = step[name][:]
    if "scale_" in step and p.get("with_std", p.get("with_scaling", True)):
        scale = step["scale_"][:]
    return centre, scale


def scaled(step, X):
    """Return (x - centre) / scale."""
    (centre, scale), X = centre_and_scale(step), floats(X)
    X -= centre
    X /= scale
    return X.clip(-1, 1) if parameters(step).get("clip") else X


def unscaled(step, X):
    """Return x scale + centre."""
    (centre, scale), X = centre_and_scale(step), floats(X)
    X *= scale
    X += centre
    return X


def min_max_scaled(step, X):
    """Return x scale + min of a MinMaxScaler."""
    p, X = parameters(step), floats(X)
    X *= step["scale_"][:]
    X += step["min_"][:]
    return X.clip(*p["feature_range"]) if p["clip"] else X


def min_max_unscaled(step, X):
    """Return (x - min) / scale of a MinMaxScaler."""
    X = floats(X)
    X -= step["min_"][:]
    X /= step["scale_"][:]
    return X


def imputed(step, X):
    """Return X with a value where one is missing, and columns that say where."""
    p, seen = parameters(step), fitted(step)
    (fill,) = lists_of_levels(step["statistics"])
    numeric = np.dtype(seen["_fit_dtype"]).kind != "O"
    X = floats(X) if numeric else X.astype(object)
    value = p["missing_values"]
    missing = X != X if value != value else X == value
    kept = [p["keep_empty_features"] or v == v for v in fill]
    X = np.where(missing, np.array(fill, X.dtype), X)[:, kept]
    if p["add_indicator"]:
        X = np.hstack([X, missing[:, seen["indicator"]]])
    return X


# -- levels ----------------------------------------------------------------------------


def numbers_of_levels(levels, rare, x):
    """Return the number of each value's level, -1 of an unknown one, and their count.

    Rare levels share the last number.
    """
    i = np.arange(len(levels))
    shared = np.where(np.isin(i, rare or []), len(i), i)
    names, number = np.unique(shared, return_inverse=True)
    known = dict(zip(map(key, levels), number.tolist(), strict=True))
    return np.array([known.get(key(v), -1) for v in x], int), len(names)


def key(level):
    """Return NaN as one object: it is not equal to itself."""
    return level if level == level else np.nan


def levels_of(step):
    """Return the levels of each column and the indices of rare ones, or None."""
    levels = lists_of_levels(step["categories"])
    rare = fitted(step)["infrequent"] or [None] * len(levels)
    return zip(levels, rare, strict=True)


def check_known(p, unknown):
    """Raise ValueError for a level that the parameters do not allow."""
    if p["handle_unknown"] == "error" and unknown.any():
        raise ValueError("X must hold no level that the model has not seen.")


def one_hot(step, X):
    """Return a column for each level: 1 where the value is that level, else 0."""
    p, out = parameters(step), []
    for j, (levels, rare) in enumerate(levels_of(step)):
        k, n = numbers_of_levels(levels, rare, X[:, j])
        check_known(p, k < 0)
        if rare and p["handle_unknown"] in ("infrequent_if_exist", "warn"):
            k[k < 0] = n - 1
        dropped = []
        if p["drop"] == "first" or (p["drop"] == "if_binary" and n == 2):
            dropped = [0]
        elif isinstance(p["drop"], list | tuple | np.ndarray):
            dropped, _ = numbers_of_levels(levels, rare, [p["drop"][j]])
        out.append(np.delete(k[:, None] == np.arange(n), dropped, axis=1))
    return np.hstack(out).astype(p["dtype"])


def ordinal(step, X):
    """Return the number of each value's level."""
    p, out = parameters(step), np.empty(X.shape)
    for j, (levels, rare) in enumerate(levels_of(step)):
        present = [level for level in levels if level == level]
        k, _ = numbers_of_levels(present, rare, X[:, j])
        missing = np.array([v != v for v in X[:, j]], bool)
        missing &= len(present) < len(levels)
        check_known(p, (k < 0) & ~missing)
        out[:, j] = k
        out[k < 0, j] = p["unknown_value"]
        out[missing, j] = p["encoded_missing_value"]
    return out.astype(p["dtype"])


# -- tables ----------------------------------------------------------------------------


def table(encoder, X):
    """Return the outputs of a TableEncoder."""
    out, dtype = [], np.dtype(parameters(encoder)["dtype"])
    described = json.loads(bytes(encoder["columns"][:]))
    for c, x in zip(described, X.T, strict=True):
        missing = np.array([v is None or v != v for v in x], bool)
        out += COLUMNS[c["kind"]](c, x, missing, dtype)
    return np.array(out, dtype).reshape(-1, len(X)).T


def category(c, x, missing, dtype):
    """Return a column for each level, for the rest, for what is missing."""
    k, n = numbers_of_levels(decoded(c["levels"]), [], np.where(missing, None, x))
    k[(k < 0) & ~missing] = n
    if n == 2 and not c["has_rest"] and not c["has_missing"]:
        return [(k == 1) * 1.0 - (k == 0)]
    n += c["has_rest"]
    hot = [k == j for j in range(n)] if n > 1 else []
    return hot + [missing] * c["has_missing"]


def number(c, x, missing, dtype):
    """Return the outputs of a column of numbers."""
    x = np.where(missing, 0, x)
    return spread(c, np.array([as_number(v, c["origin"]) for v in x]), missing, dtype)


def as_number(v, origin):
    """Return v - origin; a duration and a time of day are counted in days."""
    if isinstance(v, int | np.integer):
        return float(int(v) - origin)
    if isinstance(v, datetime.time):
        v = datetime.datetime.combine(datetime.date.min, v) - datetime.datetime.min
    day = datetime.timedelta(days=1)
    return float(v / day if isinstance(v, datetime.timedelta) else v) - origin


def spread(c, x, missing, dtype):
    """Return z, what is missing, and the bins."""
    x, t = np.where(missing, c["median"], x), np.array(c["edges"])
    out = []
    if c["scale"]:
        z = ((x - c["median"]) / c["scale"]).clip(-1e8, 1e8)
        out.append(z / np.sqrt(1 + (z / 3) ** 2))
    out += [missing] * c["has_missing"]
    if len(t):  # the position in the bins, of which each output is a part
        i = np.searchsorted(t[1:-1], x, side="right")
        q = i + ((x - t[i]) / np.diff(t)[i]).clip(0, 1)
        out += [(q.astype(dtype) - j).clip(0, 1) for j in range(len(t) - 1)]
    return out


def of_its_zone(v):
    """Return a date with a time zone as the clocks in it show; NumPy would take UTC."""
    return v.replace(tzinfo=None) if isinstance(v, datetime.datetime) else v


def time(c, x, missing, dtype):
    """Return days since the origin as numbers, and cycles."""
    x = np.where(missing, np.datetime64(0, "us"), [of_its_zone(v) for v in x])
    x = x.astype("M8[us]")
    day = x.astype("M8[D]")
    part = (x - day) / np.timedelta64(1, "D")
    out = spread(c, day.astype(int) - c["origin"] + part, missing, dtype)
    phases = {
        "month": x.astype("M8[M]").astype(int) % 12 / 12,
        "weekday": (day.astype(int) + 3) % 7 / 7,
        "time": part,
    }
    for cycle in c["cycles"]:
        angle = 2 * np.pi * phases[cycle]
        out += [np.where(missing, 0, f(angle)) for f in (np.sin, np.cos)]
    return out


COLUMNS = {"numeric": number, "category": category, "time": time}

# -- networks --------------------------------------------------------------------------

G = {
    "identity": lambda z: z,
    "logistic": lambda z: np.exp(-np.logaddexp(0, -z)),
    "sigmoid": lambda z: np.exp(-np.logaddexp(0, -z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z, negative_slope: np.maximum(z, negative_slope * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: z / 2 * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3))),
    "softplus": lambda z: np.logaddexp(0, z),
    "swish": lambda z: z * np.exp(-np.logaddexp(0, -z)),
    "exp": lambda z: np.exp(np.minimum(z, 0.49 * np.log(np.finfo(z.dtype).max))),
    "softmax": lambda z: np.exp(z - z.max(0)) / np.exp(z - z.max(0)).sum(0),
}


def last_Z(net, A):
    """Return Z[L] of columns of examples."""
    options = json.loads(net.attrs["activation_options"])
    for l, name in enumerate(json.loads(net.attrs["activations"]), 1):
        Z = net[f"W{l}"][:] @ A + net[f"b{l}"][:]
        A = G[name](Z, **dict(options[l - 1]))
    L = len(options) + 1
    return net[f"W{L}"][:] @ A + net[f"b{L}"][:]


def last_A(step, Z):
    """Return A[L]; of two classes, a row for each."""
    g = G[step.attrs["output"].decode()]
    return np.concatenate([g(-Z), g(Z)]) if step.attrs["kind"] == b"binary" else g(Z)


def classifier(net, X):
    """Return probabilities, none of which is 0, and of labels none is 1."""
    Z = last_Z(net, X.T.astype(net["W1"].dtype))
    limits = np.finfo(Z.dtype)
    P = np.maximum(last_A(net, Z), limits.tiny)
    labels = net.attrs["kind"] == b"multilabel"
    return (np.minimum(P, 1 - limits.epsneg) if labels else P).T


def regressor(net, X):
    """Return the numbers that a network predicts."""
    return numbers(net, last_A(net, last_Z(net, X.T.astype(net["W1"].dtype))))


def numbers(step, A):
    """Return a row for each example, a number if y was that; quantiles are sorted."""
    shape, level = fitted(step)["target_shape"], fitted(step).get("quantile")
    if isinstance(level, tuple):
        return np.sort(A, 0).T
    return A.T if len(shape) else A.ravel()


# -- ensembles of networks -------------------------------------------------------------


def of_members(step, X):
    """Return Z[L] of each member in float64, and what is known of the ensemble."""
    A = table(step["encoder"], X).T.astype(np.float64)
    A = A if len(A) else np.zeros((1, len(X)))
    known = fitted(step)
    return [last_Z(step[f"member{i}"], A) for i in range(known["n_members"])], known


def mean_probabilities(step, X):
    """Return the mean of the members at one temperature, not quite 0 or 1."""
    Zs, known = of_members(step, X)
    P = np.mean([last_A(step, Z / known["temperature"]).T for Z in Zs], 0)
    e = 1 / (known["n_rows"] + 1)
    K = 2 if step.attrs["kind"] == b"multilabel" else P.shape[1]
    return (1 - e) * P + e / K


def mean_numbers(step, X):
    """Return the mean of the members, each within the y of the training."""
    low, high = (step[f"range_{end}"][:].reshape(-1, 1) for end in ("low", "high"))
    members = [last_A(step, Z).clip(low, high) for Z in of_members(step, X)[0]]
    if step.attrs["kind"] == b"quantile":
        members = np.sort(members, 1)
    return numbers(step, np.mean(members, 0))


STEPS = {
    "passthrough": lambda step, X: X,
    "Pipeline": pipeline,
    "ColumnTransformer": columns,
    "TransformedTargetRegressor": scaled_target,
    "ImageFlattener": images,
    "StandardScaler": scaled,
    "RobustScaler": scaled,
    "MaxAbsScaler": scaled,
    "MinMaxScaler": min_max_scaled,
    "SimpleImputer": imputed,
    "OneHotEncoder": one_hot,
    "OrdinalEncoder": ordinal,
    "TableEncoder": table,
    "DeepNetClassifier": classifier,
    "DeepNetRegressor": regressor,
    "ShallowNetClassifier": classifier,
    "ShallowNetRegressor": regressor,
    "LogisticRegressionScratch": classifier,
    "TabularNetClassifier": mean_probabilities,
    "TabularNetRegressor": mean_numbers,
}
UNSCALED = {"MinMaxScaler": min_max_unscaled}  # of all others, `unscaled`
