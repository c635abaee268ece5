"""What the page of `sknn-scratch play MODEL.h5` is given: columns, pictures, rows."""

import datetime
import json
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
)
from table_models import fitted, tables

from sknn_scratch import DeepNetClassifier, DeepNetRegressor
from sknn_scratch._pages.look.learned import UNKNOWN, extent_of_values, extents_of
from sknn_scratch._pages.look.page import Subject, look_page
from sknn_scratch._pages.look.pictures import picture_of
from sknn_scratch._pages.look.rows import plain_value, rows_of_pictures, spaced
from sknn_scratch.preprocessing import ImageFlattener, TableEncoder

CONTENT = re.compile(r'<script type="application/json" id="look">(.*?)</script>', re.S)
RNG = np.random.RandomState(0)
X = RNG.randn(100, 3) * [1, 10, 100] + [0, 5, 1000]
y = X[:, 0] > 0


def small(**options):
    return DeepNetClassifier((3,), max_iter=2, warn=False, random_state=0, **options)


def content(model, file="model.h5", **more):
    return json.loads(CONTENT.findall(look_page(Subject(model, file, **more)))[0])


# -- ranges of columns -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("scaler", "ends"),
    [
        (StandardScaler(), lambda x: (x.mean() - 3 * x.std(), x.mean() + 3 * x.std())),
        (MinMaxScaler(), lambda x: (x.min(), x.max())),
        (MaxAbsScaler(), lambda x: (-abs(x).max(), abs(x).max())),
        (
            RobustScaler(),
            lambda x: (
                np.median(x) + np.array([-3, 3]) * np.diff(np.quantile(x, [0.25, 0.75]))
            ),
        ),
        (
            TableEncoder(n_bins=0),
            lambda x: (
                np.median(x) + np.array([-3, 3]) * np.diff(np.quantile(x, [0.25, 0.75]))
            ),
        ),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_scaler_tells_the_range_of_its_columns(scaler, ends):
    found = extents_of(make_pipeline(scaler, small()).fit(X, y), 3)
    assert list(found) == [0, 1, 2]
    for j, extent in found.items():
        assert_allclose([extent.low, extent.high], ends(X[:, j]), rtol=1e-12)


def test_standardize_tells_it_too():
    found = extents_of(small(standardize=True).fit(X, y), 3)
    assert_allclose(found[2].start, X[:, 2].mean())
    assert_allclose(found[2].high, X[:, 2].mean() + 3 * X[:, 2].std())


def test_a_network_alone_tells_nothing():
    model = small().fit(X, y)
    assert extents_of(model, 3) == {}
    told = content(model)
    assert "The range of x1, x2, x3 is not stored in the model" in told["notes"][0]
    assert [column["low"] for column in told["columns"]] == [UNKNOWN.low] * 3


def test_the_edges_of_bins_are_the_range_and_the_quartiles():
    (column,) = TableEncoder().fit(X[:, 2:]).columns_
    extent = extents_of(make_pipeline(TableEncoder(), small()).fit(X[:, 2:], y), 1)[0]
    assert (extent.low, extent.high) == (X[:, 2].min(), X[:, 2].max())
    assert extent.start == column.spread.median
    assert_allclose(
        extent.quartiles, np.quantile(X[:, 2], [0.25, 0.5, 0.75]), rtol=0.02
    )


def test_values_far_outside_are_off_the_slider():
    values = np.append(np.arange(101.0), 1e9)
    extent = extent_of_values(values)
    assert extent.low == 0
    assert extent.high < 400
    assert extent.whole


@pytest.mark.parametrize(
    ("values", "wanted"),
    [([3.0, 3.0], (2, 4, 3)), ([np.nan, 1, 2, np.inf], (1, 2, 2))],
)
def test_few_values_have_a_range(values, wanted):
    assert extent_of_values(values)[:3] == wanted


def test_no_finite_values_have_none():
    assert extent_of_values([np.nan, np.inf]) is None


def test_the_columns_of_a_column_transformer_are_followed():
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    frame["d"] = RNG.choice(["u", "v"], 100)
    columns = ColumnTransformer(
        [
            ("levels", OneHotEncoder(), ["d"]),
            ("filled", make_pipeline(SimpleImputer(), MinMaxScaler()), ["c"]),
            ("as it is", "passthrough", ["a"]),
        ]
    )
    found = extents_of(make_pipeline(columns, small()).fit(frame, y), 4)
    assert list(found) == [2]
    assert_allclose(found[2][:2], [X[:, 2].min(), X[:, 2].max()])


def test_a_scaler_behind_an_imputer_tells_of_the_columns_that_are_left():
    holes = X.copy()
    holes[:, 1] = np.nan
    holes[:5, 2] = np.nan
    imputer = SimpleImputer(add_indicator=True)
    with pytest.warns(UserWarning, match="without any observed values"):
        model = make_pipeline(imputer, MinMaxScaler(), small()).fit(holes, y)
    with pytest.warns(UserWarning, match="without any observed values"):
        filled = imputer.fit_transform(holes)
    found = extents_of(model, 3)
    assert list(found) == [0, 2]
    assert_allclose(found[2][:2], [filled[:, 1].min(), filled[:, 1].max()])


# -- columns ---------------------------------------------------------------------------


def test_each_column_of_a_table_has_its_control():
    told = content(fitted("number"))
    kinds = {column["name"]: column["kind"] for column in told["columns"]}
    assert kinds == {
        "price": "number",
        "rooms": "number",
        "n rooms": "number",
        "city": "level",
        "class": "level",
        "new": "level",
        "sold": "date",
    }  # n_rooms is a constant, which the model does not read
    assert told["width"] == 8
    city = next(c for c in told["columns"] if c["name"] == "city")
    assert set(city["levels"]) == set(tables()[0]["city"].dropna())
    assert city["other"]
    assert city["missing"]
    sold = next(c for c in told["columns"] if c["name"] == "sold")
    days = (tables()[0]["sold"] - pd.Timestamp(0)) / pd.Timedelta(days=1)
    assert_allclose([sold["low"], sold["high"]], [days.min(), days.max()])


def test_levels_that_an_encoder_refuses_are_not_offered():
    frame = pd.DataFrame({"a": X[:, 0], "d": RNG.choice(["u", "v"], 100)})
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["a"]), ("d", OneHotEncoder(), ["d"])]
    )
    told = content(make_pipeline(columns, small()).fit(frame, y))
    level = told["columns"][1]
    assert (level["levels"], level["other"], level["missing"]) == (
        ["u", "v"],
        False,
        False,
    )


