"""The recorded training that `sknn-scratch play` writes, in Chromium."""

from functools import partial

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from sknn_scratch._cli.app import parse
from sknn_scratch._cli.play import make_page
from sknn_scratch._engine.activations import ACTIVATIONS
from sknn_scratch.hdf5 import save_dataset

NASTY = ["</script><b>no", 'a "quote" & <i>']
SERIOUS = {"SEVERE", "WARNING"}


@pytest.fixture
def browse(browse):
    """Opens the page at the recorded training."""
    return partial(browse, part="#recorded")


def play(folder, line):
    """The page's path and the Recording that it plays."""
    html, recording = make_page(parse(["play", *line.split()])[1])
    path = folder / "play.html"
    path.write_text(html, encoding="utf-8")
    return path, recording


@pytest.fixture(scope="module")
def moons(tmp_path_factory):
    return play(tmp_path_factory.mktemp("moons"), "moons --hidden 4,3 --epochs 30")


def picture(driver, name="map"):
    return driver.execute_script(
        f"return document.getElementById('{name}').toDataURL()"
    )


def state(driver, name="frame"):
    return driver.execute_script(f"return window.play.state.{name}")


def press(driver, *keys, on="body"):
    driver.find_element(By.CSS_SELECTOR, on).send_keys(*keys)


# -- the numbers -----------------------------------------------------------------------


