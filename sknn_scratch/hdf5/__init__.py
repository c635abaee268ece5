"""Files: the course's labelled images in HDF5 (course, week 2), and fitted models."""

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
