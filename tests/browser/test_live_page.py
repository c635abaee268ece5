"""The training in the page of `sknn-scratch play`, in Chromium."""

import contextlib
import io

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from sknn_scratch._cli.app import parse
from sknn_scratch._cli.play import make_page
from sknn_scratch._pages.play.page import live_page
from sknn_scratch.hdf5 import save_dataset

SERIOUS = {"SEVERE", "WARNING"}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page that has no recorded training."""
    path = tmp_path_factory.mktemp("live") / "playground.html"
    path.write_text(live_page(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """The page for a data file of three features, and that file's rows."""
    folder, rng = tmp_path_factory.mktemp("own"), np.random.RandomState(0)
    X = rng.randn(80, 3) * [1, 10, 100]
    save_dataset(folder / "mine.h5", X, (X[:, 0] > 0).astype(int), classes=["no", "go"])
    line = ["play", str(folder / "mine.h5"), "--hidden", "5", "--epochs", "3"]
    path = folder / "play.html"
    html, _ = make_page(parse([*line, "--learning-rate", "0.07"])[1])
    path.write_text(html, encoding="utf-8")
    return path


def read(driver, name):
    return driver.find_element(By.ID, name).text


def state(driver, name="frame"):
    return driver.execute_script(f"return window.play.state.{name}")


def turn(driver, name, value):
    Select(driver.find_element(By.ID, f"knob-{name}")).select_by_value(value)


def train(driver, epochs):
    """Train so long; what the page says then."""
    driver.execute_script(f"for (let i = 0; i < {epochs}; i++) play.modes.live.next()")
    return float(read(driver, "train-cost"))


def points(driver):
    return driver.execute_script("return play.modes.live.source.points")


def told(driver):
    """Complaints of the browser, and what it has fetched besides the page."""
    fetched = "return performance.getEntriesByType('resource').map(e => e.name)"
    log = [x for x in driver.get_log("browser") if x["level"] in SERIOUS]
    return log, [x for x in driver.execute_script(fetched) if x[:5] != "data:"]


# -- training --------------------------------------------------------------------------


def test_training_lowers_the_cost_and_moves_the_picture(browse, page):
    driver = browse(page)
    before = float(read(driver, "train-cost"))
    picture = "return document.getElementById('map').toDataURL()"
    blank = driver.execute_script(picture)
    assert train(driver, 40) < 0.5 * before
    assert read(driver, "train-score") > "85"
    assert read(driver, "epoch") == "40"
    assert driver.execute_script(picture) != blank


def test_it_trains_until_it_is_paused(browse, page):
    driver = browse(page)
    assert not state(driver, "playing")
    toggle = driver.find_element(By.ID, "toggle")
    toggle.click()
    WebDriverWait(driver, 10).until(lambda d: state(d) >= 3)
    toggle.click()
    assert not state(driver, "playing")
    assert state(driver) == int(read(driver, "epoch"))
    turn(driver, "data", "xor")
    assert state(driver) == 0


def test_the_highest_speed_trains_more_than_an_epoch_between_drawings(browse, page):
    driver = browse(page)
    driver.execute_script("play.modes.live.many(200)")
    assert state(driver) > 1


def test_step_trains_an_epoch_and_reset_forgets_it(browse, page):
    driver = browse(page)
    before = read(driver, "train-cost")
    driver.find_element(By.ID, "next").click()
    assert (state(driver), read(driver, "epoch")) == (1, "1")
    after = read(driver, "train-cost")
    assert after != before
    driver.find_element(By.ID, "first").click()
    assert (state(driver), read(driver, "train-cost")) == (0, before)
    driver.find_element(By.ID, "next").click()
    assert read(driver, "train-cost") == after  # of the same seed


def test_keys_train_step_and_reset(browse, page):
    driver = browse(page)
    body = driver.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert state(driver) == 2
    body.send_keys(" ")
    assert state(driver, "playing")
    body.send_keys(" ", Keys.HOME)
    assert (state(driver), state(driver, "playing")) == (0, False)


def test_keys_of_a_knob_do_not_step(browse, page):
    driver = browse(page)
    driver.find_element(By.ID, "knob-noise").send_keys(Keys.ARROW_RIGHT)
    driver.find_element(By.ID, "knob-seed").send_keys(Keys.HOME, Keys.ARROW_RIGHT)
    assert state(driver) == 0
    assert read(driver, "noise-told") == "0.21"


