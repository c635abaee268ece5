"""Look inside a network: its gradients, a step of its training, what is wrong with it.

Everything here works on the package's own estimators, fitted or not, alone or at the
end of a Pipeline, and on the user's own data; the estimator that is given is not
changed. What comes back prints as text and shows as a page in a notebook.
"""

from ._compare import Comparison, compare
from ._diagnosis.diagnose import SYMPTOMS, Diagnosis, diagnose
from ._exercises.check_my import Verdict, check_my
from ._exercises.messages import MISTAKES
from ._explain import StepExplanation, explain_step
from ._gradient_check import GradientCheck, check_gradient
from ._lessons import LESSONS, Lesson, lesson
from ._summary import Summary, summary

__all__ = [
    "LESSONS",
    "MISTAKES",
    "SYMPTOMS",
    "Comparison",
    "Diagnosis",
    "GradientCheck",
    "Lesson",
    "StepExplanation",
    "Summary",
    "Verdict",
    "check_gradient",
    "check_my",
    "compare",
    "diagnose",
    "explain_step",
    "lesson",
    "summary",
]
