"""Formulas of the engine as MathML."""

import html
import re
import xml.etree.ElementTree as ET

import pytest

from sknn_scratch import DeepNetClassifier, DeepNetRegressor
from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch._engine.losses import REGRESSION
from sknn_scratch._engine.optimizers import OPTIMIZERS
from sknn_scratch._html.mathml import inline, mathml
from sknn_scratch.inspection import explain_step

DROPPED = re.compile(r"[\s()/^_·]|sqrt")  # what the layout says instead


def only(line):
    """The elements of the one formula in a line."""
    root = ET.fromstring(f"<p>{html.unescape(inline(line))}</p>")
    (math,) = root
    return math


def shown(formula):
    """The characters of the typeset formula, in order."""
    text = "".join(ET.fromstring(f"<p>{mathml(formula)}</p>").itertext())
    signs = {"β": "beta", "ε": "epsilon", "δ": "delta", "π": "pi", "∑": "sum"}
    signs |= {"\N{MINUS SIGN}": "-", "∗": "*", "≔": ":=", "′": "'"}
    for sign, name in signs.items():
        text = text.replace(sign, name)
    return DROPPED.sub("", text)


def written(formula):
    """The characters of the formula as text, with powers of ten as they are typeset."""
    text = re.sub(r"(\d)e-0*(\d+)", r"\g<1>10-\2", formula)
    return DROPPED.sub("", re.sub(r";\s+|:\s\s+", "", text))


def formulas_of(net, X, y):
    return [quantity.formula for quantity in explain_step(net, X, y).quantities]


@pytest.mark.parametrize(
    "options",
    [
        *({"activation": name} for name in ACTIVATIONS),
        *({"solver": name, "max_grad_norm": 1, "l1_ratio": 0.5} for name in OPTIMIZERS),
        *({"loss": name} for name in REGRESSION),
        {"dropout": 0.5, "averaging_epochs": 2},
    ],
    ids=str,
)
def test_no_sign_of_the_engine_s_formulas_is_lost(rng, options):
    X, y = rng.rand(10, 3), rng.rand(10)
    net = DeepNetRegressor(hidden_layer_sizes=(4,), random_state=0, **options)
    for formula in formulas_of(net, X, y):
        assert shown(formula) == written(formula)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_no_sign_of_the_classifiers_losses_is_lost(rng, n_classes):
    y = rng.permutation(12) % n_classes
    for formula in formulas_of(DeepNetClassifier((4,)), rng.rand(12, 3), y):
        assert shown(formula) == written(formula)


def tree(element):
    """An element as nested tuples of names and texts."""
    inner = [tree(child) for child in element if child.tag != "mspace"]
    return (element.tag, *inner) if inner else (element.tag, element.text)


def layer(l, *more):
    return ("mrow", ("mo", "["), ("mn", l), ("mo", "]"), *more)


def test_the_layer_stands_above_the_matrix():
    math = only("A[1] = X")
    assert tree(math[0]) == ("msup", ("mi", "A"), layer("1"))


def test_transposed_and_layer_are_one_superscript():
    assert tree(only("W[2]^T = 1")[0]) == (
        "msup",
        ("mi", "W"),
        layer("2", ("mi", "T")),
    )


def test_a_fraction_takes_the_factor_before_and_the_bracket_behind():
    *_, fraction = only("g(z) = 1 / (1 + e^-z)")
    assert tree(fraction)[0] == "mfrac"
    assert tree(fraction)[1] == ("mn", "1")
    *rest, power = tree(fraction)[2]
    assert rest == ["mrow", ("mn", "1"), ("mo", "+")]
    assert power[:2] == ("msup", ("mi", "e"))


def test_a_sum_below_the_bar_takes_its_term_along():
    (fraction,) = only("e^z_k / sum e^z_j")
    assert len(fraction) == 2
    assert fraction[1][0].text == "∑"


def test_a_root_needs_no_bracket():
    assert tree(only("sqrt(v) > 0")[0]) == ("msqrt", ("mrow", ("mi", "v")))


def test_words_are_words():
    assert inline("summed over the rows") == "summed over the rows"
    assert "<math" not in mathml("it finds the median")
    assert inline("L = 1 (Clevert et al. 2016)").endswith(" (Clevert et al. 2016)")


def test_commas_in_brackets_do_not_end_a_formula():
    assert inline("a = max(0, z), else 0").count("<math") == 1


def test_signs_of_html_are_escaped():
    assert "<b>" not in mathml("a < 1; b[1] = <b>&")
    ET.fromstring(f"<p>{mathml('a < 1; b[1] = <b>& ')}</p>")


@pytest.mark.parametrize("broken", ["a = (b", "= ]", "^", "a /", "W[", "|x", "_", ""])
def test_formulas_of_a_reader_need_not_be_whole(broken):
    ET.fromstring(f"<p>{mathml(broken)}</p>")
