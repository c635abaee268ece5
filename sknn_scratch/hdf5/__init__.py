"""HDF5 files of labelled images (course, week 2) and of fitted models."""

from ._datasets import Dataset, load_dataset, open_dataset, save_dataset
from ._models import load_model, save_model
from ._row_reader import RowReader

__all__ = [
    "Dataset",
    "RowReader",
    "load_dataset",
    "load_model",
    "open_dataset",
    "save_dataset",
    "save_model",
]
