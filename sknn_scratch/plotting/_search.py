"""Display of the scores of a search over hyperparameters."""

from numbers import Real

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ._axes import import_matplotlib, label_axes, new_axes

LOG_RATIO = 100  # largest / smallest value; from this ratio on, the axis is logarithmic


class SearchDisplay:
    """Validation scores over one or two hyperparameters.

    One hyperparameter is drawn as a curve with a band of one standard deviation over
    the folds, or as points if its values are not numbers. Two are drawn as a heat map,
    or as coloured points if not all pairs of values were tried. Create it with
    `from_estimator`; `plot` draws it again.

    Parameters
    ----------
    names : sequence of str
        Names of the one or two hyperparameters.
    values : sequence of tuple, of length n
        Values of the hyperparameters, one tuple for each score; tuples are distinct.
    mean : array-like of shape (n,)
        Mean score of each tuple over the folds.
    std : array-like of shape (n,)
        Standard deviation of the score of each tuple over the folds.
    best : int, default=None
        Index of the tuple that the search has chosen.
    score_name : str, default="validation score"
        Label of the scores.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the scores.
    figure_ : matplotlib Figure
        The figure of `ax_`.
    lines_ : list of matplotlib Line2D
        The curve; empty for two hyperparameters.
    fill_between_ : matplotlib FillBetweenPolyCollection or None
        The band around a curve.
    errorbar_ : matplotlib ErrorbarContainer or None
        The points for values that are not numbers.
    images_ : list of matplotlib AxesImage
        The heat map; empty if there is none.
    scatter_ : matplotlib PathCollection or None
        The coloured points.
    colorbar_ : matplotlib Colorbar or None
        The scale of the colours.
    best_ : matplotlib Line2D or None
        Marker of the best score.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sknn_scratch.plotting import SearchDisplay
    >>> display = SearchDisplay(
    ...     names=["alpha"], values=[(0.001,), (0.1,), (10,)], mean=[0.8, 0.9, 0.6],
    ...     std=[0.1, 0.1, 0.1], best=1,
    ... ).plot()
    >>> display.ax_.get_xscale()
    'log'
    >>> plt.close(display.figure_)
    """

    def __init__(
        self, *, names, values, mean, std, best=None, score_name="validation score"
    ):
        self.names = names
        self.values = values
        self.mean = mean
        self.std = std
        self.best = best
        self.score_name = score_name

    @classmethod
    def from_estimator(cls, search, *, params=None, metric=None, ax=None):
        """Draw the scores of a fitted search.

        Parameters
        ----------
        search : GridSearchCV, RandomizedSearchCV or a halving search
            Fitted search. In a halving search, the score of a candidate is that of its
            last round.
        params : str or sequence of str, default=None
            One or two of the hyperparameters searched over; None takes all, if there
            are at most two. For each of their values, the best score over the other
            hyperparameters is drawn.
        metric : str, default=None
            One of several metrics; None takes the one that `refit` names.
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure.

        Returns
        -------
        SearchDisplay
            The display, with its artists.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `search` has no `cv_results_`.
        ValueError
            If `params` or `metric` is not part of the search, or is None where a choice
            is needed.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.model_selection import GridSearchCV
        >>> from sknn_scratch import LogisticRegressionScratch
        >>> from sknn_scratch.datasets import make_flower
        >>> from sknn_scratch.plotting import SearchDisplay
        >>> grid = {"C": [0.01, 1, 100]}
        >>> search = GridSearchCV(LogisticRegressionScratch(), grid)
        >>> display = SearchDisplay.from_estimator(search.fit(*make_flower()))
        >>> display.ax_.get_xlabel(), display.values[display.best]
        ('C', (1,))
        >>> plt.close(display.figure_)
        """
        import_matplotlib(f"{cls.__name__}.from_estimator")
        check_search(search)
        results = search.cv_results_
        searched = names_searched(results)
        names = _check_params(params, searched)
        metric = check_metric(metric, search)
        mean, std = (results[f"{part}_test_{metric}"] for part in ("mean", "std"))
        rows = _last_round(results)
        chosen = _best_of_each(names, results, mean, rows)
        if not (names and chosen):
            raise ValueError(
                f"params must name hyperparameters that one candidate has together, "
                f"got {names} of {searched}; choose one."
            )
        values, places = list(chosen), list(chosen.values())
        if hasattr(search, "best_index_") and metric in ("score", search.refit):
            best = _values_at(names, results["params"][search.best_index_])
        else:
            best = values[int(np.argmax(_worst_where_nan(mean[places])))]
        score_name = f"validation {metric_name(metric, search)}"
        others = [name.split("__")[-1] for name in searched if name not in names]
        if others:
            score_name += f"\n(best over {', '.join(others)})"
        if "iter" in results:
            score_name += "\n(each in its last round)"
        return cls(
            names=names,
            values=[
                tuple(results["params"][i][name] for name in names) for i in places
            ],
            mean=mean[places],
            std=std[places],
            best=values.index(best) if best in values else None,
            score_name=score_name,
        ).plot(ax)

    def plot(self, ax=None):
        """Draw the scores.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure.

        Returns
        -------
        self
            The display, with its artists.
        """
        import_matplotlib(f"{type(self).__name__}.plot")
        self.ax_ = new_axes(layout="constrained") if ax is None else ax
        self.figure_, self.lines_, self.images_ = self.ax_.figure, [], []
        self.fill_between_ = self.errorbar_ = self.scatter_ = None
        self.colorbar_ = self.best_ = None
        axes = [
            _Axis([value[i] for value in self.values]) for i in range(len(self.names))
        ]
        labels = short_names(self.names)
        if len(axes) == 1:
            self._plot_curve(*axes)
            label_axes(self.ax_, labels[0], self.score_name)
            return self
        whole = len(self.values) == len(axes[0].names) * len(axes[1].names)
        (self._plot_heat_map if whole else self._plot_points)(*axes)
        label_axes(self.ax_, *labels)
        return self

    def _plot_curve(self, axis):
        ax, mean, std = self.ax_, np.asarray(self.mean), np.asarray(self.std)
        x = np.array(axis.places)
        if axis.is_number:
            order = np.argsort(x)
            x_, m, s = x[order], mean[order], std[order]
            self.lines_ = ax.plot(x_, m, marker="o", markersize=4)
            self.fill_between_ = ax.fill_between(x_, m - s, m + s, alpha=0.2)
        else:
            self.errorbar_ = ax.errorbar(x, mean, std, fmt="o", capsize=4)
        axis.set_scale(ax.xaxis)
        self._mark(x, mean)

    def _plot_heat_map(self, across, down):
        """Draw a cell for each pair of values, with the score in it."""
        ax, mean = self.ax_, np.asarray(self.mean, float)
        scores = np.full((len(down.names), len(across.names)), np.nan)
        scores[down.ranks, across.ranks] = mean
        image = ax.imshow(scores, origin="lower", aspect="auto")
        self.images_ = [image]
        for (row, column), score in np.ndenumerate(scores):
            if np.isfinite(score):
                bright = image.cmap(image.norm(score))[1] > 0.5  # green counts most
                color = "black" if bright else "white"
                text = f"{score:.3g}"
                ax.text(column, row, text, ha="center", va="center", color=color)
        ax.set_xticks(range(len(across.names)), across.names, parse_math=False)
        ax.set_yticks(range(len(down.names)), down.names, parse_math=False)
        self.colorbar_ = self.figure_.colorbar(image, ax=ax, label=self.score_name)
        style = {"marker": "s", "markersize": 26, "markeredgewidth": 2}
        self._mark(across.ranks, down.ranks, **style)

    def _plot_points(self, across, down):
        """Draw a point for each pair of values, coloured by the score."""
        x, y = across.places, down.places
        self.scatter_ = self.ax_.scatter(x, y, c=self.mean, s=50)
        across.set_scale(self.ax_.xaxis)
        down.set_scale(self.ax_.yaxis)
        self.colorbar_ = self.figure_.colorbar(
            self.scatter_, ax=self.ax_, label=self.score_name
        )
        self._mark(x, y)

    def _mark(self, x, y, **style):
        if self.best is None:
            return
        style = {"marker": "o", "markersize": 12, **style}
        [self.best_] = self.ax_.plot(
            x[self.best],
            y[self.best],
            linestyle="none",
            fillstyle="none",
            color="tab:red",
            label="best",
            **style,
        )
        if len(self.names) == 1 or self.scatter_ is not None:
            self.ax_.legend(fontsize="small")


