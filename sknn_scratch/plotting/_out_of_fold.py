"""Display of what an ensemble predicts of its training rows out of fold."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._estimators.access import last_step
from .._tabular.base import BaseTabular
from .._tabular.calibration import out_of_fold_probabilities
from .._tabular.intervals import Residuals, check_coverage
from .._tabular.out_of_fold import rows_out_of_fold
from ._axes import check_at_least_one, import_matplotlib, label_axes, new_axes

POINTS = 5000  # that are drawn, at most


class OutOfFoldDisplay:
    """Out-of-fold predictions of a TabularNet against the truth.

    For a classifier it is a reliability curve: how often comes what has a predicted
    probability of p? Each point is a bin of about as many rows. For a regressor the
    true targets stand above the predicted ones, with the band that holds a share
    `coverage` of them. Right predictions are on the diagonal.

    Create it with `from_estimator`; `plot` draws it again.

    Parameters
    ----------
    predicted : ndarray of shape (n,)
        Out-of-fold predictions: probabilities, or numbers.
    true : ndarray of shape (n,)
        Whether it came, as 0 or 1; or the true numbers.
    before : ndarray of shape (n,), default=None
        The probabilities before the temperature; None for numbers.
    temperature : float, default=None
        The temperature of the probabilities: that of a single member, for one member
        predicts a row out of fold.
    half_width : float, default=None
        Half of the width of the band of numbers.
    coverage : float, default=None
        Share of the true numbers that the band is to hold.
    sample_weight : ndarray of shape (n,), default=None
        Weights of the rows.
    n_bins : int, default=10
        Number of bins of the probabilities.
    labels : tuple of str, default=("predicted out of fold", "true")
        Labels of the two axes.
    name : str, default=None
        Name in the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the picture.
    figure_ : matplotlib Figure
        The figure of `ax_`.
    ideal_ : matplotlib Line2D
        The diagonal.
    lines_ : list of matplotlib Line2D
        Of probabilities the reliability curve and that before the temperature.
    points_ : matplotlib PathCollection or None
        Of numbers the rows, 5000 drawn ones at most.
    band_ : matplotlib PolyCollection or None
        Of numbers the band.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from sknn_scratch.plotting import OutOfFoldDisplay
    >>> display = OutOfFoldDisplay(
    ...     predicted=np.array([0.1, 0.2, 0.8, 0.9]), true=np.array([0, 0, 1, 1]),
    ...     before=np.array([0.3, 0.4, 0.6, 0.7]), temperature=0.5, n_bins=2,
    ... ).plot()
    >>> display.lines_[0].get_xydata().round(2).tolist()
    [[0.15, 0.0], [0.85, 1.0]]
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        *,
        predicted,
        true,
        before=None,
        temperature=None,
        half_width=None,
        coverage=None,
        sample_weight=None,
        n_bins=10,
        labels=("predicted out of fold", "true"),
        name=None,
    ):
        self.predicted = predicted
        self.true = true
        self.before = before
        self.temperature = temperature
        self.half_width = half_width
        self.coverage = coverage
        self.sample_weight = sample_weight
        self.n_bins = n_bins
        self.labels = labels
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator,
        y,
        *,
        sample_weight=None,
        n_bins=10,
        coverage=0.9,
        output=None,
        name=None,
        ax=None,
        line_kw=None,
        scatter_kw=None,
    ):
        """Draw the out-of-fold predictions of a fitted ensemble.

        Parameters
        ----------
        estimator : TabularNetClassifier, TabularNetRegressor or Pipeline
            A fitted one, or a Pipeline that ends in one.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            The targets of its `fit`, in that order. With two classes the curve is that
            of `classes_[1]`, with more that of the class that is predicted; of several
            labels it is one curve for all.
        sample_weight : array-like of shape (n_samples,), default=None
            The weights of its `fit`, if it had any.
        n_bins : int, default=10
            Number of bins of the probabilities.
        coverage : float, default=0.9
            Share of the true numbers that the band is to hold.
        output : int, default=None
            Column of the predictions of a regressor of several targets or levels. None
            takes the first target, of several levels the one in the middle.
        name : str, default=None
            Name in the legend; None takes the name of the class.
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure.
        line_kw : dict, default=None
            See `plot`.
        scatter_kw : dict, default=None
            See `plot`.

        Returns
        -------
        OutOfFoldDisplay
            The display, with its artists.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If the estimator is no ensemble for tables.
        ValueError
            If y is not that of `fit`, or if no member held a row out.

        Notes
        -----
        The probabilities before the temperature are exact for rows that one member held
        out. Of several members they are made from the mean of the probabilities.

        The band is that of `predict_interval` if all members agree: a quantile of the
        out-of-fold residuals on both sides of the prediction.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.datasets import load_breast_cancer
        >>> from sknn_scratch import TabularNetClassifier
        >>> from sknn_scratch.plotting import OutOfFoldDisplay
        >>> X, y = load_breast_cancer(return_X_y=True, as_frame=True)
        >>> net = TabularNetClassifier(max_iter=5, random_state=0).fit(X, y)
        >>> display = OutOfFoldDisplay.from_estimator(net, y, n_bins=5)
        >>> len(display.predicted), len(display.lines_[0].get_xdata())
        (569, 5)
        >>> plt.close(display.figure_)
        """
        import_matplotlib(f"{cls.__name__}.from_estimator")
        check_at_least_one(n_bins=n_bins)
        model = last_step(estimator)
        if not isinstance(model, BaseTabular):
            raise TypeError(
                "estimator must be a TabularNetClassifier or a TabularNetRegressor, or "
                f"a Pipeline that ends in one, got {type(model).__name__}."
            )
        check_is_fitted(model)
        found = rows_out_of_fold(model, y, sample_weight)
        if not len(found.rows):
            raise ValueError(
                "estimator must have members that held rows out, got none; fit it with "
                "more than one row."
            )
        if model._estimator_type == "classifier":
            parts = _probabilities(model, found)
        else:
            parts = _numbers(model, found, coverage, output)
        name = type(model).__name__ if name is None else name
        display = cls(**parts, n_bins=n_bins, name=name)
        return display.plot(ax, line_kw=line_kw, scatter_kw=scatter_kw)

    def plot(self, ax=None, *, name=None, line_kw=None, scatter_kw=None):
        """Draw the picture.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure.
        name : str, default=None
            Name in the legend; None takes that of the display.
        line_kw : dict, default=None
            Passed to `Axes.plot` for the reliability curve.
        scatter_kw : dict, default=None
            Passed to `Axes.scatter` for the rows of numbers.

        Returns
        -------
        self
            The display, with its artists.
        """
        import_matplotlib(f"{type(self).__name__}.plot")
        name = self.name if name is None else name
        ax = new_axes(layout="constrained") if ax is None else ax
        self.ax_, self.figure_ = ax, ax.figure
        self.lines_, self.points_, self.band_ = [], None, None
        if self.before is None:
            self._draw_numbers(name, scatter_kw or {})
        else:
            self._draw_probabilities(name, line_kw or {})
        label_axes(ax, *self.labels)
        ax.legend()
        return self

    def _draw_probabilities(self, name, style):
        self._draw_ideal(0, 1, "perfectly calibrated")
        parts = {
            f"T = {self.temperature:.3g}": (self.predicted, {"marker": "o"}),
            "before, T = 1": (self.before, {"linestyle": "--", "linewidth": 1}),
        }
        for words, (p, own) in parts.items():
            label = ", ".join(filter(None, [name, words]))
            if self.lines_:
                own["color"] = self.lines_[0].get_color()
            mean, share = reliability(p, self.true, self.sample_weight, self.n_bins)
            chosen = {} if self.lines_ else style
            self.lines_ += self.ax_.plot(
                mean, share, **{"label": label, **own, **chosen}
            )

    def _draw_numbers(self, name, style):
        predicted, true = map(np.asarray, (self.predicted, self.true))
        ends = np.array([predicted.min(), predicted.max()])
        self._draw_ideal(*ends, "predicted = true")
        shown = slice(None)
        if len(true) > POINTS:
            shown = np.random.RandomState(0).permutation(len(true))[:POINTS]
        own = {"s": 9, "alpha": 0.5, "linewidths": 0, "label": name}
        self.points_ = self.ax_.scatter(predicted[shown], true[shown], **own | style)
        if self.half_width is None or not np.isfinite(self.half_width):
            return
        self.band_ = self.ax_.fill_between(
            ends,
            ends - self.half_width,
            ends + self.half_width,
            alpha=0.15,
            color=self.points_.get_facecolor()[0, :3],
            linewidth=0,
            label=f"{100 * self.coverage:g} % interval",
        )

    def _draw_ideal(self, low, high, label):
        [self.ideal_] = self.ax_.plot(
            [low, high], [low, high], ":", color="0.5", zorder=3, label=label
        )


