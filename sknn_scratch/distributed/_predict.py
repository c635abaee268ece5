"""Lazy predictions for Dask collections, computed by the workers."""

from copy import copy
from functools import partial

import dask
import dask.array as da
import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from . import _worker
from ._collections import check_blocks, check_type, is_table


def lazily(model, method, X):
    """Return the predictions of a method for a collection, as a lazy Dask array."""
    check_is_fitted(model)
    check_type(X)
    few = X._meta if is_table(X) else np.empty((0, X.shape[-1]))
    validate_data(model, few, reset=False, skip_check_array=True)
    model = copy(model)  # a later fit does not change predictions not yet computed
    nameless = copy(model)  # for arrays: no warning about feature names in each block
    vars(nameless).pop("feature_names_in_", None)
    like = answer_to_none(nameless, method)
    if is_table(X):
        call = partial(_worker.call_on_rows, model, method, like)
        lazy, shape = dask.delayed(call, pure=True), (np.nan, *like.shape[1:])
        parts = [da.from_delayed(lazy(p), shape, like.dtype) for p in X.to_delayed()]
        return da.concatenate(parts)
    check_blocks(X)
    X = X.rechunk({1: -1})
    call = partial(_worker.call_on_rows, nameless, method, like)
    if like.ndim == 1:
        return X.map_blocks(call, drop_axis=1, meta=like)
    return X.map_blocks(call, chunks=(X.chunks[0], like.shape[1:]), meta=like)


def answer_to_none(model, method):
    """Return the predictions for no rows: their dtype and the shape of a row."""
    W, _ = model._layers()
    row = np.zeros((1, W[0].shape[1]), W[0].dtype)
    return getattr(model, method)(row)[:0]
