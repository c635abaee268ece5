"""Model files that somebody else may have changed: refused once, or harmless.

The digest of each is right, so that no check but the one tried refuses it.
"""

import json
import os

import h5py
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
)
from sknn_scratch import __main__ as cli
from sknn_scratch._storage import store
from sknn_scratch.hdf5 import load_dataset, load_model, save_dataset, save_model
from sknn_scratch.hdf5._models import read_model

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
X, Y = np.random.RandomState(0).randn(30, 4), np.arange(30) % 3
FORMATS = ("c", "js", "python", "plain-python")


def net(**options):
    return DeepNetClassifier(
        (3,), max_iter=2, random_state=0, warn=False, standardize=True, **options
    )


@pytest.fixture
def path(tmp_path):
    """A Pipeline of a scaler and a network of three classes, with names."""
    model = make_pipeline(MinMaxScaler(), net()).fit(X, Y)
    save_model(model, tmp_path / "model.h5", class_names=["a", "b", "c"])
    return tmp_path / "model.h5"


def changed(path, change):
    """The file with a tree that is changed, and the digest of it."""
    tree = store.read_tree(path)
    tree = change(tree) or tree
    store.write_tree(path, tree)


def with_json(path, step, attribute, text):
    """The file with another JSON text."""

    def change(tree):
        tree.groups[step].attributes[attribute] = text

    changed(path, change)


def with_value(path, step, attribute, key, value):
    """The file with another value in its JSON, which is given as JSON."""
    text = store.read_tree(path).groups[step].attributes[attribute]
    pairs = {name: json.dumps(v) for name, v in json.loads(text).items()}
    pairs[key] = value
    text = ", ".join(f"{json.dumps(name)}: {v}" for name, v in pairs.items())
    with_json(path, step, attribute, f"{{{text}}}")


def assert_refused(path, match=""):
    with pytest.raises(ValueError, match=match) as caught:
        load_model(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert len(message.removeprefix(str(path))) <= 300
    assert message.isprintable()


@pytest.fixture
def commands(tmp_path, capsys):
    """What every command that reads a model says: exit code, output, errors."""
    data, out = tmp_path / "data.h5", tmp_path / "out"
    save_dataset(data, X, Y)

    def run(path):
        commands = [
            ["inspect", path],
            ["predict", path, data],
            ["predict", path, data, "--format", "csv"],
            ["report", path, data, "--out", out],
            *(["export", path, "--to", to, "--out", out] for to in FORMATS),
        ]
        for command in commands:
            code = cli.main([*map(str, command)])
            captured = capsys.readouterr()
            yield code, captured.out, captured.err

    return run


# -- parameters by which a file would act (C1) -----------------------------------------


@pytest.mark.parametrize("where", ["planted.h5", "ABSOLUTE"])
def test_a_file_cannot_say_where_the_next_fit_writes(
    path, where, tmp_path, monkeypatch
):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    where = str(folder / "planted.h5") if where == "ABSOLUTE" else where
    with_value(path, "step1", "parameters", "checkpoint", json.dumps(where))
    with_value(path, "step1", "parameters", "checkpoint_every", "1e-9")
    again = load_model(path)
    assert (again[-1].checkpoint, again[-1].checkpoint_every) == (None, None)
    monkeypatch.chdir(folder)
    again.fit(X, Y)
    again[-1].partial_fit(X, Y)
    assert os.listdir(folder) == []


def test_a_checkpoint_is_not_saved(tmp_path):
    model = net(checkpoint=str(tmp_path / "training.h5"), checkpoint_every=7)
    save_model(model.fit(X, Y), tmp_path / "model.h5")
    parameters = store.read_tree(tmp_path / "model.h5").groups["step0"].attributes
    assert "checkpoint" not in parameters["parameters"]
    again = load_model(tmp_path / "model.h5")
    assert (again.checkpoint, again.checkpoint_every) == (None, None)
    assert model.checkpoint == str(tmp_path / "training.h5")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("scoring", '"os.system"'),
        ("scoring", '{"tuple": ["os", "system"]}'),
        ("random_state", '"RandomState"'),
        ("n_jobs", "-1"),
        ("callback", '"print"'),
        ("memory", '"cache"'),
        ("verbose", '"x"'),
        ("solver", '"../adam"'),
        ("buffer_size", "0.5"),
    ],
)
def test_parameters_that_would_act_are_refused(path, key, value):
    with_value(path, "step1", "parameters", key, value)
    assert_refused(path, f":/step1 has parameters that do not fit: .*{key}")