# -- knobs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [("data", "spiral"), ("activation", "relu"), ("solver", "gd"), ("rate", "0.001")]
    + [("batch", "0"), ("alpha", "30"), ("init", "zeros")],
)
def test_a_knob_changes_the_outcome(browse, page, name, value):
    driver = browse(page)
    usual = train(driver, 10)
    driver.find_element(By.ID, "first").click()
    turn(driver, name, value)
    assert train(driver, 10) != usual


def test_rate_is_changed_while_it_trains(browse, page):
    driver = browse(page)
    train(driver, 5)
    turn(driver, "rate", "0.0001")
    assert state(driver) == 5
    code = driver.find_element(By.ID, "live-python").text
    assert "learning_rate_init=0.0001," in code
    assert "max_iter=5," in code


def test_gradient_descent_takes_all_points_in_a_step(browse, page):
    driver = browse(page)
    batch = Select(driver.find_element(By.ID, "knob-batch"))
    turn(driver, "solver", "gd")
    assert batch.first_selected_option.text == "all"
    assert not batch._el.is_enabled()
    assert "m = 300 points of a batch" in read(driver, "parameters-told")
    assert "batch_size" not in read(driver, "live-python")
    turn(driver, "solver", "sgd")
    assert batch.first_selected_option.text == "32"


def test_layers_and_units_are_changed(browse, page):
    driver = browse(page)
    fewer, more = (driver.find_element(By.ID, name) for name in ("fewer", "more"))
    units = "return play.modes.live.source.n"
    assert driver.execute_script(units) == [2, 4, 3, 1]
    assert read(driver, "parameters") == "31"
    fewer.click()
    fewer.click()
    assert driver.execute_script(units) == [2, 1]
    assert not fewer.is_enabled()
    assert train(driver, 3) > 0
    for _ in range(6):
        more.click()
    assert not more.is_enabled()
    box = driver.find_element(By.CSS_SELECTOR, "[aria-label='Units of layer 2']")
    box.clear()
    box.send_keys("99", Keys.TAB)
    assert driver.execute_script(units) == [2, 4, 16, 4, 4, 4, 4, 1]
    assert len(driver.find_elements(By.CSS_SELECTOR, "#shapes tbody tr")) == 7
    assert train(driver, 3) > 0


def test_noise_and_seed_make_other_points(browse, page):
    driver = browse(page)
    first = points(driver)
    driver.find_element(By.ID, "knob-noise").send_keys(Keys.END)
    noisy = points(driver)
    assert noisy != first
    seed = driver.find_element(By.ID, "knob-seed")
    seed.clear()
    seed.send_keys("7", Keys.TAB)
    assert points(driver) != noisy


@pytest.mark.parametrize("loss", ["squared_error", "huber", "absolute_error"])
def test_numbers_are_learned(browse, page, loss):
    driver = browse(page)
    turn(driver, "data", "bump")
    turn(driver, "loss", loss)
    first = float(read(driver, "train-cost"))
    assert train(driver, 60) < 0.6 * first
    assert read(driver, "validation-measure") == "Validation R²"
    assert float(read(driver, "validation-score")) > 0.5
    assert "below 0" in read(driver, "legend")
    assert told(driver) == ([], [])


@pytest.mark.parametrize("data", ["three", "circles", "flower", "blobs", "plane"])
def test_data_sets_are_learned(browse, page, data):
    driver = browse(page)
    turn(driver, "data", data)
    first = float(read(driver, "train-cost"))
    assert train(driver, 30) < 0.95 * first


def test_a_cost_that_is_not_finite_ends_it_with_a_word(browse, page):
    driver = browse(page)
    turn(driver, "data", "plane")
    turn(driver, "activation", "identity")
    turn(driver, "solver", "gd")
    turn(driver, "rate", "3")
    train(driver, 80)
    assert "learning rate is too high" in read(driver, "diverged")
    assert np.isfinite(float(read(driver, "train-cost").replace("−", "-")))
    turn(driver, "rate", "0.01")
    assert not driver.find_element(By.ID, "diverged").is_displayed()
    assert train(driver, 2) > 0


# -- the user's own data ---------------------------------------------------------------


