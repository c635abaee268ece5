"""Files: the course's labelled images in HDF5 (course, week 2), and fitted models."""

from ._datasets import (
    Dataset,
    RowReader,
    load_dataset,
    load_model,
    load_split,
    open_dataset,
    open_split,
    save_dataset,
    save_model,
)

__all__ = [
    "Dataset",
    "RowReader",
    "load_dataset",
    "load_model",
    "load_split",
    "open_dataset",
    "open_split",
    "save_dataset",
    "save_model",
]
