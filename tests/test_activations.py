"""Properties that hold for everything in ACTIVATIONS."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference_network import G

from sknn_scratch._activations import ACTIVATIONS

pytestmark = pytest.mark.parametrize("name", ACTIVATIONS)


def columns(rng, dtype=float, scale=3):
    return np.asfortranarray(rng.randn(6, 40) * scale, dtype=dtype)


def test_forward_is_the_formula(name, rng):
    Z = columns(rng)
    out = np.empty_like(Z)
    ACTIVATIONS[name]().forward(Z, out)
    assert_allclose(out, G[name][0](Z), rtol=1e-12, atol=1e-15)


def test_out_may_be_the_input(name, rng):
    Z = columns(rng)
    out, g = np.empty_like(Z), ACTIVATIONS[name]()
    g.forward(Z, out)
    g.forward(Z, Z)
    assert_array_equal(Z, out)


def test_chain_is_the_derivative_by_central_differences(name, rng):
    Z = columns(rng)
    Z[np.abs(Z) < 1e-3] = 1  # away from the kink of relu
    g, h = ACTIVATIONS[name](), 1e-6
    A, above, below = np.empty_like(Z), np.empty_like(Z), np.empty_like(Z)
    g.forward(Z + h, above)
    g.forward(Z - h, below)
    g.forward(Z, A)
    dA = columns(rng)
    dZ = dA.copy()
    g.chain(A, dZ)
    assert_allclose(dZ, dA * (above - below) / (2 * h), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_it_is_finite_and_silent_and_keeps_its_type(name, dtype):
    Z = np.array([[-1e3, -50, 0, 50, 1e3]], dtype=dtype)
    g, A = ACTIVATIONS[name](), np.empty_like(Z)
    g.forward(Z, A)
    assert np.isfinite(A).all()
    dA = np.ones_like(Z)
    g.chain(A, dA)
    assert np.isfinite(dA).all()
    assert A.dtype == dA.dtype == dtype


def test_shapes_may_change_between_calls(name, rng):
    g = ACTIVATIONS[name]()
    for m in (40, 7, 40):
        Z = columns(rng)[:, :m]
        out = np.empty_like(Z)
        g.forward(Z, out)
        assert_allclose(out, G[name][0](Z), rtol=1e-12, atol=1e-15)
