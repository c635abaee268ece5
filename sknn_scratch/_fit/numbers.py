"""The y of a regressor: one number a row, or several."""

from math import prod
from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import column_or_1d

from .._engine.losses import REGRESSION
from .._rows.columns import Targets
from .scale import learn_target_scale


def read_numbers(y, loss):
    """Return y as float64; ValueError for what the loss does not take."""
    if issparse(y):
        raise ValueError("y must be dense, got a sparse matrix; give y.toarray().")
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    try:
        if y.dtype.kind in "mM":  # NumPy would give their nanoseconds
            raise TypeError
        with np.errstate(over="ignore"):
            y = y.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f"y must hold numbers, got {y.dtype} such as {y.flat[0]!r}."
        ) from None
    if not np.isfinite(y).all():  # None, and a text like "nan"
        raise ValueError("y must hold finite numbers, got NaN or infinity.")
    lowest = REGRESSION[loss].lowest
    if y.min() < lowest:
        raise ValueError(
            f"y must be at least {lowest:g} for loss={loss!r}, got {y.min():g}; choose "
            "another loss."
        )
    return y


def read_quantile(quantile):
    """Return one level as a float, several as a tuple; ValueError for what is none."""
    try:
        levels = np.asarray(quantile, float)
    except (TypeError, ValueError):
        levels = np.empty(0)
    if (
        levels.ndim > 1
        or not levels.size
        or not ((levels > 0) & (levels < 1)).all()
        or not (np.diff(np.ravel(levels)) > 0).all()
    ):
        raise ValueError(
            "quantile must be a number between 0 and 1, or a list of such numbers in "
            f"increasing order, got {quantile!r}."
        )
    return tuple(levels.tolist()) if levels.ndim else float(levels)


class Numbers(NamedTuple):
    """Check the targets of a regressor and hand them to the training.

    It has the methods and attributes of `Labels` that a training needs.

    Attributes
    ----------
    loss : str
        Key of REGRESSION: predictions are those of the fit, whatever is set later.
    shape : tuple
        The shape of the y of one row: () or (n_outputs,).
    mean, scale : tuple of float
        Mean and standard deviation of each column of y, where training is on
        (y - mean) / scale; empty where it is on y.
    quantile : float, tuple of float or None
        The level of loss="quantile", or several: an output for each.
    """

    loss: str
    shape: tuple = ()
    mean: tuple = ()
    scale: tuple = ()
    quantile: float | tuple | None = None

    @classmethod
    def learn(cls, y, loss, *, quantile=0.5, before=None):
        """Return the numbers of a training, and y as float64.

        `quantile` is the parameter; other losses make no use of it. `before` are the
        numbers of the fit that this one goes on from.
        """
        y = read_numbers(y, loss)
        numbers = cls(loss, y.shape[1:] if before is None else before.shape)
        if loss == "quantile":
            numbers = numbers._replace(quantile=read_quantile(quantile))
        if numbers.shape and numbers.several_levels:
            raise ValueError(
                f"quantile must be one level for y of {numbers.n_targets} columns, got "
                f"{[*numbers.quantile]}; give a number, or fit a regressor a column."
            )
        return numbers, numbers.check_shape(y)

    @property
    def kind(self):
        """Return the key of the loss in LOSSES."""
        return self.loss

    @property
    def n_outputs(self):
        """Return n[L]: the columns of y, or the levels of its quantiles."""
        return len(self.quantile) if self.several_levels else self.n_targets

    @property
    def n_targets(self):
        """Return the number of columns of y."""
        return prod(self.shape)

    @property
    def several_levels(self):
        """Return True where y is one number, and there is an output for each level."""
        return isinstance(self.quantile, tuple)

    @property
    def mean_and_scale(self):
        """Return mean and scale of each output as columns (n[L], 1)."""
        pair = np.array(self.mean), np.array(self.scale)
        return tuple(np.resize(values, (self.n_outputs, 1)) for values in pair)

    @property
    def multilabel(self):
        """Return False: numbers are no labels."""
        return False

    def of(self, network):
        """Return the numbers: no fitted attribute changes them."""
        return self

    @property
    def fitted(self):
        """Return the public fitted attributes: none."""
        return {}

    def standardized(self, codes, w, before=None):
        """Return these numbers with the scale of the rows, or that of `before`."""
        if before is not None and before.scale:
            return self._replace(mean=before.mean, scale=before.scale)
        mean, scale = learn_target_scale(codes, w)
        return self._replace(mean=tuple(mean.tolist()), scale=tuple(scale.tolist()))

    def check_shape(self, y):
        """Return y; ValueError where it has another number of columns."""
        if y.shape[1:] != self.shape:
            raise ValueError(
                f"y must hold {self.n_targets} numbers a row as in the first fit, got "
                f"{prod(y.shape[1:])}; clone the estimator for other targets."
            )
        return y

    def encode_validation(self, y):
        """Return y_val as float64."""
        return self.check_shape(read_numbers(y, self.loss))

    def decode(self, codes):
        """Return the numbers themselves."""
        return codes

    def targets(self, codes, dtype):
        """Return Y of the rows as `MemoryBatches` takes it, (m, n[L])."""
        if abs(codes).max() > np.finfo(dtype).max:
            raise ValueError(
                f"y must be at most {np.finfo(dtype).max:g} to be trained on in "
                f"{np.dtype(dtype)}, got {abs(codes).max():g}; scale it, or give X in "
                "float64."
            )
        values = codes.reshape(len(codes), -1)
        with np.errstate(over="ignore"):
            if self.scale:  # halves: the difference of two numbers of 1e308 overflows
                mean, scale = np.array(self.mean), np.array(self.scale)
                values = (0.5 * values - 0.5 * mean) / (0.5 * scale)
            values = values.astype(dtype)
        if self.several_levels:  # each level is a quantile of the one y
            values = np.repeat(values, self.n_outputs, axis=1)
        return Targets(values)

    def note(self, codes):
        """Return no warning."""

    def strata(self, codes):
        """Return no strata: a hold-out of numbers is drawn from all rows alike."""
        return {}

    def row_weights(self, codes):
        """Return 1: numbers do not change the weights of rows."""
        return 1.0
