"""Inspect networks: check gradients, explain a step, diagnose, compare and summarise.

The functions take an estimator of this package, fitted or not, or a Pipeline that ends
in one, and the user's data. They do not change the estimator. Their results print as
text and are displayed as HTML in a notebook. `summary` and `diagnose` also take the
ensembles for tables; the others take one of their members, and encoded rows.
"""

from ._compare import Comparison, compare
from ._diagnosis.diagnose import SYMPTOMS, diagnose
from ._diagnosis.diagnosis import Diagnosis
from ._exercises.check_my import Verdict, check_my
from ._exercises.messages import MISTAKES
from ._explanation.explain_step import StepExplanation, explain_step
from ._gradient_check import GradientCheck, check_gradient
from ._lessons import LESSONS, Lesson, Lessons, lesson
from ._network_summary import Summary
from ._summary import summary
from ._table_summary import TabularSummary

__all__ = [
    "LESSONS",
    "MISTAKES",
    "SYMPTOMS",
    "Comparison",
    "Diagnosis",
    "GradientCheck",
    "Lesson",
    "Lessons",
    "StepExplanation",
    "Summary",
    "TabularSummary",
    "Verdict",
    "check_gradient",
    "check_my",
    "compare",
    "diagnose",
    "explain_step",
    "lesson",
    "summary",
]
