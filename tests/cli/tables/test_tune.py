"""Who is searched for, trained to the end and saved, of the ensembles for tables."""

import json
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from flats import N, flats
from sklearn.base import clone
from sklearn.metrics import log_loss, mean_squared_error

from sknn_scratch import TabularNetClassifier, TabularNetRegressor
from sknn_scratch._cli import tune as command
from sknn_scratch._cli.main import main
from sknn_scratch._cli.tables import train, tune
from sknn_scratch._cli.tables.models import (
    clearly_less,
    losses_out_of_fold,
    make_table_model,
)
from sknn_scratch.hdf5 import load_model
from sknn_scratch.search._halving import Halving

GOOD = {"n_members": 2, "hidden_layer_sizes": (8,), "max_iter": 8, "random_state": 0}
POOR = GOOD | {"learning_rate_init": 1e-6}


def searched(best, params, shortened=None, left=30.0):
    """What a search has found, as far as `finalists` reads it."""
    return SimpleNamespace(
        best=best,
        best_params_=params,
        shortened=shortened,
        seconds=60.0,
        elapsed=60 - left,
    )


def contest(folder, first, second):
    """The result of the training of two ensembles, the first one the default."""
    path = folder / "contest.csv"
    flats(N, 0).to_csv(path, index=False)
    reading = {"dates": "day-first"}
    table = train.training_table(path, target="price", drop=["dear"], **reading)
    parts = train.parted(table, None, "day-first", {})
    models = {
        f"TabularNetRegressor, {name}": TabularNetRegressor(**given)
        for name, given in ((tune.DEFAULT, first), (tune.TUNED, second))
    }
    files = {"source": str(path), "test": None, "out": str(folder / "won.h5")}
    return train.train_parts(models, table, parts, None, **files)


# -- the search ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "name"), [("classification", "log loss"), ("regression", "RMSE")]
)
def test_a_candidate_has_few_members_and_is_scored_by_a_loss(task, name):
    estimator = make_table_model("tabular", task, {})
    candidate, options = tune.cheap(estimator, task, 2000)
    assert candidate.n_members == 2
    assert estimator.n_members == "auto"
    assert options["trainings"] == 5  # twice the five members for 2,000 rows, of two
    rng = np.random.RandomState(0)
    X, y = rng.rand(40, 2), np.arange(40) % 2
    model = clone(candidate).set_params(**GOOD).fit(X, y)
    if task == "classification":
        expected = log_loss(y, model.predict_proba(X))
    else:
        expected = np.sqrt(mean_squared_error(y, model.predict(X)))
    assert options["score"](model, X, y) == pytest.approx(-expected)


def test_a_single_network_is_searched_as_it_is():
    estimator = make_table_model("deep", "regression", {})
    assert tune.cheap(estimator, "regression", 100) == (estimator, {})
    models = tune.finalists(searched(3, {"deepnetregressor__alpha": 2.0}), estimator)
    assert {name: model[-1].alpha for name, model in models.items()} == {
        "DeepNetRegressor": 2.0
    }


@pytest.mark.parametrize(
    ("best", "params", "names"),
    [
        (None, {}, [tune.DEFAULT]),
        (0, {}, [tune.DEFAULT]),
        (4, {"dropout": 0.2}, [tune.DEFAULT, tune.TUNED]),
    ],
)
def test_the_default_is_trained_to_the_end_whoever_is_the_best(best, params, names):
    estimator = make_table_model("tabular", "regression", {})
    models = tune.finalists(searched(best, params), estimator)
    assert [name.split(", ")[1] for name in models] == names
    assert [model.n_members for model in models.values()] == ["auto"] * len(names)
    assert [*models.values()][-1].dropout == params.get("dropout", 0.0)


def test_where_the_time_is_short_finalists_have_what_is_left():
    estimator = make_table_model("tabular", "regression", {})
    short = searched(4, {"dropout": 0.2}, shortened=(100, 0.5))
    limits = [m.time_limit for m in tune.finalists(short, estimator).values()]
    assert limits == [15.0, 15.0]
    late = searched(None, {}, left=-1)
    assert [m.time_limit > 0 for m in tune.finalists(late, estimator).values()] == [
        True
    ]


@pytest.fixture
def unjudged(monkeypatch):
    """Leaves out what takes time after the trainings."""
    monkeypatch.setattr(train, "judge", lambda *given: None)
    monkeypatch.setattr(train, "diagnosed", lambda *given: None)


