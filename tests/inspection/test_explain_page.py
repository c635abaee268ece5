"""The page of explain_step: what the engine computed, and nothing from elsewhere."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from gradients import rows

from sknn_scratch import DeepNetClassifier, DeepNetRegressor
from sknn_scratch._engine.losses import LOSSES, REGRESSION
from sknn_scratch.inspection import explain_step
from sknn_scratch.inspection._exercises import textbook


def step_of(rng, kind="binary", hidden=(4,), m=5, **options):
    """The explanation of a step on so few rows that all numbers are shown."""
    options = {"alpha": 0, "solver": "gd", "random_state": 0, **options}
    X, y = rows(kind, rng)
    regressor = kind in REGRESSION
    cls = DeepNetRegressor if regressor else DeepNetClassifier
    return explain_step(cls(hidden_layer_sizes=hidden, **options), X[:m], y[:m])


def saved(step, folder):
    step.save(folder / "step.html")
    return (folder / "step.html").read_text(encoding="utf-8")


def sections(html):
    """The stages of a page by their names, as elements."""
    parts = re.findall(r'<section class="stage".*?</section>', html, re.DOTALL)
    parts = [ET.fromstring(re.sub("(<img [^>]*)>", r"\1/>", part)) for part in parts]
    return [(part.get("aria-label"), part) for part in parts]


def matrices(stage):
    """The tables of a stage by their labels."""
    return {
        table.get("aria-label").split(",")[0]: np.array(
            [[float(cell.text.replace("−", "-")) for cell in row] for row in table[0]]
        )
        for table in stage.iter("table")
    }


def test_numbers_in_the_page_are_the_engine_s(rng, tmp_path):
    step = step_of(rng, hidden=(4, 3))
    seen, stages = step.to_dict(), sections(saved(step, tmp_path))
    assert [name for name, _ in stages] == [q.name for q in step.quantities]
    keys = {"A[0] = X": "X"}
    n_compared = 0
    for (_, stage), quantity in zip(stages, step.quantities, strict=True):
        for name, numbers in matrices(stage).items():
            if quantity.section == "Update":
                continue
            key = keys.get(name, re.sub(r"[\[\]]", "", name))
            np.testing.assert_allclose(numbers, seen[key], rtol=5e-4)  # four digits
            n_compared += 1
    n_matrices = sum(
        1 + len(q.operands) for q in step.quantities if q.section != "Update"
    )
    assert n_compared == n_matrices - 1  # J is no matrix


def test_an_update_shows_before_gradient_change_and_after(rng, tmp_path):
    step = step_of(rng)
    seen = step.to_dict()
    found = dict(sections(saved(step, tmp_path)))["W[2]"]
    tables = [*matrices_in_order(found)]
    change = seen["W2_new"] - seen["W2"]
    for numbers, right in zip(
        tables, (seen["W2"], seen["dW2"], change, seen["W2_new"]), strict=True
    ):
        np.testing.assert_allclose(numbers, right, rtol=5e-4)


def matrices_in_order(stage):
    for table in stage.iter("table"):
        yield [[float(cell.text.replace("−", "-")) for cell in row] for row in table[0]]


def test_the_cost_is_in_the_page(rng, tmp_path):
    step = step_of(rng)
    stage = dict(sections(saved(step, tmp_path)))["J"]
    assert f"= {step.to_dict()['J']:.10g}" in "".join(stage.itertext())


@pytest.mark.parametrize("kind", LOSSES)
def test_pages_of_all_losses_are_well_formed(rng, tmp_path, kind):
    step = step_of(rng, kind, m=20)
    stages = sections(saved(step, tmp_path))
    assert len(stages) == len(step.quantities)
    for _, stage in stages:
        assert stage.find(".//div[@class='formula']//math") is not None
        for picture in stage.iter("img"):
            assert picture.get("alt")


def test_a_page_needs_nothing_but_itself(rng, tmp_path):
    html = saved(step_of(rng, m=20), tmp_path)
    assert not re.search(r"https?://|@import|<link(?! rel=\"icon\" href=\"data:)", html)
    assert all(src.startswith("data:") for src in re.findall(r'src="([^"]*)', html))


def test_pages_are_the_same_each_time(rng, tmp_path):
    step = step_of(rng)
    assert saved(step, tmp_path) == saved(step, tmp_path)


def test_pages_of_images_are_small(rng, tmp_path):
    X, y = rng.rand(20, 12288), np.arange(20) % 2
    step = explain_step(DeepNetClassifier((20, 7, 5), random_state=0), X, y)
    assert len(saved(step, tmp_path)) < 300_000


def test_each_stage_has_buttons_to_its_neighbours(rng, tmp_path):
    step = step_of(rng)
    html, names = saved(step, tmp_path), [q.name for q in step.quantities]
    for place, (_, stage) in enumerate(sections(html)):
        targets = [label.get("for") for label in stage.iter("label")]
        near = [k if 0 <= k < len(names) else None for k in (place - 1, place + 1)]
        assert targets == [None if k is None else f"stage-{k}" for k in near]
        assert f"{place + 1} of {len(names)}" in "".join(stage.itertext())
    assert [*re.findall(r'<input [^>]*id="stage-(\d+)"', html)] == [
        *map(str, range(len(names)))
    ]


def test_two_outputs_of_a_notebook_have_names_of_their_own(rng):
    step = step_of(rng)
    first, second = (
        set(re.findall(r' (?:id|name)="([^"]+)', step._repr_html_())) for _ in range(2)
    )
    assert len(first) == 1 + len(step.quantities)
    assert not first & second


def test_a_reader_s_result_stands_beside_the_engine_s(rng, tmp_path):
    X, y = rows("binary", rng)
    net = DeepNetClassifier((4,), activation="tanh", alpha=0, random_state=0)

    def linear_backward(dZ, cache):
        dA, dW, db = textbook.linear_backward(dZ, cache)
        return dA, -dW, db

    step = explain_step(net, X[:5], y[:5], mine=linear_backward)
    html = saved(step, tmp_path)
    stage = dict(sections(html))["dW[1]"]
    (mine,) = next(q.mine for q in step.quantities if q.name == "dW[1]")
    tables = matrices(stage)
    for name, right in [
        ("yours", -mine.engine),
        ("the engine's", mine.engine),
        ("yours - the engine's", -2 * mine.engine),
    ]:
        np.testing.assert_allclose(tables[name], right, rtol=5e-4)
    assert mine.words in "".join(stage.itertext())
    marks = dict(re.findall(r'<label for="stage-(\d+)" class="(\w+)"', html))
    names = {q.name: str(k) for k, q in enumerate(step.quantities)}
    assert marks[names["dW[1]"]] == marks[names["dW[2]"]] == "differs"
    assert marks[names["db[1]"]] == marks[names["dA[1]"]] == "equal"


@pytest.mark.parametrize("result", [np.empty((0, 4)), np.ones((4, 2, 2)), 3, "A", None])
def test_odd_results_of_a_reader_have_a_page(rng, tmp_path, result):
    X, y = rows("binary", rng)
    net = DeepNetClassifier((4,), activation="tanh", random_state=0)
    step = explain_step(net, X, y, mine={"tanh": lambda Z: result})
    (mine,) = next(q.mine for q in step.quantities if q.name == "A[1]")
    assert not mine.agrees
    stage = dict(sections(saved(step, tmp_path)))["A[1]"]
    assert mine.words in "".join(stage.itertext())


def test_what_an_exception_says_is_escaped(rng, tmp_path):
    def tanh(Z):
        raise ValueError("<script>alert(1)</script>")

    X, y = rows("binary", rng)
    net = DeepNetClassifier((4,), activation="tanh", random_state=0)
    html = saved(explain_step(net, X, y, mine=tanh), tmp_path)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_a_file_that_cannot_be_written_is_named(rng, tmp_path):
    with pytest.raises(OSError, match=r"nowhere.step\.html must be in a folder"):
        step_of(rng).save(tmp_path / "nowhere" / "step.html")
