"""Training on Dask collections: each worker has a share of the rows, which stays there.

A step sends the parameters out, one flat vector; every worker answers with J and the
gradient summed over its part of the batch; these are added up, a few at a time, and the
optimiser takes its step here. The sums are those of a single machine, so the result is,
too, but for rounding: for solvers of all rows, and for batches, which have the same
rows. Everything that workers have is a task of Dask: what a worker had that died is
made again from the collection.

Targets and weights are here, 8 bytes a row each. Without a `distributed.Client` rows
are streamed from the collection, as from a file.

Nothing here needs to be called: `fit`, `partial_fit`, `score` and the predictions take
Dask arrays and data frames of numbers.
"""

__all__ = []
