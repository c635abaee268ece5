"""The diagram: well-formed, bounded, its words apart; where it is shown, where not."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from sklearn import config_context
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    TabularNetClassifier,
)
from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch._estimators.layout import layout_of
from sknn_scratch._html.diagram import COLUMNS, UNITS, WIDTH, diagram
from sknn_scratch.datasets import make_flower

SVG = "{http://www.w3.org/2000/svg}"
SIZES = [(), (1,), (6,), (7,), (10**6,), (3, 10**6, 2), (4,) * 5, (4,) * 6, (4,) * 50]
sizes = pytest.mark.parametrize(
    "size", SIZES, ids=lambda size: f"{len(size)}x{size[:1]}"
)


def drawn(net):
    return ET.fromstring(diagram(layout_of(net), type(net).__name__)).find(f"{SVG}svg")


def words(svg):
    return [text.text for text in svg.iter(f"{SVG}text")]


def units(svg, x=None):
    """Circles of units (dots are smaller), in the column at x."""
    found = [c for c in svg.iter(f"{SVG}circle") if c.get("r") == "8"]
    return [c for c in found if x is None or c.get("cx") == x]


@sizes
def test_the_size_is_bounded(size):
    svg = drawn(DeepNetClassifier(size))
    assert int(svg.get("width")) <= COLUMNS * WIDTH
    assert float(svg.get("height")) <= 300
    assert len(units(svg)) <= COLUMNS * UNITS
    assert len(ET.tostring(svg)) < 20_000


@sizes
def test_words_never_overlap(size):
    # all names, and a rate with many digits; letters are up to 7.2 pixels wide
    for activation in ACTIVATIONS:
        svg = drawn(DeepNetClassifier(size, activation, dropout=0.123456))
        places = {}
        for text in svg.iter(f"{SVG}text"):
            assert 7.2 * len(text.text) < WIDTH
            places.setdefault(text.get("x"), []).append(float(text.get("y")))
        for heights in places.values():
            assert (np.diff(sorted(heights)) >= 14).all()
            assert max(heights) < float(svg.get("height")) - 4
            assert min(heights) > 12


@sizes
def test_units_stand_between_the_words(size):
    svg = drawn(DeepNetClassifier(size))
    rows = [float(text.get("y")) for text in svg.iter(f"{SVG}text")]
    heads = min(rows)
    feet = min(y for y in rows if y > heads)
    for circle in units(svg):
        assert heads + 8 < float(circle.get("cy")) < feet - 18


def test_few_units_are_all_shown_and_many_by_some():
    for n, shown in [(1, 1), (6, 6), (7, 5), (1000, 5)]:
        svg = drawn(DeepNetClassifier((n,)))
        assert len(units(svg, str(WIDTH + WIDTH // 2))) == shown


def test_the_words_are_the_network_s():
    X, y = make_flower()
    net = DeepNetClassifier((5, 3), ["tanh", "relu"], dropout=[0.5, 0], max_iter=1)
    svg = drawn(net.set_params(warn=False).fit(X, y))
    assert words(svg) == [
        *("X", "n[0] = 2"),
        *("A[1]", "n[1] = 5", "tanh", "dropout 0.5"),
        *("A[2]", "n[2] = 3", "relu"),
        *("A[3] = Ŷ", "n[3] = 1", "logistic"),
    ]
    tips = [path.find(f"{SVG}title").text for path in svg.iter(f"{SVG}path")]
    assert tips[0] == "W[1]: (5, 2), b[1]: (5, 1)"


def test_layers_that_are_left_out_are_counted():
    shown = words(drawn(DeepNetClassifier((4,) * 50)))
    assert "layers 4 to 49" in shown
    heads = [word for word in shown if word.startswith("A[")]
    assert heads == ["A[1]", "A[2]", "A[3]", "A[50]", "A[51] = Ŷ"]


def test_a_reader_that_cannot_see_is_told():
    svg = drawn(DeepNetClassifier((5, 3)))
    assert svg.get("role") == "img"
    title = svg[0]
    assert title.tag == f"{SVG}title"
    assert title.text == (
        "DeepNetClassifier: hidden layers: 2, of 5, 3 units; n_x features in, n_y out"
    )


def test_words_have_the_colour_of_the_page():
    svg = drawn(ShallowNetClassifier(3))
    assert svg.get("fill") == "currentColor"
    assert not [t for t in svg.iter(f"{SVG}text") if t.get("fill")]


def test_it_is_the_same_each_time():
    nets = [DeepNetClassifier((5, 3)) for _ in range(2)]
    assert len({diagram(layout_of(net), "net") for net in nets}) == 1


@pytest.mark.parametrize(
    "net", [LogisticRegressionScratch(), DeepNetClassifier((5, 3)), DeepNetRegressor()]
)
def test_a_notebook_shows_it_beside_scikit_learn_s_own(net):
    X, y = make_flower()
    net.set_params(warn=False)
    for shown in (net, net.fit(X, y)):
        for page in (shown._repr_html_(), shown._repr_mimebundle_()["text/html"]):
            assert page.count("<svg xmlns") == page.count('role="img"') == 1
            assert page.index("sk-top-container") < page.index('role="img"')


def test_of_an_ensemble_a_notebook_shows_a_member():
    X, y = make_flower()
    net = TabularNetClassifier(3, (5, 4), max_iter=2)
    for shown in (net, net.fit(X, y).set_params(n_members=7)):
        for page in (shown._repr_html_(), shown._repr_mimebundle_()["text/html"]):
            assert page.count('role="img"') == 1
            assert page.index("sk-top-container") < page.index("One of 3 members:")
            assert "n[2] = 4" in page


def test_before_fit_the_number_of_members_may_not_be_known():
    assert "One of several members:" in TabularNetClassifier()._repr_html_()


def test_an_ensemble_with_invalid_parameters_is_shown_without_a_member():
    page = TabularNetClassifier(hidden_layer_sizes="a")._repr_html_()
    assert "sk-top-container" in page
    assert 'role="img"' not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"hidden_layer_sizes": "a"},
        {"hidden_layer_sizes": None},
        {"hidden_layer_sizes": (-1,)},
        {"hidden_layer_sizes": (10**400,)},
        {"n_hidden_layers": "b"},
        {"activation": "magic"},
        {"dropout": [0.1, 0.2]},
    ],
)
def test_invalid_parameters_leave_scikit_learn_s_own(wrong):
    net = DeepNetClassifier(**wrong)
    for page in (net._repr_html_(), net._repr_mimebundle_()["text/html"]):
        assert "sk-top-container" in page
        assert 'role="img"' not in page


def test_in_a_pipeline_scikit_learn_s_stays():
    chain = make_pipeline(StandardScaler(), DeepNetClassifier((5, 3)))
    assert 'role="img"' not in chain._repr_mimebundle_()["text/html"]
    assert 'role="img"' not in estimator_html_repr(chain)


def test_where_only_text_is_wanted_there_is_no_page():
    with config_context(display="text"):
        net = DeepNetClassifier((5, 3))
        assert not hasattr(net, "_repr_html_")
        assert "text/html" not in net._repr_mimebundle_()


def test_colours_of_units_stand_out_on_white_and_on_black():
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
        ]
        return np.dot(linear, [0.2126, 0.7152, 0.0722])

    page = diagram(layout_of(ShallowNetClassifier(3)), "net")
    colours = set(re.findall("#[0-9a-f]{6}", page))
    assert len(colours) == 3
    for colour in colours:  # 3:1 is what WCAG 2.1 asks of graphics
        assert 1.05 / (luminance(colour) + 0.05) >= 2.5
        assert (luminance(colour) + 0.05) / (luminance("#14171c") + 0.05) >= 3


def test_importing_the_package_does_not_import_it():
    code = (
        "import sknn_scratch, sys; print('sknn_scratch._html.diagram' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
