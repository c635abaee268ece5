"""WeightsDisplay: W[1] as images or as a heat map."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch.plotting import WeightsDisplay
from sknn_scratch.preprocessing import ImageFlattener


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def fitted(*steps, shape=(4, 3), n_hidden=3, classes=2):
    """A Pipeline of an ImageFlattener, the steps and a network."""
    rng = np.random.RandomState(0)
    images, y = rng.rand(30, *shape), np.arange(30) % classes
    net = ShallowNetClassifier(n_hidden, max_iter=2, warn=False, random_state=0)
    return make_pipeline(ImageFlattener(scale=1), *steps, net).fit(images, y)


def table(n_features=3, names=None):
    X = np.random.RandomState(0).rand(30, n_features)
    return (X if names is None else pd.DataFrame(X, columns=names)), np.arange(30) % 2


def names_on(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


def test_grey_images_are_the_rows_of_w1_on_one_symmetric_scale():
    model = fitted(StandardScaler())
    display = WeightsDisplay.from_estimator(model)
    W = model[-1].coefs_[0].T
    shown = [image.get_array() for image in display.images_]
    assert np.array_equal(shown, W.reshape(3, 4, 3))
    limit = np.abs(W).max()
    assert {image.get_clim() for image in display.images_} == {(-limit, limit)}
    assert display.colorbar_.vmax == limit
    assert [ax.get_title() for ax in display.axes_] == ["unit 1", "unit 2", "unit 3"]


def test_one_channel_is_drawn_as_grey():
    display = WeightsDisplay.from_estimator(fitted(shape=(4, 3, 1)))
    assert display.images_[0].get_array().shape == (4, 3)


def test_in_colour_images_grey_is_no_weight():
    model = fitted(shape=(4, 3, 3))
    display = WeightsDisplay.from_estimator(model)
    W = model[-1].coefs_[0].T.reshape(3, 4, 3, 3)
    limit = np.abs(W).max()
    shown = np.array([image.get_array() for image in display.images_])
    assert (shown - 0.5) * 2 * limit == pytest.approx(W)
    assert (display.colorbar_.vmin, display.colorbar_.vmax) == (-limit, limit)


def test_a_logistic_regression_has_an_image_for_each_class():
    images, y = np.random.RandomState(0).rand(30, 2, 2), np.array(["a", "b", "c"] * 10)
    model = make_pipeline(ImageFlattener(scale=1), LogisticRegressionScratch())
    display = WeightsDisplay.from_estimator(model.fit(images, y))
    assert [ax.get_title() for ax in display.axes_] == ["a", "b", "c"]


def test_one_row_of_two_classes_is_that_of_the_second():
    X, y = table()
    model = LogisticRegressionScratch().fit(X, np.array(["no", "yes"])[y])
    display = WeightsDisplay.from_estimator(model)
    assert names_on(display.ax_.xaxis) == ["yes"]


def test_outputs_of_a_regressor_without_hidden_layers_are_numbered():
    model = DeepNetRegressor(hidden_layer_sizes=(), max_iter=2, warn=False).fit(
        *table()
    )
    assert WeightsDisplay.from_estimator(model).unit_names == ["output 1"]


def test_a_heat_map_has_features_as_rows_under_their_names():
    X, y = table(names=["width", "height", "co$t"])
    model = make_pipeline(
        StandardScaler(), DeepNetClassifier(2, max_iter=2, warn=False)
    )
    display = WeightsDisplay.from_estimator(model.fit(X, y))
    [image] = display.images_
    assert np.array_equal(image.get_array(), model[-1].coefs_[0])
    assert names_on(display.ax_.yaxis) == ["width", "height", "co$t"]
    assert names_on(display.ax_.xaxis) == ["unit 1", "unit 2"]
    assert list(display.axes_) == [display.ax_]
    display.figure_.canvas.draw()


@pytest.mark.parametrize("steps", [[], [StandardScaler()]])
def test_features_without_names_are_those_of_the_course(steps):
    X, y = table()
    model = make_pipeline(*steps, LogisticRegressionScratch()).fit(X, y)
    display = WeightsDisplay.from_estimator(model)
    assert names_on(display.ax_.yaxis) == ["x1", "x2", "x3"]


def test_of_many_named_features_those_with_the_largest_weights_are_shown():
    X, y = table(names=["a", "b", "c"])
    model = LogisticRegressionScratch().fit(X, y)
    model.coef_[:] = [[-3.0, 0.5, 1.0]]
    display = WeightsDisplay.from_estimator(model, n_features=2)
    assert names_on(display.ax_.yaxis) == ["a", "c"]
    assert display.ax_.get_title() == "weights W[1], 2 of 3 features"


def test_as_many_units_are_shown_as_asked_for():
    display = WeightsDisplay.from_estimator(fitted(), n_units=2)
    assert len(display.images_) == 2
    assert display.ax_.get_title() == "weights W[1], 2 of 3 units"
    assert len(display.weights) == 3


def test_pixels_that_were_combined_are_no_images():
    model = fitted(PCA(12, random_state=0))
    display = WeightsDisplay.from_estimator(model)
    assert display.image_shape is None
    assert names_on(display.ax_.yaxis)[0] == "pca0"


def test_the_shape_of_images_may_be_given():
    X, y = table(6)
    model = LogisticRegressionScratch().fit(X, y)
    display = WeightsDisplay.from_estimator(model, image_shape=(2, 3))
    assert display.images_[0].get_array().shape == (2, 3)


def test_weights_that_are_all_zero_can_be_drawn():
    display = WeightsDisplay(weights=np.zeros((1, 2)), unit_names=["u"]).plot()
    assert display.images_[0].get_clim() == (-1, 1)


def test_image_kw_reaches_the_images():
    display = WeightsDisplay.from_estimator(fitted(), image_kw={"cmap": "PiYG"})
    assert {image.get_cmap().name for image in display.images_} == {"PiYG"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"image_shape must be given for 64 features without names, got None"),
        ({"image_shape": (8, 9)}, r"as W\[1\] has columns, 64, got \(8, 9\) with 72"),
        ({"image_shape": (64,)}, r"image_shape must be \(h, w\).* got \(64,\)"),
        ({"image_shape": (4, 4, 4)}, r"or \(h, w, 3\), got \(4, 4, 4\)"),
        ({"image_shape": (8, 8), "n_units": 0}, "n_units must be at least 1, got 0"),
    ],
)
def test_what_does_not_fit_is_refused_before_a_figure_is_made(options, message):
    model = LogisticRegressionScratch().fit(*table(64))
    with pytest.raises(ValueError, match=message):
        WeightsDisplay.from_estimator(model, **options)
    assert plt.get_fignums() == []


def test_an_estimator_of_another_package_is_named():
    with pytest.raises(TypeError, match="got LogisticRegression;"):
        WeightsDisplay.from_estimator(LogisticRegression().fit(*table()))


@pytest.mark.parametrize("shape", [(1, 4), (4, 1), (1, 4, 1)])
def test_an_image_may_be_one_pixel_high_or_wide(shape):
    model = LogisticRegressionScratch().fit(*table(4))
    display = WeightsDisplay.from_estimator(model, image_shape=shape)
    assert display.images_[0].get_array().shape == shape[:2]
