"""Search spaces: distributions of the hyperparameters that an estimator reads."""

import numpy as np
from scipy.stats import loguniform, randint, uniform

from .._estimators.access import networks_in
from .._estimators.base import BaseNetwork
from .._fit.parameter_use import READ_BY
from .._fit.settings import defaults
from .._tabular.base import BaseTabular

WIDTHS = [16, 32, 64, 128, 256]  # of layers and minibatches: only their ratio matters
RATES = {  # adaptive optimisers take steps of about the length of the rate
    "gd": (0.01, 3),
    "sgd": (1e-3, 0.3),
    "rmsprop": (1e-4, 0.01),
    "adam": (3e-4, 0.03),
    "adamw": (3e-4, 0.03),
}


def search_space(estimator, size="small"):
    """Return a distribution or a list of choices for each parameter to search over.

    It contains only parameters that the constructor names and that the solver reads.

    Parameters
    ----------
    estimator : estimator or class
        A network or an ensemble of this package, or an estimator that contains one: a
        Pipeline, a TransformedTargetRegressor. Names then have the prefix of the step
        ("deepnetclassifier__alpha"), as searches need them.
    size : {"small", "large"}, default="small"
        "small" has the most important parameters: learning rate, width, depth, penalty,
        dropout, size of a minibatch, standardised features or not. "large" adds
        activation, label smoothing, momentum of "sgd" and learning rate schedule, where
        they exist. Of the ensembles for tables "small" has learning rate, layers,
        dropout and bins, "large" also activation and size of a minibatch.

    Returns
    -------
    dict of str to distribution or list
        A new dict of frozen distributions of scipy.stats and lists of choices, which
        may be changed. It works with RandomizedSearchCV, HalvingRandomSearchCV and
        `suggest`.

    Raises
    ------
    TypeError
        If there is no network in `estimator`.
    ValueError
        If `size` is neither "small" nor "large", or if the constructor of a subclass
        names none of the parameters.

    Notes
    -----
    For a network of any depth, `hidden_layer_sizes` is an int and `n_hidden_layers` is
    from 1 to 3. An estimator with an activation or a dropout for each layer keeps its
    depth. For sparse X, delete "standardize" from the dict. An ensemble for tables has
    its layers as tuples, around the default of two layers of 128 units.

    Examples
    --------
    >>> from sklearn.model_selection import RandomizedSearchCV
    >>> from sknn_scratch import LogisticRegressionScratch
    >>> from sknn_scratch.datasets import make_flower
    >>> from sknn_scratch.search import search_space
    >>> model = LogisticRegressionScratch()
    >>> space = search_space(model)
    >>> sorted(space)
    ['C', 'standardize']
    >>> search = RandomizedSearchCV(model, space, n_iter=5, random_state=0)
    >>> sorted(search.fit(*make_flower()).best_params_)
    ['C', 'standardize']
    """
    if size not in SIZES:
        raise ValueError(f"size must be one of {[*SIZES]}, got {size!r}.")
    if isinstance(estimator, type) and issubclass(estimator, MODELS):
        estimator = estimator()
    networks = networks_in(estimator, MODELS)
    space = {
        prefix + name: choices(network)
        for prefix, network in networks.items()
        for name, choices in choices_of(network, size).items()
        if name in searchable(network, size)
    }
    if not space:
        raise nothing_to_search(next(iter(networks.values())), size)
    return space


def choices_of(network, size):
    """Return the entry of SIZES or of TABLE_SIZES that a network is searched by."""
    return (TABLE_SIZES if isinstance(network, BaseTabular) else SIZES)[size]


def searchable(network, size):
    """Return the parameters of `choices_of` that a network reads and its class names.

    The constructor of a subclass may name fewer than the package's class has.
    `set_params` takes only these.
    """
    named = network.get_params(deep=False)
    return [name for name in readable(network, size) if name in named]


def readable(network, size):
    """Return the parameters of `choices_of` that a network reads."""
    names = [*choices_of(network, size)]
    if isinstance(network, BaseTabular):  # it reads all of its own
        return names
    has = defaults(type(network))
    return [name for name in names if name in has and reads(network, name)]


def nothing_to_search(network, size):
    """Return the error for a class whose constructor names nothing to search over."""
    named = ", ".join(network.get_params(deep=False)) or "none"
    wanted = ", ".join(readable(network, size))
    return ValueError(
        f"{type(network).__name__} must name a parameter to search over in its "
        f"constructor, got only {named[:80]}; add to it, and set, some of {wanted}."
    )


def reads(network, name):
    """Return True if the solver of a network reads a parameter."""
    return name not in READ_BY or solver_of(network) in READ_BY[name]


