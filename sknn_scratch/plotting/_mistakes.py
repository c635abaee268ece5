"""Display of the images that a classifier gets wrong."""

import numpy as np
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted

from ._axes import (
    axes_within,
    check_at_least_one,
    grid_shape,
    import_matplotlib,
    new_axes,
)


class MistakesDisplay:
    """Images that a classifier gets wrong.

    Create it with `from_estimator` or `from_predictions`; `plot` draws it again.

    Parameters
    ----------
    images : ndarray of shape (n, h, w) or (n, h, w, c)
        The misclassified images, values in [0, 1], in the order to show them.
    true : sequence of str of length n
        Names of their true classes.
    predicted : sequence of str of length n
        Names of their predicted classes.
    probability : array-like of shape (n,)
        Predicted probability of the predicted class.
    n_samples : int
        Number of images that were classified, correct ones included.
    indices : array-like of shape (n,), default=None
        Indices of the mistakes among the classified images.

    Attributes
    ----------
    bounding_ax_ : matplotlib Axes or None
        Axes within which all images are drawn; None if `plot` was given several Axes.
    axes_ : ndarray of matplotlib Axes
        One Axes for each image shown; empty if there are no mistakes.
    images_ : list of matplotlib AxesImage
        The images shown.
    text_ : matplotlib Text
        Heading with the number of mistakes.
    figure_ : matplotlib Figure
        The figure of the Axes.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from sknn_scratch.plotting import MistakesDisplay
    >>> display = MistakesDisplay(
    ...     images=np.eye(4).reshape(1, 4, 4), true=["cat"], predicted=["non-cat"],
    ...     probability=[0.75], n_samples=50,
    ... )
    >>> print(display.plot().axes_[0].get_title())
    true: cat
    predicted: non-cat
    with 75.0 %
    >>> plt.close(display.figure_)
    """

    def __init__(
        self, *, images, true, predicted, probability, n_samples, indices=None
    ):
        self.images = images
        self.true = true
        self.predicted = predicted
        self.probability = probability
        self.n_samples = n_samples
        self.indices = indices

    @classmethod
    def from_estimator(
        cls,
        estimator,
        images,
        y,
        *,
        classes=None,
        n_images=10,
        most_confident=True,
        ax=None,
        image_kw=None,
    ):
        """Draw the images that a fitted classifier gets wrong.

        Parameters
        ----------
        estimator : estimator or Pipeline
            Fitted classifier with `classes_` and `predict_proba`. It gets the images
            unchanged, so a network needs an ImageFlattener before it. For a classifier
            of other inputs, see `from_predictions`.
        images : array-like of shape (m, h, w) or (m, h, w, c)
            Grey (no c, or c = 1) or colour images (c = 3, or 4 with opacity). Floats
            within [0, 1] and colour bytes are shown as they are; others are scaled by
            the lowest (or 0) and the highest value in all `images`.
        y : array-like of shape (m,)
            True class of each image.
        classes : sequence of str, default=None
            Names of `estimator.classes_`, in that order; None takes the classes
            themselves.
        n_images : int, default=10
            Maximal number of images to show.
        most_confident : bool, default=True
            True shows the mistakes with the highest probability first, False those with
            the lowest.
        ax : matplotlib Axes or array of them, default=None
            See `plot`.
        image_kw : dict, default=None
            Passed to `Axes.imshow`.

        Returns
        -------
        MistakesDisplay
            The display, with its artists. Its data are all mistakes, not only the ones
            shown.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the shapes do not fit.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sklearn.pipeline import make_pipeline
        >>> from sknn_scratch import LogisticRegressionScratch
        >>> from sknn_scratch.datasets import load_digit_images
        >>> from sknn_scratch.plotting import MistakesDisplay
        >>> from sknn_scratch.preprocessing import ImageFlattener
        >>> images, y = load_digit_images()
        >>> model = make_pipeline(ImageFlattener(scale=16), LogisticRegressionScratch())
        >>> model = model.fit(images[:900], y[:900])
        >>> display = MistakesDisplay.from_estimator(model, images[900:], y[900:])
        >>> len(display.images_)
        10
        >>> plt.close(display.figure_)
        """
        import_matplotlib(f"{cls.__name__}.from_estimator")
        check_is_fitted(estimator)
        return cls.from_predictions(
            images,
            y,
            estimator.predict_proba(images),
            labels=estimator.classes_,
            classes=classes,
            n_images=n_images,
            most_confident=most_confident,
            ax=ax,
            image_kw=image_kw,
        )

    @classmethod
    def from_predictions(
        cls,
        images,
        y_true,
        y_proba,
        *,
        labels=None,
        classes=None,
        n_images=10,
        most_confident=True,
        ax=None,
        image_kw=None,
    ):
        """Draw the images that given predictions get wrong.

        Parameters
        ----------
        images : array-like of shape (m, h, w) or (m, h, w, c)
            As for `from_estimator`.
        y_true : array-like of shape (m,)
            True class of each image.
        y_proba : array-like of shape (m, n_classes) or (m,)
            Probability of each class. With one column or a 1d array, the probability of
            the second of two classes.
        labels : array-like of shape (n_classes,), default=None
            Class of each column. None takes the sorted values of `y_true` if there are
            as many as columns, else 0, 1, ...
        classes : sequence of str, default=None
            Names of the labels, in that order; None takes the labels themselves.
        n_images : int, default=10
            Maximal number of images to show.
        most_confident : bool, default=True
            True shows the mistakes with the highest probability first, False those with
            the lowest.
        ax : matplotlib Axes or array of them, default=None
            See `plot`.
        image_kw : dict, default=None
            Passed to `Axes.imshow`.

        Returns
        -------
        MistakesDisplay
            The display, with its artists. Its data are all mistakes, not only the ones
            shown.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the shapes do not fit.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> import numpy as np
        >>> from sknn_scratch.plotting import MistakesDisplay
        >>> display = MistakesDisplay.from_predictions(
        ...     np.zeros((3, 8, 8)), ["cat", "dog", "cat"], [0.2, 0.4, 0.9]
        ... )
        >>> [str(i) for i in display.indices], list(display.predicted)
        (['2', '1'], ['dog', 'cat'])
        >>> plt.close(display.figure_)
        """
        import_matplotlib(f"{cls.__name__}.from_predictions")
        images = _check_images(images)
        y_true = column_or_1d(y_true)
        P = check_array(y_proba, ensure_2d=False, input_name="y_proba")
        check_consistent_length(images, y_true, P)
        P = P.reshape(len(P), -1)
        if P.shape[1] == 1:
            P = np.hstack([1 - P, P])
        labels = _check_labels(labels, y_true, P.shape[1])
        names = _check_names(classes, labels)
        y_pred, highest = labels[P.argmax(axis=1)], P.max(axis=1)
        wrong = np.flatnonzero(y_pred != y_true)
        sign = -1 if most_confident else 1
        wrong = wrong[np.argsort(sign * highest[wrong], kind="stable")]
        display = cls(
            images=_to_unit(images, wrong),
            true=[names.get(label, _text(label)) for label in y_true[wrong].tolist()],
            predicted=[names[label] for label in y_pred[wrong].tolist()],
            probability=highest[wrong],
            n_samples=len(images),
            indices=wrong,
        )
        return display.plot(ax, n_images=n_images, image_kw=image_kw)

    def plot(self, ax=None, *, n_images=10, n_columns=5, image_kw=None):
        """Draw the first images.

        Parameters
        ----------
        ax : matplotlib Axes or array of them, default=None
            None creates a figure. One Axes is divided into a grid. Several Axes get an
            image each; the remaining ones are blanked.
        n_images : int, default=10
            Maximal number of images to show.
        n_columns : int, default=5
            Maximal number of images in a row of the grid.
        image_kw : dict, default=None
            Passed to `Axes.imshow`.

        Returns
        -------
        self
            The display, with its artists.
        """
        import_matplotlib(f"{type(self).__name__}.plot")
        check_at_least_one(n_images=n_images, n_columns=n_columns)
        shown = min(n_images, len(self.images))
        if ax is None or hasattr(ax, "figure"):
            title = self._make_grid(ax, shown, n_columns)
        else:
            title = self._take_axes(np.ravel(ax), shown)
        style = {"cmap": "gray", "vmin": 0, "vmax": 1, **(image_kw or {})}
        self.images_ = []
        for i, one in enumerate(self.axes_):
            image = np.asarray(self.images[i])
            if image.shape[2:] == (1,):
                image = image[:, :, 0]
            self.images_.append(one.imshow(image, **style))
            one.set_title(
                f"true: {self.true[i]}\npredicted: {self.predicted[i]}\n"
                f"with {_percent(self.probability[i])}",
                fontsize="small",
                parse_math=False,
            )
            one.set_axis_off()
        self.text_ = title
        return self

    def _summary(self, shown):
        count = len(self.images)
        if not count:
            return f"No mistakes among {self.n_samples} images"
        some = "" if shown == count else f", {shown} of them shown"
        plural = "" if count == 1 else "s"
        return f"{count} mistake{plural} among {self.n_samples} images{some}"

    def _make_grid(self, ax, shown, most_columns):
        """Set `axes_` to a grid of Axes within `ax`; return its heading."""
        if ax is None:
            rows, columns = grid_shape(shown, most_columns)
            width, height = max(1.8 * columns, 5), 2.2 * rows + 0.5
            ax = new_axes(figsize=(width, height))
            ax.figure.subplots_adjust(0.02, 0.02, 0.98, 1 - 0.35 / height)
        self.bounding_ax_, self.figure_ = ax, ax.figure
        self.axes_ = axes_within(ax, shown, most_columns)
        if not shown:
            return ax.text(0.5, 0.5, self._summary(0), ha="center", va="center")
        return ax.set_title(self._summary(shown))

    def _take_axes(self, axes, shown):
        """Set `axes_` to the first of the given Axes; return the figure's heading."""
        if not len(axes):
            raise ValueError("ax must hold at least one Axes, got none.")
        for one in axes:
            one.set_axis_off()
        self.bounding_ax_, self.axes_ = None, axes[:shown]
        self.figure_ = axes[0].figure
        summary = self._summary(len(self.axes_))
        if shown:
            return self.figure_.suptitle(summary)
        return axes[0].text(0.5, 0.5, summary, ha="center", va="center", wrap=True)


