"""Marks: each function of a submission is checked, whatever became of the others."""

import difflib
import re
from typing import NamedTuple

from ..._storage.texts import printable
from ...inspection._exercises.check_my import check_my
from ...inspection._exercises.messages import MISTAKES, NOTES, Remark
from ...inspection._exercises.tasks import WEEKS, helpers, solution
from .runner import Child, Ended

# what may become of a function besides the findings of check_my
OUTCOMES = {
    "missing": "There is no function of this name.",
    "unread": "Python cannot read the function: there is an error of syntax.",
    "indented": "The function is there, but inside of something else, as a class or an "
    "if; it has to begin at the left edge.",
    "misnamed": "There is a function of a like name only.",
    "timeout": "It has not ended in time; is there a loop that never ends?",
    "ended": "It has ended the process that ran it: too much memory, or os._exit.",
    "strange": "What it returns cannot be judged.",
}
CODES = MISTAKES | OUTCOMES
ONLY_DEFINED = "only its imports, functions and classes were run."
WHOLE = {
    "timeout": f"The file has not ended in time; {ONLY_DEFINED}",
    "ended": f"The file has ended the process that ran it; {ONLY_DEFINED}",
}
# what an assignment does not need, and what could get at the package's solutions
SUSPECT = ("_exercises", "meta_path", "importlib", "sys.modules", "ctypes", "/proc")
HIDDEN_ONLY = "Right with the numbers of check_my, wrong with others."


class Mark(NamedTuple):
    """What a function is worth, and why."""

    function: str
    points: float
    out_of: float
    findings: list  # Remarks, notes among them

    @property
    def mistakes(self):
        """Return the findings that are more than notes."""
        return mistakes_in(self.findings)


class Graded(NamedTuple):
    """A submission with its marks."""

    student: str
    file: str
    marks: list
    remarks: list  # on the whole file

    @property
    def points(self):
        """Return the sum of the points."""
        return sum(mark.points for mark in self.marks)


def grade(submission, file, assignment, limits):
    """Return the marks of a submission; run it in a process of its own."""
    run = Run(submission, assignment, limits)
    try:
        marks = [run.mark(name) for name in assignment.points]
    finally:
        run.close()
    remarks = [*map(one_line, run.remarks)]
    return Graded(one_line(submission.student), one_line(file), marks, remarks)


def one_line(text):
    """Return a text that can be written to any file, also one of a submission."""
    return printable(" ".join(text.split()))


class Run:
    """A submission at work: its process, which is started anew where it has ended."""

    def __init__(self, submission, assignment, limits):
        self.cells, self.assignment, self.limits = submission.cells, assignment, limits
        self.remarks = [submission.problem] if submission.problem else []
        named = [word for word in SUSPECT if any(word in cell for cell in self.cells)]
        if named:
            self.remarks.append(f"The file names {', '.join(named)}: look at it.")
        self.names = [*assignment.given, *WEEKS[assignment.week]]
        self.whole, self.child, self.replaced = True, None, []

    def mark(self, name):
        """Return the mark of a function.

        A wrong function is replaced by a right one where a later function calls it: a
        mistake costs its points once. One that is right only with the submission's own
        functions, as they take other arguments, is right, too.
        """
        findings, out_of = self.findings(name), self.assignment.points[name]
        if self.child and self.replaced and not is_right(findings):
            self.define(self.replaced, lambda name: None)
            own = self.findings(name)
            self.define(self.replaced, right)
            findings = own if is_right(own) else findings
        findings = [Remark(c, one_line(text)) for c, text in findings]
        mark = Mark(name, out_of, out_of, findings)
        if not mark.mistakes:
            return mark
        self.replaced.append(name)
        self.define([name], right)
        return mark._replace(points=0)

    def define(self, names, source_of):
        """Put functions into the process; None puts back the submission's own."""
        try:
            for name in names if self.child else ():
                self.child.define(name, source_of(name))
        except Ended:
            self.child = None  # the next one is started with all that is replaced

    def findings(self, name):
        """Return what is to be said of a function; nothing where it is right."""
        if self.child is None:
            self.start()
        if self.child is None or name not in self.child.functions:
            return [self.absent(name)]
        function = self.child.function(name)
        try:
            verdict = check_my(function, name)
            if not verdict.passed:
                return verdict.findings
            hidden = check_my(function, name, random_state=self.assignment.seed)
        except Ended as ended:
            self.child = None
            return [Remark(ended.code, OUTCOMES[ended.code])]
        except Exception as error:  # a result may be so strange that judging it fails
            text = f"{OUTCOMES['strange']} {type(error).__name__}: {error}"
            return [Remark("strange", text[:300])]
        if hidden.passed:
            return verdict.findings
        return [Remark(c, f"{HIDDEN_ONLY} {text}") for c, text in hidden.findings]

    def absent(self, name):
        """Return why there is no function of a name."""
        unread = self.child.unread.get(name) if self.child else None
        found = re.findall(r"^([ \t]*)def\s+(\w+)", "\n".join(self.cells), re.MULTILINE)
        if unread:
            return Remark("unread", f"{OUTCOMES['unread']} It is in {unread}")
        if any(indent and one == name for indent, one in found):
            return Remark("indented", OUTCOMES["indented"])
        others = {plain(one): one for _, one in found if one not in self.names}
        like = difflib.get_close_matches(plain(name), others, n=1, cutoff=0.75)
        if like:
            text = f"Is `{others[like[0]]}` meant? Call it `{name}`."
            return Remark("misnamed", f"{OUTCOMES['misnamed']} {text}")
        return Remark("missing", OUTCOMES["missing"])

    def start(self):
        """Run the submission; if it does not end well, its definitions only."""
        for whole in (True, False) if self.whole else (False,):
            try:
                self.child = child = Child(self.limits)
                child.load(self.cells, self.names, whole)
                needed = [n for n in self.assignment.given if n not in child.functions]
                for name in [*needed, *self.replaced]:
                    child.define(name, right(name))
            except Ended as ended:
                self.child = None
                if self.whole:
                    self.remarks.append(WHOLE[ended.code])
                self.whole = False
            else:
                self.remarks += [n for n in child.notes if n not in self.remarks]
                return

    def close(self):
        """End the process."""
        if self.child:
            self.child.close()


def mistakes_in(findings):
    """Return the findings that are more than notes."""
    return [found for found in findings if found.code not in NOTES]


def is_right(findings):
    return not mistakes_in(findings)


def plain(name):
    """Return a name in small letters, without underscores."""
    return name.casefold().replace("_", "")


def right(name):
    """Return the source of a function, right, and of those that it calls."""
    return "\n".join(["import numpy as np", *map(solution, [*helpers(name), name])])
