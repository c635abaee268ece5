"""A training that was cut short goes on from its checkpoint to the same bits."""

import pickle

import h5py
import numpy as np
import pytest
from kill_nine import bits, kill_until_done, network
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch._storage.store import read_tree, write_tree
from sknn_scratch._training.checkpoint import DEPTH
from sknn_scratch._training.watch import observe
from sknn_scratch.hdf5 import load_model, save_model
from sknn_scratch.inspection import check_my

EPOCHS = 6


def net(**options):
    defaults = {"max_iter": EPOCHS, "random_state": 0, "warn": False, "batch_size": 30}
    return DeepNetClassifier((7,), **{**defaults, **options})


def half(estimator, X, y):
    """A scorer of one's own."""
    return estimator.score(X, y) / 2


CASES = {
    "adam": net(),
    "gd": net(solver="gd"),
    "sgd": net(solver="sgd", nesterovs_momentum=False),
    "rmsprop": net(solver="rmsprop"),
    "adamw": net(solver="adamw", alpha=1.0),
    "dropout": net(dropout=0.4),
    "gd with dropout": net(solver="gd", dropout=0.4),
    "adaptive": net(learning_rate="adaptive", n_iter_no_change=1, tol=0.5),
    "cosine": net(learning_rate="cosine", warmup_epochs=2),
    "averaged": net(averaging_epochs=2, early_stopping=True),
    "held out": net(early_stopping=True, keep_optimizer_state=True, dropout=0.2),
    "scored": net(early_stopping=True, scoring=half),
    "plateau": net(tol=10.0, n_iter_no_change=4),
    "l1 and clipping": net(l1_ratio=0.5, max_grad_norm=0.1, alpha=1.0),
    "standardized": net(standardize=True, class_weight="balanced"),
    "diverges": net(solver="sgd", learning_rate_init=1e40, tol=0),
    "shallow": ShallowNetClassifier(4, max_iter=EPOCHS, random_state=0, warn=False),
    "regression": DeepNetRegressor(
        hidden_layer_sizes=(5,), max_iter=EPOCHS, random_state=0, warn=False
    ),
    **{
        f"logistic {solver}": LogisticRegressionScratch(
            solver=solver, max_iter=EPOCHS, random_state=0, warn=False, **options
        )
        for solver, options in [("gd", {"l1_ratio": 0.5}), ("sgd", {}), ("adam", {})]
    },
}
KEPT = ["loss_curve_", "learning_rate_curve_", "validation_loss_curve_"]
KEPT += ["validation_scores_", "best_epoch_", "t_", "loss_", "best_loss_"]


@pytest.fixture
def data(rng):
    X = rng.randn(130, 5)
    return X, (X @ rng.randn(5, 3)).argmax(axis=1)


class Cut(Exception):
    """What ends a training in a test."""


def cut_short(model, X, y, after, **more):
    """Fit, and fail once that epoch has been seen (and written) by all others."""

    def cut(epoch, max_iter, J, theta):
        if epoch == after + 1:
            raise Cut

    with observe(cut), pytest.raises(Cut):
        model.fit(X, y, **more)


def same(one, other):
    assert one.parameters_.keys() == other.parameters_.keys()
    for name, value in one.parameters_.items():
        assert_array_equal(value, other.parameters_[name])
    for name in KEPT:
        # as text, for nan is not nan
        assert repr(getattr(one, name)) == repr(getattr(other, name)), name
    assert_array_equal(one.n_iter_, other.n_iter_)
    assert_array_equal(one._seed, other._seed)
    moments, others = one._optimizer_state, other._optimizer_state
    assert (moments is None) == (others is None)
    if moments is not None:
        for name, value in moments[1].items():
            assert_array_equal(value, others[1][name])


