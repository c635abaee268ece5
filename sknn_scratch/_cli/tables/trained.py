"""What came out of a training on a table, in words and as JSON."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..advice import for_command_line
from ..console import print_table
from ..readers.labels import short
from .columns import plural, rounded

FEW_ROWS = 20  # to judge by: an error of one in ten may be none or one in four


@dataclass
class Trained:
    """A model trained on a table, and how good it is.

    Attributes
    ----------
    source, out : str
        Files of the table and of the model.
    target, task : str
    model : estimator
        Fitted to `n_train` rows; None before any is.
    name : str
        What the table of scores calls it.
    out_of_fold : dict of str to float
        Of the ensembles that were trained, by their names: log loss or RMSE of the rows
        that a member did not train on.
    losses : ndarray or None
        Those of the single rows, of the ensemble that is saved.
    on_all_rows : bool
        Whether the saved model was then trained on all rows. The scores are of the one
        before.
    n_train, n_test : int
    findings : list of Finding
        What `diagnose` says of the training.
    judged : list of Judged
        The model, then what it is compared with, on the same `n_test` rows.
    test : str or None
        The file of these rows; None for rows of `source`.
    columns : list of str
    notes : list of str
    interrupted : bool
    """

    source: str
    out: str
    target: str
    task: str
    n_train: int
    n_test: int
    columns: list
    model: object = None
    name: str = ""
    out_of_fold: dict = field(default_factory=dict)
    losses: np.ndarray | None = None
    on_all_rows: bool = False
    test: str | None = None
    judged: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    interrupted: bool = False
    findings: list = field(default_factory=list)

    def as_dict(self):
        """Return what JSON takes."""
        return {
            "source": self.source,
            "target": self.target,
            "task": self.task,
            "columns": self.columns,
            "training_rows": self.n_train,
            "test_rows": self.n_test,
            "test": self.test,
            "scores": [
                {"model": j.name, **j.scores, "seconds": j.seconds} for j in self.judged
            ],
            "findings": [
                {"code": f.code, "text": f.text, "advice": f.advice}
                for f in self.findings
            ],
            "model": self.name,
            "out_of_fold": self.out_of_fold,
            "on_all_rows": self.on_all_rows,
            "out": self.out,
            "interrupted": self.interrupted,
            "notes": self.notes,
        }


def print_trained(done, console):
    """Print the scores of the model beside those of simple ones."""
    where = f"of {short(done.test)}" if done.test else "held out"
    print(
        f"Trained on {plural(done.n_train, 'row')} of "
        f"{plural(len(done.columns), 'column')}; judged on "
        f"{plural(done.n_test, 'row')} {where}:"
    )
    if done.judged:
        heads = ["model", *done.judged[0].scores, "seconds"]
        rows = [
            [j.name, *map(rounded, j.scores.values()), f"{j.seconds:.1f}"]
            for j in done.judged
        ]
        print_table(console, heads, rows)
    if done.n_test < FEW_ROWS:
        print(
            f"Caution: {plural(done.n_test, 'row')} cannot tell which model is better; "
            "judge by more rows, as of another file (--test)."
        )
    for finding in done.findings:
        told = replace(finding, advice=for_command_line(finding.advice))
        print(f"[{finding.code}] {told}")
    if done.interrupted:
        print("Interrupted: what was learned by then is kept.")


def saved_in_words(done):
    """Return a sentence on the file, and on the rows that its model was trained on."""
    rows = done.n_train + (0 if done.test else done.n_test)
    if done.on_all_rows:
        return (
            f"Saved to {done.out}, trained on all {plural(rows, 'row')}; the scores "
            f"are those of the model before, trained on {done.n_train:,}."
        )
    if done.test:
        return f"Saved to {done.out}."
    return (
        f"Saved to {done.out}, trained on {done.n_train:,} of {rows:,} rows "
        f"({done.n_train / rows:.0%}); with --all-rows on all."
    )
