"""The marker `matrix`: what a large product has besides its default column."""

import pytest


def of_the_matrix(cases, is_default):
    """The cases as parameters, marked as matrix but for those that are defaults.

    A case is a tuple of values, or a `pytest.param`.
    """
    params = [c if hasattr(c, "marks") else pytest.param(*c) for c in cases]
    return [
        param
        if is_default(param.values)
        else pytest.param(*param.values, marks=[*param.marks, pytest.mark.matrix])
        for param in params
    ]


def matrix(names, values, *default, **options):
    """`pytest.mark.parametrize` where all but the defaults are of the matrix."""
    return pytest.mark.parametrize(
        names,
        of_the_matrix(
            [value if isinstance(value, tuple) else (value,) for value in values],
            lambda values: (values if len(values) > 1 else values[0]) in default,
        ),
        **options,
    )
