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


def evaluate_numbers(subject):
    """Return verdict, key figures and sections for a regressor."""
    X, y = subject.rows
    y = y.reshape(len(y), -1).astype(np.float64)
    predicted = np.asarray(subject.model.predict(X), dtype=np.float64).reshape(y.shape)
    error, baseline = root_mean_squared_error(y, predicted), y.std(axis=0).mean()
    words = "better" if error < baseline else "no better"
    verdict = (
        f"Its predictions are off by <strong>{error:.4g}</strong> (root mean square). "
        f"That is {words} than always predicting the mean, which is off by "
        f"{baseline:.4g}."
    )
    sections = [
        ("Errors", errors(y, predicted)),
        ("Largest errors", largest_errors(subject, y, predicted)),
    ]
    return verdict, key_figures(subject, y, predicted), sections


def key_figures(subject, y, predicted):
    """Return (name, value, remark) of each key figure."""
    tiles = [
        ("R²", r2(y, predicted), "1 is perfect, 0 is always predicting the mean"),
        (
            "RMSE",
            f"{root_mean_squared_error(y, predicted):.4g}",
            f"root mean squared error; the mean alone: {y.std(axis=0).mean():.4g}",
        ),
        ("MAE", f"{mean_absolute_error(y, predicted):.4g}", "mean absolute error"),
        ("Rows", str(len(y)), f"of the {subject.part} set"),
    ]
    if subject.part == "test" and subject.train is not None:
        X, y_train = subject.train
        y_train = y_train.reshape(len(y_train), -1)
        predicted_train = np.asarray(subject.model.predict(X)).reshape(y_train.shape)
        remark = f"{len(y_train)} rows of the train set"
        tiles.insert(1, ("Train R²", r2(y_train, predicted_train), remark))
    return tiles


def r2(y, predicted):
    """Return R^2 as text, or a dash for one row, where it is undefined."""
    return f"{r2_score(y, predicted):.3f}" if len(y) > 1 else "–"


def errors(y, predicted):
    """Return three charts for each output, after a table if there are several."""
    text = (
        "<p>Left: on the dashed line the prediction is right. Middle: the same as "
        "errors; they should lie around zero without a pattern, equally wide "
        "everywhere. Right: how often each error occurs.</p>\n"
    )
    outputs = range(y.shape[1])
    if len(outputs) > 1:
        rows = [
            [
                f"{k + 1}",
                r2(y[:, k], predicted[:, k]),
                f"{root_mean_squared_error(y[:, k], predicted[:, k]):.4g}",
                f"{mean_absolute_error(y[:, k], predicted[:, k]):.4g}",
            ]
            for k in outputs
        ]
        table = html_table(["output", "R²", "RMSE", "MAE"], rows)
        text = f'<div class="wide numbers">{table}</div>\n{text}'
    for k in outputs[:MOST_OUTPUTS]:
        if len(outputs) > 1:
            text += f"<h3>Output {k + 1}</h3>\n"
        text += charts(y[:, k], predicted[:, k])
    return text


def charts(y, predicted):
    """Return charts: predicted against true, error against predicted, histogram."""
    shown = np.unique(np.linspace(0, len(y) - 1, min(len(y), MOST_DOTS)).astype(int))
    residuals = predicted - y
    names = [f"row {i}: true {y[i]:.4g}, predicted {predicted[i]:.4g}" for i in shown]
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


def largest_errors(subject, y, predicted):
    """Return the rows with the largest errors, scaled by the errors of each output."""
    absolute = abs(predicted - y)
    scale = absolute.std(axis=0)
    distance = (absolute / np.where(scale > 0, scale, 1)).max(axis=1)
    first = np.argsort(-distance, kind="stable")[:MOST_ROWS]
    cells = [
        (_list(y[i]), _list(predicted[i]), _list(predicted[i] - y[i])) for i in first
    ]
    text = (
        "<p>The rows whose predictions are farthest off. Look for what they have in "
        "common, and for values that were mistyped.</p>\n"
    )
    X, heads = subject.rows[0], ["true", "predicted", "error"]
    return text + show_rows(X, first, heads, cells, feature_names(subject.model, X))


def _list(values):
    texts = [f"{value:.4g}" for value in values[:MOST_OUTPUTS]]
    return ", ".join(texts) + (", ..." if len(values) > MOST_OUTPUTS else "")
