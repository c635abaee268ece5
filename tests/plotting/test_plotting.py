"""What all Displays keep to: scikit-learn's conventions."""

import inspect
import pickle
import subprocess
import sys
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    TabularNetClassifier,
    plotting,
)
from sknn_scratch.datasets import make_flower
from sknn_scratch.preprocessing import ImageFlattener

X, y = make_flower()
IMAGES = X.reshape(-1, 1, 2)
P = np.full(len(y), 0.3)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def models():
    net = ShallowNetClassifier(4, max_iter=5, warn=False, random_state=0).fit(X, y)
    search = GridSearchCV(LogisticRegressionScratch(), {"C": [1, 10]}, cv=2).fit(X, y)
    reader = make_pipeline(ImageFlattener(), LogisticRegressionScratch()).fit(IMAGES, y)
    ensemble = TabularNetClassifier(2, (4,), max_iter=3, random_state=0).fit(X, y)
    return SimpleNamespace(net=net, search=search, reader=reader, ensemble=ensemble)


# Display.method -> what it is given
WAYS = {
    "ActivationDisplay.from_name": lambda models: ["tanh"],
    "ActivationDisplay.from_estimator": lambda models: [models.net, X],
    "ComputationGraphDisplay.from_estimator": lambda models: [models.net, X[0], y[0]],
    "ImportanceDisplay.from_estimator": lambda models: [models.search],
    "LossCurveDisplay.from_estimator": lambda models: [models.net],
    "MistakesDisplay.from_estimator": lambda models: [models.reader, IMAGES, y],
    "MistakesDisplay.from_predictions": lambda models: [IMAGES, y, P],
    "OutOfFoldDisplay.from_estimator": lambda models: [models.ensemble, y],
    "SearchDisplay.from_estimator": lambda models: [models.search],
    "WeightsDisplay.from_estimator": lambda models: [models.net],
}


def method(way):
    display, name = way.split(".")
    return getattr(getattr(plotting, display), name)


def draw(way, models, **options):
    return method(way)(*WAYS[way](models), **options)


def without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)


def test_importing_the_module_leaves_matplotlib_alone():
    code = "import sys, sknn_scratch.plotting; print('matplotlib' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_every_way_to_make_a_display_is_tried_here():
    ways = {
        f"{display}.{name}"
        for display in plotting.__all__
        for name in dir(getattr(plotting, display))
        if name.startswith("from_")
    }
    assert ways == set(WAYS)


@pytest.mark.parametrize("name", plotting.__all__)
def test_displays_are_made_from_keywords(name):
    display = getattr(plotting, name)
    parameters = list(inspect.signature(display.__init__).parameters.values())[1:]
    assert {p.kind for p in parameters} == {inspect.Parameter.KEYWORD_ONLY}
    made = display(**{p.name: p.name for p in parameters})
    assert vars(made) == {p.name: p.name for p in parameters}


@pytest.mark.parametrize("name", plotting.__all__)
def test_without_matplotlib_a_display_is_made_but_not_drawn(monkeypatch, name):
    without_matplotlib(monkeypatch)
    display = getattr(plotting, name)
    parameters = list(inspect.signature(display.__init__).parameters)[1:]
    made = display(**dict.fromkeys(parameters))
    with pytest.raises(ImportError) as caught:
        made.plot()
    assert str(caught.value) == (
        f"{name}.plot needs matplotlib; pip install matplotlib."
    )


@pytest.mark.parametrize("way", WAYS)
def test_without_matplotlib_drawing_says_what_to_install(monkeypatch, way, models):
    without_matplotlib(monkeypatch)
    with pytest.raises(ImportError) as caught:
        draw(way, models)
    assert str(caught.value) == (f"{way} needs matplotlib; pip install matplotlib.")


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_shown_and_one_figure_is_made(monkeypatch, way, models):
    monkeypatch.setattr(plt, "show", lambda: pytest.fail("plt.show() was called"))
    display = draw(way, models)
    assert plt.get_fignums() == [display.figure_.number]
    display.figure_.canvas.draw()


@pytest.mark.parametrize("way", WAYS)
def test_no_figure_is_made_where_there_is_room(way, models):
    fig, axes = plt.subplots(1, 2)
    display = draw(way, models, ax=axes[0])
    assert display.figure_ is fig
    assert plt.get_fignums() == [fig.number]
    assert axes[1].axison
    assert not axes[1].has_data()


@pytest.mark.parametrize("way", WAYS)
def test_plot_draws_again_and_returns_the_display(way, models):
    display = draw(way, models)
    first = display.figure_
    assert display.plot() is display
    assert display.figure_ is not first


@pytest.mark.parametrize("way", WAYS)
def test_what_is_drawn_is_left_as_it_was(way, models):
    before = pickle.dumps(WAYS[way](models))
    draw(way, models)
    assert pickle.dumps(WAYS[way](models)) == before


OTHER = LinearRegression().fit(X, y)
REFUSED = {  # Display.method -> what it cannot draw, and the error
    "ActivationDisplay.from_name": (lambda models: ["tan"], "names must be"),
    "ActivationDisplay.from_estimator": (lambda models: [OTHER, X], "network"),
    "ComputationGraphDisplay.from_estimator": (
        lambda models: [models.net, X, y],
        "one example",
    ),
    "ImportanceDisplay.from_estimator": (lambda models: [models.net], "search"),
    "LossCurveDisplay.from_estimator": (lambda models: [OTHER], "loss_curve_"),
    "MistakesDisplay.from_estimator": (
        lambda models: [models.reader, IMAGES[:9], y],
        "inconsistent numbers of samples",
    ),
    "MistakesDisplay.from_predictions": (
        lambda models: [X, y, P],
        "images must have shape",
    ),
    "OutOfFoldDisplay.from_estimator": (lambda models: [models.net, y], "TabularNet"),
    "SearchDisplay.from_estimator": (lambda models: [models.net], "search"),
    "WeightsDisplay.from_estimator": (lambda models: [OTHER], "network"),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_does_not_fit_is_refused_before_a_figure_is_made(way, models):
    given, message = REFUSED[way]
    with pytest.raises((ValueError, TypeError, AttributeError), match=message):
        method(way)(*given(models))
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "way",
    [
        way
        for way in WAYS
        if way.startswith(("LossCurve", "OutOf", "Search", "Weights"))
    ],
)
def test_labels_of_the_axes_are_left_to_the_user(way, models):
    _, ax = plt.subplots()
    ax.set_xlabel("mine")
    draw(way, models, ax=ax)
    assert ax.get_xlabel() == "mine"
    assert ax.get_ylabel()


@pytest.mark.parametrize(
    "estimator", [LogisticRegressionScratch, ShallowNetClassifier, DeepNetClassifier]
)
def test_scikit_learn_s_decision_boundaries_are_those_of_predict_proba(estimator):
    model = estimator(max_iter=20, warn=False).fit(X, y)
    display = DecisionBoundaryDisplay.from_estimator(
        model, X, response_method="predict_proba", grid_resolution=9
    )
    grid = np.c_[display.xx0.ravel(), display.xx1.ravel()]
    expected = model.predict_proba(grid)[:, 1]
    assert display.response.ravel() == pytest.approx(expected, abs=1e-12)
