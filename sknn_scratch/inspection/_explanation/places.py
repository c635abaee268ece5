"""The course's functions in a recorded step: arguments, and what they give there."""

import numpy as np

from ..._engine.activations import ACTIVATIONS
from ..._engine.optimizers import GradientDescent
from .._exercises.use_in import LINKS, StepByHand

CANCELLED = 1e-14  # of a sum of absolute values: what is left of a sum by rounding


class Layers:
    """A recorded step in the course's arguments: float64, and dZ times m.

    `names` are the activations of the layers 1 to L, behind the None of layer 0; a name
    is None where the course has no function for it.
    """

    def __init__(self, run, g, loss, seen):
        self.seen, self.L, self.m = seen, len(g), len(seen["w"])
        self.solver, self.rate = run.solver, plain_rate(run)
        hidden = [
            name_among(ACTIVATIONS, getattr(g_l, "at_rest", g_l)) for g_l in g[1:]
        ]
        self.names = [None, *hidden, name_among(LINKS, loss)]

    def __getitem__(self, key):
        """Return an array of the step as the course has it."""
        return np.array(self.seen[key], float) / self.share(key)

    def share(self, key):
        """Return what the course's quantity is multiplied with to be the engine's."""
        return 1 / self.m if key.startswith(("dZ", "dA")) else 1

    def rounding(self, key):
        """Return how far a slope may be off where its terms cancel, as at a minimum.

        The sum of other quantities is of the size of its terms.
        """
        if not key.startswith(("dW", "db")):
            return 0.0
        l = int(key[2:])
        terms = np.abs(np.array(self.seen[f"dZ{l}"], float))
        ones = np.ones((1, self.m))
        sums = terms @ (ones if key[1] == "b" else np.abs(self.before(l))).T
        return float(CANCELLED * sums.max())

    def before(self, l):
        return self["X" if l == 1 else f"A{l - 1}"]

    def linear_cache(self, l):
        return self.before(l), self[f"W{l}"], self[f"b{l}"]

    def all(self, before=""):
        """Return the parameters of all layers, or their slopes, in a dict."""
        names = [f"{kind}{l}" for l in range(1, self.L + 1) for kind in "Wb"]
        return {f"{before}{name}": self[f"{before}{name}"] for name in names}

    def named(self, *names, hidden=False):
        """Return the numbers of the layers with one of these activations."""
        last = self.L - hidden
        return [l for l in range(1, last + 1) if self.names[l] in names]


def name_among(classes, part):
    """Return the name of the class of an activation or a loss; None without a name.

    A part by the reader has the name of the engine's part that it replaces.
    """
    names = {cls: name for name, cls in classes.items()}
    return names.get(type(getattr(part, "engine", part)))


def plain_rate(run):
    """Return the learning rate of plain gradient descent; None for other steps."""
    plain = run.solver == "gd" and type(run.step) in (GradientDescent, StepByHand)
    return run.optimizer.rate if plain else None


def activation(name):
    return lambda step: (((step[f"Z{l}"],), {"A": f"A{l}"}) for l in step.named(name))


def slope(name):
    return lambda step: (
        ((step[f"dA{l}"], step[f"Z{l}"]), {"dZ": f"dZ{l}"})
        for l in step.named(name, hidden=True)
    )


def linear_forward(step):
    for l in range(1, step.L + 1):
        yield step.linear_cache(l), {"Z": f"Z{l}"}


def linear_activation_forward(step):
    for l in step.named("sigmoid", "relu"):
        yield (*step.linear_cache(l), step.names[l]), {"A": f"A{l}"}


def linear_backward(step):
    for l in range(step.L, 0, -1):
        yield (step[f"dZ{l}"], step.linear_cache(l)), slopes(l)


def linear_activation_backward(step):
    for l in reversed(step.named("sigmoid", "relu", hidden=True)):
        cache = step.linear_cache(l), step[f"Z{l}"]
        yield (step[f"dA{l}"], cache, step.names[l]), slopes(l)


def slopes(l):
    """Return the keys of the results of a backward pass through layer l."""
    before = {"dA_prev": f"dA{l - 1}"} if l > 1 else {}
    return before | {"dW": f"dW{l}", "db": f"db{l}"}


def compute_cost(step):
    if step.names[step.L] == "sigmoid":
        yield (step[f"A{step.L}"], step["Y"]), {"cost": "J"}


def propagate(step):
    if step.names[1:] == ["sigmoid"] and len(step["Y"]) == 1:
        w, b = step["W1"].T, float(step["b1"].item())
        results = {"dw": "dW1", "db": "db1", "cost": "J"}
        yield (w, b, step["X"], step["Y"]), results


def forward_propagation(step):
    if step.names[1:] == ["tanh", "sigmoid"]:
        kept = {f"cache[{key!r}]": key for key in ("Z1", "A1", "Z2")}
        yield (step["X"], step.all()), {"A2": "A2", **kept}


def backward_propagation(step):
    if step.names[1:] == ["tanh", "sigmoid"]:
        cache = {key: step[key] for key in ("Z1", "A1", "Z2", "A2")}
        results = {key: key for key in step.all("d")}
        yield (step.all(), cache, step["X"], step["Y"]), results


def model_forward(step):
    if deep(step):
        yield (step["X"], step.all()), {"AL": f"A{step.L}"}


def model_backward(step):
    if deep(step):
        caches = [(step.linear_cache(l), step[f"Z{l}"]) for l in range(1, step.L + 1)]
        results = {key: key for key in step.all("d")}
        yield (step[f"A{step.L}"], step["Y"], caches), results


def deep(step):
    """Return True for the course's deep network, up to the depth that is checked."""
    *hidden, last = step.names[1:]
    return last == "sigmoid" and hidden in (["relu"], ["relu", "relu"])


def update_parameters(step):
    if step.rate is not None:
        new = {name: f"{name}_new" for name in step.all()}
        yield (step.all(), step.all("d"), step.rate), new


# kind -> function of a step that yields arguments and the keys of the results
PLACES = {
    **{name: activation(name) for name in ("sigmoid", "tanh", "relu", "softmax")},
    **{f"{name}_backward": slope(name) for name in ("sigmoid", "tanh", "relu")},
    "linear_forward": linear_forward,
    "linear_activation_forward": linear_activation_forward,
    "linear_backward": linear_backward,
    "linear_activation_backward": linear_activation_backward,
    "compute_cost": compute_cost,
    "propagate": propagate,
    "forward_propagation": forward_propagation,
    "backward_propagation": backward_propagation,
    "L_model_forward": model_forward,
    "L_model_backward": model_backward,
    "update_parameters": update_parameters,
}