def reliability(p, true, w=None, n_bins=10):
    """Return the mean p and the share of `true` in bins of about as many rows.

    It is that of `sklearn.calibration.calibration_curve` with strategy="quantile", with
    weights.
    """
    w = np.ones(len(p)) if w is None else w
    edges = np.quantile(p, np.linspace(0, 1, n_bins + 1))
    place = np.searchsorted(edges[1:-1], p)
    total = np.bincount(place, w, minlength=n_bins)
    full = total > 0
    sums = [np.bincount(place, w * v, minlength=n_bins) for v in (p, true)]
    return tuple(values[full] / total[full] for values in sums)


def _probabilities(model, found):
    """Return what a display needs of a classifier's rows out of fold."""
    kind, codes, w = model._target.kind, found.codes, found.sample_weight
    n, T = len(model.oof_decision_function_), model.temperature_
    P, before = out_of_fold_probabilities(kind, found.predicted, T, n)
    labels = "probability out of fold", "share that is right"
    if kind == "binary":
        of = f"of “{model.classes_[1]!s}”"
        P, before, true = P[:, 1], before[:, 1], codes
        labels = f"probability {of}, out of fold", f"share {of}"
    elif kind == "multilabel":
        labels = "probability of a label, out of fold", "share that has the label"
        w = w if w is None else np.repeat(w, P.shape[1])
        P, before, true = P.ravel(), before.ravel(), codes.ravel()
    else:
        chosen = P.argmax(axis=1)
        true = codes == chosen
        P, before = (p[np.arange(len(p)), chosen] for p in (P, before))
    return {
        "predicted": P,
        "true": np.asarray(true, float),
        "before": before,
        "temperature": T,
        "sample_weight": w,
        "labels": labels,
    }


def _numbers(model, found, coverage, output):
    """Return what a display needs of a regressor's rows out of fold."""
    check_coverage(coverage)
    predicted = found.predicted.reshape(len(found.w), -1)
    target = model._target
    if output is None:
        output = predicted.shape[1] // 2 if target.several_levels else 0
    if not 0 <= output < predicted.shape[1]:
        raise ValueError(
            f"output must be below {predicted.shape[1]}, the columns of the "
            f"predictions, and at least 0, got {output!r}."
        )
    true = found.codes.reshape(len(found.w), -1)
    predicted, true = predicted[:, output], true[:, output % true.shape[1]]
    parts = {
        "predicted": predicted,
        "true": true,
        "coverage": coverage,
        "sample_weight": found.sample_weight,
    }
    if target.several_levels:
        level = f"quantile {target.quantile[output]:g}"
        return {**parts, "labels": (f"{level}, predicted out of fold", "true")}
    residuals = Residuals([abs(true - predicted)], [found.w])
    half_width = residuals.upper(np.zeros((1, 1)), coverage)[0]
    return {**parts, "half_width": float(half_width)}