def test_data_give_ranges_and_the_most_frequent_level():
    frame = tables()[0].iloc[:50].copy()
    frame["city"] = "Bergen"
    told = content(fitted("number"), X=frame)
    columns = {column["name"]: column for column in told["columns"]}
    assert columns["city"]["start"] == "Bergen"
    assert columns["rooms"]["high"] == frame["rooms"].max()
    assert columns["rooms"]["whole"]
    assert columns["n rooms"]["start"] == frame["n rooms"].median()


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (np.nan, None),
        (pd.NaT, None),
        (np.float32(0.5), 0.5),
        (np.inf, None),
        (np.int64(3), 3),
        (np.True_, True),
        ("text", "text"),
        (pd.Timestamp("2024-05-31 10:00", tz="Europe/Oslo"), "2024-05-31T10:00:00"),
        (datetime.date(2024, 5, 31), "2024-05-31"),
        (pd.Timedelta(hours=12), 0.5),
    ],
)
def test_values_are_as_json_has_them(value, plain):
    assert plain_value(value) == plain
    assert type(plain_value(value)) is type(plain)


def test_rows_are_evenly_spaced():
    assert spaced(5, 200).tolist() == [0, 1, 2, 3, 4]
    many = spaced(10_001, 101)
    assert many[[0, 1, -1]].tolist() == [0, 100, 10_000]


# -- pictures --------------------------------------------------------------------------


def pictures(*shape):
    return RNG.randint(0, 256, (30, *shape)).astype("u1")


def of_pictures(images, flattener=None):
    labels = np.arange(len(images)) % 2
    flattener = flattener or ImageFlattener()
    return make_pipeline(flattener, small()).fit(images, labels)


def test_an_image_flattener_tells_the_shape_and_the_values():
    picture = picture_of(of_pictures(pictures(6, 5, 3)), None)
    assert picture == ((6, 5, 3), 0.0, 255.0, True, 0.0, "")
    picture = picture_of(
        of_pictures(pictures(6, 5) / 255, ImageFlattener(scale=1)), None
    )
    assert picture == ((6, 5, 1), 0.0, 1.0, False, 0.0, "")


def test_white_paper_is_known_by_the_rim_of_the_data():
    images = pictures(6, 5)
    images[:, [0, -1]] = 255
    assert picture_of(of_pictures(images), images).paper == 255
    assert picture_of(of_pictures(images), 255 - images).paper == 0


@pytest.mark.parametrize(("n", "shape"), [(64, (8, 8, 1)), (192, (8, 8, 3))])
def test_a_square_of_unnamed_inputs_is_taken_for_a_picture(n, shape):
    flat = RNG.rand(30, n)
    picture = picture_of(small().fit(flat, flat[:, 0] > 0.5), None)
    assert picture.shape == shape
    assert picture.note.startswith(f"The {n} inputs are taken for a picture of 8 x 8")
    assert "from 0 to 1" in picture.note


def test_the_data_tell_the_shape_of_flat_rows():
    flat = RNG.rand(30, 30)
    model = small().fit(flat, flat[:, 0] > 0.5)
    assert picture_of(model, None) is None
    picture = picture_of(model, flat.reshape(30, 5, 6))
    assert (picture.shape, picture.note) == ((5, 6, 1), "")


