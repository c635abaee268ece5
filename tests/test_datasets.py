"""The bundled data sets: the figures of the course as it drew them, and digits."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits, make_blobs

from sknn_scratch.datasets import load_digit_images, make_extra_sets, make_flower

SETS = ["noisy_circles", "noisy_moons", "blobs", "gaussian_quantiles"]


# -- the flower ------------------------------------------------------------------------


def test_flower_is_that_of_the_course():
    # course/README.md, in its words: for each class the noise of t, then that of r
    rng, points = np.random.RandomState(1), []
    for j in range(2):
        t = np.linspace(3.12 * j, 3.12 * (j + 1), 200) + 0.2 * rng.randn(200)
        r = 4 * np.sin(4 * t) + 0.2 * rng.randn(200)
        points.append(np.column_stack([r * np.sin(t), r * np.cos(t)]))
    X, y = make_flower()
    assert_array_equal(X, np.concatenate(points))
    assert_array_equal(y, [0] * 200 + [1] * 200)


def test_flower_has_the_published_mean():
    X, _ = make_flower()
    assert_allclose(X.mean(axis=0), [-0.043345909, 0.068565867], atol=5e-10)


@pytest.mark.parametrize(("n_samples", "rows"), [(400, 400), (10, 10), (11, 10)])
def test_flower_has_half_its_points_in_each_class(n_samples, rows):
    X, y = make_flower(n_samples)
    assert X.shape == (rows, 2)
    assert np.bincount(y).tolist() == [rows // 2, rows // 2]


@pytest.mark.parametrize("petals", [3, 4, 7])
def test_flower_without_noise_lies_on_the_curve(petals):
    X, y = make_flower(200, petals=petals, noise=0)
    t = np.concatenate([np.linspace(0, 3.12, 100), np.linspace(3.12, 6.24, 100)])
    r = 4 * np.sin(petals * t)
    assert_allclose(X, np.column_stack([r * np.sin(t), r * np.cos(t)]), atol=1e-14)


@pytest.mark.parametrize("noise", [0.1, 1.0])
def test_noise_is_the_deviation_of_the_radius(noise):
    # with petals=0 the curve shrinks to the origin: what is left is the noise of r
    X, _ = make_flower(20_000, petals=0, noise=noise)
    assert_allclose(np.sqrt((X**2).sum(axis=1).mean()), noise, rtol=0.02)


@pytest.mark.parametrize("seed", [0, 1])
def test_flower_of_a_seed_is_always_the_same(seed):
    first, _ = make_flower(random_state=seed)
    second, _ = make_flower(random_state=np.random.RandomState(seed))
    assert_array_equal(first, second)


def test_flowers_of_two_seeds_differ():
    assert not np.allclose(
        make_flower(random_state=1)[0], make_flower(random_state=2)[0]
    )


def test_flower_leaves_the_global_random_state_alone():
    before = np.random.get_state()[1].copy()
    make_flower()
    assert_array_equal(np.random.get_state()[1], before)


# -- the four further figures ----------------------------------------------------------


def test_extra_sets_have_the_names_of_the_course():
    assert list(make_extra_sets(random_state=0)) == SETS


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("n_samples", [200, 30])
def test_extra_sets_are_points_of_two_classes(name, n_samples):
    X, y = make_extra_sets(n_samples, random_state=0)[name]
    assert X.shape == (n_samples, 2)
    assert y.shape == (n_samples,)
    assert np.unique(y).tolist() == [0, 1]


@pytest.mark.parametrize("name", SETS)
def test_extra_sets_of_a_seed_are_always_the_same(name):
    first, second = (make_extra_sets(random_state=3)[name] for _ in range(2))
    assert_array_equal(first[0], second[0])
    assert_array_equal(first[1], second[1])


@pytest.mark.parametrize("name", sorted(set(SETS) - {"blobs"}))
def test_extra_sets_of_two_seeds_differ(name):
    first, second = (make_extra_sets(random_state=seed)[name][0] for seed in (0, 1))
    assert not np.allclose(first, second)


def test_blobs_are_the_six_of_seed_5_in_two_colours():
    X, y = make_blobs(200, centers=6, random_state=5)
    blobs, label = make_extra_sets(random_state=0)["blobs"]
    assert_array_equal(blobs, X)
    assert_array_equal(label, y % 2)


# -- digits ----------------------------------------------------------------------------


def test_digits_are_bytes_of_8_by_8_from_0_to_16():
    images, y = load_digit_images()
    assert images.shape == (1797, 8, 8)
    assert images.dtype == np.uint8
    assert (images.min(), images.max()) == (0, 16)
    assert y.shape == (1797,)


def test_digits_are_those_of_scikit_learn():
    images, y = load_digit_images()
    X, target = load_digits(return_X_y=True)
    assert_array_equal(images.reshape(1797, -1), X)
    assert_array_equal(y, target)
