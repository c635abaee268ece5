"""A matrix as a heat map: cells with numbers, or an image where it is large.

Blue is below 0, orange above, the deeper the farther from 0. Zero has the colour of the
page: the colours are transparent, so that they fit light and dark pages.
"""

import base64
from html import escape

import numpy as np

from .images import png
from .page import asset

MOST_CELLS = (12, 5)  # rows and columns whose numbers are shown
MOST_PIXELS = (32, 64)  # rows and columns of an image; of more, every k-th is shown
BELOW, ABOVE, ODD = (66, 133, 244), (214, 110, 20), (200, 0, 160)
DEEPEST, SHADES = 0.65, 24  # opacity of the largest number; shades from 0 to it


def heat_map(value, name, label, *, top=None):
    """Return a matrix as a <figure> with its name, shape and colour scale.

    Parameters
    ----------
    value : ndarray or sparse matrix with at most two dimensions
    name : str
        The name as HTML.
    label : str
        The name for screen readers.
    top : float, default=None
        The number with the deepest colour; None means the largest absolute value.
    """
    shape, (shown, steps) = np.shape(value), thinned(value)
    top = largest(value) if top is None else top
    words = f"{label}, {described(value, shape)}"
    if shown.shape[0] <= MOST_CELLS[0] and shown.shape[1] <= MOST_CELLS[1]:
        body = cells(shown, words, top)
    else:
        body = image(shown, words, top)
    return (
        f'<figure class="heat"><figcaption>{name} {shape_text(shape)}</figcaption>'
        f"{body}{scale(top)}{remarks(value, shape, steps)}</figure>"
    )


def heat_map_style():
    """Return the CSS of heat maps."""
    return asset(__package__, "heat_map.css")


def shape_text(shape):
    return f'<span class="shape">{escape(str(shape))}</span>' if shape else ""


def thinned(value):
    """Return the matrix to be shown, with two dimensions, and the steps along both."""
    matrix = value if is_sparse(value) else np.atleast_2d(value)
    steps = [-(-n // most) for n, most in zip(matrix.shape, MOST_PIXELS, strict=True)]
    shown = matrix[:: steps[0], :: steps[1]]
    return shown.toarray() if is_sparse(shown) else shown, steps


def is_sparse(value):
    return hasattr(value, "toarray")


def largest(*values):
    """Return the largest finite absolute value in the arrays, or 0."""
    stored = [np.ravel(v.data if is_sparse(v) else v) for v in values]
    sizes = np.abs(np.concatenate(stored).astype(float))
    return float(sizes[np.isfinite(sizes)].max(initial=0.0))


def colours(matrix, top):
    """Return the colours of the numbers as bytes (rows, columns, 4): RGB and opacity.

    Numbers that are not finite are purple.
    """
    matrix = np.asarray(matrix, float)
    finite = np.isfinite(matrix)
    share = np.abs(np.where(finite, matrix, 0.0)) / (top or 1.0)
    share = np.rint(SHADES * share.clip(0, 1)) / SHADES
    found = np.empty((*matrix.shape, 4), np.uint8)
    found[..., :3] = np.where((matrix < 0)[..., None], BELOW, ABOVE)
    found[..., 3] = np.rint(255 * DEEPEST * share)
    found[found[..., 3] == 0] = 0
    found[~finite] = (*ODD, 255)
    return found


def cells(matrix, words, top):
    """Return the matrix as a table of numbers in coloured cells."""
    rows = "".join(
        f"<tr>{''.join(map(cell, row, shades))}</tr>"
        for row, shades in zip(matrix, colours(matrix, top), strict=True)
    )
    table = f'<table aria-label="{escape(words)}"><tbody>{rows}</tbody></table>'
    return f'<div class="cells">{table}</div>'


def cell(value, colour):
    red, green, blue, opacity = map(int, colour)
    style = f"background:rgb({red} {green} {blue} / {opacity / 255:.2f})"
    return f'<td style="{style}">{number(value)}</td>'


def image(matrix, words, top):
    """Return the matrix as an image with a pixel for each number."""
    data = base64.b64encode(png(colours(matrix, top))).decode()
    height, width = (
        round(n * min(24, max(low, room / n)))
        for n, low, room in zip(matrix.shape, (6, 5), (120, 320), strict=True)
    )
    return (
        f'<img src="data:image/png;base64,{data}" width="{width}" height="{height}" '
        f'alt="{escape(words)}">'
    )


def scale(top):
    """Return the colour scale: which numbers have the deepest colours."""
    below, above = (
        [f"rgb({red} {green} {blue} / {share})" for share in (DEEPEST, 0)]
        for red, green, blue in (BELOW, ABOVE)
    )
    style = f"background:linear-gradient(90deg, {', '.join(below + above[::-1])})"
    bar = f'{number(-top)}<i style="{style}"></i>{number(top)}'
    return f'<p class="scale" aria-hidden="true">{bar}</p>' * bool(top)


def remarks(value, shape, steps):
    """Return which rows and columns are shown, and what the colours do not tell."""
    parts = [
        f"every {ordinal(step)} of {n} {what}"
        for n, step, what in zip(shape, steps, ("rows", "columns"), strict=False)
        if step > 1
    ]
    found = [f"Shown: {', '.join(parts)}."] * bool(parts)
    stored = value.data if is_sparse(value) else value
    n_odd = np.size(stored) - np.count_nonzero(np.isfinite(stored))
    if n_odd:
        found.append(f"Not finite, in purple: {n_odd}.")
    if not n_odd and not np.any(stored):
        found.append("All are 0.")
    return f'<p class="remark">{" ".join(found)}</p>' * bool(found)


def ordinal(k):
    ending = {1: "st", 2: "nd", 3: "rd"}.get(k % 10, "th")
    return f"{k}{'th' if k % 100 in (11, 12, 13) else ending}"


def described(value, shape):
    """Return words for the shape and the range of a matrix."""
    low, high = value.min(), value.max()
    sizes = " by ".join(map(str, shape))
    return f"{sizes}, from {number(low)} to {number(high)}"


def number(value):
    """Return a number with four digits and a minus sign."""
    text = f"{float(value) + 0.0:.4g}"  # + 0.0 makes 0 of -0
    return text.replace("-", "\N{MINUS SIGN}")
