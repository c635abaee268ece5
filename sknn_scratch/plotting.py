"""Pictures of a fitted network, after scikit-learn's Display conventions."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted

__all__ = ["LossCurveDisplay", "MistakesDisplay"]


class LossCurveDisplay:
    """The cost J over training.

    It is best made by `from_estimator`; `plot` draws it again.

    Parameters
    ----------
    train_loss : array-like of shape (n_epochs,)
        Cost of each epoch on the training rows.
    val_loss : array-like of shape (n_epochs,), default=None
        Loss after each epoch on the rows held out.
    best_epoch : int, default=None
        The epoch whose parameters were kept.
    first_epoch : int, default=1
        Number of the first epoch given; `best_epoch` is counted likewise.
    name : str, default=None
        Name in the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where the curves are.
    figure_ : matplotlib Figure
        The figure of `ax_`.
    lines_ : list of matplotlib Line2D
        The training curve and, where there is one, the validation curve.
    best_ : matplotlib Line2D or None
        The mark at the best epoch.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from sknn_scratch.plotting import LossCurveDisplay
    >>> display = LossCurveDisplay(train_loss=[0.7, 0.4, 0.3], name="net").plot()
    >>> display.ax_.get_ylabel()
    'cost'
    >>> plt.close(display.figure_)
    """

    def __init__(
        self, *, train_loss, val_loss=None, best_epoch=None, first_epoch=1, name=None
    ):
        self.train_loss = train_loss
        self.val_loss = val_loss
        self.best_epoch = best_epoch
        self.first_epoch = first_epoch
        self.name = name

    @classmethod
    def from_estimator(cls, estimator, *, name=None, ax=None, line_kw=None):
        """Draw the curves that a fitted network kept.

        Parameters
        ----------
        estimator : estimator or Pipeline
            Fitted, with a `loss_curve_`; of a Pipeline its last step.
        name : str, default=None
            Name in the legend; None takes the name of the class.
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure. Several estimators may share one.
        line_kw : dict, default=None
            Passed to `Axes.plot` for the curves.

        Returns
        -------
        LossCurveDisplay
            With its artists.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If the estimator keeps no `loss_curve_`.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from sknn_scratch import ShallowNetClassifier
        >>> from sknn_scratch.datasets import make_flower
        >>> from sknn_scratch.plotting import LossCurveDisplay
        >>> X, y = make_flower()
        >>> net = ShallowNetClassifier(8, solver="gd", tol=0, random_state=0)
        >>> display = LossCurveDisplay.from_estimator(net.fit(X, y), name="8 units")
        >>> len(display.lines_[0].get_xdata()) == net.n_iter_ == 200
        True
        >>> plt.close(display.figure_)
        """
        _import_matplotlib(f"{cls.__name__}.from_estimator")
        check_is_fitted(estimator)
        net = estimator[-1] if isinstance(estimator, Pipeline) else estimator
        if not hasattr(net, "loss_curve_"):
            raise TypeError(
                "estimator must be a fitted network with a loss_curve_, or a Pipeline "
                f"that ends in one, got {type(net).__name__}; of a search give "
                "best_estimator_."
            )
        display = cls(
            train_loss=net.loss_curve_,
            val_loss=getattr(net, "validation_loss_curve_", None),
            best_epoch=getattr(net, "best_epoch_", None),
            # after many a partial_fit the curve has lost its first epochs
            first_epoch=int(np.max(net.n_iter_)) - len(net.loss_curve_) + 1,
            name=type(net).__name__ if name is None else name,
        )
        return display.plot(ax, line_kw=line_kw)

    def plot(self, ax=None, *, name=None, line_kw=None):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a figure.
        name : str, default=None
            Name in the legend; None takes the display's own.
        line_kw : dict, default=None
            Passed to `Axes.plot` for the curves. Unless it says otherwise, validation
            has the colour of training, dashed.

        Returns
        -------
        self
            With its artists.
        """
        _import_matplotlib(f"{type(self).__name__}.plot")
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D

        style = normalize_kwargs(line_kw, Line2D)
        name = self.name if name is None else name
        ax = _new_axes() if ax is None else ax
        curves = {"training": self.train_loss, "validation": self.val_loss}
        curves = {part: curve for part, curve in curves.items() if curve is not None}
        self.ax_, self.figure_, self.lines_, self.best_ = ax, ax.figure, [], None
        for part, curve in curves.items():
            words = [name] if name and len(curves) == 1 else [name, part]
            own = {"label": ", ".join(filter(None, words))}
            if self.lines_:
                own |= {"color": self.lines_[0].get_color(), "linestyle": "--"}
            epochs = self.first_epoch + np.arange(len(curve))
            self.lines_ += ax.plot(epochs, curve, **{**own, **style})
        if self.best_epoch:
            [self.best_] = ax.plot(
                self.best_epoch,
                curve[self.best_epoch - self.first_epoch],
                color=self.lines_[-1].get_color(),
                marker="o",
                linestyle="none",
                label=", ".join(filter(None, [name, f"best epoch {self.best_epoch}"])),
            )
        if not ax.get_xlabel():
            ax.set_xlabel("epoch")
        if not ax.get_ylabel():
            ax.set_ylabel("cost")
        if name or len(curves) > 1:
            ax.legend()
        return self


