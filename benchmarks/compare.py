"""The package against its peers, side by side: see README.md beside this file.

python benchmarks/compare.py [--only SECTION] [--repeats N] [--json FILE] [--smoke]
"""

import argparse
import contextlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
import warnings
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

import logistic
import memory
import numpy as np
import training
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_info, threadpool_limits
from training import seconds, turns

from sknn_scratch import LogisticRegressionScratch

HERE = Path(__file__).parent
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
TARGET_THREADS = 2  # what the targets are for


@dataclass(kw_only=True)
class Result:
    """One cell of the table: us against one other, or against a limit.

    `value` is the median over the repeats of (their time / our time), or, with the unit
    "ms" or "MB", how much more or how much it is. It should be at least `target`, for
    ms and MB at most.
    """

    section: str
    case: str
    against: str
    value: float
    unit: str = "x"
    target: float | None = None
    dtype: str = ""
    threads: int
    ours: float | None = None  # median, seconds; for scale, not to be compared
    theirs: float | None = None
    note: str = ""

    @property
    def shortfall(self):
        """How far it is from the target; None where there is none, 0 where it is met.

        Relative for ratios.
        """
        if self.target is None:
            return None
        if self.unit == "x":
            return max(0.0, 1 - self.value / self.target)
        return max(0.0, self.value - self.target)

    @property
    def cell(self):
        text = f"{self.value:.2f}" if self.unit == "x" else f"{self.value:.0f}"
        text += f" {self.unit}"
        if self.note:
            text += f" ({self.note})"
        if self.shortfall is None:
            return text
        bound = f"{'>=' if self.unit == 'x' else '<='} {self.target:g}"
        if not self.shortfall:
            return f"{text} PASS {bound}"
        if self.unit == "x":
            return f"{text} SHORT {self.shortfall:.0%} of {bound}"
        return f"{text} OVER by {self.shortfall:.0f}, {bound}"


def ratio(found, other, **about):
    """Return the Result of two lists of times of the same repeats: ours, theirs."""
    ours, theirs = found[training.OURS], found[other]
    pairs = [b / a for a, b in zip(ours, theirs, strict=True)]
    return Result(
        against=other,
        value=median(pairs),
        ours=median(ours),
        theirs=median(theirs),
        **about,
    )


def target_for(value, threads, dtype=None):
    """Return the target where it applies: two threads, in training float32."""
    meant = threads == TARGET_THREADS and dtype in (None, "float32")
    return value if meant else None


