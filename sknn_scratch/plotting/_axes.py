"""Helpers of the Displays: lazy import of matplotlib, grids of Axes, labels."""

import numpy as np


def import_matplotlib(caller):
    """Raise ImportError with the way to install matplotlib if it is missing."""
    try:
        import matplotlib  # noqa: F401  (only checks that it is installed)
    except ImportError:
        raise ImportError(
            f"{caller} needs matplotlib; pip install matplotlib."
        ) from None


def new_axes(**options):
    """Return the Axes of a new figure."""
    import matplotlib.pyplot as plt

    return plt.subplots(**options)[1]


def axes_within(ax, count, most_columns, *, line=0.6, wspace=0.1, hspace=0.55):
    """Return a grid of Axes within `ax`, below `line` inches for titles; blank `ax`."""
    from matplotlib.gridspec import GridSpecFromSubplotSpec

    ax.set_axis_off()
    rows, columns = grid_shape(count, most_columns)
    height = ax.get_window_extent().height / ax.figure.dpi  # inches
    top = min(line / height, 0.5)
    _, below = GridSpecFromSubplotSpec(
        2, 1, ax.get_subplotspec(), hspace=0, height_ratios=[top, 1 - top]
    )
    grid = GridSpecFromSubplotSpec(rows, columns, below, wspace=wspace, hspace=hspace)
    places = [grid[i // columns, i % columns] for i in range(count)]
    return np.array([ax.figure.add_subplot(place) for place in places], dtype=object)


def grid_shape(count, most_columns):
    """Return (rows, columns) of a grid whose rows are about equally full."""
    rows = max(-(-count // most_columns), 1)
    return rows, max(-(-count // rows), 1)


def check_at_least_one(**numbers):
    """Raise ValueError for a number below 1."""
    for name, value in numbers.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}.")


def label_axes(ax, x, y):
    """Set the labels of an x axis and a y axis that have none."""
    if not ax.get_xlabel():
        ax.set_xlabel(x)
    if not ax.get_ylabel():
        ax.set_ylabel(y)
