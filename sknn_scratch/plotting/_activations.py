"""Display of activations and their derivatives, alone or over histograms of z."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._engine.activations import ACTIVATIONS, make_activations
from .._engine.losses import LOSSES
from .._engine.propagation import Parameters
from .._estimators.access import before_network, network_of
from .._fit.parameter_use import parameters_for
from .._training.objective import raw_outputs
from ._axes import (
    axes_within,
    check_at_least_one,
    grid_shape,
    import_matplotlib,
    label_axes,
    new_axes,
)

FLAT = 0.05  # of the greatest slope; hardly anything is learned below that

POINTS = 401  # per curve

BINS = 60


class ActivationDisplay:
    """Activations g with their derivatives g', and where a network uses them.

    `from_name` draws the functions alone. `from_estimator` draws, for each layer, the
    function over a histogram of the z of given rows. Where the histogram is high and g'
    is close to 0, the layer learns little.

    Parameters
    ----------
    names : sequence of str of length n
        Titles.
    z : sequence of ndarray of shape (n_points,)
        Points at which the curves are drawn.
    a : sequence of ndarray of shape (n_points,)
        g(z).
    slope : sequence of ndarray of shape (n_points,)
        g'(z).
    Z : sequence of ndarray of shape (n_units, n_samples), default=None
        Inputs of the activations, for the histograms.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes within which all functions are drawn.
    axes_ : ndarray of matplotlib Axes
        One Axes for each function; `ax_` if there is only one function.
    lines_ : list of matplotlib Line2D
        The curves g.
    slopes_ : list of matplotlib Line2D
        The curves g'.
    histograms_ : list of matplotlib StepPatch
        The histograms of z; empty when there are none.
    figure_ : matplotlib Figure
        The figure of `ax_`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sknn_scratch.plotting import ActivationDisplay
    >>> z = [-1.0, 0.0, 1.0]
    >>> display = ActivationDisplay(
    ...     names=["square"], z=[z], a=[[1.0, 0.0, 1.0]], slope=[[-2.0, 0.0, 2.0]]
    ... ).plot()
    >>> display.ax_.get_title()
    'square'
    >>> plt.close(display.figure_)
    """

    def __init__(self, *, names, z, a, slope, Z=None):
        self.names = names
        self.z = z
        self.a = a
        self.slope = slope
        self.Z = Z

    @classmethod
    def from_name(cls, names, *, limit=5.0, negative_slope=0.01, ax=None):
        """Draw activations by their names.

        The curves are computed by the same classes that are used in training.

        Parameters
        ----------
        names : str or sequence of str
            One or several values of the parameter `activation` of a network.
        limit : float, default=5.0
            The curves go from -limit to limit.
        negative_slope : float, default=0.01
            Slope of "leaky_relu" below 0.
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure.

        Returns
        -------
        ActivationDisplay
            The display, with its artists.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a name is unknown, or `limit` is not above 0.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sknn_scratch.plotting import ActivationDisplay
        >>> display = ActivationDisplay.from_name(["sigmoid", "tanh", "relu"])
        >>> [float(slope.max().round(4)) for slope in display.slope]
        [0.25, 1.0, 1.0]
        >>> plt.close(display.figure_)
        """
        import_matplotlib(f"{cls.__name__}.from_name")
        names = [names] if isinstance(names, str) else list(names)
        if not names:
            raise ValueError("names must hold at least one activation, got none.")
        for name in names:
            if name not in ACTIVATIONS:
                raise ValueError(
                    f"names must be among {sorted(ACTIVATIONS)}, got {name!r}."
                )
        if not limit > 0:
            raise ValueError(f"limit must be above 0, got {limit}.")
        z = np.linspace(-limit, limit, POINTS)
        made = [
            g(**parameters_for(g, {"negative_slope": negative_slope}))
            for g in map(ACTIVATIONS.get, names)
        ]
        curves = [_curve(g, z) for g in made]
        return cls(names=names, **_columns(curves)).plot(ax)

    @classmethod
    def from_estimator(cls, estimator, X, *, ax=None):
        """Draw the activations of a fitted network over histograms of z for the rows X.

        The titles count flat values: those whose slope g'(z) is less than 5 % of the
        greatest slope of g (a relu below 0, a sigmoid or tanh far from 0). A unit is
        flat if its values are flat for every row: a dead relu, or a saturated unit.

        Parameters
        ----------
        estimator : estimator or Pipeline
            A fitted network of this package, or a Pipeline that ends in one.
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Rows, as for `predict`.
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure.

        Returns
        -------
        ActivationDisplay
            The display, with its artists: the hidden layers, and the output if it is a
            sigmoid.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If the estimator is not a network of this package.
        ValueError
            If the network has neither a hidden layer nor a sigmoid output.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sknn_scratch import ShallowNetClassifier
        >>> from sknn_scratch.datasets import make_flower
        >>> from sknn_scratch.plotting import ActivationDisplay
        >>> X, y = make_flower()
        >>> net = ShallowNetClassifier(4, max_iter=20, warn=False, random_state=0)
        >>> display = ActivationDisplay.from_estimator(net.fit(X, y), X)
        >>> display.Z[0].shape, display.names[1].splitlines()[0]
        ((4, 400), 'output: sigmoid, 1 unit')
        >>> plt.close(display.figure_)
        """
        import_matplotlib(f"{cls.__name__}.from_estimator")
        network = network_of(estimator)
        check_is_fitted(network)
        W, b = network._layers()
        X = network._valid(before_network(estimator, X), W[0].dtype)
        names, Z, curves = [], [], []
        for title, l, make in _layers_with_activation(network):
            # the raw outputs of a network that ends at layer l are Z[l]
            part = Parameters(W[:l], b[:l])
            Z_l = raw_outputs(part, make_activations(network._activations), X).T
            z = _range_of(Z_l)
            curves.append(_curve(make(), z))
            slope_there = _curve(make(), Z_l)[2]
            names.append(f"{title}\n{_flatness(slope_there, curves[-1][2].max())}")
            Z.append(Z_l)
        if not names:
            raise ValueError(
                "estimator must have a hidden layer or a sigmoid at its end, got "
                f"{type(network).__name__} with another."
            )
        return cls(names=names, Z=Z, **_columns(curves)).plot(ax)

    def plot(self, ax=None, *, n_columns=3):
        """Draw the functions.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure. Several functions are drawn in a
            grid within it.
        n_columns : int, default=3
            Maximal number of functions in a row of the grid.

        Returns
        -------
        self
            The display, with its artists.
        """
        import_matplotlib(f"{type(self).__name__}.plot")
        check_at_least_one(n_columns=n_columns)
        count = len(self.names)
        if ax is None:
            rows, columns = grid_shape(count, n_columns)
            width, height = 3.2 * columns + 0.8, 2.9 * rows + 0.4
            ax = new_axes(figsize=(width, height))
            ax.figure.subplots_adjust(
                0.5 / width, 0.5 / height, 1 - 0.2 / width, 1 - 0.4 / height
            )
        self.ax_, self.figure_, self.axes_ = ax, ax.figure, np.array([ax], dtype=object)
        if count > 1:
            space = {"line": 0.1, "wspace": 0.25, "hspace": 0.6}
            self.axes_ = axes_within(ax, count, n_columns, **space)
        self.lines_, self.slopes_, self.histograms_ = [], [], []
        for i, one in enumerate(self.axes_):
            self._plot_one(one, i)
        return self

    def _plot_one(self, ax, i):
        """Draw g and g' over the histogram of z, if there is one."""
        from matplotlib.transforms import blended_transform_factory

        z, a, slope = (np.asarray(v[i]) for v in (self.z, self.a, self.slope))
        if self.Z is not None:
            inside = np.clip(self.Z[i], z[0], z[-1])
            counts, edges = np.histogram(inside, BINS, (z[0], z[-1]))
            self.histograms_.append(
                ax.stairs(
                    0.9 * counts / counts.max(),  # 1: the height of the Axes
                    edges,
                    fill=True,
                    color="0.85",
                    label="values of z",
                    transform=blended_transform_factory(ax.transData, ax.transAxes),
                )
            )
        ax.axhline(0, color="0.5", linewidth=0.8)
        ax.axvline(0, color="0.5", linewidth=0.8)
        self.lines_ += ax.plot(z, a, label="g(z)")
        self.slopes_ += ax.plot(z, slope, "--", label="g'(z)")
        ax.set_xlim(z[0], z[-1])
        # the values of a relu are so large that its slope would be invisible
        ax.set_ylim(max(a.min(), -2) - 0.1, np.clip(a.max(), 1, 3) + 0.1)
        ax.set_title(self.names[i], fontsize="medium")
        label_axes(ax, "z", "")
        if i == 0:
            ax.legend(fontsize="small", loc="upper left")


