"""LossCurveDisplay: the curves of a fitted network."""

import matplotlib.pyplot as plt
import pytest
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    TabularNetClassifier,
    TabularNetRegressor,
)
from sknn_scratch.datasets import make_flower
from sknn_scratch.plotting import LossCurveDisplay


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def flower():
    return make_flower()


@pytest.fixture(scope="module")
def net(flower):
    net = ShallowNetClassifier(
        solver="gd", n_hidden=4, max_iter=20, tol=0, random_state=0
    )
    return net.fit(*flower)


@pytest.fixture(scope="module")
def stopped_early(flower):
    net = DeepNetClassifier(8, early_stopping=True, tol=0.1, random_state=0, warn=False)
    return net.fit(*flower)


@pytest.fixture(scope="module")
def ensemble(flower):
    return TabularNetClassifier(3, (8,), max_iter=6, random_state=0).fit(*flower)


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_the_curve_is_the_estimator_s(net):
    display = LossCurveDisplay.from_estimator(net)
    [line] = display.lines_
    assert line.get_ydata().tolist() == net.loss_curve_
    assert line.get_xdata().tolist() == list(range(1, 21))
    assert display.best_ is None
    assert display.ax_.figure is display.figure_


def test_validation_and_the_best_epoch_are_drawn(stopped_early):
    display = LossCurveDisplay.from_estimator(stopped_early)
    _, validation = display.lines_
    assert validation.get_ydata().tolist() == stopped_early.validation_loss_curve_
    assert validation.get_color() == display.lines_[0].get_color()
    best = stopped_early.best_epoch_
    assert display.best_.get_xdata().tolist() == [best]
    assert display.best_.get_ydata().tolist() == [
        min(stopped_early.validation_loss_curve_)
    ]
    assert legend(display.ax_) == [
        "DeepNetClassifier, training",
        "DeepNetClassifier, validation",
        f"DeepNetClassifier, best epoch {best}",
    ]


def test_a_pipeline_shows_its_last_step(flower, net):
    model = make_pipeline(StandardScaler(), LogisticRegressionScratch()).fit(*flower)
    display = LossCurveDisplay.from_estimator(model)
    assert display.name == "LogisticRegressionScratch"
    assert display.lines_[0].get_ydata().tolist() == model[-1].loss_curve_


def test_several_share_axes_under_their_names(net):
    display = LossCurveDisplay.from_estimator(net, name="one")
    again = LossCurveDisplay.from_estimator(net, name="two", ax=display.ax_)
    assert again.ax_ is display.ax_
    assert legend(display.ax_) == ["one", "two"]
    assert display.lines_[0].get_color() != again.lines_[0].get_color()


@pytest.mark.parametrize("style", [{"linestyle": ":"}, {"ls": ":"}])
def test_line_kw_reaches_every_curve(stopped_early, style):
    display = LossCurveDisplay.from_estimator(stopped_early, line_kw=style)
    assert [line.get_linestyle() for line in display.lines_] == [":", ":"]


def test_plot_draws_again_under_another_name(net):
    display = LossCurveDisplay.from_estimator(net)
    first = display.ax_
    assert display.plot(name="again") is display
    assert display.ax_ is not first
    assert legend(display.ax_) == ["again"]


def test_a_curve_that_lost_its_first_epochs_ends_at_the_right_one(flower):
    X, y = flower
    net = ShallowNetClassifier(4, random_state=0)
    for _ in range(3):
        net.partial_fit(X, y, classes=[0, 1])
    net.loss_curve_ = net.loss_curve_[1:]  # as after 10,000 epochs
    display = LossCurveDisplay.from_estimator(net)
    assert display.lines_[0].get_xdata().tolist() == [2, 3]


def test_an_ensemble_has_a_thin_curve_for_each_member(ensemble):
    display = LossCurveDisplay.from_estimator(ensemble)
    members = ensemble.members_
    expected = [net.loss_curve_ for net in members]
    expected += [net.validation_loss_curve_ for net in members]
    assert [line.get_ydata().tolist() for line in display.lines_] == expected
    assert len({line.get_color() for line in display.lines_}) == 1
    assert all(line.get_linewidth() < 1 for line in display.lines_)
    assert [line.get_linestyle() for line in display.lines_] == ["-"] * 3 + ["--"] * 3


def test_best_epochs_of_an_ensemble_are_marked_on_the_validation_curves(ensemble):
    best = LossCurveDisplay.from_estimator(ensemble).best_
    assert best.get_xdata().tolist() == ensemble.best_epochs_
    least = [min(net.validation_loss_curve_) for net in ensemble.members_]
    assert best.get_ydata().tolist() == least


def test_the_legend_names_an_ensemble_s_parts_once(ensemble):
    display = LossCurveDisplay.from_estimator(ensemble)
    assert legend(display.ax_) == [
        "TabularNetClassifier, training",
        "TabularNetClassifier, validation",
        "TabularNetClassifier, best epochs",
    ]


def test_members_that_held_nothing_out_have_training_curves_only():
    model = TabularNetRegressor(2, (4,), max_iter=3).fit([[1.0]], [1.0])
    display = LossCurveDisplay.from_estimator(model)
    assert len(display.lines_) == 2
    assert display.best_ is None
    assert legend(display.ax_) == ["TabularNetRegressor"]


def test_no_epochs_make_an_empty_curve(flower):
    net = LogisticRegressionScratch(max_iter=0, tol=0).fit(*flower)
    display = LossCurveDisplay.from_estimator(net)
    assert len(display.lines_[0].get_xdata()) == 0


def test_scikit_learn_s_own_network_is_welcome(flower):
    net = MLPClassifier(4, max_iter=3, tol=1, n_iter_no_change=1).fit(*flower)
    display = LossCurveDisplay.from_estimator(net)
    assert display.lines_[0].get_ydata().tolist() == net.loss_curve_


def test_an_estimator_without_a_curve_is_named(flower):
    scaler = StandardScaler().fit(flower[0])
    with pytest.raises(TypeError, match="loss_curve_.* got StandardScaler; of a"):
        LossCurveDisplay.from_estimator(scaler)
    assert plt.get_fignums() == []