def script(name, *arguments, env=None):
    """Return the JSON that a script of this folder prints in a fresh process."""
    done = subprocess.run(
        [sys.executable, HERE / name, *map(str, arguments)],
        env=env,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


# -- sections: each takes the options and yields Results -------------------------------


def train(options):
    """Seconds of a training step, through `fit`, against those of each contender."""
    flags = ["--smoke"] if options.smoke else []
    flags += ["--shapes", options.shapes]
    flags += ["--repeats", options.repeats, "--dtypes", *options.dtypes]
    for threads in options.threads:
        env = training.environment(threads)
        found = script("training.py", "--threads", threads, *flags, env=env)
        for case in training.cases(options):
            for dtype, times in found[case.name].items():
                for other in times:
                    if other == training.OURS:
                        continue
                    yield ratio(
                        times,
                        other,
                        section="training",
                        case=case.name,
                        dtype=dtype,
                        threads=threads,
                        target=target_for(case.targets.get(other), threads, dtype),
                    )


def solve(options):
    """Seconds of logistic regression against scikit-learn's solvers."""
    for name, make in logistic.problems(options.smoke).items():
        X, y = make()
        for threads in options.threads:
            print(f"  {name}, {threads} threads", file=sys.stderr)
            with threadpool_limits(threads):
                yield from solve_one(name, X, y, threads, options.repeats)


def solve_one(name, X, y, threads, repeats):
    tolerances, best = logistic.equals(X, y)
    models = {s: logistic.peer(s, tol) for s, tol in tolerances.items()}
    models[training.OURS] = LogisticRegressionScratch()
    runs = {
        who: (lambda model=model: logistic.fitted(model, X, y)[0])
        for who, model in models.items()
    }
    found = turns(runs, repeats)
    about = {
        "section": "logistic",
        "case": name,
        "dtype": "float64",
        "threads": threads,
    }
    fastest = min(tolerances, key=lambda solver: median(found[solver]))
    for solver, tol in tolerances.items():
        result = ratio(found, solver, **about, note=f"tol={tol:g}")
        result.target = target_for(1.0, threads) if solver == fastest else None
        yield result
    excess = logistic.objective(models[training.OURS], X, y) / best - 1
    yield Result(
        against="our objective",
        value=max(0.0, excess / logistic.EQUAL),
        unit="e-8 above",
        target=1.0,
        **about,
    )


def predict(options):
    """Seconds of `predict_proba`, of one row and of many, against MLPClassifier's."""
    many, calls = (1000, 5) if options.smoke else (1_000_000, 500)
    with warnings.catch_warnings(action="ignore"):  # max_iter is reached
        nets = {who: memory.predictor(who) for who in (training.OURS, "MLPClassifier")}
    X = memory.rows(many, 50, np.float32)

    def calling(net, rows, calls):
        return lambda: seconds(lambda: [net.predict_proba(rows) for _ in range(calls)])

    cases = {"1 row": (X[:1], calls, 1.0), f"{many} rows": (X, 1, 1.5)}
    for threads in options.threads:
        for case, (rows, n, target) in cases.items():
            with threadpool_limits(threads):
                runs = {who: calling(net, rows, n) for who, net in nets.items()}
                found = turns(runs, options.repeats)
            yield ratio(
                {who: [t / n for t in times] for who, times in found.items()},
                "MLPClassifier",
                section="predict",
                case=f"{case}, 50-256-256-10",
                dtype="float32",
                threads=threads,
                target=target_for(target, threads),
            )


def imports(options):
    """Milliseconds that importing this package takes beyond scikit-learn's part."""

    def importing(module):
        command = [sys.executable, "-c", f"import {module}"]
        return lambda: seconds(lambda: subprocess.run(command, check=True))

    modules = ("sknn_scratch", "sklearn.linear_model")
    found = turns({m: importing(m) for m in modules}, options.repeats)
    ours, theirs = (found[module] for module in modules)
    more = [1000 * (a - b) for a, b in zip(ours, theirs, strict=True)]
    yield Result(
        section="imports",
        case="import sknn_scratch",
        threads=1,
        against="sklearn.linear_model",
        value=median(more),
        unit="ms",
        target=60,
        ours=median(ours),
        theirs=median(theirs),
    )


def remember(options):
    """MB by which memory rises in a fit or a prediction, a fresh process each."""
    million, pictures = (2000, 1000) if options.smoke else (1_000_000, 60_000)
    probes = [
        ("predict", f"predict {million} rows, 50-256-256-10", million, 64),
        ("fit", f"fit {pictures} rows, 784-128-64-10", pictures, None),
        ("fit_logistic", f"fit logistic, {million} x 20", million, None),
    ]
    env = training.environment(max(options.threads))
    for probe, case, rows, target in probes:
        for who in (training.OURS, "scikit-learn"):
            yield Result(
                section="memory",
                case=case,
                against=who,
                value=script(
                    "memory.py", probe, who, json.dumps({"rows_": rows}), env=env
                ),
                unit="MB",
                target=target if who == training.OURS else None,
                dtype="float64" if probe == "fit_logistic" else "float32",
                threads=max(options.threads),
            )


def search(options):
    """Seconds of a whole GridSearchCV against MLPClassifier's, and its two processes.

    The workers are warm: each kind of search has gone through them before.
    """
    X, y = load_digits(return_X_y=True)
    X, epochs = X / 16, 100
    grid = {
        "hidden_layer_sizes": [(32,), (64,), (64, 32)],
        "alpha": [1e-5, 1e-3],
        "learning_rate_init": [1e-3, 2e-3, 5e-3, 1e-2],
    }
    if options.smoke:
        X, y, epochs, grid = X[:150], y[:150], 2, {"alpha": [1e-5, 1e-3]}

    def searching(who, jobs):
        net = memory.network(who, (32,), max_iter=epochs)
        return lambda: seconds(GridSearchCV(net, grid, cv=3, n_jobs=jobs).fit, X, y)

    runs = {
        training.OURS: searching(training.OURS, 2),
        "MLPClassifier": searching("MLPClassifier", 2),
        "ours, n_jobs=1": searching(training.OURS, 1),
    }
    with quiet_workers():
        for run in runs.values():
            run()
        found = turns(runs, 1 if options.smoke else min(3, options.repeats))
    n = int(np.prod([len(values) for values in grid.values()]))
    for other, target in {"MLPClassifier": 2.0, "ours, n_jobs=1": 1.0}.items():
        yield ratio(
            found,
            other,
            section="search",
            case=f"GridSearchCV, {n} candidates, n_jobs=2",
            dtype="float64",
            threads=CORES,  # joblib shares them out among the processes
            target=target,
        )


@contextlib.contextmanager
def quiet_workers():
    """No warning that max_iter was reached, here and in processes that start now."""
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = "ignore"
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        os.environ.pop("PYTHONWARNINGS")
        if before is not None:
            os.environ["PYTHONWARNINGS"] = before


SECTIONS = {
    "training": train,
    "logistic": solve,
    "predict": predict,
    "imports": imports,
    "memory": remember,
    "search": search,
}

# -- what is shown ---------------------------------------------------------------------


def versions():
    """Of everything that took part, and of the machine."""
    names = ["sknn-scratch", "numpy", "scipy", "scikit-learn", "joblib"]
    names += ["torch", "skorch", "jax"]
    found = {"python": platform.python_version()}
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    blas = [lib for lib in threadpool_info() if lib["user_api"] == "blas"]
    found["blas"] = ", ".join(
        f"{lib['prefix']} {lib['version']} {lib.get('architecture', '')}"
        for lib in blas
    )
    return {**found, "machine": platform.platform(), "cores": CORES}


def unit_time(seconds):
    """Return a time with its unit."""
    for unit, factor in {"us": 1e6, "ms": 1e3}.items():
        if seconds * factor < 1000:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s"


def table(results):
    """Lines for people: a row for each case, a column for each whom we are against."""
    columns = list(dict.fromkeys(result.against for result in results))
    rows = {}
    for result in results:
        row = rows.setdefault((result.case, result.dtype, result.threads), {})
        row[result.against] = result
    lines = [["case", "dtype", "threads", "our time", *columns]]
    for (case, dtype, threads), row in rows.items():
        times = [result.ours for result in row.values() if result.ours is not None]
        cells = [row[c].cell if c in row else "-" for c in columns]
        our_time = unit_time(times[0]) if times else "-"
        lines.append([case, dtype or "-", str(threads), our_time, *cells])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(map(str.ljust, line, widths)).rstrip()  # as many of each
        for line in lines
    ]


