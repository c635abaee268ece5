"""Optuna: a search of its own, and studies that end bad trials early."""

from importlib.util import find_spec

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna_integration import OptunaSearchCV
from sklearn import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch.search import PruneTrial, search_space, suggest

optuna.logging.set_verbosity(optuna.logging.ERROR)
SPACES = {
    "LogisticRegressionScratch": {"C": FloatDistribution(1e-3, 100, log=True)},
    "ShallowNetClassifier": {
        "n_hidden": IntDistribution(2, 10),
        "activation": CategoricalDistribution(["tanh", "relu"]),
    },
    "DeepNetClassifier": {
        "alpha": FloatDistribution(1e-5, 1, log=True),
        "hidden_layer_sizes": IntDistribution(4, 16),
        "n_hidden_layers": IntDistribution(1, 3),
    },
}


def search(model, **options):
    space = SPACES[type(model).__name__]
    if type(model).__name__ == "DeepNetClassifier":
        model = clone(model).set_params(hidden_layer_sizes=16)
    return OptunaSearchCV(
        model, space, n_trials=6, cv=3, random_state=0, error_score="raise", **options
    )


def test_search(wine, model):
    X, y = wine
    found = search(model).fit(X, y)
    assert len(found.trials_) == 6
    assert found.best_score_ > 0.9
    assert found.best_params_.items() <= found.best_estimator_.get_params().items()
    assert found.predict_proba(X).shape == (178, 3)


def test_search_with_pruning_trains_by_partial_fit(wine, net):
    net = clone(net).set_params(batch_size=8)
    found = search(net, enable_pruning=True, max_iter=15).fit(*wine)
    steps = [len(trial.intermediate_values) for trial in found.trials_]
    assert max(steps) == 15
    assert found.best_score_ > 0.9


def test_search_with_pruning_is_refused_without_partial_fit(wine, logistic):
    with pytest.raises(ValueError, match="partial_fit"):
        search(logistic, enable_pruning=True).fit(*wine)


def test_a_study_prunes_what_does_not_learn(wine, net):
    X, y = wine
    train, test = np.arange(178) % 2 == 0, np.arange(178) % 2 == 1

    def objective(trial):
        rate = trial.suggest_float("rate", 1e-6, 1e-2, log=True)
        model = clone(net).set_params(learning_rate_init=rate, batch_size=8)
        for epoch in range(20):
            model.partial_fit(X[train], y[train], classes=np.unique(y))
            score = model.score(X[test], y[test])
            trial.report(score, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return score

    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.GridSampler({"rate": [1e-2, 1e-5, 1e-6]}, seed=0),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=5),
    )
    study.enqueue_trial({"rate": 1e-2})
    study.optimize(objective, n_trials=4)
    assert study.best_value > 0.9
    assert study.best_params == {"rate": 1e-2}
    pruned = study.get_trials(states=[optuna.trial.TrialState.PRUNED])
    assert {trial.params["rate"] for trial in pruned} == {1e-5, 1e-6}
    assert all(6 <= len(trial.intermediate_values) < 20 for trial in pruned)


# -- a search space and a callback of our own ------------------------------------------

needs_callbacks = pytest.mark.skipif(
    find_spec("sklearn.callback") is None, reason="scikit-learn before 1.9"
)
PRUNED, COMPLETE = optuna.trial.TrialState.PRUNED, optuna.trial.TrialState.COMPLETE


def study_of(objective, n_trials, **warmup):
    pruner = optuna.pruners.MedianPruner(n_startup_trials=1, **warmup)
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.RandomSampler(seed=0),
        pruner=pruner,
    )
    study.optimize(objective, n_trials=n_trials)
    return study


def patient(net):
    """Twenty epochs, the accuracy of rows held out after each."""
    return clone(net).set_params(
        early_stopping=True, scoring="accuracy", max_iter=20, n_iter_no_change=np.inf
    )


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_study_searches_a_space_of_ours(wine, model, size):
    def objective(trial):
        found = clone(model).set_params(**suggest(trial, search_space(model, size)))
        return cross_val_score(found, *wine, cv=3, error_score="raise").mean()

    study = study_of(objective, 4)
    assert study.best_value > 0.9
    assert set(study.best_params) == set(search_space(model, size))


@needs_callbacks
def test_a_callback_prunes_trials(wine, net):
    def objective(trial):
        found = patient(net).set_params(**suggest(trial, search_space(net)))
        found.set_callbacks(PruneTrial(trial)).fit(*wine)
        assert found.n_iter_ == 20
        return found.best_validation_score_

    study = study_of(objective, 8, n_warmup_steps=3)
    pruned, complete = (study.get_trials(states=[s]) for s in (PRUNED, COMPLETE))
    assert len(pruned) + len(complete) == 8
    assert all(4 <= len(trial.intermediate_values) <= 20 for trial in pruned)
    assert min(len(trial.intermediate_values) for trial in pruned) < 20
    for trial in complete:
        assert list(trial.intermediate_values) == list(range(20))
        assert max(trial.intermediate_values.values()) == trial.value


@needs_callbacks
def test_a_pruned_trial_leaves_the_network_as_it_was(wine, net):
    class Impatient(optuna.trial.FixedTrial):
        def should_prune(self):
            return True

    found = patient(net).set_callbacks(PruneTrial(Impatient({})))
    with pytest.raises(optuna.TrialPruned, match="after 1 epochs"):
        found.fit(*wine)
    assert not hasattr(found, "coefs_")


@needs_callbacks
def test_of_several_fits_the_first_is_watched(wine, net):
    def objective(trial):
        watched = patient(net).set_callbacks(PruneTrial(trial))
        model = make_pipeline(StandardScaler(), watched)
        return cross_val_score(model, *wine, cv=3, error_score="raise").mean()

    [trial] = study_of(objective, 1).trials
    assert list(trial.intermediate_values) == list(range(20))


@needs_callbacks
def test_a_trial_that_diverges_is_the_worst(wine, net):
    def objective(trial):
        rate = 0.01 if trial.number == 0 else 1e200
        found = patient(net).set_params(solver="sgd", learning_rate_init=rate)
        found.set_callbacks(PruneTrial(trial)).fit(*wine)
        return found.best_validation_score_

    assert [trial.state for trial in study_of(objective, 2).trials] == [
        COMPLETE,
        PRUNED,
    ]