class _Axis:
    """Positions of a hyperparameter's values: numbers to scale, others side by side."""

    def __init__(self, values):
        self.is_number = all(
            isinstance(v, Real) and not isinstance(v, bool | np.bool_) for v in values
        )
        texts = [text_of(value) for value in values]
        if self.is_number:
            by_size = sorted(set(values))
            self.names = [text_of(value) for value in by_size]
            self.ranks = [by_size.index(value) for value in values]
            self.places = [float(value) for value in values]
        else:
            self.names = list(dict.fromkeys(texts))
            self.places = self.ranks = [self.names.index(text) for text in texts]

    def set_scale(self, axis):
        """Set a log scale where values need it; name values that are not numbers."""
        if not self.is_number:
            axis.set_ticks(range(len(self.names)), self.names, parse_math=False)
        elif min(self.places) > 0 and max(self.places) >= LOG_RATIO * min(self.places):
            getattr(axis.axes, f"set_{axis.axis_name}scale")("log")


def text_of(value):
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)


def short_names(names):
    """Return the names without steps of a Pipeline, if they remain distinct."""
    short = [name.split("__")[-1] for name in names]
    return short if len(set(short)) == len(short) else list(names)


def check_search(search):
    """Raise an error unless `search` is a fitted search."""
    if not hasattr(search, "cv_results_"):
        if hasattr(search, "cv"):
            check_is_fitted(search)
        raise TypeError(
            "search must be a fitted search with cv_results_, such as "
            f"GridSearchCV, got {type(search).__name__}."
        )


