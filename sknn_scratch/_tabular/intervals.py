"""Prediction intervals from the residuals of rows that a member did not see: CV+."""

from numbers import Real

import numpy as np

STEPS = 60  # of the bisection: the width of an interval shrinks by 2^-60


def check_coverage(coverage):
    """Raise ValueError for what is no probability between 0 and 1."""
    if not (isinstance(coverage, Real) and 0 < coverage < 1):
        raise ValueError(
            f"coverage must be a probability between 0 and 1, got {coverage!r}."
        )


class Residuals:
    """The residuals of one output, of each member's held-out rows, with weights.

    Parameters
    ----------
    values : list of ndarray
        For each member the residuals of the rows it did not train on.
    weights : list of ndarray
        The weights of these rows.
    n_rows : int, optional
        The number of different rows. By default no row is held out by two members.
    """

    def __init__(self, values, weights, n_rows=None):
        self.values, self.weights = [], []
        for r, w in zip(values, weights, strict=True):
            order = np.argsort(r, kind="stable")
            self.values.append(r[order])
            self.weights.append(np.concatenate([[0.0], np.cumsum(w[order])]))
        total = sum(w[-1] for w in self.weights)
        n_rows = n_rows or sum(map(len, values))
        self._summarise(total / n_rows if n_rows else 1.0)

    @classmethod
    def of_sorted(cls, values, weights, one):
        """Return the residuals that have these attributes."""
        residuals = cls.__new__(cls)
        residuals.values, residuals.weights = values, weights
        residuals._summarise(one)
        return residuals

    def _summarise(self, one):
        self.total = sum(w[-1] for w in self.weights)
        self.largest = max((r[-1] for r in self.values if len(r)), default=0.0)
        self.smallest = min((r[0] for r in self.values if len(r)), default=0.0)
        # the weight of the row to come, which counts as often as each of these
        self.one = one

    def upper(self, centres, coverage):
        """Return the least u that a share of (prediction + residual) is at most.

        Barber, Candes, Ramdas and Tibshirani (2021), "Predictive inference with the
        jackknife+": u is the ceil((1 - a) (n + 1))-th smallest of
        mu_k(x) + R_i, row i being one that member k did not train on, a = 1 - coverage
        for an upper end alone. With too few rows for the coverage u is infinite.

        Parameters
        ----------
        centres : ndarray of shape (n_members, m)
            mu_k(x) of the rows to predict.
        coverage : float
        """
        wanted = coverage * (self.total + self.one) * (1 - 1e-12)
        if wanted > self.total:
            return np.full(centres.shape[1], np.inf)
        low = centres.min(axis=0) + self.smallest
        high = centres.max(axis=0) + self.largest
        low = low - np.spacing(abs(low)) - 1e-300
        for _ in range(STEPS):
            middle = low + (high - low) / 2
            enough = self._weight_up_to(middle, centres) >= wanted
            high = np.where(enough, middle, high)
            low = np.where(enough, low, middle)
        return high

    def _weight_up_to(self, v, centres):
        """Return the weight of the rows with mu_k(x) + R_i <= v."""
        return sum(
            w[np.searchsorted(r, v - mu, side="right")]
            for r, w, mu in zip(self.values, self.weights, centres, strict=True)
        )
