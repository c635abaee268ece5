"""Transformers in front of a network: images and tables to rows of numbers.

`ImageFlattener` turns images into rows. `TableEncoder` turns tables of numbers, texts,
dates and missing values into rows.
"""

from ._images import ImageFlattener
from ._tables import TableEncoder

__all__ = ["ImageFlattener", "TableEncoder"]
