"""The members of the Watch, each tried on a made-up course of costs."""

from types import SimpleNamespace

import numpy as np
import pytest

from sknn_scratch import DeepNetClassifier
from sknn_scratch._engine.schedules import SCHEDULES
from sknn_scratch._training.watch import (
    Curve,
    EarlyStopping,
    FiniteCheck,
    GradientTolerance,
    Observers,
    Patience,
    Rates,
    StepTolerance,
    Validation,
    Verbose,
    Watch,
    observe,
)
from sknn_scratch.datasets import make_flower

THETA = np.zeros(3)


def epochs_until_stop(costs, *members):
    """Run a Watch over the costs; the epoch it stopped at and why."""
    watch = Watch(len(costs))
    for member in members:
        watch.add(member)
    for epoch in watch.epochs():
        if watch(epoch, costs[epoch - 1], THETA):
            break
    return watch.n_iter, watch.reason


@pytest.mark.parametrize("k", [1, 3, 10])
def test_patience_k_means_k_epochs_without_improvement(k):
    flat = [1.0] * 50  # the first epoch sets the mark, k more do not improve on it
    assert epochs_until_stop(flat, Patience(1e-4, k)) == (1 + k, "plateau")


def test_patience_counts_only_epochs_in_a_row():
    costs = [1, 1, 1, 0.5, 0.5, 0.5, 0.5]
    assert epochs_until_stop(costs, Patience(0, 3)) == (7, "plateau")


def test_patience_wants_more_than_tol():
    slow = list(np.linspace(1, 0, 21))  # falls by 0.05 an epoch
    assert epochs_until_stop(slow, Patience(0.06, 5)) == (6, "plateau")
    assert epochs_until_stop(slow, Patience(0.04, 5)) == (21, None)


def test_infinite_patience_never_stops():
    assert epochs_until_stop([1.0] * 99, Patience(1, np.inf)) == (99, None)


def test_every_member_sees_the_epoch_in_which_another_stops():
    curve = Curve()
    epochs_until_stop([1.0] * 9, Patience(0, 2), curve)
    assert len(curve.values) == 3


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_finite_check_goes_back_to_the_last_finite_parameters(bad):
    theta = np.array([1.0, 2.0])
    check = FiniteCheck(theta)
    assert check(1, 0.5, theta) is None
    theta[0] = bad
    assert check(2, 0.4, theta) == "diverged"
    assert check.best().theta.tolist() == [1, 2]


def test_finite_check_trusts_parameters_only_once_their_cost_was_seen():
    theta = np.array([1.0])
    check = FiniteCheck(theta)
    theta[0] = 1e300  # finite, but its cost turns out not to be
    assert check(1, 0.5, theta) is None
    assert check(2, np.nan, theta) == "diverged"
    assert check.best().theta.tolist() == [1]


def test_finite_check_notices_an_infinite_cost():
    check = FiniteCheck(THETA)
    assert check(1, np.inf, THETA) == "diverged"


def test_gradient_tolerance_looks_at_the_largest_entry():
    grad = np.array([1e-5, -2e-4])
    member = GradientTolerance(grad, 1e-4)
    assert member(1, 0, THETA) is None
    grad[1] = -1e-4
    assert member(2, 0, THETA) == "gradient"


def test_early_stopping_returns_to_the_best_epoch():
    losses = iter([3.0, 1.0, 2.0, 2.5])
    theta = np.zeros(1)
    validation = Validation(lambda theta: next(losses))
    stopping = EarlyStopping(validation, theta, Patience(0, 2))
    reasons = []
    for epoch in (1, 2, 3, 4):
        theta[0] = epoch
        validation(epoch, 0, theta)
        reasons.append(stopping(epoch, 0, theta))
    assert reasons == [None, None, None, "validation"]
    assert stopping.best_epoch == 2
    assert stopping.best().theta.tolist() == [2]
    assert validation.losses == [3.0, 1.0, 2.0, 2.5]
    assert validation.scores == [-3.0, -1.0, -2.0, -2.5]


def test_a_score_of_its_own_decides_and_the_loss_is_kept():
    scores = iter([0.5, 0.9, 0.7])
    validation = Validation(lambda theta: 1.0, lambda theta: next(scores))
    stopping = EarlyStopping(validation, THETA, Patience(0, 9))
    for epoch in (1, 2, 3):
        validation(epoch, 0, THETA)
        stopping(epoch, 0, THETA)
    assert stopping.best_epoch == 2
    assert validation.scores == [0.5, 0.9, 0.7]
    assert validation.losses == [1.0, 1.0, 1.0]


def test_a_score_is_not_asked_where_the_loss_is_not_finite():
    validation = Validation(lambda theta: np.nan, lambda theta: 1 / 0)
    validation(1, 0, THETA)
    assert validation.scores == [-np.inf]