def test_own_data_are_trained_on_with_the_knobs_of_the_command(browse, own):
    driver = browse(own)
    data = Select(driver.find_element(By.ID, "knob-data"))
    assert data.first_selected_option.text == "mine.h5"
    assert driver.execute_script("return play.modes.live.source.n") == [2, 5, 1]
    rate = Select(driver.find_element(By.ID, "knob-rate"))
    assert rate.first_selected_option.text == "0.07"
    settings = driver.find_element(By.ID, "live-python").text
    assert "hidden_layer_sizes=(5,)" in settings
    assert "alpha=0.0001," in settings  # of the estimator
    assert "go" in read(driver, "legend")
    assert points(driver) == driver.execute_script("return play.run.points")
    assert "3 features were projected to 2" in read(driver, "projected")
    first = float(read(driver, "train-cost"))
    assert train(driver, 30) < first
    driver.find_element(By.ID, "knob-noise").send_keys(Keys.END)
    assert points(driver) != driver.execute_script("return play.run.points")
    turn(driver, "data", "moons")
    assert read(driver, "projected") == ""


@pytest.mark.parametrize(
    ("line", "units", "code"),
    [
        ("xor --model logistic", [2, 1], "hidden_layer_sizes=()"),
        ("three --model logistic --solver newton", [2, 3], 'solver="adam"'),
        ("moons --activation leaky_relu,gelu", [2, 8, 8, 1], 'activation="leaky_relu"'),
        ("moons --hidden 60,2,3,3,3,3,3", [2, 16, 2, 3, 3, 3, 3, 1], "(16, 2, 3, 3, 3"),
        ("moons --model shallow --solver gd", [2, 8, 1], 'solver="gd",\n    learning'),
    ],
)
def test_the_knobs_stand_first_as_the_command_says(browse, tmp_path, line, units, code):
    path = tmp_path / "play.html"
    html, _ = make_page(parse(["play", *line.split(), "--epochs", "2"])[1])
    path.write_text(html, encoding="utf-8")
    driver = browse(path)
    assert driver.execute_script("return play.modes.live.source.n") == units
    assert train(driver, 2) > 0
    driver.find_element(By.ID, "next").click()
    python = read(driver, "live-python")
    assert code in python
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(python, names)
    assert names["network"].n_iter_ == 3
    assert told(driver) == ([], [])


@pytest.mark.parametrize("noise", [False, True])
def test_the_code_for_own_data_runs(browse, own, noise):
    driver = browse(own)
    if noise:
        driver.find_element(By.ID, "knob-noise").send_keys(Keys.END)
    driver.find_element(By.ID, "next").click()
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(read(driver, "live-python"), names)
    assert names["network"].n_iter_ == 1
    assert names["X"].shape == (60, 2)


def test_the_switch_changes_to_the_recorded_training_and_back(browse, own):
    driver = browse(own)
    train(driver, 4)
    live, recorded = driver.find_elements(By.CSS_SELECTOR, "#modes button")
    recorded.click()
    WebDriverWait(driver, 10).until(lambda d: read(d, "epoch") == "0 of 3")
    assert not driver.find_element(By.ID, "knobs").is_displayed()
    assert driver.find_element(By.ID, "slider").is_displayed()
    assert "mine.h5" in driver.find_element(By.ID, "command").text
    live.click()
    WebDriverWait(driver, 10).until(lambda d: read(d, "epoch") == "4")
    assert driver.find_element(By.ID, "knobs").is_displayed()
    assert told(driver) == ([], [])


# -- the page --------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_without_a_complaint_or_a_request(browse, page, width, scheme):
    driver = browse(page, width=width, scheme=scheme)
    for _ in range(4):
        driver.find_element(By.ID, "more").click()
    train(driver, 2)
    wide = "return document.documentElement.scrollWidth - window.innerWidth"
    assert driver.execute_script(wide) <= 0
    assert told(driver) == ([], [])


def test_everything_to_use_has_a_name(browse, page):
    driver = browse(page)
    for one in driver.find_elements(By.CSS_SELECTOR, "button, input, select, #map"):
        if one.is_displayed():
            assert one.accessible_name


def test_copy_takes_the_code(browse, page):
    driver = browse(page)
    driver.find_element(By.ID, "copy").click()
    assert read(driver, "copied") == "Copied."
    assert "DeepNetClassifier(" in driver.execute_script(
        "return String(getSelection())"
    )


def test_in_a_frame_it_shows_the_stage_only(browse, page, tmp_path):
    frame = tmp_path / "front.html"
    frame.write_text(
        f'<iframe src="{page.as_uri()}" style="width: 800px; height: 700px"></iframe>'
    )
    driver = browse(frame)
    driver.switch_to.frame(0)
    assert driver.find_element(By.ID, "map").is_displayed()
    assert driver.find_element(By.ID, "knobs").is_displayed()
    assert not driver.find_element(By.ID, "live-python").is_displayed()
    assert train(driver, 5) > 0
    driver.switch_to.default_content()
