"""The page of `sknn-scratch report`, which evaluates a model on held-out rows."""
