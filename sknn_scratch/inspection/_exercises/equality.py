"""When what was seen counts as equal to what is right."""

import numpy as np

# bytes of a number -> relative tolerance, of fewer digits than float64 has
TOLERANCES = {2: 2e-2, 4: 1e-4}


def close(seen, right):
    """Return True if shapes and values are equal but for rounding of the seen dtype."""
    if seen.shape != np.shape(right):
        return False
    floats = seen.dtype.kind == "f"
    rtol = TOLERANCES.get(seen.dtype.itemsize, 1e-6) if floats else 1e-6
    finite = np.abs(right)[np.isfinite(right)]
    largest = float(finite.max()) if finite.size else 0.0
    # 1e-8 added inside a log is not a mistake; a sum is rounded as its largest term is,
    # and a part of the function may have been computed in float32
    atol = max(1e-8, (rtol if rtol > 1e-6 else 3e-7) * largest)
    return np.allclose(seen, right, rtol=rtol, atol=atol, equal_nan=True)


def is_numbers(value):
    """Return True for a number or an array of numbers."""
    number = isinstance(value, np.ndarray | np.generic | int | float)
    return number and np.asarray(value).dtype.kind in "biuf"
