"""Transformers in front of a network: images to rows.

`ImageFlattener` turns images into rows of numbers between 0 and 1.
"""

from ._images import ImageFlattener

__all__ = ["ImageFlattener"]
