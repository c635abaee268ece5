"""The measures that pages on classes and on labels share."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from sknn_scratch._pages.report import calibration


def test_the_bins_are_scikit_learn_s(rng):
    P = rng.rand(500)
    y = rng.rand(500) < P**2
    found = calibration.bin_rows(P, y)
    share, mean = calibration_curve(y, P, n_bins=10)
    np.testing.assert_allclose(found.share, share)
    np.testing.assert_allclose(found.mean, mean)
    assert found.count.sum() == found.all_counts.sum() == 500


def test_the_calibration_error_is_the_mean_distance_of_the_bins():
    # three rows given 0.9 of which one is true, one given 0.1 that is not
    found = calibration.bin_rows(np.array([0.9, 0.9, 0.9, 0.1]), [1, 0, 0, 0])
    expected = (3 * (0.9 - 1 / 3) + 1 * 0.1) / 4
    assert calibration.calibration_error(found) == pytest.approx(expected)