class MistakesDisplay:
    """Images that a classifier gets wrong.

    It is best made by `from_estimator` or `from_predictions`; `plot` draws it again.

    Parameters
    ----------
    images : ndarray of shape (n, h, w) or (n, h, w, c)
        The misclassified images, values in [0, 1], in the order to show them.
    true : sequence of str of length n
        Names of their classes.
    predicted : sequence of str of length n
        Names of the classes they were taken for.
    probability : array-like of shape (n,)
        Probability given to the predicted class.
    n_samples : int
        Images tried, right ones too.
    indices : array-like of shape (n,), default=None
        Their places among the images tried.

    Attributes
    ----------
    bounding_ax_ : matplotlib Axes or None
        The room of the whole picture; None if `plot` was given several axes.
    axes_ : ndarray of matplotlib Axes
        One for each image shown; empty when there are no mistakes.
    images_ : list of matplotlib AxesImage
        The images shown.
    text_ : matplotlib Text
        How many mistakes there are.
    figure_ : matplotlib Figure
        The figure of all of them.

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
        """Show what a fitted classifier gets wrong.

        Parameters
        ----------
        estimator : estimator or Pipeline
            Fitted, with `classes_` and `predict_proba`; it is given the images as they
            are, so a network wants an ImageFlattener before it. For one that takes
            something else, see `from_predictions`.
        images : array-like of shape (m, h, w) or (m, h, w, c)
            Grey (no c, or c = 1) or colour images (c = 3, or 4 with opacity). Floats
            within [0, 1] and colour bytes are shown as they are; others are scaled by
            the lowest (or 0) and the highest value in all `images`.
        y : array-like of shape (m,)
            Their classes.
        classes : sequence of str, default=None
            Names of `estimator.classes_`, in that order; None takes those themselves.
        n_images : int, default=10
            The most images to show.
        most_confident : bool, default=True
            Whether the mistakes made with the highest probability come first; else the
            lowest.
        ax : matplotlib Axes or array of them, default=None
            See `plot`.
        image_kw : dict, default=None
            Passed to `Axes.imshow`.

        Returns
        -------
        MistakesDisplay
            With its artists; its data are all mistakes, not only those shown.

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
        _import_matplotlib(f"{cls.__name__}.from_estimator")
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
        """Show what these predictions get wrong.

        Parameters
        ----------
        images : array-like of shape (m, h, w) or (m, h, w, c)
            As for `from_estimator`.
        y_true : array-like of shape (m,)
            Their classes.
        y_proba : array-like of shape (m, n_classes) or (m,)
            Probability of each class; one column or none: of the second of two.
        labels : array-like of shape (n_classes,), default=None
            Class of each column. None takes the sorted values of `y_true` if there are
            as many as columns, else 0, 1, ...
        classes : sequence of str, default=None
            Names of the labels, in that order; None takes the labels themselves.
        n_images : int, default=10
            The most images to show.
        most_confident : bool, default=True
            Whether the mistakes made with the highest probability come first; else the
            lowest.
        ax : matplotlib Axes or array of them, default=None
            See `plot`.
        image_kw : dict, default=None
            Passed to `Axes.imshow`.

        Returns
        -------
        MistakesDisplay
            With its artists; its data are all mistakes, not only those shown.

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
        _import_matplotlib(f"{cls.__name__}.from_predictions")
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
            None makes a figure; within one Axes a grid is made; several get an image
            each, and those left over are blanked.
        n_images : int, default=10
            The most images to show.
        n_columns : int, default=5
            The most images beside each other in a grid.
        image_kw : dict, default=None
            Passed to `Axes.imshow`.

        Returns
        -------
        self
            With its artists.
        """
        _import_matplotlib(f"{type(self).__name__}.plot")
        for name, value in {"n_images": n_images, "n_columns": n_columns}.items():
            if value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}.")
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
        """A grid of axes within one; returns its heading."""
        rows = max(-(-shown // most_columns), 1)
        columns = max(-(-shown // rows), 1)
        if ax is None:
            width, height = max(1.8 * columns, 5), 2.2 * rows + 0.5
            ax = _new_axes(figsize=(width, height))
            ax.figure.subplots_adjust(0.02, 0.02, 0.98, 1 - 0.35 / height)
        ax.set_axis_off()
        self.bounding_ax_, self.figure_ = ax, ax.figure
        if not shown:
            self.axes_ = np.empty(0, dtype=object)
            return ax.text(0.5, 0.5, self._summary(0), ha="center", va="center")
        grid = _grid_below_a_line_of_titles(ax, rows, columns)
        places = [grid[i // columns, i % columns] for i in range(shown)]
        self.axes_ = np.array([self.figure_.add_subplot(place) for place in places])
        return ax.set_title(self._summary(shown))

    def _take_axes(self, axes, shown):
        """The first of the axes given; the heading goes to their figure."""
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


def _import_matplotlib(caller):
    try:
        import matplotlib  # noqa: F401  (only whether it is there)
    except ImportError:
        raise ImportError(
            f"{caller} needs matplotlib; pip install 'sknn-scratch[plot]'."
        ) from None


def _new_axes(**options):
    import matplotlib.pyplot as plt

    return plt.subplots(**options)[1]


def _grid_below_a_line_of_titles(ax, rows, columns):
    from matplotlib.gridspec import GridSpecFromSubplotSpec

    height = ax.get_window_extent().height / ax.figure.dpi  # inches
    top = min(0.6 / height, 0.5)
    _, below = GridSpecFromSubplotSpec(
        2, 1, ax.get_subplotspec(), hspace=0, height_ratios=[top, 1 - top]
    )
    return GridSpecFromSubplotSpec(rows, columns, below, wspace=0.1, hspace=0.55)


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
    """Label -> name."""
    names = [_text(name) for name in (labels if classes is None else classes)]
    if len(names) != len(labels):
        raise ValueError(
            f"classes must name each of {labels.tolist()}, got {len(names)} names."
        )
    return dict(zip(labels.tolist(), names, strict=True))


def _text(label):
    return label.decode() if isinstance(label, bytes) else str(label)


def _to_unit(images, chosen):
    """(x - low) / (high - low): the chosen images with values in [0, 1]."""
    low, high = min(images.min(), 0), images.max()
    if images.dtype == np.uint8 and images.shape[3:] in ((3,), (4,)):
        low, high = 0, 255
    elif images.dtype == bool or (images.dtype.kind == "f" and high <= 1 and low == 0):
        low, high = 0, 1
    low, span = float(low), float(high) - float(low)
    return (images[chosen] - low) / (span or 1.0)


def _percent(p):
    # rounding must not claim certainty
    return ">99.9 %" if 0.9995 <= p < 1 else f"{100 * p:.1f} %"
