"""Matrices as heat maps."""

import base64
import re
import zlib

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from sknn_scratch._html.heat_map import DEEPEST, heat_map, largest, number, thinned


def pixels_of(html):
    """The colours of the image in a heat map: (rows, columns, 4)."""
    data = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1])
    width, height = (int.from_bytes(data[at : at + 4]) for at in (16, 20))
    start = data.index(b"IDAT") + 4
    lines = np.frombuffer(zlib.decompress(data[start:]), np.uint8)
    return lines.reshape(height, 1 + 4 * width)[:, 1:].reshape(height, width, 4)


def cells_of(html):
    """The numbers in the cells of a heat map."""
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    found = [re.findall(r"<td[^>]*>([^<]+)</td>", row) for row in rows]
    return [
        [float(text.replace("\N{MINUS SIGN}", "-")) for text in row] for row in found
    ]


def test_small_matrices_are_numbers_to_four_digits(rng):
    W = rng.randn(4, 3)
    cells = cells_of(heat_map(W, "W", "W"))
    np.testing.assert_allclose(cells, W, rtol=5e-4)  # half of the fourth digit of 1


def test_a_pixel_is_as_deep_as_its_number_is_large(rng):
    A = rng.randn(20, 30)
    pixels = pixels_of(heat_map(A, "A", "A"))
    share = pixels[..., 3] / 255 / DEEPEST
    # one of 24 shades, and an opacity that is a byte
    assert abs(share - abs(A) / abs(A).max()).max() <= 0.5 / 24 + 1 / 255
    clear = share > 0
    assert ((pixels[..., 2] > pixels[..., 0]) == (A < 0))[clear].all()  # blue, orange


def test_zero_is_transparent():
    assert not pixels_of(heat_map(np.zeros((20, 30)), "A", "A")).any()


def test_columns_are_thinned_and_said_to_be():
    A = np.tile(np.arange(400.0), (2, 1))
    html = heat_map(A, "A", "A")
    assert "Shown: every 7th of 400 columns." in html
    np.testing.assert_array_equal(thinned(A)[0], A[:, ::7])
    assert pixels_of(html).shape[:2] == (2, 58)


def test_rows_and_columns_are_thinned_alike():
    html = heat_map(np.ones((12288, 209)), "X", "X")
    assert "every 384th of 12288 rows, every 4th of 209 columns." in html
    assert pixels_of(html).shape[:2] == (32, 53)


@pytest.mark.parametrize("shape", [(3, 4), (50, 300)])
def test_sparse_matrices_look_like_dense_ones(rng, shape):
    X = rng.randn(*shape) * (rng.rand(*shape) > 0.7)
    for form in (csr_matrix(X), csr_matrix(X.T).T):
        assert heat_map(form, "X", "X") == heat_map(X, "X", "X")


def test_numbers_that_are_not_finite_have_a_colour_of_their_own():
    A = np.ones((20, 20))
    A[3, 4], A[5, 6] = np.nan, -np.inf
    pixels = pixels_of(heat_map(A, "A", "A"))
    odd = (pixels == pixels[3, 4]).all(axis=2)
    assert [*map(tuple, np.argwhere(odd))] == [(3, 4), (5, 6)]
    assert largest(A) == 1
    assert "Not finite, in purple: 2." in heat_map(A, "A", "A")
    assert "All are 0." not in heat_map(np.full((2, 2), np.nan), "A", "A")


def test_a_given_top_makes_two_heat_maps_comparable(rng):
    A = rng.rand(20, 20)
    low, high = (pixels_of(heat_map(B, "A", "A", top=2.0)) for B in (A, 2 * A))
    assert low[..., 3].max() < high[..., 3].max()


def test_screen_readers_are_told_shape_and_range():
    words = "W[1], 2 by 3, from \N{MINUS SIGN}1 to 4"
    small = np.arange(-1.0, 5).reshape(2, 3)
    assert f'aria-label="{words}"' in heat_map(small, "W", "W[1]")
    assert 'alt="A, 20 by 20, from 0 to 0"' in heat_map(np.zeros((20, 20)), "A", "A")


def test_the_scale_names_the_ends():
    html = heat_map(np.array([[-0.5, 0.25]]), "W", "W")
    assert re.sub("<i.*?</i>", " ", html).count("\N{MINUS SIGN}0.5 0.5") == 1
    assert "scale" not in heat_map(np.zeros((2, 2)), "W", "W")
    assert ">All are 0.<" in heat_map(np.zeros((2, 2)), "W", "W")


def test_vectors_are_rows():
    assert "(4,)" in heat_map(np.ones(4), "b", "b")
    assert cells_of(heat_map(np.ones(4), "b", "b")) == [[1, 1, 1, 1]]


def test_minus_zero_is_zero():
    assert number(-0.0) == "0"
