"""Optuna: a search of its own, and studies that end bad trials early."""

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