def _curve(g, z):
    """Return z, g(z) and g'(z), as `forward` and `chain` of the engine compute them."""
    Z = np.array(z, ndmin=2)
    A, slope = np.empty_like(Z), np.ones_like(Z)
    g.forward(Z, out=A)
    a = A.copy()
    g.chain(A, slope)  # dA = 1
    shape = np.shape(z)
    return z, a.reshape(shape), slope.reshape(shape)


def _columns(curves):
    z, a, slope = (list(column) for column in zip(*curves, strict=True))
    return {"z": z, "a": a, "slope": slope}


def _layers_with_activation(network):
    """Yield (title, layer, factory) of each g: hidden layers, then a sigmoid output."""
    W, _ = network._layers()
    for l, (name, _) in enumerate(network._activations, start=1):
        yield (
            f"layer {l}: {name}, {_units(W[l - 1])}",
            l,
            lambda l=l: make_activations(network._activations)[l],
        )
    if LOSSES[network._target.kind].output == "logistic":
        title = f"output: sigmoid, {_units(W[-1])}"
        yield title, len(W), ACTIVATIONS["sigmoid"]


def _units(W):
    return "1 unit" if len(W) == 1 else f"{len(W)} units"


def _range_of(Z):
    """Return points from -limit to limit; it is at least 4 and covers 99.5 % of Z."""
    with np.errstate(invalid="ignore"):
        limit = max(4.0, float(np.quantile(np.abs(Z), 0.995)))
    return np.linspace(-limit, limit, POINTS, dtype=Z.dtype)


def _flatness(slope, steepest):
    """Return a text with the share of flat values and the number of flat units."""
    flat = np.abs(slope) < FLAT * steepest
    units = int(flat.all(axis=1).sum())
    share = f"{100 * flat.mean():.0f} % of values flat"
    if not units:
        return share
    return f"{share}, {units} unit{'s' if units > 1 else ''} always"
