"""Conversion of images to the rows of numbers that a network reads (course, week 2)."""

import math
import warnings
from functools import partial
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from .._compat import Interval, fit_context
from .._rows.disk import chunk_length, is_collection, is_on_disk, place_of
from ._types import output_type

__all__ = ["ImageFlattener"]


def flat_rows(images, scale, dtype):
    """Return each image as a row of numbers of that dtype."""
    images = images.reshape(len(images), -1)
    return np.divide(images, scale, dtype=dtype)


def row_type(dtype, wanted):
    """Return the wanted dtype; by default float32 for float32 images, else float64."""
    return output_type(wanted or (np.float32 if dtype == np.float32 else np.float64))


class RowsOfImages:
    """Lazy rows of images on disk: a slice is read, flattened and scaled on access."""

    ndim = 2

    def __init__(self, images, scale, dtype):
        self._images, self._scale, self.dtype = images, scale, dtype
        self.shape = (images.shape[0], math.prod(images.shape[1:]))
        self.chunks = chunk_length(images), self.shape[1]
        self.filename = place_of(images)

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        return flat_rows(np.asarray(self._images[rows]), self._scale, self.dtype)

    def __array__(self, dtype=None, copy=None):
        return self[:] if dtype is None else self[:].astype(dtype)


class ImageFlattener(TransformerMixin, BaseEstimator):
    """Flatten images to rows and divide by `scale`: the first step of a Pipeline.

    An image of h x w pixels with c channels becomes a row of h * w * c numbers, pixel
    by pixel, with the channels of a pixel side by side: `X.reshape(m, -1) / scale`.

    Parameters
    ----------
    scale : float, default=255.0
        Divisor of the values; 255 maps bytes to [0, 1].
    dtype : {numpy.float32, numpy.float64} or None, default=None
        Type of the rows, in which a network computes, too. None takes float32 for
        float32 images, else float64. float32 takes half the memory and of large
        networks half the time.

    Attributes
    ----------
    image_shape_ : tuple of int
        (h, w) or (h, w, c), as seen in fit.
    image_dtype_ : dtype
        Dtype of the images seen in fit; `inverse_transform` converts back to it.
    n_features_in_ : int
        Number of values of an image, h * w * c.

    Examples
    --------
    >>> import numpy as np
    >>> from sknn_scratch.preprocessing import ImageFlattener
    >>> images = np.full((5, 2, 2, 3), 51, dtype=np.uint8)
    >>> rows = ImageFlattener().fit_transform(images)
    >>> rows.shape, float(rows[0, 0])
    ((5, 12), 0.2)
    """

    _parameter_constraints = {
        "scale": [Interval(Real, 0, None, closed="neither")],
        "dtype": "no_validation",
    }

    def __init__(self, scale=255.0, dtype=None):
        self.scale = scale
        self.dtype = dtype

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn the shape of the images.

        Parameters
        ----------
        X : array-like of shape (m, h, w) or (m, h, w, c)
            Images.
        y : None
            Ignored.

        Returns
        -------
        self
            The fitted transformer.
        """
        X = self._check_images(X)
        row_type(X.dtype, self.dtype)
        self.image_shape_, self.image_dtype_ = X.shape[1:], X.dtype
        self.n_features_in_ = int(np.prod(self.image_shape_))
        self._warn_of_scaled_images(X)
        return self

    def transform(self, X):
        """Flatten and scale.

        Parameters
        ----------
        X : array-like of shape (m, h, w) or (m, h, w, c)
            Images of the shape seen in fit.

        Returns
        -------
        ndarray of shape (m, h * w * c)
            Of the parameter `dtype`, or by default float32 for float32 images, else
            float64. For images on disk (h5py.Dataset,
            numpy.memmap ...), lazy rows that read, flatten and scale the images of a
            slice on access: networks train on them without loading all images. For a
            Dask array, a Dask array.

        Examples
        --------
        >>> import os, tempfile
        >>> import numpy as np
        >>> from sknn_scratch.preprocessing import ImageFlattener
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "images.npy")
        ...     np.save(path, np.full((50, 2, 2), 51, dtype=np.uint8))
        ...     images = np.load(path, mmap_mode="r")
        ...     rows = ImageFlattener().fit_transform(images)
        ...     rows.shape, rows[7:9].tolist()
        ((50, 4), [[0.2, 0.2, 0.2, 0.2], [0.2, 0.2, 0.2, 0.2]])
        """
        check_is_fitted(self)
        X = self._check_images(X)
        if X.shape[1:] != self.image_shape_:
            raise ValueError(
                f"X must hold images of shape {self.image_shape_} as in fit, "
                f"got {X.shape[1:]}; resize them first."
            )
        dtype = row_type(X.dtype, self.dtype)
        if is_collection(X):
            whole = X.rechunk(dict.fromkeys(range(1, X.ndim), -1))
            return whole.map_blocks(
                partial(flat_rows, scale=self.scale, dtype=dtype),
                chunks=(X.chunks[0], (self.n_features_in_,)),
                drop_axis=[*range(1, X.ndim)],
                new_axis=1,
                meta=np.empty((0, 0), dtype),
            )
        make = RowsOfImages if is_on_disk(X) else flat_rows
        return make(X, self.scale, dtype)

    def inverse_transform(self, X):
        """Turn rows back into images.

        Parameters
        ----------
        X : array-like of shape (m, h * w * c)
            Rows as returned by `transform`.

        Returns
        -------
        ndarray of shape (m, h, w) or (m, h, w, c)
            Images of the dtype seen in fit; for integers, values are rounded and
            clipped.
        """
        check_is_fitted(self)
        X = check_array(X, dtype=(np.float64, np.float32), input_name="X")
        if X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X must have {self.n_features_in_} columns, one for each number of an "
                f"image of shape {self.image_shape_}, got {X.shape[1]}."
            )
        X = (X * self.scale).reshape(-1, *self.image_shape_)
        if np.issubdtype(self.image_dtype_, np.integer):
            limits = np.iinfo(self.image_dtype_)
            # the cast truncates, so round first; 2**63 - 1 is not a float64, so clip to
            # the largest float64 below 2**63
            highest = np.nextafter(limits.max + 1.0, 0)
            X = np.rint(X).astype(np.float64).clip(limits.min, highest)
        return X.astype(self.image_dtype_)

    def get_feature_names_out(self, input_features=None):
        """Return names of the columns: "pixel_row_column", with channels "..._channel".

        Parameters
        ----------
        input_features : None
            Ignored: images have no feature names.

        Returns
        -------
        ndarray of str
            h * w * c names.
        """
        check_is_fitted(self)
        places = np.ndindex(*self.image_shape_)
        return np.array(
            ["_".join(["pixel", *map(str, place)]) for place in places], dtype=object
        )

    def _warn_of_scaled_images(self, X):
        """Warn where images are scaled already; those on disk are not read."""
        if not isinstance(X, np.ndarray) or self.scale <= 1:
            return
        largest = max(abs(float(X.max())), abs(float(X.min())))
        if 0 < largest <= 1:
            warnings.warn(
                f"ImageFlattener: X has values up to {largest:g}, which "
                f"scale={self.scale:g} divides to {largest / self.scale:.2g}; set "
                "scale=1 for images that are scaled already.",
                UserWarning,
                stacklevel=4,
            )

    def _check_images(self, X):
        try:
            shape = np.shape(X)
        except ValueError:
            raise ValueError(
                "X must hold images of one shape, got images that differ; "
                "resize them first."
            ) from None
        if len(shape) not in (3, 4) or 0 in shape[1:]:
            raise ValueError(
                "X must be images of shape (m, h, w) or (m, h, w, c), got shape "
                f"{shape}; rows that are flat already need no ImageFlattener."
            )
        on_disk = is_collection(X) or is_on_disk(X)
        X = X if on_disk else np.asarray(X)
        if X.dtype.kind not in "buif":
            raise ValueError(f"X must hold real numbers, got {X.dtype}.")
        if on_disk and len(X):  # values are checked when they are read
            return X
        return check_array(X, dtype=None, allow_nd=True, input_name="X")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
