"""Sections of the report on a regressor."""

import numpy as np
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from ..._html.charts import Frame, bars, dots, line, padded, svg
from ..._html.tables import html_table
from ...inspection._facts import number
from .answers import answers, level_of
from .examples import row_number, show_examples
from .intervals import INTERVAL, intervals, narrow_intervals, show_intervals
from .measures import Evaluation, percent

MOST_DOTS = 1500  # in a chart, so that the page stays small
MOST_ROWS = 24
MOST_OUTPUTS = 4  # with charts; the table has all outputs
BINS = 20


def evaluate_numbers(subject):
    """Return the Evaluation of a regressor."""
    X, y = subject.rows
    y = y.reshape(len(y), -1).astype(np.float64)
    predicted = answers(subject.model, X)
    error, baseline = root_mean_squared_error(y, predicted), error_of_mean(subject, y)
    words = "better" if error < baseline else "no better"
    of = "these rows" if subject.train is None else "the training rows"
    verdict = (
        f"Its predictions are off by <strong>{number(error)}</strong> (root mean "
        f"square). That is {words} than always predicting the mean of {of}, which is "
        f"off by {number(baseline)}."
    )
    ends = intervals(subject.model, X)
    sections = [("Errors", errors(subject, y, predicted))]
    findings = []
    if ends is not None:
        sections.append(("Intervals", show_intervals(subject, y, predicted, ends)))
        findings = narrow_intervals(y, predicted, ends)
    worst = largest_errors(subject, y, predicted, ends)
    sections.append(("Largest errors", worst))
    tiles = key_figures(subject, y, predicted, baseline)
    return Evaluation(verdict, tiles, sections, findings)


def error_of_mean(subject, y):
    """Return the RMSE of always predicting the mean of the training rows.

    Without them it is the mean of y. Of several outputs it is the mean of theirs.
    """
    learned = y if subject.train is None else subject.train[1]
    mean = np.asarray(learned, dtype=float).reshape(len(learned), -1).mean(axis=0)
    return root_mean_squared_error(y, np.tile(mean, (len(y), 1)))


def key_figures(subject, y, predicted, baseline):
    """Return (name, value, remark) of each key figure."""
    tiles = [
        ("R²", r2(y, predicted), "1 is perfect, 0 is the mean of these rows"),
        (
            "RMSE",
            number(root_mean_squared_error(y, predicted)),
            f"root mean squared error; the mean alone: {number(baseline)}",
        ),
        ("MAE", number(mean_absolute_error(y, predicted)), "mean absolute error"),
        ("Rows", str(len(y)), "that judge"),
    ]
    if subject.part == "test" and subject.train is not None:
        X, y_train = subject.train
        y_train = y_train.reshape(len(y_train), -1)
        predicted_train = answers(subject.model, X)
        remark = f"{len(y_train)} rows of the training"
        tiles.insert(1, ("Train R²", r2(y_train, predicted_train), remark))
    return tiles


def r2(y, predicted):
    """Return R^2 as text, or a dash for one row, where it is undefined."""
    return f"{r2_score(y, predicted):.3f}" if len(y) > 1 else "–"


def errors(subject, y, predicted):
    """Return three charts for each output, after a table if there are several."""
    level = level_of(subject.model)  # of the quantile which is predicted, if it is one
    text = (
        "<p>Left: on the dashed line the prediction is right. Middle: the same as "
        "errors; they should lie around zero without a pattern, equally wide "
        "everywhere. Right: how often each error occurs.</p>\n"
    )
    if level is not None:
        text += (
            f"<p>The prediction is the quantile of level {level:g}: the answer should "
            f"be below it in {percent(level)} of the rows, and is in "
            f"{percent((y <= predicted).mean())}.</p>\n"
        )
    outputs = range(y.shape[1])
    if len(outputs) > 1:
        rows = [
            [
                f"{k + 1}",
                r2(y[:, k], predicted[:, k]),
                number(root_mean_squared_error(y[:, k], predicted[:, k])),
                number(mean_absolute_error(y[:, k], predicted[:, k])),
            ]
            for k in outputs
        ]
        table = html_table(["output", "R²", "RMSE", "MAE"], rows)
        text = f'<div class="wide numbers">{table}</div>\n{text}'
    for k in outputs[:MOST_OUTPUTS]:
        if len(outputs) > 1:
            text += f"<h3>Output {k + 1}</h3>\n"
        text += charts(subject, y[:, k], predicted[:, k])
    return text


def charts(subject, y, predicted):
    """Return charts: predicted against true, error against predicted, histogram."""
    shown = np.unique(np.linspace(0, len(y) - 1, min(len(y), MOST_DOTS)).astype(int))
    residuals = predicted - y
    names = [
        f"row {row_number(subject, i)}: true {number(y[i])}, predicted "
        f"{number(predicted[i])}"
        for i in shown
    ]
    both = padded(np.concatenate([y, predicted]))
    truth = Frame("true", "predicted", both, both)
    off = Frame(
        "predicted", "error", padded(predicted), padded(np.append(residuals, 0))
    )
    counts, edges = np.histogram(residuals, bins=BINS)
    often = Frame("error", "rows", (edges[0], edges[-1]), (0, 1.05 * counts.max()))
    texts = [f"{n} rows" for n in counts]
    drawn = [
        svg(
            truth,
            "Predicted against true",
            line(truth, both, both, "ideal"),
            dots(truth, y[shown], predicted[shown], "faint", names, 3.0),
        ),
        svg(
            off,
            "Error against predicted",
            line(off, off.x_range, (0, 0), "ideal"),
            dots(off, predicted[shown], residuals[shown], "faint", names, 3.0),
        ),
        svg(
            often,
            "How often each error occurs",
            bars(often, edges, counts, "bar", texts),
        ),
    ]
    figures = "".join(f"<figure>{chart}</figure>\n" for chart in drawn)
    return f'<div class="columns three">{figures}</div>\n'


def largest_errors(subject, y, predicted, ends):
    """Return the rows with the largest errors, scaled by the errors of each output.

    `ends` are those of intervals (m, n_outputs, 2), or None.
    """
    absolute = abs(predicted - y)
    scale = absolute.std(axis=0)
    distance = (absolute / np.where(scale > 0, scale, 1)).max(axis=1)
    first = np.argsort(-distance, kind="stable")[:MOST_ROWS]
    heads = ["true", "predicted", "error"]
    cells = [
        [_list(y[i]), _list(predicted[i]), _list(predicted[i] - y[i])] for i in first
    ]
    if ends is not None:
        heads.append(INTERVAL)
        for i, row in zip(first, cells, strict=True):
            row.append(", ".join(f"{number(a)} to {number(b)}" for a, b in ends[i]))
    text = (
        "<p>The rows whose predictions are farthest off. Look for what they have in "
        "common, and for values that were mistyped.</p>\n"
    )
    return text + show_examples(subject, first, heads, cells)


def _list(values):
    texts = [number(value) for value in values[:MOST_OUTPUTS]]
    return ", ".join(texts) + (", ..." if len(values) > MOST_OUTPUTS else "")
