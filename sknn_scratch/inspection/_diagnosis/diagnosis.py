"""The result of `diagnose` as text and as HTML."""

from dataclasses import dataclass, field
from html import escape

from .._facts import number
from .standing import BY_FIT, HELD_OUT, OUT_OF_FOLD, OWN

OF_MODEL = (OUT_OF_FOLD, OWN, HELD_OUT, BY_FIT)


@dataclass(frozen=True)
class Diagnosis:
    """Result of `diagnose`; it prints as text.

    Attributes
    ----------
    findings : tuple of Finding
        Causes before effects; empty if nothing was found.
    subject : str
        The estimator, and whether it was fitted.
    looked_at : tuple of str
        What was looked at, and what could not be.
    scores : dict of str to dict of str to float
        Of a fitted estimator: its scores on its own rows, on rows held out or out of
        fold, and those of simple models on rows that they were not trained on. The
        scores are "error" and "log loss" of classifiers, "RMSE" and "MAE" of
        regressors; less is better.
    tried : tuple of Tried
        The cures that were tried, the best first: each has `parameters`, `metric`,
        `before` and `after`. Empty without `try_cures`.
    """

    findings: tuple
    subject: str
    looked_at: tuple = ()
    scores: dict = field(default_factory=dict)
    tried: tuple = ()

    def __iter__(self):
        return iter(self.findings)

    def __len__(self):
        return len(self.findings)

    def __str__(self):
        lines = [f"- [{finding.code}] {finding}" for finding in self.findings]
        return "\n".join([self._begin(), *lines, *self.notes()])

    __repr__ = __str__

    def notes(self):
        """Return what was tried, what the loss is worth, and what was looked at."""
        notes = [f"tried: {one}" for one in self.tried]
        if self.scores:
            notes.append(worth(self.scores))
        if self.looked_at:
            notes.append(f"looked at: {'; '.join(self.looked_at)}")
        return notes

    def _begin(self):
        return (
            f"{self.subject}:" if self.findings else f"{self.subject}: nothing to say."
        )

    def _repr_html_(self):
        items = "".join(
            f"<li><code>{escape(f.code)}</code> {escape(f.text)}. <em>Cure:</em> "
            f"{escape(f.advice)}.</li>\n"
            for f in self.findings
        )
        found = f"\n<ul>\n{items}</ul>" if items else ""
        notes = "".join(f"\n<p>{escape(note)}</p>" for note in self.notes())
        return f"<p>{escape(self._begin())}</p>{found}{notes}"


def worth(scores):
    """Say what the loss of a model is worth beside those of simple models."""
    metric = "RMSE" if "RMSE" in next(iter(scores.values())) else "log loss"
    of_model = [name for name in OF_MODEL if name in scores]
    simple = [name for name in scores if name not in OF_MODEL]
    shown = {name: number(scores[name][metric]) for name in scores}
    text = ", ".join(f"{shown[name]} {preposition(name)}{name}" for name in of_model)
    if simple:
        text += "; " + ", ".join(f"{name} {shown[name]}" for name in simple)
    return f"{metric} {text}"


def preposition(name):
    """Return the word before the name of rows."""
    return "" if name == OUT_OF_FOLD else "on "