# -- who is saved ----------------------------------------------------------------------


def test_who_is_clearly_better_out_of_fold_is_saved(folder, capsys):
    done = contest(folder, POOR, GOOD)
    assert done.name == "TabularNetRegressor, tuned"
    assert load_model(folder / "won.h5").learning_rate_init == 0.005
    names = [judged.name for judged in done.judged]
    assert names == [
        "TabularNetRegressor, tuned",
        "TabularNetRegressor, default",
        "HistGradientBoosting",
        "a constant",
    ]
    tune.say_who_won(done)
    assert "The tuned one is saved: RMSE" in capsys.readouterr().out
    assert json.loads(json.dumps(done.as_dict()))["model"] == done.name


@pytest.mark.parametrize("second", [POOR, GOOD], ids=["worse", "equal"])
def test_the_default_is_saved_if_the_other_is_not_better(
    folder, capsys, unjudged, second
):
    done = contest(folder, GOOD, second)
    assert done.name == "TabularNetRegressor, default"
    assert load_model(folder / "won.h5").learning_rate_init == 0.005
    assert min(done.out_of_fold, key=done.out_of_fold.get) == done.name
    tune.say_who_won(done)
    assert "The default is saved: RMSE" in capsys.readouterr().out


def test_ctrl_c_in_the_second_training_keeps_the_default(folder, monkeypatch, unjudged):
    fit = TabularNetRegressor.fit

    def interrupted(self, X, y):
        if self.learning_rate_init == 1e-6:
            raise KeyboardInterrupt
        return fit(self, X, y)

    monkeypatch.setattr(TabularNetRegressor, "fit", interrupted)
    done = contest(folder, GOOD, POOR)
    assert done.interrupted
    assert done.name == "TabularNetRegressor, default"
    assert load_model(folder / "won.h5").learning_rate_init == 0.005


@pytest.mark.parametrize("classes", [2, 3])
def test_the_losses_out_of_fold_are_those_of_the_probabilities(rng, classes):
    X, y = rng.rand(40, 2), rng.choice(["a", "b", "c"][:classes], 40)
    model = TabularNetClassifier(**GOOD | {"n_members": 5}).fit(X, y)
    z = model.oof_decision_function_
    P = np.exp(z) if classes == 3 else np.c_[1 / (1 + np.exp(z)), 1 / (1 + np.exp(-z))]
    assert losses_out_of_fold(model, y).mean() == pytest.approx(log_loss(y, P))


def test_a_difference_below_its_standard_error_is_none():
    others = np.array([1.0, 1.0, 1.0, 1.0, np.nan])
    assert not clearly_less(others, others)
    less = np.array([0.0, 0.0, 1.0, 1.5, 0.0])  # mean .375, standard error .375 / .96
    gain = 1 - less[:4]
    assert clearly_less(less, others) == (gain.mean() > gain.std() / 2)
    assert clearly_less(others - 0.1, others)


# -- the command -----------------------------------------------------------------------


def test_without_a_better_candidate_the_command_saves_the_default(
    folder, monkeypatch, capsys
):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(Halving, "_over", lambda self: self.best is not None)
    monkeypatch.setattr(TabularNetRegressor, "_members_for", lambda self, m: 2)
    flats(N, 0).to_csv("all.csv", index=False)
    line = "tune all.csv --target price --drop dear --dates day-first --cv 2"
    assert main(line.split()) == 0
    printed = capsys.readouterr().out
    for part in ("rank", "RMSE", "1 default", "The default is saved", "a constant"):
        assert part in printed
    model = load_model("model.h5")
    assert (type(model), model.n_members) == (TabularNetRegressor, "auto")
    assert hasattr(model, "predict_interval")


def test_ctrl_c_before_a_judgement_trains_the_default(folder, monkeypatch):
    @contextmanager
    def pressed():
        yield lambda: True

    monkeypatch.chdir(folder)
    monkeypatch.setattr(command, "stop_on_ctrl_c", pressed)
    monkeypatch.setattr(TabularNetClassifier, "_members_for", lambda self, m: 2)
    flats(N, 0).to_csv("all.csv", index=False)
    line = "tune all.csv --target dear --drop price --dates day-first --out c.h5"
    assert main(line.split()) == 130
    assert load_model("c.h5").classes_.tolist() == ["no", "yes"]
