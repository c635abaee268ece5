"""ImportanceDisplay: what mattered in a search, and how it looks."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import loguniform, uniform
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import LogisticRegressionScratch, ShallowNetClassifier
from sknn_scratch.datasets import make_flower
from sknn_scratch.plotting import ImportanceDisplay
from sknn_scratch.search import _halving

X, y = make_flower()
NET = ShallowNetClassifier(2, max_iter=2, warn=False, random_state=0)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def found(scores, rounds=None, best=None, **columns):
    """What a search with such candidates leaves behind."""
    rows = [
        dict(zip(columns, row, strict=True))
        for row in zip(*columns.values(), strict=True)
    ]
    scores = np.asarray(scores)
    results = {
        "params": rows,
        "mean_test_score": scores,
        "std_test_score": 0 * scores,
    }
    if rounds is not None:
        results["iter"] = np.asarray(rounds)
    best = int(np.argmax(scores)) if best is None else best
    return SimpleNamespace(
        cv_results_=results, best_index_=best, refit=True, scoring="accuracy"
    )


def drawn(m=150, seed=0):
    rng = np.random.RandomState(seed)
    return {name: rng.rand(m).tolist() for name in ("a", "b", "c")}


def panel(display, name):
    return next(ax for ax in display.axes_ if ax.get_title().startswith(name))


def points(ax, label):
    [line] = [line for line in ax.lines if line.get_label() == label]
    return np.column_stack(line.get_data())


# -- importance ------------------------------------------------------------------------


def test_what_decides_is_first_and_what_does_nothing_has_no_share():
    columns = drawn()
    scores = -((np.array(columns["b"]) - 0.4) ** 2)  # no rank correlation finds that
    display = ImportanceDisplay.from_estimator(found(scores, **columns))
    shares = dict(zip(display.names, display.importances, strict=True))
    assert shares["b"] > 0.7
    assert shares["a"] < 0.05
    assert shares["c"] < 0.05
    assert [ax.get_title()[0] for ax in display.axes_][0] == "b"


def test_equal_parts_of_a_sum_have_equal_shares():
    columns = drawn(400)
    scores = np.add(columns["a"], columns["c"])
    shares = ImportanceDisplay.from_estimator(found(scores, **columns)).importances
    assert shares[[0, 2]] == pytest.approx([0.5, 0.5], abs=0.12)


def test_what_matters_only_together_counts_for_both():
    columns = drawn(400)
    scores = np.sign(np.array(columns["a"]) - 0.5) * np.subtract(columns["b"], 0.5)
    shares = ImportanceDisplay.from_estimator(found(scores, **columns)).importances
    assert shares[0] > 0.5
    assert shares[1] > 0.5
    assert shares[2] < 0.05


def test_a_few_failures_do_not_decide_it():
    columns = drawn()
    scores = np.array(columns["a"])
    scores[np.argsort(columns["b"])[:3]] = -1000
    shares = ImportanceDisplay.from_estimator(found(scores, **columns)).importances
    assert shares[0] > 5 * shares[1]


def test_the_first_round_is_what_is_measured():
    columns = drawn()
    scores = np.array(columns["a"])
    later = {name: values + values[:30] for name, values in columns.items()}
    rounds = [0] * 150 + [1] * 30
    once = ImportanceDisplay.from_estimator(found(scores, **columns))
    more = ImportanceDisplay.from_estimator(
        found([*scores, *np.linspace(2, 3, 30)], rounds, **later)
    )
    assert more.importances.tolist() == once.importances.tolist()
    assert len(points(more.axes_[0], "last round")) == 30


@pytest.mark.parametrize("scores", [range(19), [0.5] * 30])
def test_too_few_candidates_or_equal_ones_say_nothing(scores):
    values = list(range(len(scores)))
    display = ImportanceDisplay.from_estimator(found(list(scores), z=values, a=values))
    assert display.importances is None
    assert [ax.get_title() for ax in display.axes_] == ["z", "a"]
    assert "too few different scores to rank" in display.ax_.get_title()


# -- what is drawn ---------------------------------------------------------------------


def test_points_are_the_candidates_and_the_worst_stand_at_the_foot():
    scores = np.arange(40) / 40
    display = ImportanceDisplay.from_estimator(
        found(scores, u=np.linspace(5, 9, 40).tolist())
    )
    ax = display.axes_[0]
    low, high = ax.get_ylim()
    assert points(ax, "candidate")[:, 1].tolist() == scores[scores >= low].tolist()
    foot = points(ax, "below the axis")[:, 1]
    assert foot.tolist() == [low] * sum(scores < low)
    assert len(foot) in (9, 10)  # a quarter, but for the room that points need
    assert high > scores.max()
    assert points(ax, "best").tolist() == [[9, scores[39]]]


def test_the_estimator_as_it_was_is_a_line():
    search = found([0.7, 0.8, 0.9], p=[1, 2, 3])
    search.cv_results_["params"][0] = {}
    display = ImportanceDisplay.from_estimator(search)
    assert display.baseline == 0.7
    assert display.values == [(2,), (3,)]
    assert points(display.axes_[0], "default")[:, 1].tolist() == [0.7, 0.7]
    search.best_index_ = 0
    display = ImportanceDisplay.from_estimator(search)
    assert len(points(display.axes_[0], "default, the best")) == 2
    assert "best" not in [line.get_label() for line in display.axes_[0].lines]


def test_points_are_of_the_last_round_only_if_the_search_came_to_it():
    search = found([0.7, 0.8, 0.9], rounds=[2, 0, 1], best=0, p=[1, 2, 3])
    search.cv_results_["params"][0] = {}  # nobody else was judged to the end
    search.round_names = "early", "whole"
    labels = [
        line.get_label()
        for line in ImportanceDisplay.from_estimator(search).axes_[0].lines
    ]
    assert labels == ["early", "default, the best"]


@pytest.mark.parametrize(
    ("where", "scale"), [(loguniform(1e-3, 1), "log"), (uniform(0, 0.5), "linear")]
)
def test_an_axis_is_as_the_values_were_drawn(where, scale):
    values = where.rvs(60, random_state=0).tolist()
    display = ImportanceDisplay.from_estimator(found(range(60), p=values))
    assert display.axes_[0].get_xscale() == scale


@pytest.mark.parametrize(
    ("choices", "names", "scale"),
    [
        ([64, 16, 256, 128, 32], ["16", "32", "64", "128", "256"], "log"),
        ([2, 1, 3], ["1", "2", "3"], "linear"),
        ([True, False], ["False", "True"], "linear"),
        (["tanh", "relu"], ["relu", "tanh"], "linear"),
        ([None, "balanced"], ["None", "balanced"], "linear"),
        ([(5,), (5, 2)], ["(5, 2)", "(5,)"], "linear"),
    ],
)
def test_few_values_are_named_and_their_points_lie_beside_each_other(
    choices, names, scale
):
    values = [choices[i % len(choices)] for i in range(30)]
    display = ImportanceDisplay.from_estimator(found(range(30), p=values))
    ax = display.axes_[0]
    assert [text.get_text() for text in ax.get_xticklabels()] == names
    assert ax.get_xscale() == scale
    x = points(ax, "candidate")[:, 0]
    assert len({*x}) == len(x)
    ticks = ax.get_xticks()
    nearest = np.abs(x[:, None] - ticks).argmin(axis=1)
    assert [names[k] for k in nearest] == [str(v) for v in values[-len(x) :]]


@pytest.mark.parametrize("values", [[16, 32], [16, 32, 128], [32, 16, 256], [64, 32]])
@pytest.mark.parametrize("space", ["space", "param_distributions", "param_grid"])
def test_an_axis_is_the_same_whichever_of_the_choices_were_drawn(values, space):
    search = found(range(len(values)), p=values)
    setattr(search, space, {"p": [16, 32, 64, 128, 256]})
    assert ImportanceDisplay.from_estimator(search).axes_[0].get_xscale() == "log"
    setattr(search, space, {"p": list(range(300))})
    assert ImportanceDisplay.from_estimator(search).axes_[0].get_xscale() == "linear"
    setattr(search, space, {"p": loguniform(1, 300)})
    assert ImportanceDisplay.from_estimator(search).axes_[0].get_xscale() == "log"


def test_powers_of_two_are_apart_in_a_search_whose_space_is_unknown():
    display = ImportanceDisplay.from_estimator(found(range(4), p=[16, 32, 128, 256]))
    assert display.axes_[0].get_xscale() == "log"


def test_a_lone_candidate_stands_in_the_middle():
    search = found(
        [0.6, 0.5], rounds=[0, 1], best=1, rate=[0.0004325] * 2, kind=["tanh"] * 2
    )
    for ax in ImportanceDisplay.from_estimator(search).axes_:
        assert ax.get_xlim() == (-0.5, 0.5)
        assert np.abs(points(ax, "earlier rounds")[:, 0]).max() < 0.2


def test_long_labels_stay_within_their_panel():
    names = ["a long name", "another long name", "the longest of them", "no name"]
    search = found(
        range(4), p=names, q=names[::-1], r=[0.0004325, 0.0005431, 0.03127, 0.3]
    )
    display = ImportanceDisplay.from_estimator(search)
    display.figure_.canvas.draw()
    for ax in display.axes_[:2]:
        assert {text.get_text().startswith("\n") for text in ax.get_xticklabels()} == {
            True,
            False,
        }
    assert "0.0004325" not in [t.get_text() for t in display.axes_[2].get_xticklabels()]


def test_a_log_axis_with_hardly_a_power_of_ten_has_its_ends_named():
    values = [0.002412, 0.002413, 0.0049, 0.0055, 0.0189]
    search = found(range(5), p=values)
    search.space = {"p": loguniform(1e-4, 1)}
    display = ImportanceDisplay.from_estimator(search)
    display.figure_.canvas.draw()
    ax = display.axes_[0]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0.0024", "0.019"]
    assert not any(t.get_text() for t in ax.get_xticklabels(minor=True))


def test_the_longest_legend_is_within_the_figure():
    rounds = [0] * 20 + [1] * 10
    search = found([*range(29), 15], rounds, p=list(range(30)))
    search.cv_results_["params"][-1] = {}
    search.round_names = _halving.Halving.round_names
    display = ImportanceDisplay.from_estimator(search)
    display.figure_.canvas.draw()
    legend = display.ax_.get_legend()
    assert len(legend.get_texts()) == 5
    box = legend.get_window_extent()
    assert 0 < box.x0 < box.x1 < display.figure_.bbox.width


def test_the_best_is_ringed_whole():
    display = ImportanceDisplay.from_estimator(found(range(9), p=list(range(9))))
    [ring] = [line for line in display.axes_[0].lines if line.get_label() == "best"]
    assert not ring.get_clip_on()


def test_names_in_a_pipeline_are_short():
    model = make_pipeline(StandardScaler(), LogisticRegressionScratch())
    space = {"logisticregressionscratch__C": loguniform(0.1, 10)}
    search = RandomizedSearchCV(model, space, n_iter=3, cv=2, random_state=0)
    display = ImportanceDisplay.from_estimator(search.fit(X, y))
    assert display.axes_[0].get_title() == "C"
    assert display.axes_[0].get_ylabel() == "validation score"


def test_a_halving_search_has_dark_points_for_its_last_round():
    search = HalvingRandomSearchCV(
        NET, {"alpha": loguniform(0.1, 10)}, n_candidates=9, cv=2, random_state=0,
        resource="max_iter", min_resources=1, max_resources=9,
    ).fit(X, y)  # fmt: skip
    display = ImportanceDisplay.from_estimator(search)
    assert len(display.scores) == 9 + 3 + 1
    assert len(points(display.axes_[0], "last round")) == 1
    assert points(display.axes_[0], "best")[0, 1] == search.best_score_


def test_rows_of_panels_share_their_scores():
    columns = {f"p{i}": list(range(30)) for i in range(10)}
    display = ImportanceDisplay.from_estimator(found(range(30), **columns))
    assert len({ax.get_ylim() for ax in display.axes_}) == 1
    assert [bool(ax.get_ylabel()) for ax in display.axes_].count(True) == 3


def test_labels_do_not_overlap():
    columns = {
        "hidden_layer_sizes": [[16, 32, 64, 128, 256][i % 5] for i in range(30)],
        "activation": [
            ["relu", "leaky_relu", "gelu", "tanh"][i % 4] for i in range(30)
        ],
        "learning_rate": [["constant", "adaptive", "cosine"][i % 3] for i in range(30)],
        "learning_rate_init": loguniform(1e-4, 1).rvs(30, random_state=0).tolist(),
    }
    display = ImportanceDisplay.from_estimator(found(range(30), **columns))
    display.figure_.canvas.draw()
    for axis in ("activation", "learning_rate:", "hidden_layer_sizes"):
        boxes = [
            text.get_window_extent() for text in panel(display, axis).get_xticklabels()
        ]
        for left, right in zip(boxes, boxes[1:], strict=False):
            assert left.x1 < right.x0
    titles = [ax.title.get_window_extent() for ax in display.axes_]
    for left, right in zip(titles, titles[1:], strict=False):
        assert left.x1 < right.x0
    legend = display.ax_.get_legend().get_window_extent()
    assert legend.y0 > max(box.y1 for box in titles)
    assert legend.y1 < display.ax_.title.get_window_extent().y0


def test_what_is_no_fitted_search_is_refused():
    with pytest.raises(TypeError, match="must be a fitted search"):
        ImportanceDisplay.from_estimator(NET)
    with pytest.raises(NotFittedError):
        ImportanceDisplay.from_estimator(GridSearchCV(NET, {"alpha": [1]}))
    lists = GridSearchCV(NET, [{"alpha": [1, 2]}, {"n_hidden": [1, 2]}], cv=2)
    with pytest.raises(
        ValueError, match=r"candidates with all of \['alpha', 'n_hidden"
    ):
        ImportanceDisplay.from_estimator(lists.fit(X, y))
