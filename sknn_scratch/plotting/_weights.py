"""Display of the weights of the first layer, as images or as a heat map."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._estimators.access import names_before_network, network_of, steps_before
from ..preprocessing import ImageFlattener
from ._axes import (
    axes_within,
    check_at_least_one,
    grid_shape,
    import_matplotlib,
    label_axes,
    new_axes,
)


class WeightsDisplay:
    """The weights W[1] of the first layer: one image, or one column, for each unit.

    Weights of pixels are shown as images, one for each unit: z is large for an image
    that is bright where the weights are red and dark where they are blue. Weights of
    other features are shown as a heat map, with a row for each feature and a column for
    each unit. All units share one colour scale, with 0 in its middle.

    Create it with `from_estimator`; `plot` draws it again.

    Parameters
    ----------
    weights : ndarray of shape (n_units, n_features)
        W[1], a row for each unit.
    unit_names : sequence of str of length n_units
        Names of the units.
    image_shape : tuple of int, default=None
        (h, w), (h, w, 1) or (h, w, 3) for weights of images; None for a heat map.
    feature_names : sequence of str of length n_features, default=None
        Names of the features; None names them x1, x2, ... as in the course.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes within which all units are drawn.
    axes_ : ndarray of matplotlib Axes
        One Axes for each image; `ax_` for a heat map.
    images_ : list of matplotlib AxesImage
        The images, or the heat map.
    colorbar_ : matplotlib Colorbar
        The scale of the weights.
    figure_ : matplotlib Figure
        The figure of `ax_`.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from sknn_scratch.plotting import WeightsDisplay
    >>> display = WeightsDisplay(
    ...     weights=np.array([[1.0, -2.0, 0.0, 0.5]]), unit_names=["corner"],
    ...     image_shape=(2, 2),
    ... ).plot()
    >>> display.images_[0].get_clim()
    (-2.0, 2.0)
    >>> plt.close(display.figure_)
    """

    def __init__(self, *, weights, unit_names, image_shape=None, feature_names=None):
        self.weights = weights
        self.unit_names = unit_names
        self.image_shape = image_shape
        self.feature_names = feature_names

    @classmethod
    def from_estimator(
        cls,
        estimator,
        *,
        image_shape=None,
        n_units=20,
        n_features=40,
        ax=None,
        image_kw=None,
    ):
        """Draw W[1] of a fitted network.

        Parameters
        ----------
        estimator : estimator or Pipeline
            A fitted network of this package, or a Pipeline that ends in one. The units
            of a network without hidden layers are its outputs: the classes (the second
            of two classes).
        image_shape : tuple of int, default=None
            (h, w), (h, w, 1) or (h, w, 3): the shape of an image, if the features are
            pixels. None takes the shape from an ImageFlattener in the Pipeline. It is
            never guessed from the number of features.
        n_units : int, default=20
            Maximal number of units to show; the first ones are shown.
        n_features : int, default=40
            Maximal number of rows of a heat map. Of more features, the ones with the
            largest weights are shown.
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure.
        image_kw : dict, default=None
            Passed to `Axes.imshow`.

        Returns
        -------
        WeightsDisplay
            The display, with its artists. Its data are all weights, not only the ones
            shown.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If the estimator is not a network of this package.
        ValueError
            If `image_shape` does not fit the features, or if it is unknown and there
            are more than `n_features` features without names.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.pipeline import make_pipeline
        >>> from sknn_scratch import LogisticRegressionScratch
        >>> from sknn_scratch.datasets import load_digit_images
        >>> from sknn_scratch.plotting import WeightsDisplay
        >>> from sknn_scratch.preprocessing import ImageFlattener
        >>> images, y = load_digit_images()
        >>> model = make_pipeline(ImageFlattener(scale=16), LogisticRegressionScratch())
        >>> display = WeightsDisplay.from_estimator(model.fit(images, y))
        >>> display.image_shape, len(display.images_)
        ((8, 8), 10)
        >>> plt.close(display.figure_)
        """
        import_matplotlib(f"{cls.__name__}.from_estimator")
        network = network_of(estimator)
        check_is_fitted(network)
        weights = network.parameters_["W1"]
        names = _names_given(estimator)
        if image_shape is None:
            image_shape = _image_shape(estimator, names)
        else:
            _check_image_shape(image_shape, weights.shape[1])
        if image_shape is None and names is None and weights.shape[1] > n_features:
            raise ValueError(
                f"image_shape must be given for {weights.shape[1]} features without "
                "names, got None; give (h, w) or (h, w, 3) if they are pixels, else "
                f"n_features={weights.shape[1]} for a heat map of all."
            )
        display = cls(
            weights=weights,
            unit_names=_unit_names(network),
            image_shape=image_shape,
            feature_names=names,
        )
        return display.plot(
            ax, n_units=n_units, n_features=n_features, image_kw=image_kw
        )

    def plot(self, ax=None, *, n_units=20, n_columns=5, n_features=40, image_kw=None):
        """Draw the weights.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure. Images are drawn in a grid within
            it.
        n_units : int, default=20
            Maximal number of units to show; the first ones are shown.
        n_columns : int, default=5
            Maximal number of images in a row of the grid.
        n_features : int, default=40
            Maximal number of rows of a heat map. Of more features, the ones with the
            largest weights are shown.
        image_kw : dict, default=None
            Passed to `Axes.imshow`.

        Returns
        -------
        self
            The display, with its artists.
        """
        import_matplotlib(f"{type(self).__name__}.plot")
        check_at_least_one(n_units=n_units, n_columns=n_columns, n_features=n_features)
        W = np.asarray(self.weights)[:n_units]
        limit = float(np.abs(W).max()) or 1.0
        style = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit, **(image_kw or {})}
        if self.image_shape is None:
            return self._plot_heat_map(ax, W, n_features, style)
        return self._plot_images(ax, W, n_columns, limit, style)

    def _plot_images(self, ax, W, n_columns, limit, style):
        """Draw an image for each unit; with three channels, grey is a weight of 0."""
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        if ax is None:
            rows, columns = grid_shape(len(W), n_columns)
            width, height = max(1.6 * columns, 4) + 1, 1.8 * rows + 0.6
            ax = new_axes(figsize=(width, height))
            # leave room on the right for the tick labels of the colorbar
            ax.figure.subplots_adjust(0.03, 0.03, 1 - 0.8 / width, 1 - 0.4 / height)
        self.ax_, self.figure_ = ax, ax.figure
        self.axes_ = axes_within(ax, len(W), n_columns, line=0.3, hspace=0.3)
        colour = tuple(self.image_shape[2:]) == (3,)
        self.images_ = []
        for one, w, name in zip(self.axes_, W, self.unit_names, strict=False):
            image = w.reshape(self.image_shape)
            if colour:
                image = 0.5 + image / (2 * limit)
            else:
                image = image.reshape(image.shape[:2])
            self.images_.append(one.imshow(image, **style))
            one.set_title(name, fontsize="small", parse_math=False)
            one.set_axis_off()
        scale, label = self.images_[0], "weight"
        if colour:
            scale = ScalarMappable(Normalize(-limit, limit), "gray")
            label = "weight of each channel"
        self.colorbar_ = self.figure_.colorbar(
            scale, ax=[*self.axes_], label=label, fraction=0.05, pad=0.03
        )
        ax.set_title(self._heading(len(W)))
        return self

    def _plot_heat_map(self, ax, W, n_features, style):
        """Draw features as rows and units as columns."""
        chosen = np.argsort(-np.abs(W).max(axis=0), kind="stable")[:n_features]
        chosen = np.sort(chosen)
        names = self.feature_names
        if names is None:
            names = [f"x{i}" for i in range(1, W.shape[1] + 1)]
        if ax is None:
            size = (3 + 0.4 * len(W), 1.6 + 0.22 * len(chosen))
            ax = new_axes(figsize=np.maximum(size, (4, 2.5)), layout="constrained")
        self.ax_, self.figure_ = ax, ax.figure
        self.axes_ = np.array([ax], dtype=object)
        self.images_ = [ax.imshow(W[:, chosen].T, **{"aspect": "auto", **style})]
        ax.set_yticks(range(len(chosen)), [names[i] for i in chosen], parse_math=False)
        ax.set_xticks(
            range(len(W)),
            self.unit_names[: len(W)],
            rotation=90 if len(W) > 3 else 0,
            parse_math=False,
        )
        label_axes(ax, "", "feature")
        self.colorbar_ = self.figure_.colorbar(self.images_[0], ax=ax, label="weight")
        ax.set_title(self._heading(len(W), len(chosen)))
        return self

    def _heading(self, units, features=None):
        """Return the title; it counts units and features where not all are shown."""
        n_units, n_features = np.shape(self.weights)
        left_out = []
        if units < n_units:
            left_out.append(f"{units} of {n_units} units")
        if features and features < n_features:
            left_out.append(f"{features} of {n_features} features")
        return "weights W[1]" + (f", {', '.join(left_out)}" if left_out else "")


def _names_given(estimator):
    """Return the names of the features as the network gets them, or None."""
    names = names_before_network(estimator)
    if names is None or list(names) == [f"x{i}" for i in range(len(names))]:
        return None  # scikit-learn invents x0, x1, ... where there are no names
    return [str(name) for name in names]


def _image_shape(estimator, names):
    """Return image_shape_ of the ImageFlattener whose pixels are the features."""
    for _, step in steps_before(estimator):
        if isinstance(step, ImageFlattener):
            pixels = step.get_feature_names_out().tolist()
            return step.image_shape_ if pixels == names else None
    return None


def _check_image_shape(shape, n_features):
    if len(shape) not in (2, 3) or tuple(shape[2:]) not in ((), (1,), (3,)):
        raise ValueError(
            f"image_shape must be (h, w), (h, w, 1) or (h, w, 3), got {shape}."
        )
    if np.prod(shape) != n_features:
        raise ValueError(
            f"image_shape must hold as many numbers as W[1] has columns, {n_features}, "
            f"got {shape} with {np.prod(shape)}; pixels that were selected or combined "
            "cannot be shown as images."
        )


def _unit_names(network):
    """Return "unit 1", ...; without hidden layers, the names of the outputs."""
    n_units = len(network.parameters_["W1"])
    if network.n_layers_ > 2:
        return [f"unit {k}" for k in range(1, n_units + 1)]
    classes = getattr(network, "classes_", None)
    if classes is None:
        return [f"output {k}" for k in range(1, n_units + 1)]
    return [str(name) for name in classes[-n_units:]]
