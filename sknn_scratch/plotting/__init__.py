"""Displays of fitted networks, after scikit-learn's Display conventions.

Each Display stores the data that it draws. Create it with one of its `from_...`
methods; `plot` draws it again, into the given Axes or a new figure, and never calls
`plt.show`. For the decision regions of a network with two features, use scikit-learn's
`sklearn.inspection.DecisionBoundaryDisplay`.
"""

from ._activations import ActivationDisplay
from ._curves import LossCurveDisplay
from ._graph import ComputationGraphDisplay
from ._importance import ImportanceDisplay
from ._mistakes import MistakesDisplay
from ._out_of_fold import OutOfFoldDisplay
from ._search import SearchDisplay
from ._weights import WeightsDisplay

__all__ = [
    "ActivationDisplay",
    "ComputationGraphDisplay",
    "ImportanceDisplay",
    "LossCurveDisplay",
    "MistakesDisplay",
    "OutOfFoldDisplay",
    "SearchDisplay",
    "WeightsDisplay",
]
