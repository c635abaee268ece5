"""The settings of the members that no parameter of the estimators changes.

They were chosen on the seven classification and eight regression sets of
`benchmarks/tables.py`, where each is left out in turn.
"""

import numpy as np

FEW = 1_000  # rows; with fewer, a member more and an epoch more cost little
BATCHES = {500: 32, 2_000: 64, 8_000: 128}  # rows below -> rows of a batch
LARGEST_BATCH = 256

MEMBER = {
    "solver": "adamw",
    "alpha": 0.0,
    "learning_rate": "cosine",
    "averaging_epochs": 3,
    "beta_2": 0.99,
    "tol": 0.0,
    "warn": False,
}

CLASSIFIER = {"label_smoothing": 0.05}
LAST_LAYER = "zeros"  # its first weights: training begins at the mean of y


def members_for(m):
    """Return the number of members for a table of m rows."""
    return 8 if m < FEW else 5


def patience_for(m):
    """Return the epochs that a member waits for a lower loss, for a table of m rows.

    An epoch of few rows has few steps.
    """
    return 16 if m < FEW else 6


def batch_of(m):
    """Return the rows of a batch for m rows to train on."""
    return next((size for rows, size in BATCHES.items() if m < rows), LARGEST_BATCH)


def member_parameters(tabular, m, n_train):
    """Return the parameters of a member that trains on n_train of the m rows."""
    size, patience = tabular.batch_size, tabular.n_iter_no_change
    n_hidden = np.size(tabular.hidden_layer_sizes)
    return {
        **MEMBER,
        "hidden_layer_sizes": tabular.hidden_layer_sizes,
        "activation": tabular.activation,
        "dropout": tabular.dropout,
        "learning_rate_init": tabular.learning_rate_init,
        "max_iter": tabular.max_iter,
        "n_iter_no_change": patience_for(m) if patience == "auto" else patience,
        "batch_size": batch_of(n_train) if size == "auto" else size,
        "init": [*["he"] * n_hidden, LAST_LAYER],
    }
