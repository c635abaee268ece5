"""Models in files: the same bits come back, and nothing else does."""

import json
import pathlib
import re
import runpy
import signal
import subprocess
import sys

import h5py
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
    __version__,
)
from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch.hdf5 import load_model, save_model
from sknn_scratch.hdf5._models import name_of, read_model
from sknn_scratch.preprocessing import ImageFlattener

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

LABELS = [
    np.array([0, 1]),
    np.array(["no", "yes"]),
    np.array(["ä", "b", "日本"], dtype=object),
    np.array([-1.0, 2.0, 7.0]),
    np.array([False, True]),
    np.array([10, 20, 30, 40], dtype=np.uint8),
    None,  # multilabel
]


def random_model(seed):
    """A fitted model of a random kind, and rows to try it on."""
    rng = np.random.RandomState(seed)
    X = rng.randn(60, 6).astype(rng.choice([np.float32, np.float64]))
    labels = LABELS[seed % len(LABELS)]
    if labels is None:
        y = rng.randint(2, size=(60, 3))
    else:
        y = labels[np.arange(60) % len(labels)]
    solver = ["gd", "sgd", "rmsprop", "adam", "adamw", "lbfgs"][seed % 6]
    net = [
        DeepNetClassifier((5, 3), ("tanh", "leaky_relu"), solver=solver),
        ShallowNetClassifier(4, "sigmoid", solver=solver, early_stopping=True),
        LogisticRegressionScratch(
            C=np.inf, solver=["newton", "lbfgs", "gd", "sgd", "adam"][seed % 5]
        ),
        DeepNetClassifier(3, n_hidden_layers=2, n_iter_no_change=np.inf),
        DeepNetClassifier((), class_weight=None),
    ][rng.randint(5)].set_params(max_iter=4, random_state=seed)
    means, deviations, clip = (bool(flag) for flag in rng.randint(2, size=3))
    scaler = StandardScaler(with_mean=means, with_std=deviations)
    steps = [[], [scaler], [MinMaxScaler((0, 2), clip=clip)], [ImageFlattener(3)]]
    steps = steps[rng.randint(4)]
    if steps and isinstance(steps[0], ImageFlattener):
        X = X.reshape(60, 2, 3)
    model = make_pipeline(*steps, net) if steps else net
    return model.fit(X, y), X, y


def network(model):
    return model[-1] if isinstance(model, Pipeline) else model