@pytest.mark.parametrize("after", [1, 3])
@pytest.mark.parametrize("case", CASES)
def test_what_was_cut_short_ends_with_the_same_bits(data, tmp_path, case, after):
    X, y = data
    whole = clone(CASES[case]).fit(X, y)
    model = clone(CASES[case]).set_params(checkpoint=tmp_path / "c.h5")
    if np.max(whole.n_iter_) > after:
        cut_short(clone(model), X, y, after)
    same(model.fit(X, y), whole)


@pytest.mark.parametrize("case", CASES)
def test_a_training_that_has_ended_is_not_done_again(data, tmp_path, case):
    X, y = data
    model = clone(CASES[case]).set_params(checkpoint=tmp_path / "c.h5").fit(X, y)
    epochs = []
    with observe(lambda epoch, *rest: epochs.append(epoch)):
        again = clone(model).fit(X, y)
    same(again, model)
    assert len(epochs) <= 1 + (again._ending != "max_iter")


@pytest.mark.parametrize("kind", ["sparse", "float32", "multilabel", "weights", "val"])
def test_data_of_every_kind_is_gone_on_with(data, tmp_path, kind):
    X, y = data
    more = {}
    if kind == "sparse":
        X = csr_array(X * (X > 0))
    elif kind == "float32":
        X = X.astype(np.float32)
    elif kind == "multilabel":
        y = np.eye(3, dtype=int)[y]
    elif kind == "weights":
        more = {"sample_weight": np.arange(130) % 3}
    else:
        more = {"X_val": X[:40], "y_val": y[:40]}
    options = {"early_stopping": kind == "val"}
    model = net(checkpoint=tmp_path / "c.h5", **options)
    cut_short(clone(model), X, y, 2, **more)
    same(model.fit(X, y, **more), net(**options).fit(X, y, **more))


def test_rows_on_disk_are_gone_on_with(data, tmp_path):
    X, y = data
    model = net(checkpoint=tmp_path / "c.h5", buffer_size=50)
    with h5py.File(tmp_path / "X.h5", "w") as file:
        file["X"] = X
        cut_short(clone(model), file["X"], y, 2)
        model.fit(file["X"], y)
        same(model, net(buffer_size=50).fit(file["X"], y))


@pytest.mark.parametrize("seed", [None, "instance"])
def test_a_seed_that_nobody_knows_is_gone_on_with(data, tmp_path, seed):
    X, y = data

    def state():
        return np.random.RandomState(5) if seed else None

    options = {"early_stopping": True, "dropout": 0.2}
    np.random.seed(3)
    whole = net(random_state=state(), **options).fit(X, y)
    np.random.seed(3)
    path = tmp_path / "c.h5"
    cut_short(net(random_state=state(), checkpoint=path, **options), X, y, 3)
    np.random.seed(99)
    same(net(random_state=state(), checkpoint=path, **options).fit(X, y), whole)


def test_who_asks_for_the_end_may_go_on_later(data, tmp_path):
    X, y = data
    model = net(checkpoint=tmp_path / "c.h5", checkpoint_every=1e9)
    with observe(lambda epoch, *rest: epoch == 3):
        model.fit(X, y)
    assert model.n_iter_ == 3
    same(model.fit(X, y), net().fit(X, y))


def test_it_is_written_when_the_seconds_are_over(data, tmp_path, monkeypatch):
    X, y = data
    now = [0.0]
    monkeypatch.setattr("sknn_scratch._training.checkpoint.monotonic", lambda: now[0])
    path, written = tmp_path / "c.h5", []

    def look(epoch, max_iter, J, theta):  # looks before the checkpoint is written
        written.append(path.exists() and path.stat().st_mtime_ns)
        now[0] += 4

    with observe(look):
        net(checkpoint=path, checkpoint_every=10).fit(X, y)
    # 4, 8, 12 seconds: the third epoch writes; 16, 20, 24: the sixth, and last
    assert written[:3] == [False] * 3
    assert len(set(written[3:])) == 1


