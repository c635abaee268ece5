"""Models of whole tables in files: the same bits come back, or one line says why."""

import dataclasses
import datetime
import json
import pathlib
import runpy

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.compose import (
    ColumnTransformer,
    TransformedTargetRegressor,
    make_column_selector,
)
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    TabularNetClassifier,
    TabularNetRegressor,
)
from sknn_scratch._storage import store
from sknn_scratch.hdf5 import load_model, save_model
from sknn_scratch.hdf5._model_format import DEPTH
from sknn_scratch.hdf5._models import read_model
from sknn_scratch.preprocessing import TableEncoder

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # scikit-learn before 1.8 and 1.7, of what it will change
    pytest.mark.filterwarnings("ignore:Currently, when `keep_empty_feature"),
    pytest.mark.filterwarnings("ignore:\\s*The format of the columns of the"),
]
M = 100
RNG = np.random.RandomState(0)
TABLE = pd.DataFrame(
    {
        "area": np.where(RNG.rand(M) < 0.1, np.nan, RNG.randn(M)),
        "city": RNG.choice(["Oslo", "Bergen", "Tromsø"], M),
        "rooms": pd.Categorical(RNG.randint(1, 5, M)),
        "sold": pd.Timestamp("2020-01-05")
        + pd.to_timedelta(RNG.randint(0, 900, M), "D"),
        "new": RNG.rand(M) < 0.5,
        "seen": pd.Categorical(
            pd.to_datetime(RNG.choice(["2020-01-01", "2021-05-05"], M))
        ),
        "heat": np.where(RNG.rand(M) < 0.2, None, RNG.choice(["gas", "oil", "sun"], M)),
    }
)
NUMBER = TABLE["area"].fillna(0).to_numpy() + RNG.randn(M)
CLASSES = np.array(["a", "b", "c"])[np.arange(M) % 3]
SMALL = {"n_members": 2, "hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
NET = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0, "warn": False}
NUMBERS, LEVELS = ["area"], ["city", "heat"]


def columns(**options):
    """A ColumnTransformer of every kind of step."""
    prepared = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    ordinal = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
    )
    return ColumnTransformer(
        [
            ("numbers", prepared, NUMBERS),
            ("levels", OneHotEncoder(handle_unknown="ignore"), LEVELS),
            ("rare", OneHotEncoder(min_frequency=35, drop="first"), ["city"]),
            ("order", ordinal, ["heat"]),
            ("rooms", OneHotEncoder(sparse_output=False, drop="if_binary"), ["rooms"]),
            ("as is", "passthrough", ["new"]),
            ("no", "drop", ["sold"]),
            ("none", MinMaxScaler(), []),
        ],
        **options,
    )


def regressors():
    net = DeepNetRegressor(**NET)
    return {
        "quantiles": TabularNetRegressor(
            loss="quantile", quantile=[0.1, 0.5, 0.9], **SMALL
        ),
        "regressor": TabularNetRegressor(**SMALL),
        "encoder": make_pipeline(TableEncoder(), net),
        "columns": Pipeline([("pre", columns()), ("net", net)]),
        "target": TransformedTargetRegressor(net, transformer=MinMaxScaler()),
        "pipe in target": TransformedTargetRegressor(
            make_pipeline(columns(), net), transformer=StandardScaler()
        ),
        "target in pipe": make_pipeline(
            "passthrough",
            TableEncoder(dtype=np.float64),
            TransformedTargetRegressor(net, transformer=StandardScaler()),
        ),
    }


MODELS = {
    "classes": (TabularNetClassifier(**SMALL), CLASSES),
    "two classes": (TabularNetClassifier(**SMALL), NUMBER > 0),
    "labels": (
        TabularNetClassifier(**SMALL),
        np.column_stack([NUMBER > 0, CLASSES == "a"]).astype(int),
    ),
    "targets": (TabularNetRegressor(**SMALL), np.column_stack([NUMBER, -NUMBER])),
    "pipeline": (make_pipeline("passthrough", TabularNetClassifier(**SMALL)), CLASSES),
    "remainder": (
        make_pipeline(
            ColumnTransformer(
                [("levels", OneHotEncoder(), [1, 2])], remainder=SimpleImputer()
            ),
            DeepNetClassifier(**NET),
        ),
        CLASSES,
    ),
    **{name: (model, NUMBER) for name, model in regressors().items()},
}


