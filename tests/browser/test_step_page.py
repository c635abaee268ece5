"""The page of `explain_step` in Chromium: stages, keys, widths."""

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from sknn_scratch import DeepNetClassifier
from sknn_scratch.inspection import explain_step

SERIOUS = {"SEVERE", "WARNING"}


def linear_backward(dZ, cache):
    A_prev, W, b = cache
    return W.T @ dZ, dZ @ A_prev.T, dZ.mean(axis=1)


@pytest.fixture(scope="module")
def step():
    rng = np.random.RandomState(0)
    X, y = rng.randn(100, 3), np.arange(100) % 2
    net = DeepNetClassifier((12, 4), activation="tanh", random_state=0)
    return explain_step(net, X, y, mine=linear_backward)


@pytest.fixture(scope="module")
def page(step, tmp_path_factory):
    path = tmp_path_factory.mktemp("step") / "step.html"
    step.save(path)
    return path


@pytest.fixture(scope="module")
def outputs(step, tmp_path_factory):
    """Two outputs of a notebook in one page, which has no script."""
    path = tmp_path_factory.mktemp("notebook") / "notebook.html"
    parts = [f"<div>{step._repr_html_()}</div>" for _ in range(2)]
    path.write_text("<!doctype html><meta charset=utf-8>" + "".join(parts), "utf-8")
    return path


def shown(driver, part=""):
    """Names of the stages that can be seen."""
    found = driver.find_elements(By.CSS_SELECTOR, f"{part} section.stage")
    return [e.get_attribute("aria-label") for e in found if e.is_displayed()]


def press(driver, *keys):
    driver.switch_to.active_element.send_keys(*keys)


def told(driver):
    """Complaints of the browser, and what it has fetched besides the page."""
    fetched = "return performance.getEntriesByType('resource').map(e => e.name)"
    log = [x for x in driver.get_log("browser") if x["level"] in SERIOUS]
    return log, [x for x in driver.execute_script(fetched) if x[:5] != "data:"]


def test_buttons_step_forward_and_back(browse, page, step):
    driver = browse(page)
    names = [quantity.name for quantity in step.quantities]

    def click(which):
        stages = driver.find_elements(By.CSS_SELECTOR, "section.stage")
        (stage,) = (e for e in stages if e.is_displayed())
        stage.find_elements(By.CSS_SELECTOR, ".steps label")[which].click()
        return shown(driver)

    assert shown(driver) == [names[0]]
    assert [click(1) for _ in names[1:]] == [[name] for name in names[1:]]
    assert [click(0) for _ in names[1:]] == [[name] for name in names[-2::-1]]
    assert told(driver) == ([], [])


def test_arrow_keys_step_wherever_the_focus_is(browse, page, step):
    driver = browse(page)
    press(driver, Keys.ARROW_RIGHT)
    assert shown(driver) == ["Y"]
    press(driver, Keys.ARROW_RIGHT)  # now a stage has the focus
    assert shown(driver) == ["Z[1]"]
    press(driver, Keys.ARROW_LEFT)
    assert shown(driver) == ["Y"]
    press(driver, Keys.END)
    assert shown(driver) == [step.quantities[-1].name]
    press(driver, Keys.ARROW_RIGHT)
    assert shown(driver) == [step.quantities[-1].name]
    press(driver, Keys.HOME)
    assert shown(driver) == ["X"]
    driver.find_element(By.TAG_NAME, "h1").click()
    press(driver, Keys.ARROW_RIGHT)
    assert shown(driver) == ["Y"]
    assert told(driver) == ([], [])


def test_the_chosen_stage_can_be_seen_to_have_the_focus(browse, page):
    driver = browse(page)
    press(driver, Keys.TAB, Keys.ARROW_RIGHT)
    outline = (
        "return getComputedStyle(document.querySelector(arguments[0])).outlineStyle"
    )
    assert driver.execute_script(outline, "input:checked + label") == "solid"


def test_a_stage_is_chosen_by_its_name(browse, page):
    driver = browse(page)
    driver.find_element(By.CSS_SELECTOR, ".stages > label[for=stage-9]").click()
    assert len(shown(driver)) == 1
    assert driver.find_element(By.ID, "stage-9").is_selected()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_stage_fits(browse, page, step, width, scheme):
    driver = browse(page, width=width, scheme=scheme)
    wide = "return document.documentElement.scrollWidth"
    for _ in step.quantities:
        assert driver.execute_script(wide) <= width, shown(driver)
        press(driver, Keys.ARROW_RIGHT)
    assert told(driver) == ([], [])


def test_numbers_can_be_read_on_every_colour(browse, page):
    """The contrast of text and cell, 4.5 at least, as WCAG asks."""
    script = """
    const mix = (over, under) => over.slice(0, 3).map(
      (c, i) => c * over[3] + under[i] * (1 - over[3]));
    const light = (rgb) => rgb.map((c) => c / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const parse = (text) => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
    const page = parse(getComputedStyle(document.body).backgroundColor);
    return Math.min(...[...document.querySelectorAll(".heat td")].map((cell) => {
      const style = getComputedStyle(cell);
      const below = mix(parse(style.backgroundColor), page);
      const ends = [parse(style.color).slice(0, 3), below].map(light);
      const [low, high] = ends.sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05);
    }));"""
    for scheme in ("light", "dark"):
        assert browse(page, scheme=scheme).execute_script(script) >= 4.5


def test_outputs_of_a_notebook_step_without_a_script_and_apart(browse, outputs):
    driver = browse(outputs)
    first, second = "div:nth-of-type(1) >", "div:nth-of-type(2) >"
    choice = driver.find_elements(By.CSS_SELECTOR, ".stages > input")[0]
    choice.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert shown(driver, f"body > {first} .sknn-step") == ["Z[1]"]
    assert shown(driver, f"body > {second} .sknn-step") == ["X"]
    assert told(driver) == ([], [])