def test_a_pipeline_has_no_cache_that_a_file_names(path):
    def change(tree):
        tree.attributes["memory"] = tree.groups["step0"].attributes["memory"] = "cache"

    changed(path, change)
    assert load_model(path).memory is None


def test_a_scorer_that_is_a_function_is_not_saved(tmp_path):
    model = net(early_stopping=True, scoring=lambda m, X, y: 1.0).fit(X, Y)
    with pytest.raises(ValueError, match="scoring must be a number, a text"):
        save_model(model, tmp_path / "model.h5")


@pytest.mark.parametrize(
    "options",
    [
        {"verbose": True},
        {"warm_start": True},
        {"random_state": 7},
        {"early_stopping": True, "scoring": "accuracy"},
    ],
)
def test_harmless_parameters_are_kept(tmp_path, options):
    save_model(net().set_params(**options).fit(X, Y), tmp_path / "model.h5")
    kept = load_model(tmp_path / "model.h5").get_params()
    assert {key: kept[key] for key in options} == options


# -- names of the classes (C3) ---------------------------------------------------------


def names_of(*names):
    return np.array(
        [name if isinstance(name, bytes) else name.encode() for name in names]
    )


BAD_NAMES = {
    "numbers": np.arange(3),
    "floats": np.zeros(3),
    "one text": np.array(b"abc"),
    "a number": np.array(3),
    "two dimensions": names_of("a", "b", "c", "d").reshape(2, 2),
    "a column": names_of("a", "b", "c").reshape(3, 1),
    "no UTF-8": names_of("a", b"\xff", "c"),
    "a long name that is no UTF-8": names_of("a", b"\xff" * 60_000, "c"),
    "truth values": np.array([True, False, True]),
    "none": np.zeros(0, "S1"),
}


@pytest.mark.parametrize("what", BAD_NAMES)
def test_class_names_are_checked_once(path, commands, what):
    def change(tree):
        tree.arrays["class_names"] = BAD_NAMES[what]

    changed(path, change)
    assert_refused(path, ":/class_names must be")
    for code, out, err in commands(path):
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "/class_names must be" in err
        assert len(err) < 350


def test_fewer_names_than_labels_are_refused_where_they_are_used(path, commands):
    def change(tree):
        tree.arrays["class_names"] = names_of("a", "b")

    changed(path, change)
    for code, out, err in commands(path):
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "/class_names must name every label, which takes 3 names, got 2" in err
    save_model(load_model(path), path, ["a", "b", "c"])  # the way out
    assert read_model(path).class_names.tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("key", ["output", "kind", "written_by", "n_steps", "name"])
@pytest.mark.parametrize("value", [None, 3, 2.5, "softmax ", "x" * 60_000, "\x1b[2J"])
def test_what_a_file_says_of_itself_is_checked(path, commands, key, value):
    def change(tree):
        head = {"output": "step1", "kind": "step1", "name": "step0"}
        attributes = (
            tree.groups[head[key]].attributes if key in head else tree.attributes
        )
        attributes.pop(key)
        if value is not None:
            attributes[key] = value

    changed(path, change)
    harmless = key in ("written_by", "name") and isinstance(value, str)
    if not harmless:
        assert_refused(path, f"{key!r}")
    for code, out, err in commands(path):
        assert code == (0 if harmless else 2)
        assert err.count("\n") == bool(code)
        assert (out + err).replace("\n", "").isprintable()
        assert len(err) < 350