def rows_for(name):
    if name == "target":
        return TABLE[["area"]].fillna(0)
    return TABLE[["area", "city", "rooms"]] if name == "remainder" else TABLE


@pytest.fixture(scope="module", params=MODELS)
def saved(request, tmp_path_factory):
    """A fitted model, its rows and its file."""
    model, y = MODELS[request.param]
    X = rows_for(request.param)
    model = clone(model).fit(X, y)
    path = tmp_path_factory.mktemp("models") / "model.h5"
    save_model(model, path, target_name="price")
    return model, X, path


def assert_same(a, b, where="model"):
    """Compare fitted attributes, those of parts too."""
    assert type(a) is type(b) or a == b, where  # a Timestamp is a datetime in a file
    if dataclasses.is_dataclass(a):
        assert_same(list(vars(a).values()), list(vars(b).values()), where)
    elif isinstance(a, list | tuple):
        assert len(a) == len(b), where
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_same(x, y, f"{where}[{i}]")
    elif hasattr(a, "get_params"):
        assert repr(a) == repr(b), where
        for key, value in vars(a).items():
            if key.endswith("_") and not key.startswith("_"):
                assert_same(value, getattr(b, key), f"{where}.{key}")
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype, where
        assert_array_equal(a, b, err_msg=where)
    else:
        assert a == b or repr(a) == repr(b), where


def test_a_loaded_model_predicts_the_same_bits(saved):
    model, X, path = saved
    again = load_model(path)
    for method in ("predict", "predict_proba", "predict_interval", "decision_function"):
        if hasattr(model, method):
            found, expected = getattr(again, method)(X), getattr(model, method)(X)
            assert found.dtype == expected.dtype
            assert_array_equal(found, expected)


def test_a_loaded_model_has_the_same_parameters_and_attributes(saved):
    model, _, path = saved
    again = load_model(path)
    assert repr(again.get_params()) == repr(model.get_params())
    assert_same(model, again)


def test_a_loaded_model_can_be_cloned_and_fitted(saved):
    model, X, path = saved
    copy = clone(load_model(path))
    assert repr(copy) == repr(clone(model))


def test_a_loaded_model_is_saved_as_the_same_tree(saved, tmp_path):
    _, _, path = saved
    save_model(load_model(path), tmp_path / "again.h5", target_name="price")
    trees = [store.read_tree(p, depth=DEPTH) for p in (path, tmp_path / "again.h5")]
    assert store._digest(trees[0]) == store._digest(trees[1])


def test_a_stored_model_says_what_it_predicts(saved):
    stored = read_model(saved[-1])
    assert stored.target_name == "price"
    assert stored.output in ("softmax", "sigmoid", "identity")


@pytest.mark.parametrize(
    ("model", "match"),
    [
        (
            make_pipeline(
                ColumnTransformer(
                    [("n", StandardScaler(), make_column_selector(pattern="area"))]
                ),
                DeepNetClassifier(**NET),
            ),
            r"^step 'columntransformer' \(ColumnTransformer\): .*give a list",
        ),
        (
            TransformedTargetRegressor(
                DeepNetRegressor(**NET), func=np.arcsinh, inverse_func=np.sinh
            ),
            "transformer must be one of .*got 'functions'",
        ),
        (
            make_pipeline(SimpleImputer(strategy=np.max), DeepNetClassifier(**NET)),
            r"^step 'simpleimputer' \(SimpleImputer\): strategy must be a number",
        ),
    ],
)
def test_what_a_file_cannot_hold_is_named(tmp_path, model, match):
    y = NUMBER if "Regressor" in repr(model)[:30] else CLASSES
    model.fit(TABLE[["area"]].fillna(0), y)
    with pytest.raises(ValueError, match=match) as caught:
        save_model(model, tmp_path / "model.h5")
    assert "\n" not in str(caught.value)


# -- the documented reader -------------------------------------------------------------


@pytest.fixture(scope="module")
def reader():
    path = pathlib.Path(__file__).parents[2] / "docs/read_model.py"
    return runpy.run_path(str(path))


