"""The settings of the members that no parameter of the estimators changes.

They were chosen on the seven classification and eight regression sets of
`benchmarks/tables.py`, where each is left out in turn.
"""

import numpy as np

MEMBERS = {2_000: 8}  # rows below -> members
MEMBERS_OF_MANY = 5
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


def members_for(m):
    """Return the number of members for m rows: with few, each has seen others."""
    return next((n for rows, n in MEMBERS.items() if m < rows), MEMBERS_OF_MANY)


def batch_of(m):
    """Return the rows of a batch for m rows to train on."""
    return next((size for rows, size in BATCHES.items() if m < rows), LARGEST_BATCH)


def member_parameters(tabular, m):
    """Return the parameters of a member that trains on m rows."""
    size = batch_of(m) if tabular.batch_size == "auto" else tabular.batch_size
    n_hidden = np.size(tabular.hidden_layer_sizes)
    return {
        **MEMBER,
        "hidden_layer_sizes": tabular.hidden_layer_sizes,
        "activation": tabular.activation,
        "dropout": tabular.dropout,
        "learning_rate_init": tabular.learning_rate_init,
        "max_iter": tabular.max_iter,
        "n_iter_no_change": tabular.n_iter_no_change,
        "batch_size": size,
        "init": [*["he"] * n_hidden, "zeros"],
    }
