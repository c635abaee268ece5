"""Texts that all exports to Python share."""

from ._formula import FUNCTIONS, translate
from ._network import base64_of

NUMPY = {name: f"np.{name}" for name in FUNCTIONS} | {"max": "np.maximum"}
NUMPY |= {"min": "np.minimum"}
PLAIN = {name: f"math.{name}" for name in FUNCTIONS}
PLAIN |= {name: name for name in ("abs", "max", "min")}


def encoded_layers(layers, numpy):
    """Return a line for each layer, with its little-endian bytes in base64."""
    lines = []
    for layer in layers:
        shape = layer.shape if numpy else [len(layer) if layer.ndim == 2 else 1]
        sizes = ", ".join(map(str, shape))
        lines.append(f'    decoded("{base64_of(layer)}", {sizes}),\n')
    return "".join(lines)


def activation_functions(net, language):
    """Return the definition of a function for each activation."""
    return "".join(
        f"\n\ndef {name}(z):\n"
        f"    return {translate(formula, constants, functions=language)}\n"
        for name, (formula, constants) in net.activations.items()
        if formula != "z"
    )