CHANGES = {
    "alpha": (lambda m, X, y: (m.set_params(alpha=0.5), X, y), "alpha=0.0001, now"),
    "max_iter": (lambda m, X, y: (m.set_params(max_iter=9), X, y), "max_iter=6, now"),
    "shape": (lambda m, X, y: (m, X[:99], y[:99]), r"X of shape \(130, 5\), got \(99"),
    "type": (lambda m, X, y: (m, X.astype("f4"), y), "type float64, got float32"),
    "rows": (lambda m, X, y: (m, X + 1, y), "of other rows of X"),
    "y": (lambda m, X, y: (m, X, y[::-1].copy()), "of another y"),
    "classes": (lambda m, X, y: (m, X, y + 1), "of other classes"),
    "kind": (
        lambda m, X, y: (ShallowNetClassifier(3, checkpoint=m.checkpoint), X, y),
        "by a DeepNetClassifier, not by a ShallowNetClassifier",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_checkpoint_of_another_training_is_refused(data, tmp_path, change):
    X, y = data
    path = tmp_path / "c.h5"
    cut_short(net(checkpoint=path), X, y, 2)
    before = path.read_bytes()
    other, words = CHANGES[change]
    model, X, y = other(net(checkpoint=path), X, y)
    with pytest.raises(ValueError, match=words) as error:
        model.fit(X, y)
    assert str(error.value).startswith(f"checkpoint='{path}' was made ")
    assert "\n" not in str(error.value)
    assert path.read_bytes() == before
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("part", ["X_val", "y_val", "sample_weight"])
def test_other_rows_to_validate_by_and_other_weights_are_refused(data, tmp_path, part):
    X, y = data
    model = net(checkpoint=tmp_path / "c.h5", early_stopping=True)
    given = {"X_val": X, "y_val": y, "sample_weight": np.ones(130)}
    cut_short(clone(model), X, y, 2, **given)
    given[part] = given[part][::-1].copy() * (1.5 if part == "sample_weight" else 1)
    if part == "sample_weight":
        given[part][0] = 1
    with pytest.raises(ValueError, match="was made of (an)?other"):
        model.fit(X, y, **given)


def test_a_warm_start_does_not_take_up_the_fit_before(data, tmp_path):
    X, y = data
    model = net(checkpoint=tmp_path / "c.h5", warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="of other first parameters"):
        model.fit(X, y)


def test_a_search_over_one_path_is_refused(data, tmp_path):
    X, y = data
    search = GridSearchCV(
        net(checkpoint=tmp_path / "c.h5"), {"alpha": [0, 1]}, error_score="raise"
    )
    with pytest.raises(ValueError, match="was made"):
        search.fit(X, y)


def test_files_that_are_no_checkpoints_are_left_alone(data, tmp_path):
    X, y = data
    text, model = tmp_path / "notes.txt", tmp_path / "model.h5"
    text.write_text("mine")
    save_model(net().fit(X, y), model)
    for path, error in [(text, OSError), (model, ValueError), (tmp_path, OSError)]:
        before = path.read_bytes() if path.is_file() else None
        with pytest.raises(error, match=path.name):
            net(checkpoint=path).fit(X, y)
        assert before is None or path.read_bytes() == before
    with pytest.raises(FileNotFoundError, match="folder that exists"):
        net(checkpoint=tmp_path / "nowhere" / "c.h5").fit(X, y)


def test_a_damaged_checkpoint_is_refused_or_goes_on_rightly(data, tmp_path):
    X, y = data
    path = tmp_path / "c.h5"
    whole = net().fit(X, y)
    cut_short(net(checkpoint=path), X, y, 3)
    good, rng, refused = path.read_bytes(), np.random.RandomState(0), []
    for _ in range(25):
        bad = bytearray(good)
        bad[rng.randint(len(bad))] ^= 1 << rng.randint(8)
        path.write_bytes(bad)
        try:
            same(net(checkpoint=path).fit(X, y), whole)
        except (ValueError, OSError) as error:
            refused.append(str(error))
    assert refused
    assert all(str(path) in words for words in refused)


def test_functions_of_one_s_own_have_no_checkpoint(data, tmp_path):
    X, y = data

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    model = net(activation="logistic", checkpoint=tmp_path / "c.h5")
    own = check_my(sigmoid, "sigmoid").use_in(model)
    with pytest.raises(ValueError, match="must be None with functions of your own"):
        own.fit(X, y)


def test_a_disk_that_is_full_leaves_the_file_of_before(data, tmp_path, monkeypatch):
    X, y = data
    path = tmp_path / "c.h5"
    cut_short(net(checkpoint=path), X, y, 2)
    before = path.read_bytes()

    def full(*_):
        raise OSError("No space left on device")

    model = net(checkpoint=path)
    with monkeypatch.context() as patch:
        patch.setattr("sknn_scratch._training.checkpoint.write_tree", full)
        with pytest.raises(OSError, match="No space left"):
            model.fit(X, y)
    assert not hasattr(model, "coefs_")
    assert path.read_bytes() == before
    same(model.fit(X, y), net().fit(X, y))


@pytest.mark.parametrize(
    ("place", "name", "value", "message"),
    [
        ("rates", "lengths", np.array([1, 1]), "counts its epochs in several ways"),
        ("rates", "lengths", np.array([7]), "counts its epochs in several ways"),
        ("curve", "values", np.eye(2), "/curve/values must be a list of numbers"),
        ("curve", "values", np.array([b"x"]), "must be a list of numbers, got"),
        ("watch", "n_iter", 2.5, "/watch/n_iter must be a number of its kind, got 2.5"),
        ("curve", "values", np.array([1, np.nan]), "numbers that are not finite"),
        ("watch", "whole", 1, "counts its epochs in several ways"),
        ("watch", "n_iter", -1, "/watch/n_iter must be a count from 0 on, got -1"),
    ],
)
def test_a_forged_state_is_refused(data, tmp_path, place, name, value, message):
    path = tmp_path / "c.h5"
    cut_short(net(checkpoint=path), *data, 2)
    tree = read_tree(path, depth=DEPTH)
    group = tree.groups["state"].groups[place]
    group.attributes.pop(name, None)
    group.arrays.pop(name, None)
    (group.arrays if isinstance(value, np.ndarray) else group.attributes)[name] = value
    write_tree(path, tree)
    with pytest.raises(ValueError, match=message) as caught:
        net(checkpoint=path).fit(*data)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_solvers_without_steps_say_that_they_keep_none(data, tmp_path):
    X, y = data
    path = tmp_path / "c.h5"
    with pytest.warns(UserWarning, match="makes no use of .*checkpoint="):
        net(solver="lbfgs", checkpoint=path, warn=True, max_iter=300).fit(X, y)
    assert not path.exists()


def test_partial_fit_has_nothing_to_do_with_it(data, tmp_path):
    X, y = data
    path = tmp_path / "c.h5"
    net(checkpoint=path).partial_fit(X, y, classes=[0, 1, 2])
    assert not path.exists()


def test_a_path_is_copied_and_pickled_but_not_saved_with_the_model(data, tmp_path):
    X, y = data
    model = net(checkpoint=tmp_path / "c.h5", checkpoint_every=5).fit(X, y)
    assert clone(model).checkpoint == tmp_path / "c.h5"
    assert pickle.loads(pickle.dumps(model)).checkpoint == tmp_path / "c.h5"
    save_model(model, tmp_path / "model.h5")
    assert load_model(tmp_path / "model.h5").checkpoint is None


@pytest.mark.filterwarnings("ignore:DeepNet:sklearn.exceptions.ConvergenceWarning")
def test_a_training_that_is_killed_again_and_again_ends_with_the_same_bits(tmp_path):
    expected = bits(network(None, 60, 256).fit(*load_digits(return_X_y=True)))
    found, _, left = kill_until_done(tmp_path, kills=3, epochs=60, hidden=256)
    assert found == expected
    assert left == []