def _check_images(images):
    images = np.asarray(images)
    if images.ndim not in (3, 4) or images.shape[3:] not in ((), (1,), (3,), (4,)):
        raise ValueError(
            "images must have shape (m, h, w) or (m, h, w, c) with c = 1, 3 or 4, got "
            f"{images.shape}; reshape rows to images first."
        )
    return check_array(images, dtype=None, allow_nd=True, input_name="images")


def _check_labels(labels, y_true, count):
    if labels is None:
        labels = np.unique(y_true)
        if len(labels) != count:
            labels = np.arange(count)
            if not np.isin(y_true, labels).all():
                raise ValueError(
                    f"labels must name the class of each of the {count} columns of "
                    f"y_proba, as y_true has others than 0 to {count - 1}, got None."
                )
    labels = column_or_1d(labels)
    if len(labels) != count:
        raise ValueError(
            f"labels must name the class of each of the {count} columns of y_proba, "
            f"got {len(labels)}."
        )
    return labels


def _check_names(classes, labels):
    """Return {label: name}."""
    names = [_text(name) for name in (labels if classes is None else classes)]
    if len(names) != len(labels):
        raise ValueError(
            f"classes must name each of {labels.tolist()}, got {len(names)} names."
        )
    return dict(zip(labels.tolist(), names, strict=True))


def _text(label):
    return label.decode() if isinstance(label, bytes) else str(label)


def _to_unit(images, chosen):
    """Return the chosen images with values in [0, 1]: (x - low) / (high - low)."""
    low, high = min(images.min(), 0), images.max()
    if images.dtype == np.uint8 and images.shape[3:] in ((3,), (4,)):
        low, high = 0, 255
    elif images.dtype == bool or (images.dtype.kind == "f" and high <= 1 and low == 0):
        low, high = 0, 1
    low, span = float(low), float(high) - float(low)
    return (images[chosen] - low) / (span or 1.0)


def _percent(p):
    # do not round a probability below 1 to 100 %
    return ">99.9 %" if 0.9995 <= p < 1 else f"{100 * p:.1f} %"
