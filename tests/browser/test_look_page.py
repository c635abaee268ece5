"""The page of `sknn-scratch play MODEL.h5`, in Chromium."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait
from sklearn.pipeline import make_pipeline
from table_models import fitted, tables

from sknn_scratch import DeepNetClassifier, DeepNetRegressor
from sknn_scratch._cli.predict import read_as_trained
from sknn_scratch._pages.look.page import Subject, look_page
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.preprocessing import ImageFlattener

SERIOUS = {"SEVERE", "WARNING"}


def written(folder, subject):
    path = folder / "look.html"
    path.write_text(look_page(subject), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def digits():
    """A network of digits, and the rows of its page."""
    X, y = load_digit_images()
    net = DeepNetClassifier((30, 12), max_iter=30, warn=False, random_state=0)
    return make_pipeline(ImageFlattener(scale=16), net).fit(X[:400], y[:400]), X, y


@pytest.fixture(scope="module")
def picture_page(tmp_path_factory, digits):
    model, X, y = digits
    names = [f"digit {k}" for k in range(10)]
    truth = [names[k] for k in y[400:500]]
    subject = Subject(model, "digits.h5", names, None, "data.h5", X[400:500], truth)
    return written(tmp_path_factory.mktemp("picture"), subject)


@pytest.fixture(scope="module")
def blank_page(tmp_path_factory, digits):
    return written(tmp_path_factory.mktemp("blank"), Subject(digits[0], "digits.h5"))


@pytest.fixture(scope="module")
def number_page(tmp_path_factory):
    X, y, _ = tables()
    truth = [1e6 * value for value in y]
    subject = Subject(
        fitted("number"), "m.h5", target="price", data_file="t.csv", X=X, truth=truth
    )
    return written(tmp_path_factory.mktemp("number"), subject)


@pytest.fixture(scope="module")
def class_page(tmp_path_factory):
    return written(tmp_path_factory.mktemp("class"), Subject(fitted("texts"), "m.h5"))


@pytest.fixture
def open_page(browse):
    """Opens a page and waits until it has answered."""

    def open_page(path, **options):
        driver = browse(path, **options)
        settled(driver)
        return driver

    return open_page


def settled(driver):
    """Wait until the page shows the answer to what was asked last."""
    WebDriverWait(driver, 20).until(
        lambda d: d.execute_script("return window.look && !window.look.busy()")
    )


def find(driver, name):
    return driver.find_element(By.ID, name)


def read(driver, name):
    return find(driver, name).text


def state(driver, name):
    return driver.execute_script(f"return window.look.state.{name}")


def image(driver, name):
    return driver.execute_script(
        f"return document.getElementById('{name}').toDataURL()"
    )


def click(driver, name):
    find(driver, name).click()
    settled(driver)


def to_row(driver, row):
    driver.execute_script(f"window.look.toRow({row})")
    settled(driver)


def control(driver, name, what):
    """The slider, box or menu of a column."""
    return driver.find_element(
        By.XPATH, f"//div[@class='column'][button='{name}']//{what}"
    )


def slide(driver, name, value):
    """Put a slider to a value, as a pointer does."""
    driver.execute_script(
        "arguments[0].value = arguments[1];"
        "arguments[0].dispatchEvent(new Event('input', {bubbles: true}));",
        control(driver, name, "input[@type='range']"),
        value,
    )
    settled(driver)


def complaints(driver):
    """Errors of the browser, and what it has fetched besides the page."""
    fetched = "return performance.getEntriesByType('resource').map(e => e.name)"
    log = [x for x in driver.get_log("browser") if x["level"] in SERIOUS]
    return log, [x for x in driver.execute_script(fetched) if x[:5] != "data:"]


# -- pictures --------------------------------------------------------------------------


def test_rows_of_the_data_are_answered_as_by_the_model(open_page, picture_page, digits):
    model, X, y = digits
    driver = open_page(picture_page)
    for row in (0, 7, 55):
        to_row(driver, row)
        P = model.predict_proba(X[400 + row][None])[0]
        assert_allclose(state(driver, "P"), P, rtol=0, atol=1e-9)
        right = P.argmax() == y[400 + row]
        assert read(driver, "truth") == (
            f"The true answer is digit {y[400 + row]}: {'right' if right else 'wrong'}."
        )
        assert f"digit {P.argmax()}, with probability" in read(driver, "verdict")


def test_drawing_changes_the_answer_and_the_activations(open_page, blank_page):
    driver = open_page(blank_page)
    before = state(driver, "P"), state(driver, "networks"), image(driver, "board")
    board = find(driver, "board")
    ActionChains(driver).move_to_element_with_offset(
        board, 0, -100
    ).click_and_hold().move_by_offset(0, 200).release().perform()
    settled(driver)
    pixels = driver.execute_script("return window.look.pixels()")
    assert 8 < max(pixels) <= 16
    assert np.reshape(pixels, (8, 8))[3:5, 3:5].min() > 0
    after = state(driver, "P"), state(driver, "networks"), image(driver, "board")
    assert all(a != b for a, b in zip(before, after, strict=True))
    click(driver, "clear")
    assert state(driver, "P") == before[0]


def test_keys_draw_and_rub_out(open_page, blank_page):
    driver = open_page(blank_page)
    board = find(driver, "board")
    board.send_keys(Keys.ARROW_UP, Keys.ARROW_LEFT, " ")
    settled(driver)
    pixels = np.reshape(driver.execute_script("return window.look.pixels()"), (8, 8))
    assert pixels[3, 3] > 8
    assert read(driver, "board-told").startswith("Row 4, column 4: ")
    board.send_keys(Keys.SHIFT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    settled(driver)
    pixels = np.reshape(driver.execute_script("return window.look.pixels()"), (8, 8))
    assert (pixels[3, 3:6] > 8).all()
    board.send_keys(Keys.SHIFT)  # which send_keys holds until then
    board.send_keys(Keys.DELETE)
    settled(driver)
    assert driver.execute_script("return window.look.pixels()")[3 * 8 + 5] < 8


def test_the_map_is_what_the_model_says_of_covered_pictures(
    open_page, picture_page, digits
):
    model, X, _ = digits
    driver = open_page(picture_page)
    to_row(driver, 3)
    found = driver.execute_script("return window.look.map()")
    picture = X[403].astype(float)
    P = model.predict_proba(picture[None])[0]
    c, patch = P.argmax(), found["patch"]
    covered = np.repeat(picture[None], len(found["places"]), axis=0)
    for one, (top, left) in zip(covered, found["places"], strict=True):
        one[top : top + patch, left : left + patch] = picture.mean()
    drops = P[c] - model.predict_proba(covered)[:, c]
    assert found["c"] == c
    assert_allclose(found["drops"], drops, rtol=0, atol=1e-9)
    count, sums = np.zeros((8, 8)), np.zeros((8, 8))
    for drop, (top, left) in zip(drops, found["places"], strict=True):
        count[top : top + patch, left : left + patch] += 1
        sums[top : top + patch, left : left + patch] += drop
    assert count.min() > 0
    assert_allclose(found["map"], (sums / count).ravel(), rtol=0, atol=1e-9)
    assert f"the probability of digit {c} falls most" in read(driver, "heat-told")


def test_another_class_may_be_examined(open_page, picture_page):
    driver = open_page(picture_page)
    to_row(driver, 3)
    before = image(driver, "heat")
    other = (int(np.argmax(state(driver, "P"))) + 1) % 10
    driver.find_elements(By.NAME, "output")[other].click()
    settled(driver)
    assert f"digit {other}" in read(driver, "heat-told")
    assert image(driver, "heat") != before
    click(driver, "follow")
    assert image(driver, "heat") == before


@pytest.mark.parametrize("mode", ["L", "RGB", "LA"])
def test_a_picture_file_is_read_as_predict_reads_it(
    open_page, blank_page, digits, tmp_path, mode
):
    rng = np.random.RandomState(0)
    channels = {"L": (), "RGB": (3,), "LA": (2,)}[mode]
    path = tmp_path / "drawn.png"
    Image.fromarray(rng.randint(0, 256, (8, 8, *channels)).astype("u1"), mode).save(
        path
    )
    driver = open_page(blank_page)
    find(driver, "file").send_keys(str(path))
    WebDriverWait(driver, 10).until(lambda d: "drawn.png" in read(d, "board-told"))
    settled(driver)
    pixels = driver.execute_script("return window.look.pixels()")
    wanted = read_as_trained(str(path), digits[0]).astype(float).ravel()
    assert_allclose(pixels, wanted, rtol=0, atol=1)  # a grey of 256 may be another
    assert np.mean(pixels != wanted) < 0.1


def test_a_file_that_is_no_picture_is_told(open_page, blank_page, tmp_path):
    path = tmp_path / "words.png"
    path.write_text("no picture")
    driver = open_page(blank_page)
    before = state(driver, "P")
    find(driver, "file").send_keys(str(path))
    WebDriverWait(driver, 10).until(lambda d: "is no picture" in read(d, "board-told"))
    assert state(driver, "P") == before


def test_a_picture_is_dropped(open_page, blank_page):
    driver = open_page(blank_page)
    driver.execute_async_script(
        "const done = arguments[0], canvas = document.createElement('canvas');"
        "canvas.width = canvas.height = 30;"
        "const pen = canvas.getContext('2d');"
        "pen.fillStyle = '#fff'; pen.fillRect(0, 0, 30, 30);"
        "canvas.toBlob((blob) => {"
        "  const data = new DataTransfer();"
        "  data.items.add(new File([blob], 'white.png', {type: 'image/png'}));"
        "  const event = new DragEvent('drop', {dataTransfer: data, bubbles: true});"
        "  document.getElementById('board').dispatchEvent(event);"
        "  done();"
        "});"
    )
    WebDriverWait(driver, 10).until(lambda d: "white.png" in read(d, "board-told"))
    settled(driver)
    assert set(driver.execute_script("return window.look.pixels()")) == {16}
    assert "30 × 30 pixels, read as 8 × 8" in read(driver, "board-told")


def test_next_mistake_goes_to_a_row_that_is_wrong(open_page, picture_page, digits):
    model, X, y = digits
    wrong = np.flatnonzero(model.predict(X[400:500]) != y[400:500])
    driver = open_page(picture_page)
    for row in wrong[wrong > 0][:3]:  # it begins with row 0
        click(driver, "row-wrong")
        assert state(driver, "row") == row
        assert read(driver, "truth").endswith("wrong.")


def test_a_drawn_row_is_no_longer_judged(open_page, picture_page):
    driver = open_page(picture_page)
    click(driver, "negative")
    assert read(driver, "truth").startswith("The row, before it was changed, had digit")


def test_numbers_of_pictures(open_page, tmp_path):
    rng = np.random.RandomState(0)
    X = rng.rand(60, 9, 7, 3)
    options = {"hidden_layer_sizes": (6,), "max_iter": 20, "warn": False}
    net = DeepNetRegressor(**options, random_state=0)
    model = make_pipeline(ImageFlattener(scale=1), net)
    model.fit(X, X[:, :4].mean(axis=(1, 2, 3)))
    driver = open_page(written(tmp_path, Subject(model, "m.h5", X=X)))
    assert_allclose(state(driver, "P"), model.predict(X[:1]), rtol=1e-6)
    before = state(driver, "P")
    find(driver, "board").send_keys(" ")
    settled(driver)
    assert state(driver, "P") != before
    assert complaints(driver) == ([], [])


# -- tables ----------------------------------------------------------------------------


def test_rows_of_a_table_are_answered_as_by_the_model(open_page, number_page):
    model, (X, y, _) = fitted("number"), tables()
    driver = open_page(number_page)
    for row in (0, 3, 41, 98):  # with missing values in all columns that have them
        to_row(driver, row)
        assert_allclose(state(driver, "P"), model.predict(X[row : row + 1]), rtol=1e-9)
    low, high = model.predict_interval(X[98:99])[0]
    ends = [float(end.replace(",", "")) for end in read(driver, "ends").split(" to ")]
    assert_allclose(ends, [low, high], rtol=1e-4)
    true = float(read(driver, "truth").split()[-1].strip(".").replace(",", ""))
    assert_allclose(true, 1e6 * y[98], rtol=1e-4)


def test_sliders_and_menus_change_the_answer(open_page, number_page):
    model, X = fitted("number"), tables()[0][:1].copy()
    driver = open_page(number_page)
    slide(driver, "price", 150000)
    X["price"] = driver.execute_script("return window.look.row()")[0]
    assert abs(X["price"][0] - 150000) < 1000
    assert_allclose(state(driver, "P"), model.predict(X), rtol=1e-9)
    menu = Select(control(driver, "city", "select"))
    for text, value in {
        "Oslo": "Oslo",
        "another level": "Rome",
        "missing": None,
    }.items():
        menu.select_by_visible_text(text)
        settled(driver)
        X["city"] = [value]
        assert_allclose(state(driver, "P"), model.predict(X), rtol=1e-9)
    assert "before it was changed" in read(driver, "truth")


def test_a_date_is_set_and_a_missing_one(open_page, number_page):
    model, X = fitted("number"), tables()[0][:1].copy()
    driver = open_page(number_page)
    box = control(driver, "sold", "input[@type='datetime-local']")
    driver.execute_script(
        "arguments[0].value = '2002-03-04T05:06';"
        "arguments[0].dispatchEvent(new Event('change'));",
        box,
    )
    settled(driver)
    X["sold"] = np.datetime64("2002-03-04T05:06")
    assert_allclose(state(driver, "P"), model.predict(X), rtol=1e-9)
    control(driver, "sold", "input[@type='checkbox']").click()
    settled(driver)
    X["sold"] = np.datetime64("NaT")
    assert_allclose(state(driver, "P"), model.predict(X), rtol=1e-9)


def test_the_effect_is_that_of_the_column_that_was_moved(open_page, number_page):
    driver = open_page(number_page)
    assert read(driver, "effect-head") == "price: its effect here"
    before = image(driver, "curve")
    control(driver, "city", "select").send_keys(Keys.ARROW_DOWN)
    settled(driver)
    assert read(driver, "effect-head") == "city: its effect here"
    assert image(driver, "curve") != before
    driver.find_element(By.XPATH, "//button[.='rooms']").click()
    settled(driver)
    assert read(driver, "effect-head") == "rooms: its effect here"
    assert "All else as it is, price is lowest" in read(driver, "curve-told")


def test_the_effect_is_what_the_model_says_of_other_values(open_page, number_page):
    model, X = fitted("number"), tables()[0]
    driver = open_page(number_page)
    driver.find_element(By.XPATH, "//button[.='class']").click()
    settled(driver)
    rows = X.iloc[[0, 0]].copy()
    rows["class"] = ["a", "b"]
    a, b = model.predict(rows)
    told = read(driver, "curve-told")
    order = ["a", "b"] if a < b else ["b", "a"]
    assert told.index(f"at {order[0]} ") < told.index(f"at {order[1]}.")
    assert f"{round(min(a, b) / 1000):,}"[:4] in told


def test_keys_move_a_slider(open_page, number_page):
    driver = open_page(number_page)
    before = state(driver, "P")
    control(driver, "rooms", "input[@type='range']").send_keys(Keys.ARROW_RIGHT)
    settled(driver)
    assert state(driver, "P") != before


def test_a_click_on_the_curve_moves_the_column(open_page, number_page):
    driver = open_page(number_page)
    before = state(driver, "P")
    ActionChains(driver).move_to_element_with_offset(
        find(driver, "curve"), 120, 0
    ).click().perform()
    settled(driver)
    assert state(driver, "P") != before
    assert read(driver, "effect-head") == "price: its effect here"


def test_the_interval_grows_with_its_coverage(open_page, number_page):
    driver = open_page(number_page)

    def width():
        ends = read(driver, "ends").replace("−", "-").replace(",", "").split(" to ")
        return float(ends[1]) - float(ends[0])

    Select(find(driver, "coverage")).select_by_visible_text("50 %")
    settled(driver)
    narrow = width()
    Select(find(driver, "coverage")).select_by_visible_text("90 %")
    settled(driver)
    assert width() > narrow
    driver.find_element(By.CSS_SELECTOR, "#interval summary").click()
    assert "CV+" in read(driver, "how")


def test_without_data_it_begins_with_what_the_model_has_learned(open_page, class_page):
    driver = open_page(class_page)
    assert not find(driver, "row-bar").is_displayed()
    slider = control(driver, "price", "input[@type='range']")
    low, high = (float(slider.get_attribute(end)) for end in ("min", "max"))
    seen = tables()[0]["price"]
    assert low == seen.min()
    assert high == seen.max()
    before = state(driver, "P")
    slide(driver, "price", low)
    assert state(driver, "P") != before
    assert_allclose(sum(state(driver, "P")), 1, rtol=1e-9)


def test_the_layers_of_each_member_are_shown(open_page, number_page):
    driver = open_page(number_page)
    heads = [h.text for h in driver.find_elements(By.CSS_SELECTOR, "#layers h3")]
    assert heads[1:] == [
        "A[1]: 5 numbers, swish",
        "A[2]: 4 numbers, swish",
        "A[3]: 1 number, the outputs",
    ]
    first = read(driver, "layers")
    Select(find(driver, "member")).select_by_visible_text("2 of 2")
    settled(driver)
    assert read(driver, "layers") != first


def test_keys_read_off_the_units_of_a_grid(open_page, picture_page):
    driver = open_page(picture_page)
    grid = driver.find_element(By.CSS_SELECTOR, ".grid")
    grid.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    value = state(driver, "networks")[0][1][1]
    told = driver.find_element(By.ID, "layer-1").text
    assert told.startswith("unit 2: ")
    assert_allclose(float(told.split(": ")[1]), value, rtol=1e-3, atol=1e-9)


def test_many_columns_are_searched(open_page, tmp_path):
    rng = np.random.RandomState(0)
    X = rng.randn(60, 20)
    model = DeepNetClassifier((4,), max_iter=3, warn=False).fit(X, X[:, 0] > 0)
    driver = open_page(written(tmp_path, Subject(model, "m.h5")))
    assert "is not stored in the model" in read(driver, "notes")
    find(driver, "find").send_keys("x17")
    shown = driver.find_elements(By.CSS_SELECTOR, ".column:not([hidden])")
    assert [one.find_element(By.CSS_SELECTOR, ".name").text for one in shown] == ["x17"]
    assert not driver.find_element(By.CSS_SELECTOR, ".missing").is_displayed()


def test_a_row_that_the_model_refuses_is_told(open_page, tmp_path):
    rng = np.random.RandomState(0)
    X = rng.randn(60, 3)
    model = DeepNetClassifier((4,), max_iter=3, warn=False).fit(X, X[:, 0] > 0)
    X[1, 2] = np.nan
    driver = open_page(written(tmp_path, Subject(model, "m.h5", X=X)))
    to_row(driver, 1)
    assert read(driver, "verdict") == "The model takes no such row: values are missing."
    box = control(driver, "x3", "input[@type='checkbox']")
    box.click()
    settled(driver)
    assert "with probability" in read(driver, "verdict")
    assert not box.is_displayed()
    assert complaints(driver) == ([], [])


def test_several_labels_and_quantiles(open_page, tmp_path):
    driver = open_page(written(tmp_path, Subject(fitted("labels"), "m.h5")))
    P = state(driver, "P")
    wanted = ", ".join(str(k) for k in range(2) if P[k] > 0.5)
    assert read(driver, "verdict") == (wanted or "none of the labels")
    driver = open_page(
        written(tmp_path, Subject(fitted("quantiles"), "m.h5", target="price"))
    )
    assert read(driver, "verdict").startswith("price, level 0.5: ")
    assert state(driver, "P") == sorted(state(driver, "P"))
    assert "highest level" in driver.find_element(By.ID, "how").get_attribute(
        "textContent"
    )
    assert complaints(driver) == ([], [])


def test_the_class_that_is_examined_stays_while_a_column_moves(open_page, class_page):
    driver = open_page(class_page)
    first = int(np.argmax(state(driver, "P")))
    for name in ("price", "rooms", "n rooms"):
        slider = control(driver, name, "input[@type='range']")
        for end in ("min", "max"):
            slide(driver, name, slider.get_attribute(end))
            assert state(driver, "examined") == first


# -- the page --------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["picture_page", "number_page", "class_page"])
def test_it_fits_without_a_complaint_or_a_request(
    open_page, request, page, width, scheme
):
    driver = open_page(request.getfixturevalue(page), width=width, scheme=scheme)
    wide = driver.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width
    ground = driver.execute_script("return getComputedStyle(document.body).background")
    assert ("rgb(20, 23, 28)" in ground) == (scheme == "dark")
    assert complaints(driver) == ([], [])


@pytest.mark.parametrize("page", ["picture_page", "number_page"])
def test_every_control_has_a_name_and_every_canvas_a_text(open_page, request, page):
    driver = open_page(request.getfixturevalue(page))
    nameless = driver.execute_script(
        "return [...document.querySelectorAll('input, select, button, canvas')]"
        ".filter(e => e.offsetParent && !e.getAttribute('aria-label') && !e.labels?."
        "length && !e.textContent.trim() && !e.getAttribute('aria-describedby'))"
        ".map(e => e.outerHTML)"
    )
    assert json.dumps(nameless) == "[]"