def test_a_scaler_tells_the_values_of_flat_rows():
    flat = 16 * RNG.rand(30, 64)
    model = make_pipeline(MinMaxScaler(), small()).fit(flat, flat[:, 0] > 8)
    picture = picture_of(model, None)
    assert (picture.low, picture.high) == (0, flat.max())


def test_names_of_columns_make_a_table_of_a_square():
    frame = pd.DataFrame(RNG.rand(30, 64)).add_prefix("c")
    assert picture_of(small().fit(frame, frame["c0"] > 0.5), None) is None
    assert len(content(small().fit(frame, frame["c0"] > 0.5))["columns"]) == 64


def test_pictures_of_two_channels_are_refused():
    images = pictures(4, 4, 2)
    with pytest.raises(ValueError, match="pictures of 1, 3 or 4 channels .* got 2"):
        picture_of(of_pictures(images), images)


def test_many_pictures_stay_small():
    kept = rows_of_pictures(pictures(64, 64, 3), [*range(30)])
    assert len(kept["pixels"]) < 4 / 3 * 400_000 + 4
    assert kept["of"] == 30
    assert [number - 1 for number in kept["numbers"]] == kept["truth"]


# -- outputs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "outputs"),
    [
        ("texts", "classes", ["b", 'c"', "ä"]),
        ("labels", "labels", ["0", "1"]),
        ("number", "numbers", ["price"]),
        ("numbers", "numbers", ["price 1", "price 2"]),
        ("quantiles", "numbers", [f"price, level {q}" for q in (0.1, 0.5, 0.9)]),
    ],
)
def test_each_output_has_a_name(name, kind, outputs):
    told = content(fitted(name), target="price")
    assert (told["kind"], told["outputs"]) == (kind, outputs)


def test_inputs_of_the_first_layer_are_named():
    model = fitted("number")
    told = content(model)
    assert told["features"] == model.encoder_.get_feature_names_out().tolist()
    assert told["units"] == [len(told["features"]), 5, 4, 1]
    assert content(fitted("target scaled"))["features"] is None


def test_true_answers_stand_beside_the_rows():
    told = content(small().fit(X, y), X=X, truth=[*map(str, y)], names=["no", "go"])
    assert told["rows"]["truth"] == [*map(str, y)]
    assert_allclose(told["rows"]["values"], X)
    Y = X[:, :2]
    net = DeepNetRegressor(hidden_layer_sizes=(3,), max_iter=2, warn=False).fit(X, Y)
    assert_allclose(content(net, X=X, truth=[*Y])["rows"]["truth"], Y)


# -- the page --------------------------------------------------------------------------


def test_the_page_needs_nothing_but_itself():
    html = look_page(Subject(fitted("texts"), "model.h5", X=tables()[0]))
    code = CONTENT.sub("", html).replace("http://www.w3.org/2000/svg", "")  # a name
    code = re.sub(r'(decoded|floats)\("[^"]*"\)', "", code)
    assert "//" not in re.sub(r"^\s*//.*$|\s// .*$", "", code, flags=re.M)
    assert not re.search(r"\bsrc\s*=|@import|url\(|fetch\(|XMLHttp", html)
    assert re.findall(r'href="([^"]*)"', html) == ["data:,"]


def test_names_of_the_user_cannot_end_the_script():
    nasty = ["</script><b>no", "yes & 'no'"]
    frame = pd.DataFrame(X, columns=[*nasty, "c"])
    frame["d"] = RNG.choice(nasty, 100)
    model = fitted_on(frame, np.where(y, *nasty))
    subject = Subject(
        model, "<b>&.h5", target=nasty[0], X=frame, truth=[nasty[0]] * 100
    )
    html = look_page(subject)
    assert html.count("<script") == html.count("</script>") == 3
    assert "<b>" not in html


def fitted_on(frame, labels):
    return make_pipeline(TableEncoder(n_bins=0), small()).fit(frame, labels)


def test_the_page_is_small_beside_the_model():
    from sknn_scratch.export import to_javascript

    model = fitted("number")
    page = look_page(Subject(model, "model.h5", X=tables()[2]))
    assert len(page) - len(to_javascript(model)) < 200_000


def test_a_model_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("sknn_scratch._pages.look.page.MODEL_BYTES", 1000)
    with pytest.raises(ValueError, match="must take at most 0 MB in a page, got 0 MB"):
        look_page(Subject(small().fit(X, y), "model.h5"))


def test_several_quantiles_of_a_network_alone_are_refused():
    options = {"loss": "quantile", "quantile": [0.1, 0.9], "warn": False, "max_iter": 2}
    model = DeepNetRegressor(**options)
    with pytest.raises(ValueError, match="must have one level of loss='quantile'"):
        look_page(Subject(model.fit(X, X[:, 0]), "model.h5"))