def new_rows(X, unseen):
    """Rows beyond those of the training, with missing values; with levels like that."""
    X = X.copy()
    if "sold" in X:
        X["area"] *= 3
        X.loc[3:7, "area"], X.loc[5:9, "sold"] = np.nan, pd.NaT
        X.loc[:4, "city"] = "Rome" if unseen else "Oslo"
        X.loc[8:9, "heat"] = "wood" if unseen else None
    return X


def assert_read_alike(reader, path, model, X):
    """The documented reader gives the bits of the package, but for a few roundings.

    Sums of products are added in another order: of float64 1e-12 of a value and of the
    range are allowed, of float32 1e-6. Measured were 3e-15 and 2e-7.
    """
    expected = getattr(model, "predict_proba", model.predict)(X)
    rows = X.astype(object).to_numpy()
    found = reader["outputs"](path, rows)
    np.testing.assert_array_equal(reader["outputs"](path, X), found)  # a data frame
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    small = 1e-12 if expected.dtype == np.float64 else 1e-6
    np.testing.assert_allclose(found, expected, rtol=small, atol=small * np.ptp(found))
    labels, predicted = reader["predict"](path, rows), model.predict(X)
    if hasattr(model, "predict_proba"):
        assert labels.dtype == predicted.dtype
        assert_array_equal(labels, predicted)


@pytest.mark.parametrize("unseen", [False, True])
def test_the_documented_reader_predicts_what_the_package_does(saved, reader, unseen):
    model, X, path = saved
    strict = any(word in repr(model) for word in ("drop='first'", "OneHotEncoder()"))
    assert_read_alike(reader, path, model, new_rows(X, unseen and not strict))


TEXTS = pd.DataFrame(  # objects with NaN in every version of pandas
    {
        "city": TABLE["city"].astype(object),
        "heat": [v if isinstance(v, str) else np.nan for v in TABLE["heat"]],
    },
    dtype=object,
)
ENCODERS = {
    "rare levels": OneHotEncoder(
        min_frequency=35, handle_unknown="infrequent_if_exist"
    ),
    "few levels, one dropped": OneHotEncoder(
        max_categories=2, drop="first", handle_unknown="ignore"
    ),
    "dropped of two": OneHotEncoder(
        max_categories=2, drop="if_binary", handle_unknown="ignore"
    ),
    "dropped by name": OneHotEncoder(drop=["Oslo", np.nan], handle_unknown="ignore"),
    "a type": OneHotEncoder(
        handle_unknown="ignore", dtype=np.float32, sparse_output=False
    ),
    "rare numbers": OrdinalEncoder(
        max_categories=2,
        handle_unknown="use_encoded_value",
        unknown_value=-1,
        encoded_missing_value=-2,
    ),
    "a frequent text": make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore"),
    ),
    "a constant text": make_pipeline(
        SimpleImputer(strategy="constant", fill_value="none"),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=9),
    ),
}


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize("name", ENCODERS)
def test_the_documented_reader_knows_the_options_of_encoders(name, reader, tmp_path):
    model = make_pipeline(ENCODERS[name], DeepNetClassifier(**NET))
    save_model(model.fit(TEXTS, CLASSES), tmp_path / "model.h5")
    X = TEXTS.copy()
    X.loc[:4, "city"], X.loc[3:9, "heat"] = "Rome", "wood"
    assert_read_alike(reader, tmp_path / "model.h5", model, X)


EMPTY = pd.DataFrame({"area": TABLE["area"], "empty": np.full(M, np.nan)})
IMPUTERS = [
    SimpleImputer(strategy="median", add_indicator=True),
    SimpleImputer(strategy="most_frequent", keep_empty_features=True),
    SimpleImputer(strategy="constant", fill_value=-2.5, add_indicator=True),
]


@pytest.mark.filterwarnings("ignore:Skipping features without")
@pytest.mark.parametrize("imputer", IMPUTERS, ids=str)
@pytest.mark.parametrize(
    "scaler",
    [MaxAbsScaler(), MinMaxScaler(clip=True), RobustScaler(), StandardScaler()],
    ids=str,
)
def test_the_documented_reader_knows_imputers_and_targets(
    imputer, scaler, reader, tmp_path
):
    steps = make_pipeline(imputer, scaler, DeepNetRegressor(**NET))
    model = TransformedTargetRegressor(steps, transformer=scaler).fit(EMPTY, NUMBER)
    save_model(model, tmp_path / "model.h5")
    assert_read_alike(reader, tmp_path / "model.h5", model, 2 * EMPTY)


