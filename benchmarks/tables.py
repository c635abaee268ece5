"""Answers on real tables, beside gradient boosting and others: see README.md here.

    python benchmarks/tables.py [--sets NAME ...] [--models NAME ...] [--json FILE]
    python benchmarks/tables.py --ablation
    python benchmarks/tables.py --smoke

A process is started for each model and set. It has one thread.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import platform
import subprocess
import sys
import time
import warnings
from importlib.util import find_spec

import numpy as np
import table_models
import table_sets

ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
LIBRARIES = ("sknn-scratch", "numpy", "scipy", "scikit-learn", "pandas")
LIBRARIES += ("lightgbm", "catboost", "pytabkit", "tabm")
COVERAGE = 0.9
FIGURES = {
    "classification": ("error", "log_loss"),
    "regression": ("rmse", "mae"),
}

INTERVALS = ("coverage", "width")

# -- in the process of one model and set -----------------------------------------------


def judge(model, name, *, smoke=False):
    """Return the figures of a model on the splits of a set."""
    table = table_sets.load(name, smoke=smoke)
    splits = table.splits()[: 1 if smoke else None]
    before = peak()
    with warnings.catch_warnings(action="ignore"):  # peers say that max_iter is reached
        found = [judge_split(model, table, *split, smoke) for split in splits]
    figures = {key: float(np.mean([f[key] for f in found])) for key in found[0]}
    figures["fit_seconds"] *= len(found)
    return {**figures, "splits": len(found), "peak_mb": peak() - before}


def judge_split(model, table, train, test, smoke):
    """Return the figures of a model trained on some rows, on others."""
    X, y = table.X.iloc[train], table.y[train]
    X_test, y_test = table.X.iloc[test], table.y[test]
    estimator = table_models.make(model, table, smoke=smoke)
    start = time.process_time()
    estimator.fit(X, y)
    fitted = time.process_time()
    if table.task == "classification":
        found = of_probabilities(estimator.predict_proba(X_test), y_test)
    else:
        found = of_numbers(estimator.predict(X_test), y_test)
    found["fit_seconds"] = fitted - start
    found["predict_seconds"] = time.process_time() - fitted
    if table.task == "regression":
        ends = table_models.interval(model, estimator, X, y, X_test, COVERAGE)
        found |= of_intervals(ends, y_test)
    return found


def of_probabilities(P, y):
    chosen = np.clip(P[np.arange(len(y)), y], 1e-15, 1)
    return {
        "error": float((P.argmax(axis=1) != y).mean()),
        "log_loss": float(-np.log(chosen).mean()),
    }


def of_numbers(found, y):
    residuals = np.ravel(found) - y
    return {
        "rmse": float(np.sqrt((residuals**2).mean()) / y.std()),
        "mae": float(abs(residuals).mean() / y.std()),
    }


def of_intervals(ends, y):
    if ends is None:
        return {}
    low, high = ends.T
    return {
        "coverage": float(((low <= y) & (y <= high)).mean()),
        "width": float((high - low).mean() / y.std()),
    }


def peak():
    """Return the most memory that this process has had, in MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# -- the whole -------------------------------------------------------------------------


def run(model, name):
    """Return what `judge` finds, in a process with one thread; None if it fails."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", model, name],
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        error = [*done.stderr.splitlines(), f"exit {done.returncode}"][-1]
        print(f"{model} on {name} fails: {error}", flush=True)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def means(found, task, sets):
    """Return the lines of a table: the means of each model over the sets of a task."""
    names = [name for name, kind in sets.items() if kind == task]
    keys = FIGURES[task]
    heads = [f"{task}, {len(names)} sets", *keys, "wins", "fit s", "predict s"]
    more = INTERVALS if task == "regression" else ()
    lines = [[*heads, *more], ["---"] * (len(heads) + len(more))]
    boosting = found.get(table_models.BOOSTING)
    for model, by_set in found.items():
        rows = [by_set.get(name) for name in names]
        if not rows or None in rows:
            continue
        cells = [mean_of(rows, key) for key in keys]
        cells.append(wins(by_set, boosting, names, keys))
        for what in ("fit", "predict"):
            cells.append(f"{sum(row[f'{what}_seconds'] for row in rows):.1f}")
        lines.append([model, *cells, *(mean_of(rows, key) for key in more)])
    return [f"| {' | '.join(line)} |" for line in lines]


def mean_of(rows, key):
    """Return the mean of a figure over the sets, or "-" where it is missing."""
    if key not in rows[0]:
        return "-"
    return f"{np.mean([row[key] for row in rows]):.4f}"


def wins(ours, boosting, names, keys):
    """Return on how many sets a model is ahead of gradient boosting, by each figure."""
    if boosting is None or any(name not in boosting for name in names):
        return "-"
    counts = [sum(ours[n][key] < boosting[n][key] for n in names) for key in keys]
    return " / ".join(map(str, counts))


def details(found, sets):
    """Return the lines of a table with the figures of each set."""
    lines = []
    for name in sets:
        for model, by_set in found.items():
            if by_set.get(name):
                cells = [f"{k} {v:.4g}" for k, v in by_set[name].items()]
                lines.append(f"{name:12} {model:28} {'  '.join(cells)}")
    return lines


def versions():
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def parsed(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", nargs="+", metavar="SET")
    parser.add_argument("--models", nargs="+", metavar="MODEL")
    parser.add_argument("--ablation", action="store_true", help="our parts, left out")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--smoke", action="store_true", help="only whether it all runs")
    parser.add_argument("--one", nargs=2, metavar=("MODEL", "SET"), help="a process's")
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parsed(arguments)
    if options.one:
        print(json.dumps(judge(*options.one)))
        return
    sets = table_sets.MADE if options.smoke else table_sets.TASKS
    sets = {n: t for n, t in sets.items() if not options.sets or n in options.sets}
    known = table_models.ABLATION if options.ablation else table_models.MODELS
    models = options.models or [
        name for name, model in known.items() if all(map(find_spec, model.needs))
    ]
    if options.ablation:
        models = [table_models.OURS, *models]
    print("\n".join(f"{name}: {value}" for name, value in versions().items()))
    found = {}
    for model in models:
        for name in sets:
            smoke = options.smoke  # in this process, where an error is seen at once
            figures = judge(model, name, smoke=True) if smoke else run(model, name)
            if figures is not None:
                found.setdefault(model, {})[name] = figures
        print(f"{model}: {len(found.get(model, ()))} sets", file=sys.stderr, flush=True)
        if options.json:  # after each model: the rest may take hours
            report = {"versions": versions(), "smoke": options.smoke, "figures": found}
            options.json.write_text(json.dumps(report, indent=1))
    print("\n".join(["", *details(found, sets), ""]))
    for task in FIGURES:
        print("\n".join([*means(found, task, sets), ""]))


if __name__ == "__main__":
    main()
