"""Sections of the report on a regressor."""

import numpy as np
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from ..._estimators.access import feature_names
from ..._html.charts import Frame, bars, dots, line, padded, svg
from ..._html.images import show_rows
from ..._html.tables import html_table

MOST_DOTS = 1500  # in a chart, so that the page stays small
MOST_ROWS = 24
MOST_OUTPUTS = 4  # with charts; the table has all outputs
BINS = 20


def judge_numbers(subject):
    """Return verdict, key figures and sections for a regressor."""
    X, y = subject.rows
    y = y.reshape(len(y), -1).astype(np.float64)
    found = np.asarray(subject.model.predict(X), dtype=np.float64).reshape(y.shape)
    error, idle = root_mean_squared_error(y, found), y.std(axis=0).mean()
    words = "better" if error < idle else "no better"
    verdict = (
        f"Its predictions are off by <strong>{error:.4g}</strong> (root mean square). "
        f"That is {words} than always predicting the mean, which is off by {idle:.4g}."
    )
    sections = [
        ("Errors", errors(y, found)),
        ("Largest errors", largest(subject, y, found)),
    ]
    return verdict, figures(subject, y, found), sections


def figures(subject, y, found):
    """Return (name, value, remark) of each key figure."""
    tiles = [
        ("R²", r2(y, found), "1 is perfect, 0 is always predicting the mean"),
        (
            "RMSE",
            f"{root_mean_squared_error(y, found):.4g}",
            f"root mean squared error; the mean alone: {y.std(axis=0).mean():.4g}",
        ),
        ("MAE", f"{mean_absolute_error(y, found):.4g}", "mean absolute error"),
        ("Rows", str(len(y)), f"of the {subject.part} set"),
    ]
    if subject.part == "test" and subject.train is not None:
        X, of_train = subject.train
        of_train = of_train.reshape(len(of_train), -1)
        fitted = np.asarray(subject.model.predict(X)).reshape(of_train.shape)
        remark = f"{len(of_train)} rows of the train set"
        tiles.insert(1, ("Train R²", r2(of_train, fitted), remark))
    return tiles


def r2(y, found):
    """Return R^2 as text, or a dash for one row, where it is undefined."""
    return f"{r2_score(y, found):.3f}" if len(y) > 1 else "–"


def errors(y, found):
    """Return three charts for each output, after a table if there are several."""
    said = (
        "<p>Left: on the dashed line the prediction is right. Middle: the same as "
        "errors; they should lie around zero without a pattern, equally wide "
        "everywhere. Right: how often each error occurs.</p>\n"
    )
    outputs = range(y.shape[1])
    if len(outputs) > 1:
        rows = [
            [
                f"{k + 1}",
                r2(y[:, k], found[:, k]),
                f"{root_mean_squared_error(y[:, k], found[:, k]):.4g}",
                f"{mean_absolute_error(y[:, k], found[:, k]):.4g}",
            ]
            for k in outputs
        ]
        table = html_table(["output", "R²", "RMSE", "MAE"], rows)
        said = f'<div class="wide numbers">{table}</div>\n{said}'
    for k in outputs[:MOST_OUTPUTS]:
        if len(outputs) > 1:
            said += f"<h3>Output {k + 1}</h3>\n"
        said += charts(y[:, k], found[:, k])
    return said


def charts(y, found):
    """Return charts: predicted against true, error against predicted, histogram."""
    seen = np.unique(np.linspace(0, len(y) - 1, min(len(y), MOST_DOTS)).astype(int))
    wrong = found - y
    names = [f"row {i}: true {y[i]:.4g}, predicted {found[i]:.4g}" for i in seen]
    both = padded(np.concatenate([y, found]))
    truth = Frame("true", "predicted", both, both)
    off = Frame("predicted", "error", padded(found), padded(np.append(wrong, 0)))
    counts, edges = np.histogram(wrong, bins=BINS)
    often = Frame("error", "rows", (edges[0], edges[-1]), (0, 1.05 * counts.max()))
    texts = [f"{n} rows" for n in counts]
    drawn = [
        svg(
            truth,
            "Predicted against true",
            line(truth, both, both, "ideal"),
            dots(truth, y[seen], found[seen], "faint", names, 3.0),
        ),
        svg(
            off,
            "Error against predicted",
            line(off, off.x_range, (0, 0), "ideal"),
            dots(off, found[seen], wrong[seen], "faint", names, 3.0),
        ),
        svg(
            often,
            "How often each error occurs",
            bars(often, edges, counts, "bar", texts),
        ),
    ]
    figures = "".join(f"<figure>{chart}</figure>\n" for chart in drawn)
    return f'<div class="columns three">{figures}</div>\n'


def largest(subject, y, found):
    """Return the rows with the largest errors, scaled by the errors of each output."""
    wrong = abs(found - y)
    scale = wrong.std(axis=0)
    far = (wrong / np.where(scale > 0, scale, 1)).max(axis=1)
    first = np.argsort(-far, kind="stable")[:MOST_ROWS]
    told = [(_list(y[i]), _list(found[i]), _list(found[i] - y[i])) for i in first]
    said = (
        "<p>The rows whose predictions are farthest off. Look for what they have in "
        "common, and for values that were mistyped.</p>\n"
    )
    X, heads = subject.rows[0], ["true", "predicted", "error"]
    return said + show_rows(X, first, heads, told, feature_names(subject.model, X))


def _list(values):
    texts = [f"{value:.4g}" for value in values[:MOST_OUTPUTS]]
    return ", ".join(texts) + (", ..." if len(values) > MOST_OUTPUTS else "")