def names_searched(results):
    """Return the hyperparameters with several values among the candidates, or all."""
    names = dict.fromkeys(name for candidate in results["params"] for name in candidate)
    several = [
        name
        for name in names
        if len({_key(candidate.get(name)) for candidate in results["params"]}) > 1
    ]
    return several or list(names)


def _check_params(params, searched):
    if params is None:
        if len(searched) > 2:
            raise ValueError(
                f"params must choose one or two of {searched}, got None; the others "
                "are then taken at their best."
            )
        return searched
    names = [params] if isinstance(params, str) else list(params)
    if len(names) not in (1, 2) or len(set(names)) < len(names):
        raise ValueError(f"params must be one or two of {searched}, got {params!r}.")
    for name in names:
        if name not in searched:
            raise ValueError(f"params must be among {searched}, got {name!r}.")
    return names


def check_metric(metric, search):
    known = [
        name.removeprefix("mean_test_")
        for name in search.cv_results_
        if name.startswith("mean_test_")
    ]
    if metric is None:
        refit = search.refit if isinstance(search.refit, str) else None
        metric = known[0] if len(known) == 1 else refit
    if metric not in known:
        raise ValueError(f"metric must be one of {known}, got {metric!r}.")
    return metric


def metric_name(metric, search):
    """Return the name of the metric; with a single metric, the value of `scoring`."""
    known = metric == "score" and isinstance(search.scoring, str)
    return search.scoring if known else metric


def _last_round(results):
    """Return row numbers of the results; of a halving search, each candidate's last."""
    if "iter" not in results:
        return range(len(results["params"]))
    last = {}
    for i in np.argsort(results["iter"], kind="stable").tolist():
        last[tuple(map(_key, results["params"][i].items()))] = i
    return sorted(last.values())


def _best_of_each(names, results, mean, rows):
    """Return {values of the named hyperparameters: row with their best score}."""
    best, score = {}, _worst_where_nan(mean)
    rounds = results.get("iter", np.zeros(len(mean)))
    for i in rows:
        if not set(names) <= set(results["params"][i]):
            continue  # from another grid of the list
        values = _values_at(names, results["params"][i])
        # a later round wins: scores of early rounds used fewer rows
        if values not in best or (rounds[i], score[i]) > (
            rounds[best[values]],
            score[best[values]],
        ):
            best[values] = i
    return best


def _values_at(names, candidate):
    return tuple(_key(candidate.get(name)) for name in names)


def _key(value):
    """Return the value if it is a number, text or None, else its text: hashable."""
    return value if isinstance(value, Real | str) or value is None else str(value)


def _worst_where_nan(scores):
    return np.where(np.isnan(scores), -np.inf, scores)
