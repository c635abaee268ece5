"""The rule of every parameter of the estimators, as scikit-learn checks them."""

import inspect
from numbers import Integral, Real
from os import PathLike

import numpy as np
from sklearn.metrics import get_scorer_names

from .._compat import Interval, Options, StrOptions
from .._engine.activations import ACTIVATIONS
from .._engine.initializers import INITIALIZERS
from .._engine.losses import REGRESSION
from .._engine.optimizers import OPTIMIZERS
from .._engine.schedules import SCHEDULES


def at_least(number, kind=Real):
    """Return the rule of a number from that one on."""
    return Interval(kind, number, None, closed="left")


RULES = {
    "C": [Interval(Real, 0, None, closed="right")],
    "activation": [StrOptions(set(ACTIVATIONS)), "array-like"],
    "alpha": [at_least(0)],
    "averaging_epochs": [at_least(0)],
    "batch_size": [StrOptions({"auto"}), at_least(1, Integral)],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "buffer_size": [StrOptions({"auto"}), at_least(1, Integral)],
    "checkpoint": [str, PathLike, None],
    "checkpoint_every": [Interval(Real, 0, None, closed="neither"), None],
    "categorical_features": ["array-like", str, None],
    "class_weight": [dict, StrOptions({"balanced"}), None],
    "cv": ["cv_object"],  # None is one
    "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
    "early_stopping": ["boolean"],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "fit_intercept": ["boolean"],
    "hidden_layer_sizes": ["array-like", at_least(1, Integral)],
    "huber_delta": [Interval(Real, 0, None, closed="right")],
    "init": [StrOptions({"auto", *INITIALIZERS}), "array-like"],
    "keep_optimizer_state": ["boolean"],
    "l1_ratio": [Interval(Real, 0, 1, closed="both")],
    "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    "learning_rate": [StrOptions(set(SCHEDULES))],
    "learning_rate_decay": [Interval(Real, 0, 1, closed="right")],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither"), None],
    "loss": [StrOptions(set(REGRESSION))],
    "max_fun": [at_least(1, Integral)],
    "max_grad_norm": [Interval(Real, 0, None, closed="right"), None],
    "max_levels": [at_least(1, Integral)],
    "max_iter": [at_least(1, Integral)],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "n_bins": [at_least(0, Integral)],
    "n_hidden": [at_least(1, Integral)],
    "n_hidden_layers": [at_least(0, Integral), None],
    "n_iter_no_change": [at_least(1, Integral), Options(Real, {np.inf})],
    "n_jobs": [Integral, None],
    "n_members": [StrOptions({"auto"}), at_least(1, Integral)],
    "negative_slope": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "power_t": [at_least(0)],
    "quantile": [Interval(Real, 0, 1, closed="neither"), "array-like"],
    "random_state": ["random_state"],
    "scoring": [StrOptions({"loss", *get_scorer_names()}), callable, None],
    "shuffle": ["boolean"],
    "solver": [StrOptions({*OPTIMIZERS, "lbfgs"})],
    "standardize": ["boolean"],
    "standardize_target": ["boolean"],
    "time_limit": [Interval(Real, 0, None, closed="neither"), None],
    "tol": [at_least(0)],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "warmup_epochs": [at_least(0, Integral)],
    "warn": ["boolean"],
}


AUTO_PATIENCE = [StrOptions({"auto"}), *RULES["n_iter_no_change"]]


def rules_of(constructor, **different):
    """Return the rules of a constructor's parameters; `different` replaces some."""
    names = list(inspect.signature(constructor).parameters)[1:]
    return {name: different.get(name, RULES[name]) for name in names}
