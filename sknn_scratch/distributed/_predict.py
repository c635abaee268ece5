"""Lazy predictions for Dask collections, computed by the workers."""

from copy import copy
from functools import partial

import dask
import dask.array as da
import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from . import _worker
from ._blocks import checked_array, checked_table
from ._collections import check_blocks, check_type, is_table


def predict_lazily(model, method, X):
    """Return the predictions of a method for a collection, as a lazy Dask array."""
    check_is_fitted(model)
    check_type(X)
    template = X._meta if is_table(X) else np.empty((0, X.shape[-1]))
    validate_data(model, template, reset=False, skip_check_array=True)
    model = copy(model)  # a later fit does not change predictions not yet computed
    without_names = copy(model)  # so that arrays do not warn
    vars(without_names).pop("feature_names_in_", None)
    empty = predictions_of_no_rows(without_names, method)
    if is_table(X):
        call = partial(_worker.predict_block, model, method, empty)
        parts = checked_table(X).to_delayed()
        lazy, shape = dask.delayed(call, pure=True), (np.nan, *empty.shape[1:])
        parts = [da.from_delayed(lazy(p), shape, empty.dtype) for p in parts]
        return da.concatenate(parts)
    check_blocks(X)
    X = checked_array(X).rechunk({1: -1})
    call = partial(_worker.predict_block, without_names, method, empty)
    if empty.ndim == 1:
        return X.map_blocks(call, drop_axis=1, meta=empty)
    return X.map_blocks(call, chunks=(X.chunks[0], empty.shape[1:]), meta=empty)


def predictions_of_no_rows(model, method):
    """Return the predictions for no rows: their dtype and the shape of a row."""
    W, _ = model._layers()
    row = np.zeros((1, W[0].shape[1]), W[0].dtype)
    return getattr(model, method)(row)[:0]
