"""SearchDisplay: scores over the hyperparameters of a search."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import loguniform, randint
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import LogisticRegressionScratch, ShallowNetClassifier
from sknn_scratch.datasets import make_flower
from sknn_scratch.plotting import SearchDisplay

X, y = make_flower()
NET = ShallowNetClassifier(2, max_iter=3, warn=False, random_state=0)
GRID = {"n_hidden": [1, 2, 4], "activation": ["tanh", "relu"], "alpha": [0.1, 1]}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def large():
    metrics = ["accuracy", "neg_log_loss"]
    return GridSearchCV(NET, GRID, cv=2, scoring=metrics, refit="accuracy").fit(X, y)


def search(grid, **options):
    return GridSearchCV(NET, grid, cv=2, **options).fit(X, y)


def names_on(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


def test_one_hyperparameter_is_a_curve_with_a_band_in_the_order_of_its_values():
    found = search({"alpha": [10, 0.1, 1]}, scoring="accuracy")
    display = SearchDisplay.from_estimator(found)
    [line] = display.lines_
    mean, std = (found.cv_results_[f"{part}_test_score"] for part in ("mean", "std"))
    assert line.get_xdata().tolist() == [0.1, 1, 10]
    assert line.get_ydata().tolist() == mean[[1, 2, 0]].tolist()
    band = display.fill_between_.get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx((mean + std).max())
    assert band.min() == pytest.approx((mean - std).min())
    assert display.ax_.get_xscale() == "log"
    assert display.ax_.get_ylabel() == "validation accuracy"
    assert display.best_.get_xdata() == [found.best_params_["alpha"]]
    assert display.best_.get_ydata() == [found.best_score_]


@pytest.mark.parametrize("values", [[1, 2, 4], [0, 0.5, 1000]])
def test_values_near_each_other_or_zero_have_a_linear_axis(values):
    display = SearchDisplay(
        names=["p"], values=[(v,) for v in values], mean=values, std=values
    )
    assert display.plot().ax_.get_xscale() == "linear"


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["tanh", "relu"], ["tanh", "relu"]),
        ([True, False], ["True", "False"]),
        ([None, 0.1], ["None", "0.1"]),
        ([(5,), (5, 2)], ["(5,)", "(5, 2)"]),
        ([[5], [5, 2]], ["[5]", "[5, 2]"]),
    ],
)
def test_values_that_are_no_numbers_are_points(values, names):
    display = SearchDisplay(
        names=["p"], values=[(v,) for v in values], mean=[0.1, 0.2], std=[0, 0], best=1
    ).plot()
    assert display.errorbar_ is not None
    assert display.lines_ == []
    assert names_on(display.ax_.xaxis) == names
    assert display.best_.get_xdata() == [1]


def test_two_hyperparameters_are_a_heat_map_with_its_numbers():
    model = make_pipeline(StandardScaler(), NET)
    grid = {"shallownetclassifier__n_hidden": [4, 1, 2]}
    grid["shallownetclassifier__alpha"] = [0.1, 1]
    found = GridSearchCV(model, grid, cv=2).fit(X, y)
    display = SearchDisplay.from_estimator(found)
    [image] = display.images_
    shown = image.get_array()
    for parameters, mean in zip(
        found.cv_results_["params"], found.cv_results_["mean_test_score"], strict=True
    ):
        alpha, n_hidden = (parameters[name] for name in display.names)
        assert shown[[1, 2, 4].index(n_hidden), [0.1, 1].index(alpha)] == mean
    assert display.ax_.get_xlabel() == "alpha"
    assert names_on(display.ax_.yaxis) == ["1", "2", "4"]
    assert f"{found.best_score_:.3g}" in [t.get_text() for t in display.ax_.texts]
    best = found.best_params_["shallownetclassifier__n_hidden"]
    assert display.best_.get_ydata() == [[1, 2, 4].index(best)]


def test_a_random_search_is_points_in_colours():
    space = {"n_hidden": randint(1, 9), "alpha": loguniform(1e-3, 10)}
    found = RandomizedSearchCV(NET, space, n_iter=6, cv=2, random_state=0).fit(X, y)
    display = SearchDisplay.from_estimator(found)
    scores = found.cv_results_["mean_test_score"]
    assert display.scatter_.get_array().tolist() == scores.tolist()
    assert (display.ax_.get_xscale(), display.ax_.get_yscale()) == ("log", "linear")
    assert display.images_ == []


def test_of_more_than_two_the_others_are_at_their_best(large):
    display = SearchDisplay.from_estimator(large, params="n_hidden")
    results = large.cv_results_
    for (n_hidden,), mean in zip(display.values, display.mean, strict=True):
        assert mean == max(
            score
            for score, parameters in zip(
                results["mean_test_accuracy"], results["params"], strict=True
            )
            if parameters["n_hidden"] == n_hidden
        )
    assert display.ax_.get_ylabel() == (
        "validation accuracy\n(best over activation, alpha)"
    )
    assert display.values[display.best] == (large.best_params_["n_hidden"],)


def test_another_metric_has_its_own_best(large):
    display = SearchDisplay.from_estimator(
        large, params=["activation", "n_hidden"], metric="neg_log_loss"
    )
    best = large.cv_results_["mean_test_neg_log_loss"].max()
    assert display.mean[display.best] == best
    assert display.colorbar_.ax.get_ylabel().startswith("validation neg_log_loss")
    assert display.ax_.get_xlabel() == "activation"


def test_a_halving_search_shows_each_candidate_in_its_last_round():
    found = HalvingGridSearchCV(NET, {"alpha": [0.1, 1, 10]}, cv=2, random_state=0)
    found.fit(X, y)
    display = SearchDisplay.from_estimator(found)
    results = found.cv_results_
    for (alpha,), mean in zip(display.values, display.mean, strict=True):
        rows = [i for i, p in enumerate(results["params"]) if p["alpha"] == alpha]
        last = max(rows, key=lambda i: results["iter"][i])
        assert mean == results["mean_test_score"][last]
    assert display.values[display.best] == (found.best_params_["alpha"],)
    assert display.score_name == "validation score\n(each in its last round)"


def test_scores_of_an_early_round_do_not_compete_with_later_ones():
    search = HalvingGridSearchCV(NET, {})
    search.cv_results_ = {
        "params": [
            {"a": 1, "b": 1},
            {"a": 1, "b": 2},
            {"a": 2, "b": 1},
            {"a": 1, "b": 1},
        ],
        "iter": np.array([0, 0, 0, 1]),
        "mean_test_score": np.array([0.5, 0.9, 0.4, 0.6]),
        "std_test_score": np.zeros(4),
    }
    search.best_index_ = 3
    display = SearchDisplay.from_estimator(search, params="a")
    assert dict(zip(display.values, display.mean, strict=True)) == {
        (1,): 0.6,
        (2,): 0.4,
    }


def test_candidates_of_another_grid_are_left_out():
    found = search([{"alpha": [0.1, 1]}, {"n_hidden": [1, 2]}])
    display = SearchDisplay.from_estimator(found, params="alpha")
    assert display.values == [(0.1,), (1,)]


def test_failed_fits_are_gaps():
    display = SearchDisplay(
        names=["a", "b"],
        values=[(1, 1), (1, 2), (2, 1), (2, 2)],
        mean=[0.1, np.nan, 0.3, 0.4],
        std=[0] * 4,
    ).plot()
    assert len(display.ax_.texts) == 3
    assert display.best_ is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"params must choose one or two of \['activation', 'alpha', 'n_hidden'\]"),
        ({"params": list(GRID)}, "params must be one or two of"),
        ({"params": ["alpha", "alpha"]}, "params must be one or two of"),
        ({"params": "beta_1"}, "params must be among .* got 'beta_1'"),
        (
            {"params": "alpha", "metric": "score"},
            r"metric must be one of \['accuracy', 'neg_log_loss'\], got 'score'",
        ),
    ],
)
def test_what_was_not_searched_is_refused(large, options, message):
    with pytest.raises(ValueError, match=message):
        SearchDisplay.from_estimator(large, **options)
    assert plt.get_fignums() == []


def test_several_metrics_without_refit_must_be_chosen_from():
    found = search({"alpha": [1, 2]}, scoring=["accuracy", "r2"], refit=False)
    with pytest.raises(ValueError, match="metric must be one of .* got None"):
        SearchDisplay.from_estimator(found)
    display = SearchDisplay.from_estimator(found, metric="accuracy")
    assert display.mean[display.best] == max(display.mean)


def test_what_is_no_search_is_named():
    with pytest.raises(TypeError, match="got LogisticRegressionScratch"):
        SearchDisplay.from_estimator(LogisticRegressionScratch())


def test_a_search_has_to_be_fitted():
    with pytest.raises(NotFittedError):
        SearchDisplay.from_estimator(GridSearchCV(NET, {"alpha": [1, 2]}))


def test_hyperparameters_of_different_grids_must_be_chosen_from():
    found = search([{"alpha": [1, 2]}, {"beta_1": [0.8, 0.9]}])
    with pytest.raises(ValueError, match="that one candidate has together.*choose one"):
        SearchDisplay.from_estimator(found)
    assert len(SearchDisplay.from_estimator(found, params="alpha").values) == 2
    with pytest.raises(ValueError, match="params must name hyperparameters"):
        SearchDisplay.from_estimator(search({}))