def test_the_documented_reader_refuses_what_the_package_refuses(reader, tmp_path):
    pre = ColumnTransformer([("levels", OneHotEncoder(), ["city"])])
    model = make_pipeline(pre, DeepNetClassifier(**NET)).fit(TABLE, CLASSES)
    save_model(model, tmp_path / "model.h5")
    with pytest.raises(ValueError, match="unknown"):
        model.predict(new_rows(TABLE, True))
    with pytest.raises(ValueError, match="no level that the model has not seen"):
        reader["outputs"](tmp_path / "model.h5", new_rows(TABLE, True).to_numpy())


def test_the_documented_reader_counts_durations_and_large_numbers(reader, tmp_path):
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "wait": pd.to_timedelta(rng.randint(0, 10**7, M), "s"),
            "number": rng.randint(0, 90, M) + 2**60,
            "code": pd.Categorical(rng.randint(0, 3, M) + 2**60),
            "weight": rng.randn(M),
            "clock": [datetime.time(h, 30, 7) for h in rng.randint(0, 24, M)],
        }
    )
    model = TabularNetRegressor(**SMALL).fit(X, NUMBER)
    save_model(model, tmp_path / "model.h5")
    X.iloc[:5] = None
    assert_read_alike(reader, tmp_path / "model.h5", model, X)


def test_the_documented_reader_takes_the_time_of_the_zone_of_a_date(reader, tmp_path):
    when = pd.date_range("2020-03-28 05:30", periods=M, freq="7h", tz="Asia/Tokyo")
    X = pd.DataFrame({"when": when})
    model = TabularNetRegressor(**SMALL).fit(X, when.hour)
    save_model(model, tmp_path / "model.h5")
    assert_read_alike(reader, tmp_path / "model.h5", model, X)


# -- files of strangers ----------------------------------------------------------------


def spoiled_json(tree, key, change):
    """Change the JSON in a dataset of bytes."""
    value = json.loads(bytes(tree.arrays[key]))
    change(value)
    tree.arrays[key] = np.frombuffer(json.dumps(value).encode(), np.uint8)


def set_fitted(tree, **values):
    tree.attributes["fitted"] = json.dumps(
        json.loads(tree.attributes["fitted"]) | values
    )


def column(j=0, **values):
    return lambda step: spoiled_json(
        step.groups["encoder"], "columns", lambda columns: columns[j].update(values)
    )


