"""The members of the Watch, each tried on a made-up course of costs."""

import numpy as np
import pytest

from sknn_scratch import DeepNetClassifier
from sknn_scratch._watch import (
    Curve,
    FiniteCheck,
    GradientTolerance,
    Observers,
    Patience,
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


def test_curve_keeps_the_last_entries():
    curve = Curve([9, 8], limit=3)
    epochs_until_stop([1.0, 2.0], curve)
    assert list(curve.values) == [8, 1.0, 2.0]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_finite_check_goes_back_to_the_last_finite_parameters(bad):
    theta = np.array([1.0, 2.0])
    check = FiniteCheck(theta)
    assert check(1, 0.5, theta) is None
    theta[0] = bad
    assert check(2, 0.4, theta) == "diverged"
    assert check.best(theta).tolist() == [1, 2]


def test_finite_check_trusts_parameters_only_once_their_cost_was_seen():
    theta = np.array([1.0])
    check = FiniteCheck(theta)
    theta[0] = 1e300  # finite, but its cost turns out not to be
    assert check(1, 0.5, theta) is None
    assert check(2, np.nan, theta) == "diverged"
    assert check.best(theta).tolist() == [1]


def test_finite_check_notices_an_infinite_cost():
    check = FiniteCheck(THETA)
    assert check(1, np.inf, THETA) == "diverged"


def test_gradient_tolerance_looks_at_the_largest_entry():
    grad = np.array([1e-5, -2e-4])
    member = GradientTolerance(grad, 1e-4)
    assert member(1, 0, THETA) is None
    grad[1] = -1e-4
    assert member(2, 0, THETA) == "gradient"


def test_validation_returns_to_the_best_epoch():
    losses = iter([3.0, 1.0, 2.0, 2.5])
    theta = np.zeros(1)
    member = Validation(lambda theta: next(losses), theta, Patience(0, 2))
    for epoch in (1, 2, 3):
        theta[0] = epoch
        assert member(epoch, 0, theta) is None
    theta[0] = 4
    assert member(4, 0, theta) == "validation"
    assert member.best_epoch == 2
    assert member.best(theta).tolist() == [2]
    assert member.losses == [3.0, 1.0, 2.0, 2.5]


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
