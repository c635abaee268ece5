"""Rows of X in a page: images as inline PNG, other rows as text."""

import base64
import struct
import zlib
from html import escape

import numpy as np

from .tables import html_table

LONGEST_SIDE = 128  # pixels; larger images are reduced to keep the page small
MOST_FEATURES = 3  # shown for a row that is not an image


def show_rows(X, places, heads, texts, names, labels):
    """Return the rows at `places` as HTML: images with captions, or else a table.

    `texts` has the cells of each row under `heads`. `names` are those of the features,
    `labels` the numbers of the rows.
    """
    if is_image(X):
        low, high = value_range(X)
        return gallery(
            [
                (
                    data_uri(X[i], low, high),
                    [*map(": ".join, zip(heads, cells, strict=True)), f"row {label}"],
                )
                for i, cells, label in zip(places, texts, labels, strict=True)
            ]
        )
    flat = X.reshape(len(X), -1).astype(np.float64)
    far = unusual(flat, names)
    rows = [
        [str(label), *cells, far(i)]
        for i, cells, label in zip(places, texts, labels, strict=True)
    ]
    table = html_table(["row", *heads, "farthest from the mean"], rows)
    return (
        f'<div class="wide rows">{table}</div>\n<p class="quiet">sd: standard '
        "deviations from the mean of all these rows.</p>\n"
    )


def is_image(X):
    """Return True if the rows of X are grey or colour images."""
    return X.ndim == 3 or (X.ndim == 4 and X.shape[3] in (1, 3, 4))


def data_uri(image, low, high):
    """Return an image with values from low to high as a data URI of a PNG."""
    every = -(-max(image.shape[:2]) // LONGEST_SIDE)
    image = _shrunk(np.asarray(image, dtype=float), every)
    share = (image - low) / ((high - low) or 1.0)
    data = png(np.rint(255 * share.clip(0, 1)).astype(np.uint8))
    return "data:image/png;base64," + base64.b64encode(data).decode()


def value_range(images):
    """Return the values of black and of white.

    These are 0 and 255 for colour images of bytes, 0 and 1 for values in that range,
    else the smallest value, at most 0, and the largest.
    """
    low, high = min(float(images.min()), 0.0), float(images.max())
    if images.dtype == np.uint8 and images.shape[3:] in ((3,), (4,)):
        return 0.0, 255.0
    if low == 0 and high <= 1:
        return 0.0, 1.0
    return low, high


def png(pixels):
    """Return the PNG file of an array of bytes (h, w), (h, w, 1), (h, w, 3 or 4)."""
    height, width = pixels.shape[:2]
    channels = pixels.size // (height * width)
    colour = {1: 0, 3: 2, 4: 6}[channels]
    lines = pixels.reshape(height, -1)
    packed = np.insert(lines, 0, 0, axis=1)  # each line begins with its filter: none
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = (
        (b"IHDR", head),
        (b"IDAT", zlib.compress(packed.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def gallery(pictures):
    """Return images in a row, each with lines of text below, from (uri, lines) each."""
    figures = [
        f'<figure><img src="{uri}" alt="{escape(lines[0])}">'
        f"<figcaption>{'<br>'.join(map(escape, lines))}</figcaption></figure>\n"
        for uri, lines in pictures
    ]
    return f'<div class="gallery">\n{"".join(figures)}</div>\n'


def unusual(X, names):
    """Return a function of i that describes the most unusual features of row i.

    These are the features farthest from the mean of all rows, in standard deviations.
    """
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    deviation[deviation == 0] = 1.0

    def of_row(i):
        far = (X[i] - mean) / deviation
        first = np.argsort(-abs(far), kind="stable")[:MOST_FEATURES]
        return ", ".join(
            f"{names[j]} = {X[i, j]:.4g} ({far[j]:+.1f}\N{NO-BREAK SPACE}sd)"
            for j in first
        )

    return of_row


def _chunk(kind, data):
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def _shrunk(image, every):
    """Return the image reduced to the means of squares of `every` pixels a side."""
    if every == 1:
        return image
    height, width = (side // every * every for side in image.shape[:2])
    if not height or not width:
        return image[::every, ::every]
    squares = image[:height, :width].reshape(
        height // every, every, width // every, every, *image.shape[2:]
    )
    return squares.mean(axis=(1, 3))
