"""Which epochs of a training a page keeps."""

import numpy as np
import pytest

from sknn_scratch._pages.play.recording import dense_at_first


@pytest.mark.parametrize("last", [0, 1, 11, 12, 13, 200, 5000, 10**6])
@pytest.mark.parametrize("most", [3, 12, 119])
def test_epochs_are_dense_at_first_and_reach_the_end(last, most):
    epochs = dense_at_first(last, most)
    assert epochs == sorted(set(epochs))
    assert (epochs[0], epochs[-1]) == (0, last)
    assert min(last + 1, most) * 0.8 < len(epochs) <= most
    gaps = np.diff(epochs)
    assert (gaps[1:] - gaps[:-1] >= -1).all()  # but for rounding they only grow
