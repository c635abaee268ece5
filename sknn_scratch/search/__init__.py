"""Search for hyperparameters: search spaces, and pruning of Optuna trials.

`search_space` suggests distributions for scikit-learn's searches. `suggest` asks an
Optuna trial for values from the same dict, and `PruneTrial` stops trials with poor
scores. The command `sknn-scratch tune` searches within a time limit.
"""

from ._pruning import PruneTrial
from ._spaces import search_space, suggest

__all__ = ["PruneTrial", "search_space", "suggest"]