def solver_of(network):
    """Return the name of the solver; "auto" is resolved as for few rows."""
    return network._settings(np.empty((1, 1))).solver


def depth(network):
    """Return 1 to 3 layers, or the length of a list of activations or dropouts."""
    each = [network.activation, network.dropout]
    fixed = [len(v) for v in each if np.iterable(v) and not isinstance(v, str)]
    return fixed[:1] or randint(1, 4)


def suggest(trial, space):
    """Ask an Optuna trial for a value of each parameter in a search space.

    Parameters
    ----------
    trial : optuna.Trial
        Trial, or any object with `suggest_float`, `suggest_int` and
        `suggest_categorical`.
    space : dict of str to distribution or list
        From `search_space`, or your own dict of lists and of the frozen distributions
        loguniform, uniform and randint of scipy.stats.

    Returns
    -------
    dict
        A value for each name, to be passed to `set_params`.

    Raises
    ------
    TypeError
        If the space contains another distribution.

    Examples
    --------
    >>> from sknn_scratch import DeepNetClassifier
    >>> from sknn_scratch.search import search_space, suggest
    >>> space = search_space(DeepNetClassifier)
    >>> def objective(trial):
    ...     net = DeepNetClassifier(random_state=0).set_params(**suggest(trial, space))
    ...     return cross_val_score(net, X, y).mean()
    >>> study = optuna.create_study(direction="maximize")  # doctest: +SKIP
    >>> study.optimize(objective, n_trials=50)  # doctest: +SKIP
    """
    return {name: ask(trial, name, choices) for name, choices in space.items()}


def ask(trial, name, choices):
    """Ask the trial for the value of one parameter."""
    if isinstance(choices, list | tuple | np.ndarray):
        plain = choices.tolist() if isinstance(choices, np.ndarray) else list(choices)
        return trial.suggest_categorical(name, plain)
    kind = getattr(getattr(choices, "dist", None), "name", None)
    if kind not in ASK:
        raise TypeError(
            f"space[{name!r}] must be a list, or one of {sorted(ASK)} of scipy.stats "
            f"with its limits, got {kind or type(choices).__name__}; ask the trial "
            "for it yourself."
        )
    low, high = (end.item() for end in choices.support())
    return ASK[kind](trial, name, low, high)


# {parameter: function of the network that returns its choices or distribution}
SMALL = {
    "learning_rate_init": lambda network: loguniform(*RATES[solver_of(network)]),
    "hidden_layer_sizes": lambda network: [*WIDTHS],
    "n_hidden_layers": depth,
    "n_hidden": lambda network: [*WIDTHS],
    "alpha": lambda network: loguniform(1e-5, 10),
    "C": lambda network: loguniform(1e-4, 1e3),
    "dropout": lambda network: uniform(0, 0.5),
    "batch_size": lambda network: [*WIDTHS],
    "standardize": lambda network: [False, True],
}
LARGE = SMALL | {
    "activation": lambda network: ["relu", "leaky_relu", "gelu", "tanh"],
    "label_smoothing": lambda network: uniform(0, 0.2),
    "momentum": lambda network: uniform(0.5, 0.49),
    "learning_rate": lambda network: ["constant", "adaptive", "cosine"],
}
SIZES = {"small": SMALL, "large": LARGE}
MODELS = (BaseNetwork, BaseTabular)
# of the ensembles for tables, around their defaults, which fifteen tables chose
LAYERS = [(64, 64), (128, 128), (256, 256), (128, 128, 128), (256,)]
TABLE_SMALL = {
    "learning_rate_init": lambda model: loguniform(1e-3, 0.02),
    "hidden_layer_sizes": lambda model: [*LAYERS],
    "dropout": lambda model: uniform(0, 0.3),
    "n_bins": lambda model: [0, 8, 16, 32],
}
TABLE_LARGE = TABLE_SMALL | {
    "activation": lambda model: ["swish", "gelu", "relu"],
    "batch_size": lambda model: ["auto", 32, 64, 128, 256],
}
TABLE_SIZES = {"small": TABLE_SMALL, "large": TABLE_LARGE}
ASK = {  # {name of a distribution: function that asks a trial for a value}
    "loguniform": lambda trial, name, *ends: trial.suggest_float(name, *ends, log=True),
    "reciprocal": lambda trial, name, *ends: trial.suggest_float(name, *ends, log=True),
    "uniform": lambda trial, name, *ends: trial.suggest_float(name, *ends),
    "randint": lambda trial, name, *ends: trial.suggest_int(name, *ends),
}
