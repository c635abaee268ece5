"""Cases for the functions of the course's assignments: tuples of arguments."""

import numpy as np

from .functions import DEEP, SHALLOW, activate, first_parameters, linear, outputs

# n_out, n_in, m: all different, square, one unit, one example, n_out = m
LAYERS = [(3, 5, 4), (3, 3, 5), (1, 3, 2), (2, 3, 1), (4, 2, 4)]
LARGEST_OUTPUT = 5  # of the last Z: 1 - AL of a float32 has digits left


def signals(rng):
    """Draw Z of several shapes, and one of integers, whose dtype no result may have."""
    cases = [(rng.randn(n, m) * 2,) for n, m in [(3, 4), (1, 5), (4, 1), (3, 3)]]
    return [*cases, (np.array([[-2, 1, 3], [4, -1, 2]]),)]


def signals_with_slopes(rng):
    return [(rng.randn(*Z.shape), Z) for (Z,) in signals(rng)[:-1]]


def layers(rng):
    """Draw A_prev, W and b."""
    return [
        (rng.randn(n_in, m), rng.randn(n_out, n_in), rng.randn(n_out, 1))
        for n_out, n_in, m in LAYERS
    ]


def layers_activated(rng):
    return [(*layer, name) for layer in layers(rng) for name in ("sigmoid", "relu")]


def layers_with_slopes(rng):
    return [(rng.randn(len(W), A.shape[1]), (A, W, b)) for A, W, b in layers(rng)]


def layers_activated_with_slopes(rng):
    return [
        (dZ, (cache, linear(*cache)), name)
        for dZ, cache in layers_with_slopes(rng)
        for name in ("sigmoid", "relu")
    ]


def labelled_outputs(rng):
    """Draw AL, and Y with both classes in each case but the last."""
    cases = []
    for m in (6, 5, 2, 1):
        Y = np.zeros((1, m))
        Y[0, ::2] = 1
        cases.append((rng.uniform(0.1, 0.9, (1, m)), Y))
    return cases


def weights(rng, *n):
    shapes = {name: value.shape for name, value in first_parameters(*n).items()}
    return {name: rng.randn(*shape) for name, shape in shapes.items()}


def logistic_regressions(rng):
    """Draw w, b, X and Y of logistic regression."""
    cases = []
    for n, m in [(3, 5), (2, 4), (4, 4), (1, 6), (3, 1)]:
        Y = (np.arange(m) % 2 == 0).astype(float)[np.newaxis]
        cases.append((rng.randn(n, 1), float(rng.randn()), rng.randn(n, m), Y))
    return cases


def networks(rng, shapes):
    """Draw parameters, X and Y."""
    cases = []
    for *n, m in shapes:
        Y = (rng.rand(n[-1], m) > 0.5).astype(float)
        cases.append((weights(rng, *n), rng.randn(n[0], m), Y))
    return cases


def shallow(rng, shapes=((2, 4, 1, 5), (3, 3, 1, 4), (2, 3, 1, 1))):
    return networks(rng, shapes)


def deep(rng):
    """Draw deep networks whose outputs are not so near to 1 that 1 - AL is rounded."""
    cases = []
    for shape in [(5, 4, 3, 1, 6), (3, 3, 2, 1, 3), (4, 3, 2, 1, 1)]:
        (case,) = networks(rng, [shape])
        while np.abs(outputs(case[0], case[1], DEEP)).max() > LARGEST_OUTPUT:
            (case,) = networks(rng, [shape])
        cases.append(case)
    return cases


def shallow_caches(rng, *shapes):
    """Draw parameters, X and Y; return parameters, cache, X and Y."""
    cases = []
    for parameters, X, Y in shallow(rng, *shapes):
        cache, A = {}, X
        for l, name in enumerate((*SHALLOW, "sigmoid"), start=1):
            Z = cache[f"Z{l}"] = linear(A, parameters[f"W{l}"], parameters[f"b{l}"])
            A = cache[f"A{l}"] = activate(name, Z)
        cases.append((parameters, cache, X, Y))
    return cases


def deep_caches(rng):
    """Draw networks; return AL, Y and caches, of each layer ((A_prev, W, b), Z)."""
    cases = []
    for parameters, X, Y in deep(rng):
        caches, AL = caches_of(X, parameters)
        cases.append((AL, Y, caches))
    return cases


def caches_of(X, parameters):
    """Return the caches of a deep network, each ((A_prev, W, b), Z), and AL."""
    caches, A = [], X
    for l, name in enumerate((*DEEP, "sigmoid"), start=1):
        layer = (A, parameters[f"W{l}"], parameters[f"b{l}"])
        caches.append((layer, linear(*layer)))
        A = activate(name, caches[-1][1])
    return caches, A


def steps(rng):
    """Draw parameters and grads; return them with a learning_rate."""
    return steps_of(rng, [((2, 4, 1), 0.7), ((4, 3, 3, 1), 0.05), ((3, 1), 1.2)])


def steps_of_two_layers(rng):
    return steps_of(rng, [((2, 4, 1), 0.7), ((3, 2, 2), 0.05), ((3, 3, 3), 1.2)])


def steps_of(rng, shapes):
    return [
        (
            weights(rng, *n),
            {f"d{name}": value for name, value in weights(rng, *n).items()},
            rate,
        )
        for n, rate in shapes
    ]