def test_names_that_move_the_cursor_are_escaped(path, commands):
    names = ["\x1b[31mred\x1b[0m", "b\nc", "\u202eevil"]

    def change(tree):
        tree.arrays["class_names"] = names_of(*names)

    changed(path, change)
    assert read_model(path).class_names.tolist() == names
    for code, out, err in commands(path):
        assert (code, err) == (0, "")
        assert out.replace("\n", "").isprintable()
        if "P(" in out or "class names" in out:
            assert r"\x1b[31mred\x1b[0m" in out
            assert r"b\nc" in out
            assert r"\u202eevil" in out


def test_names_of_a_data_file_are_escaped(tmp_path, capsys):
    names = ["\x1b[2J", "b\tc", "d"]
    save_dataset(tmp_path / "d.h5", X, Y, classes=names)
    assert load_dataset(tmp_path / "d.h5").classes.tolist() == names
    assert cli.main(["inspect", str(tmp_path / "d.h5")]) == 0
    out = capsys.readouterr().out
    assert out.replace("\n", "").isprintable()
    assert r"\x1b[2J" in out


def test_long_errors_end_in_one_short_line(tmp_path, capsys):
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file["train_set_x"], file["train_set_y"] = X, Y
        file["list_classes"] = names_of("a", b"\xff" * 60_000, "c")
        file.create_group("\x1b[2J" + "g" * 30_000)
    for command in (["inspect"], ["train"], ["predict", tmp_path / "m.h5"]):
        assert cli.main([*map(str, command), str(tmp_path / "d.h5")]) == 2
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        assert len(err) < 350
        assert err.strip().isprintable()


@pytest.mark.parametrize(
    ("names", "match"),
    [
        (["a", "b"], "must name every label, which takes 3 names, got 2"),
        ([["a", "b", "c"]], "must be a list of texts"),
        ([["a"], ["b", "c"]], "must be a list of texts"),
        ("abc", "must be a list of texts"),
        (7, "must be a list of texts"),
        ([], "must name every label"),
        (["a", "b\0", "c"], "must not hold the character NUL"),
        (["a", "\udc80", "c"], "must be Unicode texts"),
    ],
)
def test_bad_names_are_not_saved(tmp_path, names, match):
    with pytest.raises(ValueError, match=f"^class_names {match}"):
        save_model(net().fit(X, Y), tmp_path / "model.h5", class_names=names)
    assert os.listdir(tmp_path) == []


def test_labels_beyond_the_names_need_names(tmp_path):
    model = net().fit(X, np.array([10, 20, 30])[Y])
    with pytest.raises(ValueError, match="which takes 31 names, got 3"):
        save_model(model, tmp_path / "model.h5", class_names=["a", "b", "c"])
    save_model(model, tmp_path / "model.h5", class_names=np.arange(31).astype(str))
    assert len(read_model(tmp_path / "model.h5").class_names) == 31


# -- JSON (C4) -------------------------------------------------------------------------

