"""Rows of training data, in memory, sparse or on disk, as batches of columns."""
