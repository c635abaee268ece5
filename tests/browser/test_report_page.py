"""The page of `sknn-scratch report` in a real browser, wide and narrow."""

import warnings

import h5py
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    TabularNetRegressor,
)
from sknn_scratch import __main__ as cli
from sknn_scratch._html.page import write_page
from sknn_scratch._pages.report.page import Subject, report_page
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.hdf5 import save_model
from sknn_scratch.preprocessing import ImageFlattener

NASTY = "<script>window.hit = 1</script>a_name_that_is_much_longer_than_a_phone_is_wide"
SCREENS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


def digits():
    """Images, validation, mistakes as pictures."""
    X, y = load_digit_images()
    net = DeepNetClassifier((16,), max_iter=20, early_stopping=True, random_state=0)
    return make_pipeline(ImageFlattener(16), net), X[:900], y[:900], None


def classes():
    """As many classes as a whole matrix has, long names, mistakes as rows."""
    X, y = make_classification(
        600, 40, n_informative=12, n_classes=30, n_clusters_per_class=1, random_state=0
    )
    return LogisticRegressionScratch(), X, y, [f"{i} {NASTY}" for i in range(30)]


def numbers():
    """Two numbers a row."""
    X = np.random.RandomState(0).randn(200, 5)
    return DeepNetRegressor(max_iter=20, random_state=0), X, X[:, :2] * 1e4, None


def houses():
    """A table with long names and texts."""
    rng = np.random.RandomState(0)
    X = pd.DataFrame({"size": rng.randn(200), NASTY: rng.choice([NASTY, "b"], 200)})
    X["sold"] = np.datetime64("2020-01-01", "s") + 86400 * rng.randint(900, size=200)
    for k in range(30):
        X[f"column {k}"] = rng.randint(3, size=200)
    net = TabularNetRegressor(n_members=2, max_iter=5, random_state=0)
    return net, X, X["size"] * 1e6, None


def write_table_report(path, model, X, y):
    """Write the page of a table, the second half of its rows judging."""
    train, test = (X[:100], y[:100]), (X[100:], y[100:])
    names = "model.h5", "houses.csv", "1", "identity", None, "test"
    write_page(path, report_page(Subject(model, *names, test, train, NASTY)))
    return path


@pytest.fixture(scope="module", params=[digits, classes, numbers, houses])
def path(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    model, X, y, names = request.param()
    with warnings.catch_warnings():  # of training that might have gone on
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X[: len(X) // 2], y[: len(X) // 2])
    if isinstance(X, pd.DataFrame):
        return write_table_report(folder / "report.html", model, X, y)
    save_model(model, folder / "model.h5", class_names=names)
    with h5py.File(folder / "data.h5", "w") as file:
        for part, rows in {
            "train": slice(0, None, 2),
            "test": slice(1, None, 2),
        }.items():
            file[f"{part}_set_x"], file[f"{part}_set_y"] = X[rows], y[rows]
    files = [str(folder / name) for name in ("model.h5", "data.h5", "report.html")]
    assert cli.main(["report", *files[:2], "--out", files[2]]) == 0
    return folder / "report.html"


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_it_loads_without_errors_and_fits_the_screen(browse, path, width, scheme):
    page = browse(path, width=width, scheme=scheme)
    assert page.get_log("browser") == []
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    assert page.execute_script("return window.hit") is None
    assert page.execute_script("return document.scripts.length") == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_headings_pictures_and_charts_are_there(browse, path, width):
    page = browse(path, width=width)
    seen = page.execute_script(
        "const all = s => [...document.querySelectorAll(s)];"
        "return {headings: all('h2').map(h => h.textContent),"
        " images: all('img').map(i => i.naturalWidth),"
        " charts: all('svg.chart').map(c => c.getBoundingClientRect().width),"
        " links: all('nav a').map(a => document.querySelector(a.hash).tagName)}"
    )
    assert seen["headings"][:2] == ["Diagnosis", "Training"]
    assert seen["headings"][-1] == "The network"
    assert seen["links"] == ["SECTION"] * len(seen["headings"])
    assert all(pixels == 8 for pixels in seen["images"])
    assert bool(seen["images"]) == ('class="gallery"' in path.read_text())
    assert len(seen["charts"]) >= 3
    assert min(seen["charts"]) > 0.7 * min(width, 400)


def test_the_words_of_charts_are_large_enough_on_a_phone(browse, path):
    page = browse(path, width=390)
    heights = page.execute_script(
        "return [...document.querySelectorAll('svg.chart')].map(c =>"
        " 12 * c.getBoundingClientRect().width / c.viewBox.baseVal.width)"
    )
    assert min(heights) >= 9


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(browse, path, scheme):
    """At least 4.5 to 1, as the accessibility guidelines (WCAG 2.2, AA) ask."""
    page = browse(path, scheme=scheme)
    pairs = page.execute_script(
        "const canvas = document.createElement('canvas').getContext('2d');"
        "const rgb = c => { canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1);"
        " return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3) };"
        "const behind = e => { for (; e; e = e.parentElement) {"
        " const c = getComputedStyle(e).backgroundColor;"
        " if (c !== 'rgba(0, 0, 0, 0)') return c } };"
        "const words = 'h1, h2, p, dt, dd, td, th, figcaption, a, .chart text';"
        "return [...document.querySelectorAll(words)].map(e => {"
        " const style = getComputedStyle(e);"
        " return [rgb(e.closest('.chart') ? style.fill : style.color),"
        " rgb(behind(e))] })"
    )
    assert len(pairs) > 50
    assert min(contrast(*pair) for pair in pairs) >= 4.5


def contrast(first, second):
    """(lighter + 0.05) / (darker + 0.05), of relative luminances."""

    def luminance(colour):
        share = np.array(colour) / 255
        linear = np.where(
            share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4
        )
        return linear @ [0.2126, 0.7152, 0.0722]

    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)
