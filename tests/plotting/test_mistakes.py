"""MistakesDisplay: the images a classifier gets wrong."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from sknn_scratch import LogisticRegressionScratch
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.plotting import MistakesDisplay
from sknn_scratch.preprocessing import ImageFlattener


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def digits():
    return load_digit_images()


@pytest.fixture(scope="module")
def reader(digits):
    images, y = digits
    model = make_pipeline(ImageFlattener(scale=16), LogisticRegressionScratch(C=0.01))
    return model.fit(images[:300], y[:300])


CAT_AND_DOG = {
    "images": np.zeros((4, 2, 3)),
    "y_true": ["cat", "dog", "dog", "cat"],
    "y_proba": [[0.4, 0.6], [0.9, 0.1], [0.3, 0.7], [0.2, 0.8]],
}


def titles(display):
    return [ax.get_title() for ax in display.axes_]


def test_the_mistakes_are_those_of_predict(reader, digits):
    images, y = digits
    display = MistakesDisplay.from_estimator(reader, images, y)
    wrong = np.flatnonzero(reader.predict(images) != y)
    assert sorted(display.indices) == wrong.tolist()
    assert display.n_samples == len(y)
    P = reader.predict_proba(images)[display.indices]
    assert display.probability.tolist() == P.max(axis=1).tolist()
    assert (np.diff(display.probability) <= 0).all()
    i = display.indices[0]
    assert titles(display)[0] == (
        f"true: {y[i]}\npredicted: {reader.predict(images[i : i + 1])[0]}\n"
        f"with {100 * display.probability[0]:.1f} %"
    )
    shown = display.images_[0].get_array()
    assert shown.tolist() == (images[i] / 16).tolist()
    assert display.text_.get_text() == (
        f"{len(wrong)} mistakes among 1797 images, 10 of them shown"
    )


def test_the_doubtful_ones_come_first_on_request():
    sure = MistakesDisplay.from_predictions(**CAT_AND_DOG)
    unsure = MistakesDisplay.from_predictions(**CAT_AND_DOG, most_confident=False)
    assert sure.indices.tolist() == [1, 3, 0]
    assert unsure.indices.tolist() == [0, 3, 1]
    assert titles(sure)[0] == "true: dog\npredicted: cat\nwith 90.0 %"


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_one_probability_is_that_of_the_second_class(shape):
    P = np.array([0.6, 0.1, 0.7, 0.8]).reshape(shape)
    display = MistakesDisplay.from_predictions(**{**CAT_AND_DOG, "y_proba": P})
    assert display.predicted == ["cat", "dog", "dog"]
    assert display.indices.tolist() == [1, 3, 0]


@pytest.mark.parametrize("channels", [(), (1,), (3,), (4,)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_grey_and_colour_images_are_scaled_to_the_unit_interval(channels, dtype, rng):
    images = rng.randint(256, size=(4, 5, 6, *channels)).astype(dtype)
    images[0] = 255
    images[1] = 0
    if dtype != np.uint8:
        images /= 255
    display = MistakesDisplay.from_predictions(**{**CAT_AND_DOG, "images": images})
    expected = images[[1, 3, 0]] / (255 if dtype == np.uint8 else 1)
    assert np.array_equal(display.images, expected)
    drawn = np.stack([image.get_array() for image in display.images_])
    assert np.array_equal(drawn, expected.reshape(drawn.shape))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([0, 4, 8, 16], np.uint8), [0, 0.25, 0.5, 1]),  # digits
        (np.array([0.0, 255.0, 51.0, 102.0]), [0, 1, 0.2, 0.4]),
        (np.array([-1.0, 1.0, 0.0, 0.5]), [0, 1, 0.5, 0.75]),
        (np.array([0.0, 0.1, 0.2, 0.3]), [0, 0.1, 0.2, 0.3]),
        (np.array([True, False, True, True]), [1, 0, 1, 1]),
        (np.array([0, 0, 0, 0]), [0, 0, 0, 0]),
        (np.array([-(2**15), 0, 0, 2**15 - 1], np.int16), [0, 0.5, 0.5, 1]),
    ],
)
def test_other_values_are_scaled_by_their_range(values, expected):
    images = np.broadcast_to(values[:, None, None], (4, 2, 2))
    display = MistakesDisplay.from_predictions(images, [1, 1, 1, 1], np.zeros(4))
    assert display.images[:, 0, 0].tolist() == pytest.approx(expected, abs=1e-4)


def test_dark_colour_bytes_stay_dark():
    images = np.full((4, 2, 2, 3), 51, np.uint8)
    display = MistakesDisplay.from_predictions(**{**CAT_AND_DOG, "images": images})
    assert (display.images == 0.2).all()


def test_no_mistakes_are_said_to_be_none():
    right = {**CAT_AND_DOG, "y_true": ["dog", "cat", "dog", "dog"]}
    display = MistakesDisplay.from_predictions(**right)
    assert display.text_.get_text() == "No mistakes among 4 images"
    assert display.images_ == []
    assert display.axes_.shape == (0,)
    _, axes = plt.subplots(1, 2)
    assert "No mistakes" in display.plot(axes).text_.get_text()


def test_names_of_classes_stand_in_the_titles():
    display = MistakesDisplay.from_predictions(
        np.zeros((2, 2, 2)), [0, 1], [0.9, 0.8], classes=[b"non-cat", "c$a$t"]
    )
    assert titles(display) == ["true: non-cat\npredicted: c$a$t\nwith 90.0 %"]
    display.figure_.canvas.draw()
    assert not display.axes_[0].title.get_parse_math()


def test_a_class_unknown_to_the_model_is_a_mistake_under_its_own_name():
    display = MistakesDisplay.from_predictions(
        np.zeros((1, 2, 2)), [7], [[0.5, 0.5]], labels=[0, 1], classes=["a", "b"]
    )
    assert titles(display) == ["true: 7\npredicted: a\nwith 50.0 %"]


def test_labels_missing_from_y_are_those_before_the_number_of_columns():
    display = MistakesDisplay.from_predictions(
        np.zeros((2, 2, 2)), [0, 2], [[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]
    )
    assert titles(display) == ["true: 0\npredicted: 1\nwith 80.0 %"]


def test_near_certainty_is_not_rounded_to_certainty():
    images = np.zeros((2, 2, 2))
    display = MistakesDisplay.from_predictions(images, [0, 0], [0.9999, 1.0])
    assert [title.splitlines()[2] for title in titles(display)] == [
        "with 100.0 %",
        "with >99.9 %",
    ]


def test_as_many_images_are_shown_as_asked_for():
    display = MistakesDisplay.from_predictions(**CAT_AND_DOG, n_images=2)
    assert len(display.images_) == len(display.axes_) == 2
    assert len(display.images) == 3
    assert len(display.plot(n_images=1).images_) == 1
    all_of_them = display.plot(n_images=10**6)
    assert len(all_of_them.images_) == 3
    assert all_of_them.text_.get_text() == "3 mistakes among 4 images"


def test_no_title_touches_another_image_or_the_edge(reader, digits):
    fig, ax = plt.subplots(figsize=(6, 8))
    for room in None, ax:
        display = MistakesDisplay.from_estimator(reader, *digits, ax=room)
        fig = display.figure_
        fig.canvas.draw()
        boxes = [one.title.get_window_extent() for one in display.axes_]
        boxes += [one.get_window_extent() for one in display.axes_]
        boxes.append(display.text_.get_window_extent())
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i])
            assert fig.bbox.fully_containsx(box.x0)
            assert fig.bbox.fully_containsx(box.x1)
            assert fig.bbox.fully_containsy(box.y1)


def test_axes_given_get_an_image_each_and_the_rest_none():
    fig, axes = plt.subplots(2, 2)
    display = MistakesDisplay.from_predictions(**CAT_AND_DOG, ax=axes)
    assert display.bounding_ax_ is None
    assert display.figure_ is fig
    assert list(display.axes_) == list(axes.ravel()[:3])
    assert not axes[1, 1].axison
    fewer = MistakesDisplay.from_predictions(**CAT_AND_DOG, ax=axes[0])
    assert fewer.text_.get_text() == "3 mistakes among 4 images, 2 of them shown"


def test_image_kw_reaches_the_images():
    display = MistakesDisplay.from_predictions(**CAT_AND_DOG, image_kw={"cmap": "hot"})
    assert {image.get_cmap().name for image in display.images_} == {"hot"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": np.zeros((4, 6))}, r"images must have shape .*\(4, 6\); reshape"),
        ({"images": np.zeros((4, 6, 2, 2))}, "c = 1, 3 or 4"),
        ({"images": np.zeros((3, 6, 2))}, "inconsistent numbers of samples"),
        ({"y_true": [[0, 1], [1, 0], [1, 1], [0, 0]]}, "1d array"),
        ({"y_true": ["cat", "dog", "cow", "cat"]}, "each of the 2 columns of y_proba"),
        ({"labels": ["cat"]}, "each of the 2 columns of y_proba, got 1"),
        ({"classes": ["cat"]}, r"each of \['cat', 'dog'\], got 1 names"),
        ({"n_images": 0}, "n_images must be at least 1, got 0"),
        ({"ax": []}, "at least one Axes"),
    ],
)
def test_what_does_not_fit_is_refused_before_a_figure_is_made(change, message):
    with pytest.raises(ValueError, match=message):
        MistakesDisplay.from_predictions(**{**CAT_AND_DOG, **change})
    assert plt.get_fignums() == []
