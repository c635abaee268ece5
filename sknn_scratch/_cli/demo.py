"""`sknn-scratch demo`: the course's three networks on handwritten digits."""

import os
import time

import numpy as np

from .._training.watch import observe
from .console import print_table, progress, say, terminal
from .training import MODELS

FOLDER = "sknn-demo"


def run_demo(arguments):
    """Write and read the data, train, print the scores, draw the figures."""
    from ..hdf5 import save_model

    models = {
        "logistic": MODELS["logistic"](),
        "shallow": MODELS["shallow"](64, random_state=0),
        "deep": MODELS["deep"]((64, 32, 16), batch_size=32, random_state=0),
    }
    os.makedirs(FOLDER, exist_ok=True)
    data = digits_from_file(os.path.join(FOLDER, "digits.h5"))
    console = terminal()
    with progress(console) as show:
        trained = [train_and_score(model, data, show) for model in models.values()]
    majority = np.bincount(data.y_train).argmax()
    shares = [float(np.mean(y == majority)) for y in (data.y_train, data.y_test)]
    found = [row for _, row in trained]
    found.append({"model": f"majority class ({data.classes[majority]})"})
    found[-1] |= dict(zip(("train_accuracy", "test_accuracy"), shares, strict=True))
    print_found(console, found)
    say("Each model is a scikit-learn Pipeline: ImageFlattener(scale=16), then")
    for model in models.values():
        say(str(model))
    written = ["digits.h5"]
    for name, (pipeline, _) in zip(models, trained, strict=True):
        written.append(f"{name}.h5")
        save_model(pipeline, os.path.join(FOLDER, written[-1]), data.classes)
    written += draw_figures([pipeline for pipeline, _ in trained], data)
    tables = write_tables()
    written += tables
    say(f"Look into ./{FOLDER}: {', '.join(written)}.")
    if tables:
        path = os.path.join(FOLDER, tables[0])
        say(f"Go on with a table: sknn-scratch train {path} --target price")
    return {"folder": FOLDER, "files": written, "models": found}


def print_found(console, found):
    """Print a line for each model."""
    formats = {"cost": ".4f", "seconds": ".2f"}
    formats |= {"train_accuracy": ".3f", "test_accuracy": ".3f"}
    rows = [
        [
            row["model"],
            *(
                f"{row[key]:{form}}" if key in row else ""
                for key, form in formats.items()
            ),
        ]
        for row in found
    ]
    print_table(console, ["model", *(key.replace("_", " ") for key in formats)], rows)


def digits_from_file(path):
    """Write the digits to a file in the course's layout; return the loaded Dataset."""
    from sklearn.model_selection import train_test_split

    from ..datasets import load_digit_images
    from ..hdf5 import load_dataset, save_dataset

    X, y = load_digit_images()
    X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)
    save_dataset(path, X, y, X_test, y_test, classes=range(10))
    data = load_dataset(path)
    sizes = f"{len(data.X_train)} to train on, {len(data.X_test)} to test"
    say(f"Wrote scikit-learn's digits to {path}, read them: {sizes}.")
    return data


def write_tables():
    """Write the two made tables as CSV; return the file names, none without pandas."""
    from ..datasets import make_customers, make_homes

    files = {"homes.csv": make_homes, "customers.csv": make_customers}
    for name, make in files.items():
        try:
            X, y = make()
        except ModuleNotFoundError:
            return []
        X.assign(**{y.name: y}).to_csv(os.path.join(FOLDER, name), index=False)
    return list(files)


def draw_figures(pipelines, data):
    """Draw the cost curves and the last model's mistakes; return the file names."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        say("No pictures without matplotlib: pip install matplotlib.")
        return []
    from .._estimators.access import network_of
    from ..plotting import LossCurveDisplay, MistakesDisplay

    curves = Figure(figsize=(7, 4.5), layout="constrained").subplots()
    for pipeline in pipelines:
        name = type(network_of(pipeline)).__name__
        LossCurveDisplay.from_estimator(pipeline, ax=curves, name=name)
    curves.set(yscale="log", title="What training does to the cost")
    page = Figure(figsize=(9, 5)).subplots()
    MistakesDisplay.from_estimator(
        pipelines[-1], data.X_test, data.y_test, classes=data.classes, ax=page
    )
    files = {"cost-curves.png": curves.figure, "mistakes.png": page.figure}
    for name, figure in files.items():
        figure.savefig(os.path.join(FOLDER, name), dpi=100)
    return list(files)


def train_and_score(model, data, show):
    """Return the fitted Pipeline and its row of the table."""
    from sklearn.pipeline import make_pipeline
    from threadpoolctl import threadpool_limits  # scikit-learn brings it

    from ..preprocessing import ImageFlattener

    pipeline = make_pipeline(ImageFlattener(scale=16), model)
    name = type(model).__name__
    start = time.perf_counter()
    # one thread: on a busy machine BLAS made such small networks 30 times slower
    with threadpool_limits(1), observe(lambda *seen: show(name, *seen[:3])):
        pipeline.fit(data.X_train, data.y_train)
    seconds = time.perf_counter() - start
    show(name, len(model.loss_curve_), len(model.loss_curve_), model.loss_)
    return pipeline, {
        "model": name,
        "cost": float(model.loss_),
        "seconds": round(seconds, 3),
        "train_accuracy": float(pipeline.score(data.X_train, data.y_train)),
        "test_accuracy": float(pipeline.score(data.X_test, data.y_test)),
    }
