"""Private names of scikit-learn in use, and substitutes for older versions."""

from sklearn.base import _fit_context as fit_context
from sklearn.linear_model._base import SparseCoefMixin
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils._param_validation import (
    validate_parameter_constraints as check_parameters,
)
from sklearn.utils.validation import (
    _check_feature_names_in as check_feature_names_in,
)
from sklearn.utils.validation import _check_sample_weight as check_sample_weight

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # scikit-learn before 1.9 has no callbacks

    class CallbackSupportMixin:
        """Empty substitute: these versions have no `set_callbacks`."""


__all__ = [
    "CallbackSupportMixin",
    "Interval",
    "Options",
    "SparseCoefMixin",
    "StrOptions",
    "check_feature_names_in",
    "check_parameters",
    "check_sample_weight",
    "fit_context",
    "safe_indexing",
]
