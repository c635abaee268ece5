"""Display of the scores over each hyperparameter of a search, and its importance."""

import numpy as np
from scipy.stats import rankdata
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import KFold
from sklearn.utils import check_random_state

from ._axes import axes_within, grid_shape, import_matplotlib, label_axes, new_axes
from ._search import (
    check_metric,
    check_search,
    metric_name,
    names_searched,
    short_names,
)
from ._value_axis import ValueAxis, suits_log_scale

COLUMNS = 4  # panels in a row
REPEATS = 10  # of the exchange of a value, for each candidate
MIN_CANDIDATES = 20  # candidates from which importances are estimated
ROUND_NAMES = ("earlier rounds", "last round")
SHOWN = 0.75  # of the points are within the axes; worse ones are marked at the bottom


class ImportanceDisplay:
    """Validation scores over each hyperparameter of a search, most important first.

    Create it with `from_estimator`; `plot` draws it again.

    Parameters
    ----------
    names : sequence of str, of length k
        Names of the hyperparameters.
    values : sequence of tuple, of length n
        Values of the hyperparameters at each point.
    scores : array-like of shape (n,)
        Score of each point.
    rounds : array-like of shape (n,), default=None
        Round of each point in a halving search. The last round is drawn dark, others
        faint.
    last_round : int, default=None
        Number of the last round, even if no point reached it; None takes the highest.
    round_names : tuple of two str, default=("earlier rounds", "last round")
        Labels in the legend.
    importances : array-like of shape (k,), default=None
        Importance of each hyperparameter. None, for too few different scores, keeps the
        order of `names`.
    best : int or "default", default=None
        Index of the point that the search has chosen; "default" if that is the default,
        which is not among the points.
    baseline : float, default=None
        Score of the default: the estimator with no hyperparameter changed.
    log_scales : sequence of bool, of length k, default=None
        Whether the axis of each is logarithmic; None decides by the values.
    score_name : str, default="validation score"
        Label of the scores.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes within which all panels are drawn.
    axes_ : ndarray of matplotlib Axes
        One Axes for each hyperparameter.
    figure_ : matplotlib Figure
        The figure of `ax_`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sknn_scratch.plotting import ImportanceDisplay
    >>> display = ImportanceDisplay(
    ...     names=["alpha", "activation"], values=[(0.1, "relu"), (1, "tanh")],
    ...     scores=[0.8, 0.9], importances=[0.2, 0.7], best=1,
    ... ).plot()
    >>> [ax.get_title() for ax in display.axes_]
    ['activation: 0.70', 'alpha: 0.20']
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        *,
        names,
        values,
        scores,
        rounds=None,
        last_round=None,
        round_names=ROUND_NAMES,
        importances=None,
        best=None,
        baseline=None,
        log_scales=None,
        score_name="validation score",
    ):
        self.names = names
        self.values = values
        self.scores = scores
        self.rounds = rounds
        self.last_round = last_round
        self.round_names = round_names
        self.importances = importances
        self.best = best
        self.baseline = baseline
        self.log_scales = log_scales
        self.score_name = score_name

    @classmethod
    def from_estimator(cls, search, *, metric=None, random_state=0, ax=None):
        """Draw the scores of a fitted search and how important its hyperparameters are.

        The importance of a hyperparameter is its share of the variance of the scores'
        ranks, alone or together with others (Sobol's total effect). A random forest
        learns the ranks. The share is half the mean squared change of its predictions
        for unseen candidates when they get another candidate's value of the
        hyperparameter (Jansen's estimator). The values must have been drawn
        independently, as a random search does. An effect of several hyperparameters
        together counts for each of them. In a halving search the ranks of the first
        round are used, in which all candidates were trained alike: the candidates of
        the last round were selected, so they are no longer independent draws. With
        fewer than 20 candidates no importance is estimated.

        Parameters
        ----------
        search : RandomizedSearchCV, HalvingRandomSearchCV, ...
            Fitted search, or another object with the same `cv_results_`.
        metric : str, default=None
            One of several metrics; None takes the one that `refit` names.
        random_state : int, RandomState instance or None, default=0
            Seed of the random forest.
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure.

        Returns
        -------
        ImportanceDisplay
            The display, with its artists.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `search` has no `cv_results_`.
        ValueError
            If `metric` is not a metric of the search, or no candidate has all
            hyperparameters.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.model_selection import RandomizedSearchCV
        >>> from sknn_scratch import LogisticRegressionScratch
        >>> from sknn_scratch.datasets import make_flower
        >>> from sknn_scratch.plotting import ImportanceDisplay
        >>> from sknn_scratch.search import search_space
        >>> model = LogisticRegressionScratch()
        >>> search = RandomizedSearchCV(
        ...     model, search_space(model), n_iter=20, random_state=0
        ... )
        >>> display = ImportanceDisplay.from_estimator(search.fit(*make_flower()))
        >>> len(display.axes_)
        2
        >>> plt.close(display.figure_)
        """
        import_matplotlib(f"{cls.__name__}.from_estimator")
        check_search(search)
        results = search.cv_results_
        names, params = names_searched(results), results["params"]
        metric = check_metric(metric, search)
        scores = np.asarray(results[f"mean_test_{metric}"], float)
        rounds = np.asarray(results.get("iter", np.zeros(len(scores), int)))
        plain = [i for i, given in enumerate(params) if not given]
        rows = [
            i
            for i, given in enumerate(params)
            if set(names) <= set(given) and np.isfinite(scores[i])
        ]
        if not (names and rows):
            raise ValueError(
                f"search must have a score for candidates with all of {names}, got "
                "none; search one grid of hyperparameters, not a list of them."
            )
        chosen = getattr(search, "best_index_", None)
        values = [tuple(params[i][name] for name in names) for i in rows]
        best = rows.index(chosen) if chosen in rows else None
        first = [k for k, i in enumerate(rows) if rounds[i] == rounds[rows].min()]
        return cls(
            names=names,
            values=values,
            scores=scores[rows],
            rounds=rounds[rows],
            last_round=rounds.max(),
            round_names=getattr(search, "round_names", ROUND_NAMES),
            importances=_importances(
                [values[k] for k in first], scores[rows][first], random_state
            ),
            best="default" if chosen in plain else best,
            baseline=scores[plain[-1]] if plain else None,
            log_scales=[
                suits_log_scale(_values_in_space(search, name, column))
                for name, column in zip(names, zip(*values, strict=True), strict=True)
            ],
            score_name=f"validation {metric_name(metric, search)}",
        ).plot(ax)

    def plot(self, ax=None):
        """Draw the scores, with a panel for each hyperparameter.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure. The panels are drawn within it.

        Returns
        -------
        self
            The display, with its artists.
        """
        import_matplotlib(f"{type(self).__name__}.plot")
        count = len(self.names)
        if ax is None:
            rows, columns = grid_shape(count, COLUMNS)
            width, height = max(2.7 * columns, 8.4), 1.2 + 2.5 * rows
            ax = new_axes(figsize=(width, height))
            left, right = 0.85 / width, 1 - 0.2 / width
            ax.figure.subplots_adjust(left, 0.35 / height, right, 1 - 0.4 / height)
        self.ax_, self.figure_ = ax, ax.figure
        self.axes_ = axes_within(ax, count, COLUMNS, line=0.7, wspace=0.14, hspace=0.4)
        order, labels = list(range(count)), short_names(self.names)
        if self.importances is not None:
            order = np.argsort(-np.asarray(self.importances), kind="stable").tolist()
        for one, j in zip(self.axes_, order, strict=True):
            is_log = None if self.log_scales is None else self.log_scales[j]
            axis = ValueAxis([value[j] for value in self.values], is_log)
            self._plot_panel(one, axis)
            share = "" if self.importances is None else f": {self.importances[j]:.2f}"
            one.set_title(f"{labels[j]}{share}", fontsize="medium", parse_math=False)
            if one.get_subplotspec().is_first_col():
                label_axes(one, "", self.score_name)
            else:
                one.tick_params(labelleft=False)
        self._plot_heading()
        return self

    def _plot_heading(self):
        """Set the title, which explains the numbers, and a legend for all panels."""
        title = "what was tried (too few different scores to rank)"
        if self.importances is not None:
            title = "importance of each: its share in the variance of the scores' ranks"
        self.ax_.set_title(title)
        style = {"borderaxespad": 0, "columnspacing": 1, "handletextpad": 0.4}
        self.ax_.legend(
            *self.axes_[0].get_legend_handles_labels(),
            loc="upper center",
            ncols=5,
            fontsize="small",
            frameon=False,
            **style,
        )

    def _plot_panel(self, ax, axis):
        """Draw one hyperparameter: the points, the best one, the default's score."""
        low, high = self._limits()
        x = axis.jittered()
        self._plot_points(ax, x, low)
        if self.baseline is not None:
            style = {"color": "tab:orange", "linestyle": "--", "linewidth": 1}
            label = "default, the best" if self.best == "default" else "default"
            ax.axhline(self.baseline, label=label, zorder=0, **style)
        if self.best not in (None, "default"):
            style = {"markersize": 10, "color": "tab:red", "fillstyle": "none"}
            place = [x[self.best]], [self.scores[self.best]]
            ax.plot(*place, "o", label="best", clip_on=False, **style)
        ax.set_ylim(low, high)
        axis.set_scale(ax)
        ax.tick_params(labelsize="small")

    def _plot_points(self, ax, x, low):
        """Draw the points of earlier rounds, of the last one, and those below `low`."""
        scores = np.asarray(self.scores, float)
        rounds = np.zeros(len(scores)) if self.rounds is None else self.rounds
        end = np.max(rounds) if self.last_round is None else self.last_round
        last, above = np.asarray(rounds) == end, scores >= low
        y, (early, name) = np.maximum(scores, low), self.round_names
        for label, chosen, marker, color, alpha, size in (
            (early, ~last & above, "o", "tab:blue", 0.35, 3),
            ("candidate" if last.all() else name, last & above, "o", "k", 0.7, 4.5),
            ("below the axis", ~above, "v", "tab:gray", 0.35, 4),
        ):
            if chosen.any():
                style = {"markersize": size, "markeredgewidth": 0, "clip_on": False}
                style |= {"color": color, "alpha": alpha, "linestyle": "none"}
                ax.plot(x[chosen], y[chosen], marker, label=label, **style)

    def _limits(self):
        """Return limits of the scores around most points, the best and the baseline."""
        scores = np.asarray(self.scores, float)
        marks = [] if self.baseline is None else [self.baseline]
        if self.best not in (None, "default"):
            marks.append(scores[self.best])
        low = min(np.quantile(scores, 1 - SHOWN), *marks, scores.max())
        high = max(scores.max(), *marks, low)
        room = 0.05 * (high - low) or 0.01
        return low - room, high + room


def _values_in_space(search, name, values):
    """Return values from the space of a hyperparameter; `values` if it is unknown."""
    kinds = "space", "param_distributions", "param_grid"
    space = next((getattr(search, k) for k in kinds if hasattr(search, k)), None)
    choices = space.get(name, values) if isinstance(space, dict) else values
    return choices.rvs(100, random_state=0) if hasattr(choices, "rvs") else choices


def _importances(values, scores, random_state):
    """Estimate Sobol's total effect of each hyperparameter on the ranks by a forest."""
    if len(scores) < MIN_CANDIDATES or np.ptp(scores) == 0:
        return None
    rng, ranks = check_random_state(random_state), rankdata(scores)
    X = np.column_stack([ValueAxis(v).places for v in zip(*values, strict=True)])
    moved = np.zeros(X.shape[1])
    for train, test in KFold(5, shuffle=True, random_state=rng).split(X):
        forest = RandomForestRegressor(50, min_samples_leaf=3, random_state=rng)
        forest.fit(X[train], ranks[train])
        rows = np.repeat(test, REPEATS)
        before = forest.predict(X[rows])
        for j in range(X.shape[1]):
            other = X[rows]
            other[:, j] = X[rng.randint(len(X), size=len(rows)), j]
            moved[j] += np.sum((forest.predict(other) - before) ** 2) / REPEATS
    return moved / len(X) / 2 / np.var(ranks)
