"""The two made tables of `sknn-scratch demo`: prices of homes, and customers who leave.

They have what tables of people have: numbers, texts, dates, an identifier, and gaps.
"""

import csv

import numpy as np

TODAY = np.datetime64("2026-01-01")
CITIES = {"Oslo": 5200, "Rome": 2700, "Lima": 950}  # price of a square metre


def homes(m=1500):
    """Return {name: values} of m homes; the column `price` is to be predicted."""
    rng = np.random.RandomState(1)
    city = rng.choice([*CITIES], m, p=[0.3, 0.4, 0.3])
    district = rng.choice([f"district {i}" for i in range(1, 25)], m)
    size = rng.gamma(9, 10, m).round(1) + 20
    built = rng.randint(1900, 2025, m)
    energy = rng.choice([*"ABCDEFG"], m, p=[0.05, 0.1, 0.2, 0.25, 0.2, 0.1, 0.1])
    garden = np.where(rng.rand(m) < 0.4, rng.gamma(2, 60, m).round(), np.nan)
    balcony = rng.choice(["yes", "no"], m)
    sold = TODAY - rng.randint(1, 1500, m)
    rate = np.array([CITIES[name] for name in city], dtype=float)
    rate *= 1 + 0.015 * np.array([int(name.split()[1]) for name in district])
    rate *= 1.1 - 0.05 * np.array(["ABCDEFG".index(name) for name in energy])
    rate *= 1 + 0.3 * (abs(built - 1960) / 65) ** 2
    price = size * rate + 0.15 * np.nan_to_num(garden) * rate
    price *= np.where(balcony == "yes", 1.06, 1) * rng.lognormal(0, 0.1, m)
    price *= 1.04 ** (-(TODAY - sold).astype(float) / 365)
    return {
        "id": np.arange(10_000, 10_000 + m),
        "city": city,
        "district": district,
        "size": with_gaps(size, rng, 0.08),
        "rooms": np.maximum(1, (size / 28 + rng.randn(m) * 0.7).round()).astype(int),
        "built": built,
        "energy": with_gaps(energy, rng, 0.1),
        "garden": with_gaps(garden, rng, 0),
        "balcony": balcony,
        "sold": sold,
        "price": price.round(-2).astype(int),
    }


def customers(m=2000):
    """Return {name: values} of m customers; the column `left` is to be predicted."""
    rng = np.random.RandomState(2)
    months = rng.exponential(25, m).astype(int) + 1
    contract = rng.choice(["month", "year", "two years"], m, p=[0.5, 0.3, 0.2])
    payment = rng.choice(["card", "transfer", "invoice"], m)
    charge = (20 + rng.gamma(3, 15, m)).round(2)
    calls = rng.poisson(0.8, m)
    last_call = TODAY - rng.randint(1, 200, m)
    last_call[calls == 0] = np.datetime64("NaT")
    z = -3.2 + 1.6 * (contract == "month") - 0.9 * np.log1p(months / 12)
    z += 0.6 * calls + 0.9 * (payment == "invoice") + 1.2 * (charge > 80)
    left = np.where(rng.rand(m) < 1 / (1 + np.exp(-z)), "yes", "no")
    return {
        "customer": np.array([f"C{number:06d}" for number in rng.permutation(m)]),
        "since": TODAY - months * 30,
        "contract": contract,
        "payment": with_gaps(payment, rng, 0.05),
        "charge": with_gaps(charge, rng, 0.1),
        "calls": calls,
        "last_call": last_call,
        "left": left,
    }


def with_gaps(values, rng, share):
    """Return the values as objects, None where one is missing or drawn to be."""
    gap = (rng.rand(len(values)) < share) | (values != values)
    return np.where(gap, None, values.astype(object))


def write_csv(path, columns):
    """Write the columns as a CSV; what is missing is an empty cell."""
    missing = {None: "", "NaT": ""}
    cells = [
        [missing.get(value, value) for value in as_list(v)] for v in columns.values()
    ]
    with open(path, "w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerows([[*columns], *zip(*cells, strict=True)])


def as_list(values):
    """Return numbers and texts of Python; dates as texts."""
    return values.astype(str).tolist() if values.dtype.kind == "M" else values.tolist()
