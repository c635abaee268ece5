"""Data sets that need no file: planar data, scikit-learn's digits, made tables."""

import numpy as np
from sklearn.datasets import (
    load_digits,
    make_blobs,
    make_circles,
    make_gaussian_quantiles,
    make_moons,
)
from sklearn.utils import check_random_state

__all__ = [
    "load_digit_images",
    "make_customers",
    "make_extra_sets",
    "make_flower",
    "make_homes",
]

TODAY, DAY = np.datetime64("2026-01-01"), np.timedelta64(1, "D")  # of made tables
RATES = {"Oslo": 5200, "Rome": 2700, "Lima": 950}  # price of a square metre


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


def make_homes(n_samples=1500, *, random_state=1):
    """Make a table of homes and their prices.

    It has what tables have: an identifier, numbers, texts, dates and gaps. The price
    depends on all columns but `id` and `rooms`, and has a noise of about 10 %.

    Parameters
    ----------
    n_samples : int, default=1500
        Number of homes.
    random_state : int, RandomState instance or None, default=1
        Seed.

    Returns
    -------
    X : pandas.DataFrame of shape (n_samples, 10)
        Columns `id`, `city`, `district`, `size` (square metres), `rooms`, `built`,
        `energy` (A to G), `garden` (square metres), `balcony` and `sold`.
    y : pandas.Series of shape (n_samples,)
        The `price`.

    Raises
    ------
    ModuleNotFoundError
        If pandas is not installed.

    Examples
    --------
    >>> from sknn_scratch.datasets import make_homes
    >>> X, y = make_homes(300)
    >>> X["city"].unique().tolist()
    ['Rome', 'Lima', 'Oslo']
    >>> X.assign(price=y).to_csv("homes.csv", index=False)  # doctest: +SKIP
    """
    rng, m = check_random_state(random_state), n_samples
    city = rng.choice([*RATES], m, p=[0.3, 0.4, 0.3])
    district = rng.randint(1, 25, m)
    size = rng.gamma(9, 10, m).round(1) + 20
    built = rng.randint(1900, 2025, m)
    energy = rng.choice(7, m, p=[0.05, 0.1, 0.2, 0.25, 0.2, 0.1, 0.1])
    garden = np.where(rng.rand(m) < 0.4, rng.gamma(2, 60, m).round(), np.nan)
    balcony = rng.rand(m) < 0.5
    sold = TODAY - rng.randint(1, 1500, m) * DAY
    rate = np.array([RATES[name] for name in city], dtype=float)
    rate *= (1 + 0.015 * district) * (1.1 - 0.05 * energy)
    rate *= 1 + 0.3 * (abs(built - 1960) / 65) ** 2
    rate *= 1.04 ** ((sold - TODAY) / DAY / 365)  # prices grow by 4 % a year
    price = rate * (size + 0.15 * np.nan_to_num(garden))
    price *= np.where(balcony, 1.06, 1) * rng.lognormal(0, 0.1, m)
    X = {
        "id": np.arange(10_000, 10_000 + m),
        "city": city,
        "district": [f"district {number}" for number in district],
        "size": np.where(rng.rand(m) < 0.08, np.nan, size),
        "rooms": np.maximum(1, size / 28 + rng.randn(m) * 0.7).round().astype(int),
        "built": built,
        "energy": with_gaps(np.array([*"ABCDEFG"])[energy], rng.rand(m) < 0.1),
        "garden": garden,
        "balcony": np.where(balcony, "yes", "no"),
        "sold": sold,
    }
    return as_table(X, "price", price.round(-2).astype(int))


def make_customers(n_samples=2000, *, random_state=2):
    """Make a table of customers, of whom one in seven leaves.

    A monthly contract, few months, many calls, an invoice and a high charge make
    leaving likely. Who never called has no date of the last call.

    Parameters
    ----------
    n_samples : int, default=2000
        Number of customers.
    random_state : int, RandomState instance or None, default=2
        Seed.

    Returns
    -------
    X : pandas.DataFrame of shape (n_samples, 7)
        Columns `customer`, `since`, `contract`, `payment`, `charge`, `calls` and
        `last_call`.
    y : pandas.Series of shape (n_samples,)
        `left`: "yes" or "no".

    Raises
    ------
    ModuleNotFoundError
        If pandas is not installed.

    Examples
    --------
    >>> from sknn_scratch.datasets import make_customers
    >>> X, y = make_customers()
    >>> float((y == "yes").mean().round(2))
    0.14
    """
    rng, m = check_random_state(random_state), n_samples
    months = rng.exponential(25, m).astype(int) + 1
    contract = rng.choice(["month", "year", "two years"], m, p=[0.5, 0.3, 0.2])
    payment = rng.choice(["card", "transfer", "invoice"], m)
    charge = (20 + rng.gamma(3, 15, m)).round(2)
    calls = rng.poisson(0.8, m)
    last_call = TODAY - rng.randint(1, 200, m) * DAY
    last_call[calls == 0] = np.datetime64("NaT", "D")
    z = -3.2 + 1.6 * (contract == "month") - 0.9 * np.log1p(months / 12)
    z += 0.6 * calls + 0.9 * (payment == "invoice") + 1.2 * (charge > 80)
    left = np.where(rng.rand(m) < 1 / (1 + np.exp(-z)), "yes", "no")
    X = {
        "customer": [f"C{number:06d}" for number in rng.permutation(m)],
        "since": TODAY - months * 30 * DAY,
        "contract": contract,
        "payment": with_gaps(payment, rng.rand(m) < 0.05),
        "charge": np.where(rng.rand(m) < 0.1, np.nan, charge),
        "calls": calls,
        "last_call": last_call,
    }
    return as_table(X, "left", left)


def with_gaps(values, gaps):
    """Return texts as objects, None where there is a gap."""
    return np.where(gaps, None, values.astype(object))


def as_table(columns, name, y):
    """Return a data frame of the columns, and y as a series of that name."""
    import pandas as pd

    return pd.DataFrame(columns), pd.Series(y, name=name)
