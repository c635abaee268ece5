"""`sknn-scratch tune`: search for hyperparameters within a time limit."""

import math
import os

from .._storage.atomic import replacing
from .console import (
    counting,
    print_table,
    say,
    short_warnings,
    stop_on_ctrl_c,
    terminal,
)
from .options import OF_TABLES, SCALE
from .output import check_can_write
from .readers.data_file import as_data_file
from .tables.columns import figure
from .tables.files import is_table
from .training import (
    TimeLimit,
    check_all_rows,
    epochs_of,
    make_model,
    make_pipeline_for,
    name_columns,
    reading_of,
    refuse,
    train,
)

FIGURE_FORMATS = (".pdf", ".png", ".svg")
SHOWN = 5  # candidates in the printed table
SCORES = {  # name of a search's score -> what is printed, and its sign
    "accuracy": ("accuracy", 1),
    "r2": ("R2", 1),
    "-log loss": ("log loss", -1),
    "-RMSE": ("RMSE", -1),
}


def run_tune(arguments):
    """Search on a table, or on images and data files."""
    check_arguments(arguments)
    if is_table(arguments.train):
        return tune_table(arguments)
    return tune_images(arguments)


def tune_table(arguments):
    """Read a table, search, train the finalists, judge, print and save the best."""
    from threadpoolctl import threadpool_limits

    from .tables.models import make_table_model
    from .tables.train import parted, train_parts, training_table
    from .tables.trained import print_trained, saved_in_words
    from .tables.tune import cheap, finalists, say_who_won

    source, test = arguments.train, arguments.test_rows or arguments.test
    refuse(arguments, [SCALE], f"a table: {source}")
    check_all_rows(arguments)
    reading = reading_of(arguments)
    table = training_table(
        source,
        target=arguments.target,
        task=arguments.task,
        drop=arguments.drop or (),
        keep=arguments.keep or (),
        **reading,
    )
    dates = reading.pop("dates")
    parts = parted(table, test, dates, reading)
    for text in table.notes:
        say(text)
    seed = {"random_state": ("--seed", arguments.random_state)}
    task = table.target.task
    estimator = make_table_model(arguments.model or "tabular", task, seed)
    candidate, options = cheap(estimator, task, len(parts.y))
    console = terminal()
    with threadpool_limits(1):
        tuning, stopped = run_search(
            candidate, parts.X, parts.y, arguments, console, **options
        )
        print_ranking(tuning, console)
        models = finalists(tuning, estimator)
        files = {"source": source, "test": test, "out": arguments.out}
        done = train_parts(
            models, table, parts, console, all_rows=arguments.all_rows, **files
        )
    print_trained(done, console)
    say_who_won(done)
    say(saved_in_words(done))
    drawn = draw_importances(tuning, arguments.figure)
    done.interrupted |= stopped
    figure = arguments.figure if drawn else None
    return {**done.as_dict(), "figure": figure, **ranking(tuning)}


def tune_images(arguments):
    """Read the data, search, print the result, train the best candidate, save it."""
    from sklearn.base import clone
    from threadpoolctl import threadpool_limits  # scikit-learn brings it

    from .._estimators.access import network_of
    from ..hdf5 import save_model

    refuse(arguments, OF_TABLES, f"images or a data file: {arguments.train}")
    model = make_model(arguments)
    console = terminal()
    data, columns, estimator = read_data(arguments, model, console)
    # one thread: on a busy machine BLAS made such small networks 15 times slower
    with threadpool_limits(1):
        tuning, stopped = run_search(
            estimator, data.X_train, data.y_train, arguments, console
        )
        if tuning.best is None and stopped:
            raise KeyboardInterrupt
        print_ranking(tuning, console)
        best = clone(estimator).set_params(**tuning.best_params_)
        network = network_of(best)
        judged = tuning.best is not None and not tuning.shortened
        over = TimeLimit(math.inf if judged else tuning.seconds - tuning.elapsed)
        with stop_on_ctrl_c() as pressed:  # after the training, too, it is saved first
            result = train(best, network, data, console, over)
            name_columns(network, columns)
            save_model(best, arguments.out, class_names=data.classes)
    cut = result["interrupted"]
    saved = "the best, trained on the whole training set,"
    if cut or over.passed:
        saved = f"what was learned in {epochs_of(network)} epochs"
    say(f"Saved {saved} to {arguments.out}.")
    drawn = draw_importances(tuning, arguments.figure)
    return {
        "file": arguments.out,
        "figure": arguments.figure if drawn else None,
        **ranking(tuning),
        "trained": result,
        "interrupted": stopped or cut or pressed(),
    }


def ranking(tuning):
    """Return how the search went and the best candidates, the best first."""
    found = {"seconds": round(tuning.elapsed, 3), "candidates": tuning.n_scored}
    if tuning.best is None:
        return {**found, "best": []}
    found["judged_by"] = "one held-out part" if tuning.shortened else "cross-validation"
    trials = tuning.rounds[-1]
    name, sign = SCORES[tuning.scoring]
    best = [
        {
            name: sign * trials[i].mean,
            "std": trials[i].std,
            "default": i == 0,
            "parameters": {
                name.split("__")[-1]: value
                for name, value in tuning.settings(i).items()
            },
        }
        for i in tuning.ranking()[:SHOWN]
    ]
    return {**found, "best": best}