def parsed(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="SECTION")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--dtypes", nargs="+", default=["float32", "float64"])
    parser.add_argument("--shapes", default="", help="of training, that begin so")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--smoke", action="store_true", help="only whether it all runs")
    options = parser.parse_args(arguments)
    if options.smoke:
        options.repeats, options.threads = 1, [1]
    options.threads = [n for n in options.threads if n <= CORES] or [1]
    return options


def main(arguments=None):
    options = parsed(arguments)
    about = {**versions(), "repeats": options.repeats, "smoke": options.smoke}
    print("\n".join(f"{name}: {value}" for name, value in about.items()))
    if options.smoke:
        print("\nA smoke run: its numbers say nothing.")
    found = {}
    for name in options.only or SECTIONS:
        print(f"{name} ...", file=sys.stderr)
        start = time.perf_counter()
        results = list(SECTIONS[name](options))
        if options.smoke:
            results = [replace(result, target=None) for result in results]
        taken = time.perf_counter() - start
        print(f"\n{name}: {SECTIONS[name].__doc__.splitlines()[0]} ({taken:.0f} s)\n")
        print("\n".join(table(results)), flush=True)
        found[name] = [
            {**asdict(result), "shortfall": result.shortfall} for result in results
        ]
    if options.json:
        options.json.write_text(
            json.dumps({"about": about, "sections": found}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
