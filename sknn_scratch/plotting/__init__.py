"""Pictures of a fitted network, after scikit-learn's Display conventions.

Each Display holds what it draws. It is best made by one of its `from_...` methods;
`plot` draws it again, into the Axes given or a new figure, and never shows it. The
decision regions of a network with two features are drawn by scikit-learn's own
`sklearn.inspection.DecisionBoundaryDisplay`.
"""

from ._activations import ActivationDisplay
from ._curves import LossCurveDisplay
from ._graph import ComputationGraphDisplay
from ._importance import ImportanceDisplay
from ._mistakes import MistakesDisplay
from ._search import SearchDisplay
from ._weights import WeightsDisplay

__all__ = [
    "ActivationDisplay",
    "ComputationGraphDisplay",
    "ImportanceDisplay",
    "LossCurveDisplay",
    "MistakesDisplay",
    "SearchDisplay",
    "WeightsDisplay",
]