HOSTILE = {
    "a float of 401 digits": '{"float": 1' + "0" * 400 + "}",
    "a float as text": '{"float": "1e999"}',
    "a float that is a list": '{"float": []}',
    "400 digits": "1" + "0" * 399,
    "5000 digits": "1" + "0" * 4999,
    "66 bits": str(2**65),
    "below 64 bits": str(-(2**63) - 1),
    "a number beyond floats": "1e999",
    "NaN": "NaN",
    "infinity": "-Infinity",
    "lists in lists": "[" * 400 + "]" * 400,
    "more lists in lists": "[" * 100_000 + "]" * 100_000,
    "lists in tuples": '{"tuple": [' * 300 + "]}" * 300,
    "a key twice": '{"float": "inf", "float": "inf"}',
    "a key of a dict twice": '{"dict": [[0, 1], [0, 2]]}',
    "two keys": '{"float": "inf", "tuple": []}',
    "no key": "{}",
    "an unknown key": '{"eval": "1"}',
    "lists as keys": '{"dict": [[[1], 2]]}',
    "texts of other lengths": '{"array": ["'
    + "x" * 100_000
    + '"'
    + ', "a"' * 9999
    + "]}",
    "an array of lists": '{"array": [["x"], ["y"]]}',
    "an array of nothing": '{"array": [null]}',
    "no JSON": "{",
    "a text that does not end": '"a',
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize(
    ("step", "attribute", "key"),
    [
        ("step1", "parameters", "alpha"),
        ("step1", "parameters", "class_weight"),
        ("step1", "parameters", "random_state"),
        ("step1", "fitted", "loss"),
        ("step1", "fitted", "samples_seen"),
        ("step1", "fitted", "learning_rate_init"),
        ("step0", "parameters", "feature_range"),
        ("step0", "fitted", "n_samples_seen_"),
    ],
)
def test_json_is_strict(path, what, step, attribute, key):
    with_value(path, step, attribute, key, HOSTILE[what])
    assert_refused(path, f":/{step} must have JSON in '{attribute}', got")


@pytest.mark.parametrize("attribute", ["parameters", "fitted"])
def test_a_key_that_stands_twice_is_refused(path, attribute):
    text = store.read_tree(path).groups["step1"].attributes[attribute]
    with_json(path, "step1", attribute, f"{text[:-1]}, {text[1:]}")
    assert_refused(path, "a key stands twice")


@pytest.mark.parametrize(
    ("step", "attribute", "key", "value"),
    [
        ("step1", "fitted", "learning_rate_init", '{"float": "nan"}'),
        ("step1", "fitted", "learning_rate_init", "-1"),
        ("step1", "fitted", "n_iter", '{"float": "inf"}'),
        ("step1", "fitted", "classes_dtype", '"<M8[100000000000s]"'),
        ("step1", "parameters", "alpha", '{"float": "nan"}'),
        ("step1", "parameters", "tol", '{"float": "nan"}'),
        ("step1", "parameters", "momentum", '{"float": "inf"}'),
        ("step0", "parameters", "feature_range", '{"tuple": ["a", "b"]}'),
        ("step0", "parameters", "feature_range", '{"tuple": [0]}'),
        ("step0", "parameters", "feature_range", '{"tuple": [0, {"float": "inf"}]}'),
        ("step0", "fitted", "n_samples_seen_", '{"float": "nan"}'),
    ],
)
def test_numbers_that_do_not_fit_are_refused(path, step, attribute, key, value):
    with_value(path, step, attribute, key, value)
    assert_refused(path, f":/{step} ")


@pytest.mark.parametrize("value", ['{"float": "nan"}', '{"float": "inf"}', "1e400"])
def test_options_of_activations_are_finite(tmp_path, value):
    save_model(net(activation="leaky_relu").fit(X, Y), tmp_path / "model.h5")
    text = f'[[["negative_slope", {value}]]]'
    with_json(tmp_path / "model.h5", "step0", "activation_options", text)
    assert_refused(tmp_path / "model.h5", ":/step0 must")


@pytest.mark.parametrize(
    ("scaler", "flag", "key"),
    [
        (StandardScaler(with_std=False), "with_std", "scale_"),
        (StandardScaler(with_std=False, with_mean=False), "with_mean", "mean_"),
        (RobustScaler(with_scaling=False), "with_scaling", "scale_"),
        (RobustScaler(with_centering=False), "with_centering", "center_"),
    ],
)
def test_a_scaler_has_what_it_applies(tmp_path, scaler, flag, key):
    path = tmp_path / "model.h5"
    save_model(make_pipeline(scaler, net()).fit(X, Y), path)
    with_value(path, "step0", "parameters", flag, "true")
    assert_refused(path, f"must have '{key}' for {flag}=true, got null")


@pytest.mark.parametrize("value", [10**400, 2**64, -(2**70)])
def test_a_whole_number_that_could_not_be_loaded_is_not_saved(tmp_path, value):
    model = net().fit(X, Y).set_params(class_weight={0: value})
    with pytest.raises(ValueError, match="class_weight|0 must fit 64 bits to be saved"):
        save_model(model, tmp_path / "model.h5")


def test_what_json_has_not_comes_back(tmp_path):
    options = {
        "hidden_layer_sizes": np.array([3]),
        "activation": np.array(["tanh"]),
        "class_weight": {0: 1.0, 1: 2.0, 2: 0.5},
        "n_iter_no_change": np.inf,
        "dropout": [0.1],
        "random_state": 2**32 - 1,
    }
    save_model(net().set_params(**options).fit(X, Y), tmp_path / "model.h5")
    kept = load_model(tmp_path / "model.h5").get_params()
    assert {key: repr(kept[key]) for key in options} == {
        key: repr(value) for key, value in options.items()
    }


# -- labels of other types (C7) --------------------------------------------------------


@pytest.mark.parametrize(
    "dtype", ["<M8[D]", "<M8[ns]", ">M8[s]", "<m8[h]", "<M8[25s]", "<M8[Y]"]
)
def test_dates_and_durations_are_labels_that_come_back(tmp_path, commands, dtype):
    labels = np.array([-400, 0, 9000]).astype("i8").view(dtype.replace(">", "<"))
    labels = labels.astype(dtype)
    model = LogisticRegressionScratch().fit(X, labels[Y])
    save_model(model, tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert again.classes_.dtype == model.classes_.dtype
    assert again.classes_.tolist() == labels.tolist()
    assert again.predict(X).tolist() == model.predict(X).tolist()
    save_model(again, tmp_path / "again.h5")
    assert load_model(tmp_path / "again.h5").classes_.tolist() == labels.tolist()
    for code, _, err in commands(tmp_path / "model.h5"):
        assert code in (0, 2)
        assert err.count("\n") == (code == 2)


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        (np.array([1, "b", None], object), "must be texts or numbers to be saved, got"),
        (
            np.array([1, 2, 3], object),
            r"must be texts or numbers .*\['int'\]; fit with",
        ),
        (
            np.array([1j, 2, 3]),
            "must be texts, numbers or dates to be saved, got compl",
        ),
        (np.array([b"a", b"b", b"c"]), "must be texts, numbers or dates .*y.astype"),
        (np.array(["a\0", "b", "c"], object), "must not hold the character NUL"),
        (np.array(["\udcff", "b", "c"]), "must be Unicode texts to be saved"),
        (np.zeros(3, "V4"), "must be texts, numbers or dates"),
    ],
)
def test_labels_that_a_file_cannot_hold_are_named(tmp_path, labels, match):
    model = net().fit(X, Y)
    model.classes_ = labels
    with pytest.raises(ValueError, match=f"^classes_ {match}") as caught:
        save_model(model, tmp_path / "model.h5")
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_a_regressor_may_have_names_that_nobody_uses(tmp_path):
    model = DeepNetRegressor(hidden_layer_sizes=(3,), max_iter=2, warn=False)
    save_model(model.fit(X, X[:, 0]), tmp_path / "model.h5", ["y"])
    assert read_model(tmp_path / "model.h5").class_names.tolist() == ["y"]


