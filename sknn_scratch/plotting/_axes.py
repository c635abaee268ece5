"""What all Displays share: matplotlib on demand, and room to draw in."""

import numpy as np


def import_matplotlib(caller):
    """Nothing but an error that says what to install."""
    try:
        import matplotlib  # noqa: F401  (only whether it is there)
    except ImportError:
        raise ImportError(
            f"{caller} needs matplotlib; pip install matplotlib."
        ) from None


def new_axes(**options):
    """The one Axes of a new figure."""
    import matplotlib.pyplot as plt

    return plt.subplots(**options)[1]


def axes_within(ax, count, most_columns, *, line=0.6, wspace=0.1, hspace=0.55):
    """Axes in a grid within one, which is blanked; `line`: inches for titles on top."""
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
    """Rows and columns of a grid whose rows are about equally full."""
    rows = max(-(-count // most_columns), 1)
    return rows, max(-(-count // rows), 1)


def check_at_least_one(**numbers):
    """An error for a count below one."""
    for name, value in numbers.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}.")


def label_axes(ax, x, y):
    """Labels for axes that have none."""
    if not ax.get_xlabel():
        ax.set_xlabel(x)
    if not ax.get_ylabel():
        ax.set_ylabel(y)