def check_arguments(arguments):
    """Refuse wrong arguments before the search; set the default path of the figure."""
    sources = [arguments.train, arguments.test]
    check_can_write(arguments.out, sources)
    if arguments.figure is None:
        arguments.figure = f"{os.path.splitext(arguments.out)[0]}.png"
    if not arguments.figure.lower().endswith(FIGURE_FORMATS):
        raise ValueError(
            f"--figure must end in one of {', '.join(FIGURE_FORMATS)}, got "
            f"{arguments.figure!r}."
        )
    check_can_write(arguments.figure, sources, "--figure")
    if os.path.realpath(arguments.figure) == os.path.realpath(arguments.out):
        raise ValueError(f"--figure must be another file than {arguments.out}.")


def read_data(arguments, model, console):
    """Return the data in memory, its columns, and the model with its preprocessing."""
    from .._storage.store import read_all
    from ..hdf5 import open_dataset
    from ..hdf5._datasets import read_columns

    with (
        as_data_file(arguments.train, console) as path,
        open_dataset(path, arguments.test) as data,
    ):
        estimator = make_pipeline_for(data.X_train, model, arguments.scale)
        X_test = None if data.X_test is None else read_all(data.X_test)
        data = data._replace(X_train=read_all(data.X_train), X_test=X_test)
        return data, read_columns(path), estimator


def run_search(estimator, X, y, arguments, console, **options):
    """Run the search; return the Halving and True if Ctrl-C ended it.

    `options` are further keywords of Halving.
    """
    from sklearn.base import is_classifier

    from ..search import search_space
    from ..search._halving import Halving, folds_of

    # raises if there are too many
    folds_of(y, arguments.cv, 0, is_classifier(estimator), name="--cv")
    seconds = 60 * arguments.minutes
    with counting(console) as show, stop_on_ctrl_c() as stopped:

        def callback(tuning):
            note = " s"
            if tuning.best is not None:
                best = score_text(tuning, tuning.best_score_)
                note += f", best {best} of {tuning.n_scored}"
            show("tune", int(tuning.elapsed), math.ceil(seconds), note)
            return stopped()

        tuning = Halving(
            estimator,
            search_space(estimator, arguments.size),
            seconds=seconds,
            cv=arguments.cv,
            random_state=arguments.random_state,
            callback=callback,
            **options,
        )
        with short_warnings():
            tuning.run(X, y)
    if stopped() and tuning.best is not None:
        say("Stopped; training the best so far (Ctrl-C again cuts that short).")
    return tuning, stopped()


def print_ranking(tuning, console):
    """Print a table of the best candidates and the default, one column for each."""
    if tuning.best is None:
        say("There was no time to judge by; training the default.")
        return
    whole = tuning.shortened is None
    ranked = tuning.ranking()
    shown = ranked[:SHOWN] + [i for i in ranked[SHOWN:] if i == 0]
    settings = [tuning.settings(i) for i in shown]
    names = [f"{ranked.index(i) + 1}{'' if i else ' default'}" for i in shown]
    trials = [tuning.rounds[-1][i] for i in shown]
    score, _ = SCORES[tuning.scoring]
    rows = [[score, *(score_text(tuning, trial.mean) for trial in trials)]]
    if whole:
        stds = [figure(trial.std) for trial in trials]
        rows.append([f"std of {tuning.cv} folds", *stds])
    for name in tuning.space:
        values = [short_text(setting[name]) for setting in settings]
        if len(set(values)) > 1:
            rows.append([name.split("__")[-1], *values])
    print_table(console, ["rank", *names], rows)
    say(
        f"{tuning.n_scored} candidates in {tuning.elapsed:.0f} seconds, "
        f"{len(ranked)} of them {'cross-validated' if whole else 'judged'} to the end."
    )
    if not whole:
        count, share = tuning.shortened
        epochs = "all epochs" if share == 1 else f"{share:.0%} of the epochs"
        say(
            f"The time is short: they were judged by one held-out part, trained on "
            f"{count} rows for {epochs}; more --minutes judge better."
        )


def score_text(tuning, score):
    """Return a score of a search as it is printed: losses without their sign."""
    return figure(SCORES[tuning.scoring][1] * score)


def short_text(value):
    """Return a value as text, a float with three digits."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def draw_importances(tuning, path):
    """Draw the importances and return True; say why not if something is missing."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        say("No figure without matplotlib: pip install matplotlib.")
        return False
    from ..plotting import ImportanceDisplay

    scored = {
        i
        for trials in tuning.rounds
        for i, trial in trials.items()
        if trial.mean > -math.inf
    }
    if scored <= {0}:
        say("No figure: there was no time for more than the default.")
        return False
    display = ImportanceDisplay.from_estimator(tuning)
    figure = display.figure_
    with replacing(path, os.path.splitext(path)[1]) as temporary:
        figure.savefig(temporary, dpi=100)
    plt.close(figure)
    what = "was tried" if display.importances is None else "mattered"
    say(f"Drew what {what} to {path}.")
    return True
