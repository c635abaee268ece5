"""Section of the report on how much the model needs each column of the table."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from ..._html.row_charts import RowFrame, row_bars, row_chart, row_spans
from .answers import answers, column_names, main_score, sampled, scores, table

REPEATS = 5
MOST_ROWS = 1000
MOST_ANSWERS = 300_000  # of the model, for all columns and repeats
MOST_COLUMNS = 300  # of a table that is judged
MOST_SHOWN = 20


class Importance(NamedTuple):
    """By how much a score grows when the values of a column are shuffled.

    Attributes
    ----------
    names : list of str
        Of the columns.
    growth : ndarray of shape (n_columns, n_repeats)
    score : str
        Name of the score.
    rows : int
        Number of rows that were used.
    """

    names: list
    growth: np.ndarray
    score: str
    rows: int

    def order(self):
        """Return the numbers of the columns, the most important first."""
        return np.argsort(-self.growth.mean(axis=1), kind="stable")


def importance_of(subject):
    """Return the Importance of the columns, or None for a table with too many."""
    X, y = subject.rows
    names = column_names(subject.model, X)
    if len(names) > MOST_COLUMNS:
        return None
    most = max(100, min(MOST_ROWS, MOST_ANSWERS // (REPEATS * len(names))))
    rows = sampled(len(y), most)
    growth = permutation_importance(subject.model, X, y, rows)
    return Importance(names, growth, main_score(subject.model), len(rows))


def permutation_importance(model, X, y, rows, *, repeats=REPEATS, random_state=0):
    """Return by how much the main score grows: (n_columns, repeats).

    The values of one column are shuffled among the rows with the numbers `rows`. The
    draws are those of `sklearn.inspection.permutation_importance` (Breiman 2001).
    """
    known, m, score = table(X), len(rows), main_score(model)
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max + 1)
    places, again = shuffles(m, repeats, seed), np.tile(rows, repeats)
    before = scores(model, answers(model, known.mixed(rows, 0, rows)), y[rows])[score]
    growth = np.empty((known.shape[1], repeats))
    for j in range(known.shape[1]):
        A = answers(model, known.mixed(again, j, rows[places]))
        for r in range(repeats):
            after = scores(model, A[r * m : (r + 1) * m], y[rows])[score]
            growth[j, r] = after - before
    return growth


def shuffles(m, repeats, seed):
    """Return `repeats` orders of m rows behind each other, each a shuffle of the last.

    All columns have the same.
    """
    rng, order, current, orders = check_random_state(seed), np.arange(m), None, []
    for _ in range(repeats):
        rng.shuffle(order)
        current = order.copy() if current is None else current[order]
        orders.append(current)
    return np.concatenate(orders)


def show_importance(found, subject):
    """Return the section: a bar for each of the most important columns."""
    if found is None:
        return f"<p>Not measured: the table has more than {MOST_COLUMNS} columns.</p>\n"
    of = "the rows" if found.rows == len(subject.rows[1]) else "rows drawn at random"
    kind = (
        "which the model was not trained on"
        if subject.part == "test"
        else "some of which it may have been trained on"
    )
    text = (
        f"<p>How much the {found.score} grows when the values of one column are "
        f"shuffled among {of}: {found.rows} rows {kind}. A "
        f"bar is the mean of {REPEATS} shuffles, the line on it two standard deviations"
        " to both sides. Columns that say the same share their importance: each of "
        "them may seem to be of little use.</p>\n"
    )
    order = found.order()
    shown, rest = order[:MOST_SHOWN], order[MOST_SHOWN:]
    if len(rest):
        most = found.growth[rest].mean(axis=1).max()
        text += (
            f'<p class="quiet">The {MOST_SHOWN} most important of {len(order)} columns;'
            f" the others add at most {most:.3g} each.</p>\n"
        )
    return (
        f'<div class="columns"><div>{text}</div>\n'
        f"<figure>{chart(found, shown)}</figure></div>\n"
    )


def chart(found, shown):
    """Return the chart of the columns with the numbers `shown`."""
    mean, sd = found.growth.mean(axis=1)[shown], found.growth.std(axis=1)[shown]
    low, high = np.minimum(mean - 2 * sd, 0), np.maximum(mean + 2 * sd, 0)
    frame = RowFrame(
        f"growth of the {found.score}",
        [found.names[j] for j in shown],
        (float(low.min()), float(high.max()) * 1.02 or 1.0),
    )
    tips = [f"{m:.4g} ± {s:.2g}" for m, s in zip(mean, sd, strict=True)]
    return row_chart(
        frame,
        "Importance of the columns",
        row_bars(frame, 0, mean, "bar", tips),
        row_spans(frame, mean - 2 * sd, mean + 2 * sd, "whisker"),
    )
