"""Data sets that need no file: planar data of the course, scikit-learn's digits."""

import numpy as np
from sklearn.datasets import (
    load_digits,
    make_blobs,
    make_circles,
    make_gaussian_quantiles,
    make_moons,
)
from sklearn.utils import check_random_state

__all__ = ["load_digit_images", "make_extra_sets", "make_flower"]


def make_flower(n_samples=400, *, petals=4, noise=0.2, random_state=1):
    """Make the planar flower of the course's week 3.

    The points lie on a rose curve of radius 4 sin(petals * t), with noise in the angle
    t and in the radius. The two classes are the two half turns of t. No line separates
    them.

    Parameters
    ----------
    n_samples : int, default=400
        Number of points, half of them in each class; an odd number is reduced by 1.
    petals : int, default=4
        Factor of the angle in the radius.
    noise : float, default=0.2
        Standard deviation of the noise in angle (radians) and radius.
    random_state : int, RandomState instance or None, default=1
        Seed of the noise; the default draws exactly the points of the course.

    Returns
    -------
    X : ndarray of shape (n_samples, 2)
        Points.
    y : ndarray of shape (n_samples,)
        0 for the first half of the rows, 1 for the second.

    Examples
    --------
    >>> from sknn_scratch.datasets import make_flower
    >>> X, y = make_flower()
    >>> X.mean(axis=0).round(4).tolist()
    [-0.0433, 0.0686]
    """
    rng = check_random_state(random_state)
    half = n_samples // 2
    points = []
    for j in range(2):
        # 3.12 and not pi: the two halves of the course's flower overlap a little
        t = np.linspace(3.12 * j, 3.12 * (j + 1), half) + noise * rng.randn(half)
        r = 4 * np.sin(petals * t) + noise * rng.randn(half)
        points.append(np.column_stack([r * np.sin(t), r * np.cos(t)]))
    return np.concatenate(points), np.repeat([0, 1], half)


def make_extra_sets(n_samples=200, *, random_state=None):
    """Make the four extra planar data sets of the course's week 3.

    Parameters
    ----------
    n_samples : int, default=200
        Number of points of each set.
    random_state : int, RandomState instance or None, default=None
        Seed of circles, moons and quantiles; the blobs always have the seed 5.

    Returns
    -------
    dict of str to (X, y)
        "noisy_circles", "noisy_moons", "blobs" and "gaussian_quantiles"; X of shape
        (n_samples, 2), y of zeros and ones.

    Examples
    --------
    >>> from sknn_scratch.datasets import make_extra_sets
    >>> sorted(make_extra_sets(random_state=0))
    ['blobs', 'gaussian_quantiles', 'noisy_circles', 'noisy_moons']
    """
    rng = check_random_state(random_state)
    blobs, label = make_blobs(n_samples, centers=6, random_state=5)
    return {
        "noisy_circles": make_circles(
            n_samples, factor=0.5, noise=0.3, random_state=rng
        ),
        "noisy_moons": make_moons(n_samples, noise=0.2, random_state=rng),
        "blobs": (blobs, label % 2),
        "gaussian_quantiles": make_gaussian_quantiles(
            cov=0.5, n_samples=n_samples, n_classes=2, random_state=rng
        ),
    }


def load_digit_images():
    """Load scikit-learn's handwritten digits as images.

    Returns
    -------
    images : ndarray of shape (1797, 8, 8), uint8
        Grey values from 0 to 16.
    y : ndarray of shape (1797,)
        The digit, 0 to 9.

    Examples
    --------
    >>> from sknn_scratch.datasets import load_digit_images
    >>> images, y = load_digit_images()
    >>> images.shape, int(images.max())
    ((1797, 8, 8), 16)
    """
    digits = load_digits()
    return digits.images.astype(np.uint8), digits.target
