"""Training on Dask collections: each worker keeps a share of the rows.

Each step sends the parameters, one flat vector, to the workers. A worker returns J and
the gradient, summed over its part of the batch. The sums are added, a few at a time,
and the optimiser takes its step in the local process. Solvers of all rows and solvers
of minibatches get the same rows as on a single machine, so their results are equal up
to rounding. All data on the workers are results of Dask tasks. When a worker dies, they
are computed again from the collection.

Targets and weights stay in the local process and take 8 bytes a row each. Without a
`distributed.Client`, rows are streamed from the collection as from a file.

There is nothing to call in this package: `fit`, `partial_fit`, `score` and the
prediction methods take Dask arrays and data frames of numbers.
"""

__all__ = []