def test_patience_with_relief_goes_on_until_there_is_none_left():
    relief = iter([True, True, False])
    member = Patience(0, 2, lambda: next(relief))
    # the first epoch sets the mark; every two more without improvement ask for relief
    assert epochs_until_stop([1.0] * 50, member) == (7, "plateau")


def rates(schedule, n, warmup=0, **options):
    optimizer = SimpleNamespace(rate=0.5)
    watch = Watch(n)
    schedule = SCHEDULES[schedule](n, **options)
    member = watch.add(Rates(optimizer, schedule, warmup, rows=10))
    used = []
    for _ in watch.epochs():
        used.append(optimizer.rate)
    assert used == [rate for rate, k in member.runs for _ in range(k)]
    return used


def test_schedules_set_the_rate_of_each_epoch():
    assert rates("constant", 3) == [0.5, 0.5, 0.5]
    assert rates("exponential", 3, learning_rate_decay=0.5) == [0.5, 0.25, 0.125]
    # 10 rows an epoch: t = 0, 10, 20
    inverse = [0.5, 0.5 / 11**0.25, 0.5 / 21**0.25]
    assert rates("invscaling", 3, power_t=0.25) == pytest.approx(inverse)
    half = [0.5, 0.25 * (1 + np.cos(np.pi / 4)), 0.25, 0.25 * (1 - np.cos(np.pi / 4))]
    assert rates("cosine", 4) == pytest.approx(half)


def test_warmup_grows_in_even_steps():
    assert rates("constant", 5, warmup=3) == [0.125, 0.25, 0.375, 0.5, 0.5]


def test_rates_that_repeat_are_kept_once():
    member = Rates(SimpleNamespace(rate=0.5), SCHEDULES["constant"](9))
    for epoch in range(1, 1001):
        member.begin(epoch)
    assert list(member.runs) == [(0.5, 1000)]
    member.truncate(999)  # the last had begun when an interrupt came
    assert list(member.runs) == [(0.5, 999)]
    member.truncate(999)
    assert list(member.runs) == [(0.5, 999)]


def test_only_the_adaptive_schedule_lowers_its_rate():
    assert [name for name, s in SCHEDULES.items() if s(9).lower(0.1)] == ["adaptive"]


def test_lowered_rates_are_a_fifth_until_they_are_small():
    optimizer = SimpleNamespace(rate=1e-3)
    member = Rates(optimizer, SCHEDULES["adaptive"](9))
    lowered = 0
    while member.lower():
        lowered += 1
    assert 1e-3 / 5**lowered <= 1e-6 < 1e-3 / 5 ** (lowered - 1)
    member.begin(1)
    assert optimizer.rate == pytest.approx(1e-3 / 5**lowered)


def test_what_belongs_to_a_theta_is_kept_with_it():
    theta, curve = np.zeros(1), Curve()
    check = FiniteCheck(theta, {"curve": curve})
    for epoch in (1, 2, 3):
        theta[0] = epoch
        curve(epoch, 10.0 * epoch, theta)
        check(epoch, 0.0, theta)
    assert check.theta_at(3).tolist() == [3]
    assert check.best().rest["curve"]["values"].tolist() == [10, 20, 30]
    assert check.theta_at(2).tolist() == [2]
    assert check.best().rest["curve"]["values"].tolist() == [10, 20]


def test_step_tolerance_is_gradient_tolerance_for_gradient_descent():
    optimizer, theta = SimpleNamespace(rate=0.1), np.array([1.0, 2.0])
    member = StepTolerance(theta, optimizer, 1e-3)
    theta -= 0.1 * np.array([2e-3, 0])
    assert member(1, 0, theta) is None
    theta -= 0.1 * np.array([-9e-4, 0])
    assert member(2, 0, theta) == "gradient"


def test_verbose_prints_every_so_many(capsys):
    epochs_until_stop([1.0, 2.0, 3.0, 4.0], Verbose(2))
    assert capsys.readouterr().out.splitlines() == [
        "Iteration 1, cost = 1.00000000",
        "Iteration 3, cost = 3.00000000",
    ]


def test_observers_see_the_epochs_of_a_fit_and_may_stop_it():
    X, y = make_flower()
    seen = []

    def stop_at_three(epoch, max_iter, J, theta):
        seen.append((epoch, max_iter, J))
        return epoch == 3

    net = DeepNetClassifier(4, max_iter=50, random_state=0)
    with observe(stop_at_three):
        net.fit(X, y)
    assert net.n_iter_ == 3
    assert seen == [(k + 1, 50, J) for k, J in enumerate(net.loss_curve_)]


def test_observers_are_gone_after_their_block():
    with observe(lambda *epoch: True):
        pass
    assert Observers(5)(1, 0, THETA) is None
