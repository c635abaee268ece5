"""summary of an ensemble: every number against its encoder and its members."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import TabularNetClassifier, TabularNetRegressor
from sknn_scratch.inspection._summary import summary

SMALL = {"hidden_layer_sizes": (6, 3), "max_iter": 2, "n_members": 3}
RNG = np.random.RandomState(0)
X = pd.DataFrame(
    {
        "size": RNG.randn(60),
        "city": RNG.choice(["Oslo", "Rome", "Lima"], 60),
        "sold": pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(60), "D"),
        "same": 1,
    }
)
CLASSES = RNG.choice(["a", "b", "c"], 60)
NUMBERS = RNG.randn(60)


@pytest.fixture(scope="module")
def net():
    return TabularNetClassifier(random_state=0, **SMALL).fit(X, CLASSES)


@pytest.fixture(scope="module")
def wide():
    """An ensemble for a table of 23 columns."""
    wide = pd.DataFrame(RNG.randn(60, 22), columns=[f"c{i}" for i in range(22)])
    wide["city"] = X["city"]
    return TabularNetRegressor(**SMALL).fit(wide, NUMBERS)


def test_columns_are_those_of_the_encoder(net):
    found = summary(net).columns
    assert [column.name for column in found] == [*X]
    assert [c.kind for c in found] == ["numeric", "category", "time", "numeric"]
    for column in found:
        outputs = net.encoder_.output_slices_[column.name]
        assert column.n_outputs == outputs.stop - outputs.start
    assert found[-1].n_outputs == 0


def test_layers_and_parameters_are_those_of_the_members(net):
    found, member = summary(net), net.members_[0]
    assert (found.name, found.fitted, found.n_members) == (
        "TabularNetClassifier",
        True,
        3,
    )
    assert found.member.name == "DeepNetClassifier"
    assert found.member.layers == summary(member).layers
    arrays = [v for net in net.members_ for v in net.parameters_.values()]
    assert found.n_parameters == sum(array.size for array in arrays)
    assert found.n_bytes == sum(array.nbytes for array in arrays)


def test_temperature_and_score_are_those_of_the_fit(net, wide):
    found = summary(net)
    assert (found.temperature, found.oof_score) == (net.temperature_, net.oof_score_)
    assert f"temperature {net.temperature_:.3g}" in str(found)
    assert f"score out of fold {net.oof_score_:.3g}" in str(found)
    assert summary(wide).temperature is None
    assert "temperature" not in str(summary(wide))


def test_before_fit_the_table_is_not_known():
    found = summary(TabularNetClassifier(**SMALL))
    assert (
        found.columns is found.n_parameters is found.n_bytes is found.oof_score is None
    )
    assert (found.fitted, found.n_members) == (False, 3)
    assert "(not fitted, 3 members)" in str(found)
    assert [layer.W for layer in found.member.layers] == [(6, None), (3, 6), (None, 3)]


@pytest.mark.parametrize(
    ("kind", "y"),
    [
        (TabularNetClassifier, CLASSES),
        (TabularNetClassifier, CLASSES == "a"),
        (TabularNetClassifier, np.eye(3, dtype=int)[np.arange(60) % 3]),
        (TabularNetRegressor, NUMBERS),
        (TabularNetRegressor, np.stack([NUMBERS, NUMBERS], axis=1)),
    ],
)
def test_with_X_and_y_it_is_what_fit_makes_of_it(kind, y):
    model = kind(random_state=0, **SMALL)
    before = summary(model, X, y)
    assert not model.__sklearn_is_fitted__()
    after = summary(model.fit(X, y))
    assert before.columns == after.columns
    assert before.member.layers == after.member.layers
    assert before.member.loss == after.member.loss
    assert (before.n_parameters, before.n_bytes) == (after.n_parameters, after.n_bytes)


def test_with_X_alone_the_columns_are_known():
    found = summary(TabularNetRegressor(**SMALL), X)
    n_x = sum(column.n_outputs for column in found.columns)
    assert found.member.layers[0].W == (6, n_x)
    assert found.member.layers[-1].units is None


def test_in_a_pipeline_the_table_is_that_of_the_last_step():
    numbers = X[["size"]]
    model = make_pipeline("passthrough", StandardScaler(), TabularNetRegressor(**SMALL))
    before = summary(model, numbers, NUMBERS)
    after = summary(model.fit(numbers, NUMBERS))
    assert before.steps == after.steps == ["passthrough", "standardscaler"]
    assert before.columns == after.columns
    assert "steps before it: passthrough, standardscaler" in str(after)


def test_of_a_long_table_twenty_columns_are_printed_and_the_rest_counted(wide):
    text = str(summary(wide))
    assert text.count("numeric") - 2 == 20  # two lines count them
    assert "\nand another 3 columns (2 numeric, 1 category)\n" in text
    assert "\n23 columns (22 numeric, 1 category); " in text
    assert len(summary(wide).columns) == 23


def test_it_prints_columns_layers_and_all_members():
    model = TabularNetRegressor(1, (4,), n_bins=0, dropout=0)
    assert str(summary(model, X[["size", "city"]], NUMBERS)) == (
        "TabularNetRegressor (not fitted, 1 member)\n\n"
        "column  kind      outputs\n"
        "------  --------  -------\n"
        "size    numeric         1\n"
        "city    category        3\n\n"
        "2 columns (1 numeric, 1 category); 4 outputs\n\n"
        "Each member: DeepNetRegressor (not fitted)\n\n"
        "layer     units  activation  W       b       parameters\n"
        "--------  -----  ----------  ------  ------  ----------\n"
        "0 input       4\n"
        "1 hidden      4  swish       (4, 4)  (4, 1)          20\n"
        "2 output      1  identity    (1, 4)  (1, 1)           5\n\n"
        "25 parameters, 200 bytes (float64); loss: squared error\n\n"
        "1 member: 25 parameters, 200 bytes"
    )


def test_the_page_has_both_tables_and_the_diagram(wide):
    page = summary(wide)._repr_html_()
    assert page.count("<table>") == 2
    assert page.count("<svg") == 1
    assert "and another 3 columns" in page


def test_names_of_columns_are_escaped():
    table = pd.DataFrame({"<b>": NUMBERS})
    assert "&lt;b&gt;" in summary(TabularNetRegressor(), table)._repr_html_()


def test_wrong_parameters_are_refused():
    with pytest.raises(ValueError, match="n_bins"):
        summary(TabularNetClassifier(n_bins=-1))
