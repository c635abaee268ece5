"""What an estimator's two halves, training and publishing, leave to others."""

import inspect
from abc import ABCMeta, abstractmethod
from functools import cache
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator

from .._engine.optimizers import OPTIMIZERS


class Architecture(NamedTuple):
    """The hidden layers, and how weights begin."""

    units: tuple = ()
    activations: tuple = ()
    dropout: tuple = ()
    init: str = "zeros"


ABSENT = {
    "fit_intercept": True,
    "keep_optimizer_state": False,
    "label_smoothing": 0.0,
    "learning_rate": "constant",
    "max_fun": None,
    "max_grad_norm": None,
    "warmup_epochs": 0,
}


@cache
def defaults(cls):
    """The parameters of an estimator class and their defaults."""
    parameters = inspect.signature(cls.__init__).parameters.values()
    return {p.name: p.default for p in parameters if p.name != "self"}


class Hooks(BaseEstimator, metaclass=ABCMeta):
    """Gaps that the final classes fill, and those one half fills for the other."""

    _dtypes = (np.float64, np.float32)  # what is trained in; others become the first
    _by_hand = None  # a reader's functions in the engine's place (inspection.check_my)
    _patient = frozenset(OPTIMIZERS)  # solvers that wait for n_iter_no_change epochs

    def _option(self, name):
        """A parameter, or what stands for it where a final class has none such."""
        return getattr(self, name, ABSENT.get(name))

    def _parameters(self):
        """get_params(deep=False), which reads the signature each time: 80 us."""
        return {name: getattr(self, name) for name in defaults(type(self))}

    # -- what a final class says of itself ---------------------------------------------

    @abstractmethod
    def _architecture(self):
        """The hidden layers, validated."""

    @abstractmethod
    def _solver(self, X):
        """The solver to use on X, by the names of OPTIMIZERS, or "lbfgs", "newton"."""

    @abstractmethod
    def _strength(self, n):
        """Factor of the penalty (1 - r) / 2 ||W||^2 + r |W|; n: weight of the rows."""

    @abstractmethod
    def _stopping_rule(self, solver, objective, optimizer, patience):
        """The member of the Watch that stops training when nothing is held out."""

    @abstractmethod
    def _lbfgs_limits(self):
        """`ftol` and `max_fun` of L-BFGS, by name."""

    @abstractmethod
    def _encode(self, y, classes, start):
        """y as numbers; a fresh start learns what there is to know of y."""

    @abstractmethod
    def _encode_known(self, y):
        """y as numbers, the way `_encode` has learned."""

    @abstractmethod
    def _decode(self, codes):
        """The inverse of `_encode_known`."""

    @abstractmethod
    def _label_weights(self, codes, w):
        """Learn the factors of class_weight; factor for the weight of each row."""

    @abstractmethod
    def _known_label_weights(self, codes, w):
        """Factor for the weight of each row, as `_label_weights` has learned."""

    @abstractmethod
    def _strata(self, codes):
        """Labels whose proportions a hold-out keeps and their names, by argument."""

    @abstractmethod
    def _targets(self, codes, dtype):
        """Y of the rows as `MemoryBatches` takes it, (m, n[L])."""

    @abstractmethod
    def _n_outputs(self):
        """n[L], of the y that was learned."""

    @abstractmethod
    def _kind(self):
        """What y is: the key of LOSSES."""

    @abstractmethod
    def _publish_layers(self, params, n_iter):
        """Parameters and n_iter -> fitted attributes in scikit-learn's shapes."""

    @abstractmethod
    def _published_layers(self):
        """Fitted attributes -> W[1..L], b[1..L] in the course's shapes, as views."""

    # -- what the other half does ------------------------------------------------------

    @abstractmethod
    def _layers(self):
        """W[1..L] and b[1..L] as fitted, in the course's shapes."""

    @abstractmethod
    def _twin(self, run, theta):
        """A fitted copy of the estimator, with theta for its parameters."""

    @abstractmethod
    def _snapshot(self, run, theta):
        """Fitted attributes at theta, or None where its outputs are not finite."""

    @abstractmethod
    def _tell(self, text, category, level):
        """Warn the user, `level` calls up, unless warn=False."""