HOSTILE = {
    "a scale below 0": column(scale=-1.0),
    "edges that fall": column(edges=[3.0, 2.0, 1.0]),
    "an edge that is a text": column(edges=["a", 1.0, 2.0]),
    "an origin that is a float": column(origin=0.5),
    "an unknown kind": column(kind="os.system"),
    "a kind that is a list": column(kind=[]),
    "another name": column(name="other"),
    "a level that stands twice": column(1, levels=["Oslo", "Oslo"]),
    "a level that is missing": column(1, levels=["Oslo", None]),
    "a level that is NaN": column(1, levels=["Oslo", {"float": "nan"}]),
    "no bytes": lambda step: step.groups["encoder"].arrays.update(columns=np.arange(3)),
    "no JSON": lambda step: step.groups["encoder"].arrays.update(
        columns=np.frombuffer(b"[", np.uint8)
    ),
    "no encoder": lambda step: step.groups.pop("encoder"),
    "a member less": lambda step: step.groups.pop("member1"),
    "no member": lambda step: set_fitted(step, n_members=0),
    "very many members": lambda step: set_fitted(step, n_members=2**62),
    "an encoder as a member": lambda step: step.groups.update(
        member0=step.groups["encoder"]
    ),
    "an ensemble of itself": lambda step: step.groups.update(member0=step),
    "another number of rows": lambda step: set_fitted(step, n_rows=7),
    "a temperature of 0": lambda step: set_fitted(step, temperature=0.0),
    "a temperature near 0": lambda step: set_fitted(step, temperature=5e-324),
    "a temperature of 100": lambda step: set_fitted(step, temperature=100.0),
    "rows out of fold that are texts": lambda step: step.arrays.update(
        oof_decision_function=np.array([b"a"])
    ),
    "parameters of others": lambda step: step.attributes.update(
        parameters='{"checkpoint_dir": "x"}'
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_planted_ensemble_is_refused_in_one_line(what, tmp_path):
    model, y = MODELS["classes"]
    path = tmp_path / "model.h5"
    save_model(clone(model).fit(TABLE, y), path)
    tree = store.read_tree(path, depth=DEPTH)
    step = tree.groups["step0"]
    copy = store.Tree(dict(step.attributes), dict(step.arrays), dict(step.groups))
    if what == "an ensemble of itself":
        copy.groups["member0"] = step
    else:
        HOSTILE[what](copy)
    tree.groups["step0"] = copy
    store.write_tree(path, tree)
    with pytest.raises(ValueError, match=r"^.*model\.h5:/step0") as caught:
        load_model(path)
    assert str(caught.value).isprintable()


def test_a_planted_range_of_predictions_is_refused(tmp_path):
    def swap(step):
        low, high = step.arrays["range_low"], step.arrays["range_high"]
        step.arrays.update(range_low=high, range_high=low)

    path = planted(tmp_path, "regressor", swap)
    assert_refused(path, " must have a range_low that is at most range_high")


def planted(folder, name, change):
    """A file of the model `name` whose first step is changed, and its digest right."""
    model, y = MODELS[name]
    path = folder / "model.h5"
    save_model(clone(model).fit(rows_for(name), y), path)
    tree = store.read_tree(path, depth=DEPTH)
    change(tree.groups["step0"])
    store.write_tree(path, tree)
    return path


def assert_refused(path, where):
    with pytest.raises(ValueError, match=rf"model\.h5:/step0{where}") as caught:
        load_model(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("group", "change"),
    [
        (1, lambda v: v.pop()),
        (1, lambda v: v[0].update(dtype="V9")),
        (1, lambda v: v[0].update(dtype="<U9999999")),
        (1, lambda v: v[0].update(values=[])),
        (1, lambda v: v[0].update(values=[[1]])),
        (1, lambda v: v[0]["values"].append(v[0]["values"][0])),
        (3, lambda v: v.append(v[0])),
        (4, lambda v: v[0].update(values=[1, 2, 2, 3])),
        (4, lambda v: v[0]["values"].reverse()),
    ],
)
def test_planted_levels_are_refused_in_one_line(group, change, tmp_path):
    def spoil(step):
        spoiled_json(step.groups[f"transformer{group}"], "categories", change)

    path = planted(tmp_path, "columns", spoil)
    assert_refused(path, f"/transformer{group}")


@pytest.mark.parametrize("rare", [[], [7], [2**40], [1, 0], [0, 0]])
def test_planted_rare_levels_are_refused_in_one_line(rare, tmp_path):
    path = planted(
        tmp_path,
        "columns",
        lambda step: set_fitted(step.groups["transformer2"], infrequent=[rare]),
    )
    assert_refused(path, "/transformer2 .*sorted indices of 3 levels")


@pytest.mark.parametrize(
    ("columns", "indices"),
    [
        (["area"], [1]),
        (["other"], [0]),
        ([1], [0]),
        ([-8], [0]),
        ([True], [0]),
        ([True] + [False] * 6, [1]),
    ],
)
def test_columns_that_contradict_their_indices_are_refused(columns, indices, tmp_path):
    def spoil(step):
        entries = json.loads(step.attributes["fitted"])["transformers"]
        entries[0][1:3] = columns, indices
        set_fitted(step, transformers=entries)

    path = planted(tmp_path, "columns", spoil)
    assert_refused(path, " must have columns out of 7 with their indices")


def test_a_sparse_matrix_for_a_step_that_takes_none_is_refused(tmp_path):
    pre = ColumnTransformer([("levels", OneHotEncoder(), ["city"])], sparse_threshold=0)
    model = make_pipeline(pre, StandardScaler(), DeepNetClassifier(**NET))
    path = tmp_path / "model.h5"
    save_model(model.fit(TABLE, CLASSES), path)
    tree = store.read_tree(path, depth=DEPTH)
    set_fitted(tree.groups["step0"], sparse_output=True)
    store.write_tree(path, tree)
    with pytest.raises(ValueError, match="must not give a sparse matrix to Standard"):
        load_model(path)


@pytest.mark.parametrize(
    "types",
    [
        {"_fill_dtype": "<i8"},
        {"_fit_dtype": "|O"},
        {"_fit_dtype": "<i8", "_fill_dtype": "<i8"},
        {"_fit_dtype": "<U3", "_fill_dtype": "<U3"},
    ],
)
def test_planted_types_of_an_imputer_are_refused(types, tmp_path):
    path = planted(
        tmp_path,
        "columns",
        lambda step: set_fitted(step.groups["transformer0"].groups["step0"], **types),
    )
    assert_refused(path, "/transformer0/step0 must have values of the type of X")


@pytest.mark.parametrize(
    "template",
    ["{feature_name:>99999999999}", "{feature_name.__class__}", "{other}", "{", "{0}"],
)
def test_templates_of_names_that_do_more_are_neither_saved_nor_loaded(
    template, tmp_path
):
    def spoil(step):
        parameters = json.loads(step.attributes["parameters"])
        parameters["verbose_feature_names_out"] = template
        step.attributes["parameters"] = json.dumps(parameters)

    assert_refused(planted(tmp_path, "columns", spoil), " must have in 'verbose_feat")
    model = clone(MODELS["columns"][0]).fit(TABLE, NUMBER)
    model[0].verbose_feature_names_out = template
    with pytest.raises(ValueError, match="must have in 'verbose_feature_names_out'"):
        save_model(model, tmp_path / "again.h5")


def test_a_template_of_names_is_kept(tmp_path):
    template = "{feature_name} of {transformer_name}"
    pre = columns(verbose_feature_names_out=template)
    model = make_pipeline(pre, DeepNetRegressor(**NET)).fit(TABLE, NUMBER)
    save_model(model, tmp_path / "model.h5")
    names = load_model(tmp_path / "model.h5")[0].get_feature_names_out()
    assert names[0] == "area of numbers"


@pytest.mark.parametrize("planted_there", [False, True])
def test_a_file_does_not_say_how_many_processes_predict(planted_there, tmp_path):
    def spoil(step):
        parameters = json.loads(step.attributes["parameters"])
        step.attributes["parameters"] = json.dumps(parameters | {"n_jobs": 5000})

    if planted_there:
        path = planted(tmp_path, "columns", spoil)
    else:
        path = tmp_path / "model.h5"
        model = clone(MODELS["columns"][0]).fit(TABLE, NUMBER)
        save_model(model.set_params(pre__n_jobs=5000), path)
    assert load_model(path)[0].n_jobs is None


@pytest.mark.parametrize("value", [0, 3, 2**62, True, None])
def test_planted_dimensions_of_a_target_are_refused(value, tmp_path):
    path = planted(
        tmp_path, "target", lambda step: set_fitted(step, training_dim=value)
    )
    assert_refused(path, " must have as 'training_dim' 1 or 2")


@pytest.mark.parametrize("indicator", [[0, 0], [1], [-1], [True], 0, None])
def test_planted_indices_of_an_imputer_are_refused(indicator, tmp_path):
    def spoil(step):
        imputer = step.groups["transformer0"].groups["step0"]
        set_fitted(imputer, indicator=indicator)

    path = planted(tmp_path, "columns", spoil)
    assert_refused(path, "/transformer0/step0 must have as 'indicator'")


@pytest.mark.parametrize(
    "options",
    [
        {"strategy": "constant", "fill_value": 9, "missing_values": 3},
        {"strategy": "most_frequent", "missing_values": 3},
        {"strategy": "median"},
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint8, object])
def test_an_imputer_of_any_type_is_kept(options, dtype, tmp_path):
    X = np.random.RandomState(0).randint(0, 5, (M, 2)).astype(dtype)
    options |= {"fill_value": dtype(9)} if dtype is np.uint8 else {}
    model = make_pipeline(SimpleImputer(**options), DeepNetClassifier(**NET))
    save_model(model.fit(X, CLASSES), tmp_path / "model.h5")
    again = load_model(tmp_path / "model.h5")
    assert_array_equal(again.predict_proba(X), model.predict_proba(X))
