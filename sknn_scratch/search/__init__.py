"""Search for hyperparameters: where to look, and trials of Optuna that end early.

`search_space` suggests distributions for scikit-learn's searches; `suggest` asks an
Optuna trial for values from the same dict, and `PruneTrial` ends its bad trainings.
`sknn-scratch tune` searches within a time limit, without a line of Python.
"""

from ._pruning import PruneTrial
from ._spaces import search_space, suggest

__all__ = ["PruneTrial", "search_space", "suggest"]
