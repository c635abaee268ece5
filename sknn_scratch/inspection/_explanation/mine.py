"""What a reader's functions give for the quantities of a step, beside the engine's.

Each function is called with what the engine has computed before it, so a mistake in one
quantity does not spread to the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import issparse

from ..._engine.activations import ACTIVATIONS
from .._exercises.check_my import Verdict, name_of_kind
from .._exercises.kinds import KINDS
from .._exercises.trial import try_case
from .._exercises.use_in import LINKS, preserve_np_random

ROUNDING = 1e-6  # of the largest number, as in check_my


@dataclass(frozen=True)
class Mine:
    """What one function of the reader gives for one quantity.

    `kind` is the course's name of the function, `value` its result or None if there is
    none, `engine` the engine's result for the same arguments, and `remarks` what
    `check_my` says of the call.
    """

    kind: str
    value: object
    engine: np.ndarray
    remarks: tuple = ()

    @property
    def difference(self):
        """Return value - engine; None if they cannot be subtracted."""
        if self.value is None or self.value.shape != self.engine.shape:
            return None
        return self.value - self.engine

    @property
    def place(self):
        """Return the index of the largest difference; one that is not finite counts."""
        sizes = np.abs(self.difference)
        sizes = np.where(np.isfinite(sizes), sizes, np.inf)
        return tuple(map(int, np.unravel_index(sizes.argmax(), sizes.shape)))

    @property
    def agrees(self):
        """Return True if the two are equal up to rounding."""
        if self.difference is None:
            return False
        largest = np.abs(self.engine).max(initial=0.0)
        return bool(np.all(np.abs(self.difference) <= ROUNDING * largest))

    @property
    def words(self):
        """Return the outcome in one sentence."""
        if self.value is None:
            return f"Yours gave no value to compare. {' '.join(self.remarks)}"
        if self.difference is None:
            shapes = f"Yours has the shape {self.value.shape}"
            return f"{shapes}, the engine's has {self.engine.shape}."
        if self.agrees:
            return "Yours equals the engine's up to rounding."
        at, gap = self.place, float(self.difference[self.place])
        return (
            f"The largest difference is {gap:.4g}, at {list(at)}: yours is "
            f"{self.value[at]:.4g}, the engine's {self.engine[at]:.4g}."
        )


# -- which functions -------------------------------------------------------------------


def functions_of(mine):
    """Return the reader's functions by the course's names for them."""
    if isinstance(mine, Mapping):
        named = [(function, kind) for kind, function in mine.items()]
    else:
        given = mine if isinstance(mine, list | tuple) else [mine]
        named = [
            (one._function, one.kind) if isinstance(one, Verdict) else (one, None)
            for one in given
        ]
    for function, _ in named:
        if not callable(function):
            raise TypeError(
                "mine must be a function of the course, a verdict of check_my, a list "
                "of them, or a dict of names and functions, got "
                f"{type(function).__name__}."
            )
    return {name_of_kind(function, kind): function for function, kind in named}


def compare(functions, step):
    """Return lists of `Mine` by the keys of the quantities.

    Parameters
    ----------
    functions : dict of str to callable
        The reader's functions by the course's names.
    step : Layers
        The recorded step.
    """
    if functions and issparse(step.seen["X"]):
        raise TypeError(
            "X must be dense for a function of your own, got a sparse matrix; give "
            "X.toarray()."
        )
    found = {}
    for kind, function in functions.items():
        for arguments, results in calls_of(kind, step):
            with preserve_np_random():
                call = try_case(function, KINDS[kind], arguments)
            for name, key in results.items():
                if name in call.right:  # else a cache that was not returned
                    mine = mine_of(kind, call, name, step.share(key))
                    found.setdefault(key, []).append(mine)
    return found


def calls_of(kind, step):
    """Return the arguments and the keys of the results; raise if there are none."""
    calls = [*PLACES[kind](step)] if kind in PLACES else []
    if not calls:
        raise ValueError(
            f"mine must hold functions that give a quantity of this step, got {kind}; "
            f"its layers are {step.names[1:]}, its solver is {step.solver!r}."
        )
    return calls


def mine_of(kind, call, name, share):
    """Return one result of a call beside the engine's."""
    remarks = tuple(finding.text for finding in call.findings)
    engine = np.atleast_2d(call.right[name] * share)
    value = (call.seen or {}).get(name)
    if value is not None:
        value = np.atleast_2d(value * share) if value.ndim == 0 else value * share
    return Mine(kind, value, engine, remarks)


# -- what the functions are called with ------------------------------------------------


class Layers:
    """A recorded step in the course's arguments: float64, and dZ times m.

    `names` are the activations of the layers 1 to L, behind the None of layer 0; a name
    is None where the course has no function for it.
    """

    def __init__(self, run, g, loss, seen):
        self.seen, self.L, self.m = seen, len(g), len(seen["w"])
        self.solver, self.rate = run.solver, plain_rate(run)
        activations = {cls: name for name, cls in ACTIVATIONS.items()}
        links = {cls: name for name, cls in LINKS.items()}
        rest = [activations.get(type(getattr(g_l, "at_rest", g_l))) for g_l in g[1:]]
        self.names = [None, *rest, links.get(type(loss))]

    def __getitem__(self, key):
        """Return an array of the step as the course has it."""
        return np.array(self.seen[key], float) / self.share(key)

    def share(self, key):
        """Return what the course's quantity is multiplied with to be the engine's."""
        return 1 / self.m if key.startswith(("dZ", "dA")) else 1

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


def plain_rate(run):
    """Return the learning rate of plain gradient descent; None for other steps."""
    plain = run.solver == "gd" and run.step is run.optimizer
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