@pytest.mark.parametrize("seed", range(35))
def test_a_loaded_model_is_the_saved_one_to_the_bit(seed, tmp_path):
    model, X, _ = random_model(seed)
    save_model(model, tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert type(again) is type(model)
    for method in ("predict", "predict_proba", "decision_function"):
        found, expected = getattr(again, method)(X), getattr(model, method)(X)
        assert found.dtype == expected.dtype
        assert_array_equal(found, expected)
    assert repr(again) == repr(model)
    fitted = {name for name in dir(network(model)) if re.match(r"[a-z].*_$", name)}
    for name in fitted - {"parameters_"}:
        before, after = (getattr(network(m), name) for m in (model, again))
        assert str(before) == str(after), name
        assert type(before) is type(after), name


@pytest.mark.filterwarnings("ignore:.*makes no use of")
@pytest.mark.parametrize("solver", ["gd", "sgd", "adam"])
def test_training_goes_on_with_the_same_minibatches(solver, tmp_path):
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, 4), np.arange(60) % 3
    net = DeepNetClassifier(4, solver=solver, max_iter=3, random_state=0, batch_size=8)
    save_model(net.fit(X, y), tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert_array_equal(
        again.partial_fit(X, y).coefs_[0], net.partial_fit(X, y).coefs_[0]
    )


def test_names_of_features_are_kept_and_checked(tmp_path):
    X = pd.DataFrame(np.eye(4), columns=["a", "b", "ü", "d"])
    model = make_pipeline(StandardScaler(), DeepNetClassifier(3, max_iter=2))
    save_model(model.fit(X, [0, 1, 0, 1]), tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert again.feature_names_in_.tolist() == ["a", "b", "ü", "d"]
    with pytest.raises(ValueError, match="feature names"):
        again.predict(X[["b", "a", "ü", "d"]])


@pytest.mark.parametrize("n_hidden", [1, 400])
def test_a_file_is_hardly_larger_than_its_parameters(n_hidden, tmp_path):
    rng = np.random.RandomState(0)
    X, y = rng.randn(50, 300), np.arange(50) % 2
    net = ShallowNetClassifier(n_hidden, random_state=0).fit(X, y)
    save_model(net, tmp_path / "model.h5")
    n_bytes = sum(W.nbytes for W in net.parameters_.values())
    assert (tmp_path / "model.h5").stat().st_size <= 1.1 * n_bytes + 32_000


def test_what_the_file_says_is_read_with_the_model(tmp_path, rng):
    X, y = rng.randn(30, 3), np.arange(30) % 3
    net = ShallowNetClassifier(2, max_iter=2, warn=False).fit(X, y)
    save_model(net, tmp_path / "net.h5")
    stored = read_model(tmp_path / "net.h5")
    assert_array_equal(stored.model.predict_proba(X), net.predict_proba(X))
    assert stored[1:] == (None, __version__, "model", "softmax", None, None)
    pipeline = make_pipeline(StandardScaler(), net).fit(X, y)
    save_model(pipeline, tmp_path / "all.h5", ["a", "b", "c"])
    stored = read_model(tmp_path / "all.h5")
    assert (stored.kind, stored.class_names.tolist()) == ("pipeline", ["a", "b", "c"])


@pytest.mark.parametrize(
    ("label", "name"),
    [
        (np.int64(1), "dog"),
        (np.int64(2), "2"),
        (-1, "-1"),
        ("owl", "owl"),
        (0.0, "0.0"),
    ],
)
def test_a_whole_number_with_a_name_is_called_by_it(label, name):
    assert name_of(label, np.array(["cat", "dog"])) == name
    assert name_of(label, None) == str(label)


def the_documented_reader():
    """The functions that the documentation of the file format shows."""
    path = pathlib.Path(__file__).parents[2] / "docs/read_model.py"
    return runpy.run_path(str(path))


def test_the_documented_reader_needs_numpy_and_h5py_only():
    path = pathlib.Path(__file__).parents[2] / "docs/read_model.py"
    found = re.findall(r"^ *(?:import|from) (\w+)", path.read_text(), re.MULTILINE)
    assert {*found} == {"datetime", "json", "h5py", "numpy"}


def test_a_plain_reader_written_from_the_documentation_gives_the_same(tmp_path):
    reader = the_documented_reader()
    for seed in range(35):
        model, X, _ = random_model(seed)
        save_model(model, tmp_path / "model.h5")
        X = X * 2  # beyond what MinMaxScaler saw
        P, expected = (
            reader["outputs"](tmp_path / "model.h5", X),
            model.predict_proba(X),
        )
        assert P.dtype == expected.dtype
        rtol = 1e-12 if P.dtype == np.float64 else 1e-4
        np.testing.assert_allclose(P, expected, rtol=rtol)
        y = reader["predict"](tmp_path / "model.h5", X)
        assert_array_equal(y, model.predict(X))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "scaler",
    [
        MaxAbsScaler(),
        RobustScaler(),
        RobustScaler(quantile_range=(10, 80), unit_variance=True),
        RobustScaler(with_centering=False),
        RobustScaler(with_scaling=False),
        RobustScaler(with_centering=False, with_scaling=False),
    ],
    ids=str,
)
def test_scalers_by_medians_and_maxima(scaler, dtype, tmp_path, rng):
    X = (5 + rng.randn(60, 4)).astype(dtype)
    net = DeepNetClassifier(3, max_iter=4, random_state=0)
    model = make_pipeline(scaler, net).fit(X, np.arange(60) % 3)
    save_model(model, tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert repr(again) == repr(model)
    assert_array_equal(again.predict_proba(2 * X), model.predict_proba(2 * X))
    P = the_documented_reader()["outputs"](tmp_path / "model.h5", 2 * X)
    rtol = 1e-12 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(P, model.predict_proba(2 * X), rtol=rtol)


@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_documented_reader_knows_every_activation(tmp_path, rng, activation, loss):
    X = rng.randn(40, 5) * 3 + 1
    model = ShallowNetRegressor(
        4, activation, loss=loss, negative_slope=0.3, standardize=True, random_state=0
    )
    model.set_params(solver="gd", learning_rate_init=1e-3, max_iter=20, warn=False)
    save_model(model.fit(X, abs(X[:, :2])), tmp_path / "model.h5")
    A = the_documented_reader()["outputs"](tmp_path / "model.h5", X)
    np.testing.assert_allclose(A, model.predict(X), rtol=1e-12)
    again = load_model(tmp_path / "model.h5")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


# -- what is refused -------------------------------------------------------------------


def fitted(cls=DeepNetClassifier, **options):
    return cls(max_iter=2, tol=0, random_state=0, **options).fit(
        np.eye(4), [0, 1, 0, 1]
    )


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (RandomForestClassifier(), "got RandomForestClassifier; keep others with"),
        (make_pipeline(PowerTransformer(), fitted()), "got PowerTransformer"),
        (make_pipeline(StandardScaler().fit(np.eye(4))), "got StandardScaler"),
        (
            fitted().set_params(random_state=np.random.RandomState(0)),
            "random_state must be a number, .*RandomState",
        ),
    ],
    ids=lambda value: str(value)[:20],
)
def test_models_that_cannot_be_kept_say_why(model, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        save_model(model, tmp_path / "model.h5")
    assert list(tmp_path.iterdir()) == []


def test_an_unfitted_model_is_refused(tmp_path):
    with pytest.raises(NotFittedError):
        save_model(DeepNetClassifier(), tmp_path / "model.h5")


def spoil(file, what):
    step = file["step0"]
    del file.attrs["digest"]
    if what == "version":
        file.attrs["version"] = 99
    elif what == "format":
        del file.attrs["format"]
    elif what == "class":
        step.attrs["class"] = np.bytes_("os.system")
    elif what == "parameters":
        step.attrs["parameters"] = np.bytes_("{")
    elif what == "unknown parameter":
        step.attrs["parameters"] = np.bytes_(json.dumps({"wings": 2}))
    elif what == "activations":
        step.attrs["activations"] = np.bytes_(json.dumps(["rulu"]))
    elif what == "shape":
        del step["W2"]
        step["W2"] = np.zeros((1, 99))
    elif what == "missing":
        del step["b1"]
    elif what == "dtype":
        del step["W1"]
        step["W1"] = np.zeros((100, 4), int)
    elif what == "flat":
        del step["W1"]
        step["W1"] = np.zeros(4)
    elif what == "n_iter":
        step.attrs["fitted"] = np.bytes_(
            json.dumps({"classes_dtype": "<i8", "label_dtype": None})
        )
    elif what == "classes":
        del step["classes"]
        step["classes"] = np.arange(7)
    elif what == "seed":
        del step["seed"]
        step["seed"] = np.zeros(3)
    elif what == "options":
        step.attrs["activation_options"] = np.bytes_(
            json.dumps([[["negative_slope", 2]]])
        )
    elif what == "step":
        file.move("step0", "step7")
    elif what == "kind":
        file.attrs["kind"] = np.bytes_("forest")
    elif what == "nan":
        step["W1"][0, 0] = np.nan
    elif what == "bias":
        replaced(step, "b2", np.zeros((1, 1), np.float32))
    elif what == "order":
        replaced(step, "classes", np.array([1, 0]))
    elif what == "curve":
        replaced(step, "loss_curve", np.float64(3))
    elif what == "names":
        step["feature_names"] = np.array([b"a", b"b", b"c", b"\xff"])
    elif what == "layers":
        step.attrs["class"] = np.bytes_("ShallowNetClassifier")
        step["W3"], step["b3"] = np.ones((1, 1)), np.ones((1, 1))
        step.attrs["activations"] = np.bytes_(json.dumps(["relu", "relu"]))
        step.attrs["activation_options"] = np.bytes_(json.dumps([[], []]))
        step.attrs["parameters"] = np.bytes_("{}")
    elif what == "scaler":
        spoil_scaler(step)
    else:
        key, name, value = what
        step.attrs[key] = np.bytes_(
            json.dumps(json.loads(step.attrs[key]) | {name: value})
        )


def replaced(group, name, array):
    del group[name]
    group[name] = array


def spoil_scaler(step):
    """A scaler of three features in a network of four."""
    scaler = step.create_group("scaler")
    scaler.attrs.update(name=np.bytes_("scaler"), parameters=np.bytes_("{}"))
    scaler.attrs["class"] = np.bytes_("StandardScaler")
    scaler.attrs["fitted"] = np.bytes_(
        json.dumps({"n_features_in_": 3, "n_samples_seen_": 4})
    )
    for name in ("mean_", "scale_", "var_"):
        scaler[name] = np.ones(3)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("version", r"has version 99 .* reads versions 2 and 3: install"),
        ("format", r"must hold a model \(format 'sknn_scratch model'\), got 'no form"),
        ("class", r":/step0 must be one of .*, got 'os.system'"),
        ("parameters", r":/step0 must have JSON in 'parameters'"),
        ("unknown parameter", r":/step0 has parameters that do not fit: .*wings"),
        ("activations", r":/step0 must hold W1, ..., WL .* got 2 W and \['rulu'\]"),
        ("shape", r":/step0/W2 must be of floats and shape \(n\[2\], 100\), got"),
        (
            "flat",
            r":/step0/W1 must be of floats and shape \(n\[1\], n\[0\]\), got float64",
        ),
        ("n_iter", r":/step0 must have 'n_iter' in 'fitted', got"),
        ("classes", r":/step0 must have 7 rows in W2 for what it predicts, got 1"),
        ("seed", r":/step0/seed must be 8 numbers of type uint32, got float64"),
        ("options", r":/step0 must give 'relu' the options \(\), got"),
        ("missing", r":/step0 must hold 'b1'"),
        ("dtype", r":/step0/W1 must be of floats"),
        ("step", r"must hold step0, step1, ..., got \['step7'\]"),
        (
            "kind",
            r"must be of kind 'pipeline', or 'model' .*, got 'forest' with 1 steps",
        ),
        ("nan", r":/step0/W1 must be finite, got NaN or infinity"),
        ("bias", r":/step0 must have all W and b of one type, got float64 and float32"),
        ("order", r":/step0/classes must be sorted, each once, .*, got \[1, 0\] of"),
        ("curve", r":/step0/loss_curve must be numbers in a row, got float64 of"),
        ("names", r":/step0/feature_names must be UTF-8, got b'\\xff'"),
        ("layers", r":/step0 must have as many W as a ShallowNetClassifier, got 3"),
        ("scaler", r":/step0 must have steps that take as many features .*\[3, 4\]"),
        (("fitted", "n_iter", 2**31), r"have as 'n_iter' a whole number below 2\^31"),
        (("fitted", "n_iter", True), r":/step0 must have as 'n_iter' .*, got True"),
        (("fitted", "best_epoch", []), r"have as 'best_epoch' .*, or null, got \[\]"),
        (("fitted", "classes_dtype", "V8"), r"as 'classes_dtype' the name of a plain"),
        (("fitted", "classes_dtype", "<U999999999"), r"as 'classes_dtype' the name"),
        (
            ("fitted", "classes_dtype", "<f8"),
            r":/step0/classes must be .* of type '<f8'",
        ),
        (("fitted", "label_dtype", 0), r"as 'label_dtype' the name .*, or null, got 0"),
        (
            ("parameters", "alpha", -1),
            r":/step0 has parameters that do not fit: .*alpha",
        ),
        (("parameters", "solver", [[]]), r":/step0 has parameters that .*solver"),
        (
            ("fitted", "loss", {"float": "x"}),
            r":/step0 must have JSON in 'fitted', got",
        ),
    ],
)
def test_a_spoiled_file_is_refused_in_one_line(what, message, tmp_path):
    path = tmp_path / "model.h5"
    save_model(fitted(), path)
    with h5py.File(path, "r+") as file:
        spoil(file, what)
    with pytest.raises(ValueError, match=message) as caught:
        load_model(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_data_file_is_no_model(course):
    with pytest.raises(ValueError, match="must hold a model"):
        load_model(course / "train_catvnoncat.h5")


# -- nothing is lost -------------------------------------------------------------------

SAVE_FOR_EVER = """
import sys, numpy as np
from sknn_scratch import DeepNetClassifier
from sknn_scratch.hdf5 import save_model
rng = np.random.RandomState(0)
net = DeepNetClassifier((600,), max_iter=1, tol=0, random_state=0)
net.fit(rng.randn(20, 800), np.arange(20) % 2)
print("ready", flush=True)
for k in range(10**6):
    net.intercepts_[0][...] = k
    save_model(net, sys.argv[1])
"""


def test_a_killed_save_leaves_a_whole_file(tmp_path):
    path = tmp_path / "model.h5"
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVE_FOR_EVER, str(path)], stdout=subprocess.PIPE
        )
        process.stdout.readline()
        seen = set()
        while len(seen) < 4:  # read while it writes
            assert process.poll() is None
            if path.exists():
                seen.add(load_model(path).intercepts_[0][0])
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        load_model(path)