# -- regressors ------------------------------------------------------------------------


@pytest.fixture
def regressor(tmp_path):
    """A regressor of three quantiles."""
    model = DeepNetRegressor("quantile", (3,), quantile=[0.1, 0.5, 0.9], max_iter=2)
    model.set_params(warn=False).fit(X, X[:, 0])
    save_model(model, tmp_path / "regressor.h5")
    return tmp_path / "regressor.h5"


@pytest.mark.parametrize("scale", [[0.0], [-1.0], [np.nan], [1.0, 1.0], [1]])
def test_the_scale_of_targets_is_a_number_above_0_for_each(regressor, scale):
    def change(tree):
        tree.groups["step0"].arrays["target_scale"] = np.array(scale)

    changed(regressor, change)
    assert_refused(regressor, "target_scale must be")


def test_a_scale_of_targets_has_their_mean(regressor):
    def change(tree):
        del tree.groups["step0"].arrays["target_mean"]

    changed(regressor, change)
    assert_refused(regressor, "must hold 'target_mean'")


@pytest.mark.parametrize(
    "levels", ["0.5", "1.5", "null", '{"tuple": [0.9, 0.5, 0.1]}', '{"tuple": []}']
)
def test_levels_of_quantiles_are_those_of_the_outputs(regressor, levels):
    with_value(regressor, "step0", "fitted", "quantile", levels)
    assert_refused(regressor, "must have")