def assert_same_probabilities(driver, path, recording, rng):
    X = 3 * rng.randn(40, 2) * recording.scaler.scale_ + recording.scaler.mean_
    for frame in (0, 1, len(recording.epochs) - 1):
        found = driver.execute_script(
            "return window.play.probabilities(...arguments)", frame, X.tolist()
        )
        expected = recording.network_at(frame).predict_proba(X)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("source", ["circles", "three"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_page_computes_what_predict_proba_does(
    browse, tmp_path, rng, activation, source
):
    line = f"{source} --hidden 6,4 --activation {activation} --epochs 15"
    path, recording = play(tmp_path, line)
    assert_same_probabilities(browse(path), path, recording, rng)


@pytest.mark.parametrize(
    "options",
    ["--model logistic", "--model logistic --solver newton", "--model shallow"]
    + ["--activation tanh,gelu --solver lbfgs", "--dropout 0.3 --label-smoothing 0.1"],
)
def test_every_model_is_played(browse, tmp_path, rng, options):
    path, recording = play(tmp_path, f"flower {options} --epochs 20")
    assert_same_probabilities(browse(path), path, recording, rng)


# -- the page --------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_loads_without_a_complaint_and_fits(browse, moons, width, scheme):
    driver = browse(moons[0], width=width, scheme=scheme)
    assert [x for x in driver.get_log("browser") if x["level"] in SERIOUS] == []
    wide = "return document.documentElement.scrollWidth - window.innerWidth"
    assert driver.execute_script(wide) <= 0


def test_light_and_dark_differ(browse, moons):
    colour = "return getComputedStyle(document.body).backgroundColor"
    found = []
    for scheme in ("light", "dark"):
        driver = browse(moons[0], scheme=scheme)
        found.append((driver.execute_script(colour), picture(driver)))
    light, dark = found
    assert light[0] != dark[0]
    assert light[1] != dark[1]


def test_a_wide_network_fits_a_narrow_page(browse, tmp_path):
    path, _ = play(tmp_path, "moons --hidden 60,12 --epochs 3")
    driver = browse(path, width=390)
    wide = "return document.documentElement.scrollWidth - window.innerWidth"
    assert driver.execute_script(wide) <= 0
    tiles = "return document.querySelectorAll('.tile:not([hidden])').length"
    assert driver.execute_script(tiles) == 48 + 12 + 1
    assert driver.find_element(By.CLASS_NAME, "tile").size["width"] == 48
    driver.find_element(By.CLASS_NAME, "more").click()
    assert driver.execute_script(tiles) == 60 + 12 + 1


def test_names_of_the_user_stay_text(browse, tmp_path, rng):
    X = rng.randn(60, 2)
    path = tmp_path / "a'<img>.h5"
    save_dataset(path, X, (X[:, 0] > 0).astype(int), classes=NASTY)
    page, _ = play(tmp_path, f"{path} --epochs 3")
    driver = browse(page)
    assert [x for x in driver.get_log("browser") if x["level"] in SERIOUS] == []
    legend = driver.find_element(By.ID, "legend").text
    assert all(name in legend for name in NASTY)
    assert path.name in driver.find_element(By.ID, "title").text
    assert driver.execute_script("return document.querySelectorAll('img').length") == 0


def test_the_slider_moves_all_pictures(browse, moons):
    driver = browse(moons[0])
    names = ["map", "cost"]
    before = [picture(driver, name) for name in names]
    driver.execute_script(
        "const s = document.getElementById('slider'); s.value = 20;"
        "s.dispatchEvent(new Event('input'))"
    )
    assert state(driver) == 20
    assert driver.find_element(By.ID, "epoch").text == "20 of 30"
    assert all(a != picture(driver, b) for a, b in zip(before, names, strict=True))


def test_play_goes_to_the_end_and_pause_stops(browse, moons):
    driver = browse(moons[0])
    assert not state(driver, "playing")  # motion is not wanted
    toggle = driver.find_element(By.ID, "toggle")
    toggle.click()
    WebDriverWait(driver, 10).until(lambda d: state(d) >= 3)
    toggle.click()
    assert not state(driver, "playing")
    stopped = state(driver)
    assert 3 <= stopped < 30
    driver.execute_script("document.getElementById('speed').value = '4'")
    toggle.click()
    WebDriverWait(driver, 20).until(lambda d: not state(d, "playing"))
    assert state(driver) == 30


def test_it_plays_by_itself_where_motion_is_welcome(browse, moons):
    driver = browse(moons[0], motion="no-preference")
    WebDriverWait(driver, 10).until(lambda d: state(d) >= 1)


def test_keys_play_and_step(browse, moons):
    driver = browse(moons[0])
    press(driver, Keys.END)
    assert state(driver) == 30
    press(driver, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert state(driver) == 28
    press(driver, Keys.HOME, Keys.ARROW_RIGHT)
    assert state(driver) == 1
    press(driver, " ")
    assert state(driver, "playing")
    press(driver, " ")
    assert not state(driver, "playing")


def test_the_slider_is_moved_by_keys_once_each(browse, moons):
    driver = browse(moons[0])
    press(driver, Keys.ARROW_RIGHT, on="#slider")
    assert state(driver) == 1
    press(driver, Keys.END, on="#slider")
    assert state(driver) == 30


def test_space_ticks_the_box_of_the_validation_points(browse, moons):
    driver = browse(moons[0])
    before = picture(driver)
    press(driver, " ", on="#validation")
    assert not state(driver, "playing")
    assert not state(driver, "validation")
    assert picture(driver) != before


def test_space_presses_a_button_once(browse, moons):
    driver = browse(moons[0])
    press(driver, " ", on="#next")
    assert state(driver) == 1
    assert not state(driver, "playing")


def test_pointer_and_keys_read_off_a_point(browse, moons):
    path, recording = moons
    driver = browse(path)
    press(driver, Keys.ARROW_RIGHT, on="#map")
    probe = state(driver, "probe")
    P = recording.network_at(0).predict_proba([probe])[0]
    readout = driver.find_element(By.ID, "readout").text
    assert f"P(1) = {P[1]:.3f}" in readout
    driver.find_element(By.ID, "map").click()
    assert state(driver, "probe") != probe
    assert driver.find_element(By.ID, "readout").text != readout


def test_a_unit_is_enlarged_and_left_again(browse, moons):
    path, recording = moons
    driver = browse(path)
    output = picture(driver)
    driver.find_element(By.CSS_SELECTOR, "[aria-label='Layer 2, unit 3']").click()
    assert driver.find_element(By.ID, "what").text == "Layer 2, unit 3"
    assert picture(driver) != output
    weights = driver.find_element(By.ID, "weights").text
    first = recording.network_at(0).coefs_[1][0, 2]
    assert f"{abs(first):.3f}"[:4] in weights
    press(driver, Keys.ESCAPE)
    assert driver.find_element(By.ID, "what").text == "What the network says"
    assert picture(driver) == output


def test_everything_to_use_has_a_name(browse, moons):
    driver = browse(moons[0])
    for one in driver.find_elements(By.CSS_SELECTOR, "button, input, select, #map"):
        if one.is_displayed():
            assert one.accessible_name
