"""Display of the cost over the epochs."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._estimators.access import last_step
from ._axes import import_matplotlib, label_axes, new_axes

THIN = 0.8  # points: width of a line of a member


class LossCurveDisplay:
    """The cost J over the epochs of a training.

    Create it with `from_estimator`; `plot` draws it again. Of an ensemble there is a
    curve for each member.

    Parameters
    ----------
    train_loss : array-like of shape (n_epochs,), or list of them
        Cost of each epoch on the training rows; of an ensemble a list with those of
        each member.
    val_loss : array-like of shape (n_epochs,), or list of them, default=None
        Loss after each epoch on the held-out rows.
    best_epoch : int, or list of int, default=None
        The epoch whose parameters were kept.
    first_epoch : int, default=1
        Number of the first epoch in `train_loss`; `best_epoch` has the same count.
    name : str, default=None
        Name in the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the curves.
    figure_ : matplotlib Figure
        The figure of `ax_`.
    lines_ : list of matplotlib Line2D
        The training curve and, where there is one, the validation curve; of an ensemble
        first the training curves of all members.
    best_ : matplotlib Line2D or None
        Marker of the best epoch, or of the best epochs of all members.

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
        """Draw the loss curves of a fitted network, or of the members of an ensemble.

        Parameters
        ----------
        estimator : estimator or Pipeline
            Fitted estimator with a `loss_curve_`, or whose `members_` have one, or a
            Pipeline that ends in one.
        name : str, default=None
            Name in the legend; None takes the name of the class.
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure. Several estimators may share one.
        line_kw : dict, default=None
            Passed to `Axes.plot` for the curves.

        Returns
        -------
        LossCurveDisplay
            The display, with its artists.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If the estimator has no `loss_curve_`.

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
        import_matplotlib(f"{cls.__name__}.from_estimator")
        check_is_fitted(estimator)
        net = last_step(estimator)
        members = getattr(net, "members_", [net])
        if not all(hasattr(member, "loss_curve_") for member in members):
            raise TypeError(
                "estimator must be a fitted network with a loss_curve_, or a Pipeline "
                f"that ends in one, got {type(net).__name__}; of a search give "
                "best_estimator_."
            )
        curves = {
            "train_loss": [member.loss_curve_ for member in members],
            "val_loss": _of_all(members, "validation_loss_curve_"),
            "best_epoch": _of_all(members, "best_epoch_"),
        }
        if not hasattr(net, "members_"):
            curves = {part: values and values[0] for part, values in curves.items()}
        n_iter, known = int(np.max(members[0].n_iter_)), len(members[0].loss_curve_)
        display = cls(
            **curves,
            # after many calls of partial_fit the curve lacks its first epochs
            first_epoch=n_iter - known + 1,
            name=type(net).__name__ if name is None else name,
        )
        return display.plot(ax, line_kw=line_kw)

    def plot(self, ax=None, *, name=None, line_kw=None):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw into; None creates a figure.
        name : str, default=None
            Name in the legend; None takes that of the display.
        line_kw : dict, default=None
            Passed to `Axes.plot` for the curves. By default the validation curve is
            dashed and has the colour of the training curve.

        Returns
        -------
        self
            The display, with its artists.
        """
        import_matplotlib(f"{type(self).__name__}.plot")
        from matplotlib.cbook import normalize_kwargs
        from matplotlib.lines import Line2D

        style = normalize_kwargs(line_kw, Line2D)
        name = self.name if name is None else name
        ax = new_axes() if ax is None else ax
        curves = {"training": self.train_loss, "validation": self.val_loss}
        curves = {part: curve for part, curve in curves.items() if curve is not None}
        self.ax_, self.figure_, self.lines_, self.best_ = ax, ax.figure, [], None
        for part, curve in curves.items():
            words = [name] if name and len(curves) == 1 else [name, part]
            self._draw(curve, ", ".join(filter(None, words)), style)
        if self.best_epoch:
            self._mark_best(curve, name)
        label_axes(ax, "epoch", "cost")
        if name or len(curves) > 1:
            ax.legend()
        return self

    def _draw(self, curve, label, style):
        """Draw a curve, or those of all members; the first one has the label."""
        own = {"label": label}
        if self.lines_:
            own |= {"color": self.lines_[0].get_color(), "linestyle": "--"}
        several = _several(curve)
        for member in curve if several else [curve]:
            epochs = self.first_epoch + np.arange(len(member))
            if several:
                own |= {"linewidth": THIN}
            [line] = self.ax_.plot(epochs, member, **{**own, **style})
            own |= {"label": None, "color": line.get_color()}
            self.lines_.append(line)

    def _mark_best(self, curve, name):
        """Mark the best epoch of the curve, or of the curves of all members."""
        curves, epochs, text = [curve], [self.best_epoch], f"epoch {self.best_epoch}"
        if _several(curve):
            curves, epochs, text = curve, self.best_epoch, "epochs"
        pairs = zip(curves, epochs, strict=True)
        [self.best_] = self.ax_.plot(
            epochs,
            [values[epoch - self.first_epoch] for values, epoch in pairs],
            color=self.lines_[-1].get_color(),
            marker="o",
            linestyle="none",
            label=", ".join(filter(None, [name, f"best {text}"])),
        )


def _of_all(members, attribute):
    """Return the attribute of each member, or None if one has none."""
    values = [getattr(member, attribute, None) for member in members]
    return None if None in values else values


def _several(curve):
    """Return whether these are the curves of the members of an ensemble."""
    return len(curve) > 0 and np.ndim(curve[0]) == 1
