"""A table becomes a model that is judged and saved."""

import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from flats import OPTIONS, N, flats, trained
from sklearn.dummy import DummyRegressor

from sknn_scratch import TabularNetClassifier, TabularNetRegressor
from sknn_scratch._cli.tables import train
from sknn_scratch._cli.tables.trained import print_trained, saved_in_words

BRIEF = {"max_iter": ("--max-iter", 2)}
TWO_LAYERS = {"hidden_layer_sizes": ("--hidden", (3, 2))}


def test_the_target_decides_the_model(numbers, classes):
    assert type(numbers.done.model) is TabularNetRegressor
    assert type(classes.done.model) is TabularNetClassifier


def test_columns_that_tell_nothing_are_left_out_and_said(numbers):
    assert numbers.done.columns == ["size", "city", "sold", "garden", "floor"]
    assert numbers.notes == numbers.done.notes
    assert any("Left out 'id'" in note for note in numbers.notes)
    assert any("'sold': dates, day-first" in note for note in numbers.notes)


def test_columns_have_the_kinds_of_their_cells(numbers):
    kinds = [column.kind for column in numbers.done.model.encoder_.columns_]
    assert kinds == ["numeric", "category", "time", "category", "category"]


def test_the_model_is_judged_beside_two_others_on_rows_held_out(numbers):
    done = numbers.done
    names = ["TabularNetRegressor", "HistGradientBoosting", "a constant"]
    assert [j.name for j in done.judged] == names
    assert (done.n_train, done.n_test) == (80, 20)
    y = flats(N, 0)["price"].to_numpy()
    rows, held_out = train.hold_out(y, "regression")
    constant = DummyRegressor().fit(rows[:, None], y[rows]).predict(held_out[:, None])
    expected = np.sqrt(np.mean((constant - y[held_out]) ** 2))
    assert done.judged[2].scores["RMSE"] == pytest.approx(expected)


def test_the_judged_model_is_the_one_that_is_saved(classes):
    (saved,) = classes.saved
    assert saved[:3] == (classes.done.model, "m.h5", "dear")


def test_a_result_prints_and_is_json(classes, capsys):
    print_trained(classes.done, None)
    printed = capsys.readouterr().out
    for part in ("80 rows of 5 columns", "log loss", "HistGradient"):
        assert part in printed
    told = classes.done.as_dict()
    assert told["scores"][0]["model"] == "TabularNetClassifier"
    assert (told["task"], told["test_rows"]) == ("classification", 20)


def test_the_model_may_be_trained_on_all_rows_after_it_was_judged(folder, capsys):
    found = trained(folder, "price", "dear", all_rows=True)
    done = found.done
    assert [len(model.oof_prediction_) for model, *_ in found.saved] == [80, N]
    assert done.model is found.saved[1][0]
    assert done.judged[0].scores["RMSE"] > 0
    assert saved_in_words(done) == (
        "Saved to m.h5, trained on all 100 rows; the scores are those of the model "
        "before, trained on 80."
    )
    assert done.as_dict()["on_all_rows"]


def test_what_is_saved_says_on_how_many_rows_it_was_trained(numbers):
    assert saved_in_words(numbers.done) == (
        "Saved to m.h5, trained on 80 of 100 rows (80%); with --all-rows on all."
    )


def test_few_rows_to_judge_by_are_no_judgement(classes, capsys):
    few = replace(classes.done, n_test=2)
    print_trained(few, None)
    assert (
        "Caution: 2 rows cannot tell which model is better" in capsys.readouterr().out
    )
    print_trained(classes.done, None)
    assert "Caution" not in capsys.readouterr().out


def test_another_file_may_judge(folder):
    test = folder / "test.csv"
    flats(30, 1)[["floor", "city", "size", "sold", "garden", "price"]].to_csv(test)
    done = trained(folder, "price", "dear", test=str(test)).done
    assert (done.n_train, done.n_test) == (N, 30)


def test_another_file_is_read_before_the_training(folder, monkeypatch):
    monkeypatch.setattr(TabularNetRegressor, "fit", None)
    test = folder / "other.csv"
    for column, words in (("price", "must have the target 'price'"), ("city", "no 'c")):
        flats(30, 1).drop(columns=column).to_csv(test)
        with pytest.raises(ValueError, match=words):
            trained(folder, "price", "dear", test=str(test))


def test_whether_the_model_can_be_written_is_known_before_the_training(
    folder, monkeypatch
):
    monkeypatch.setattr(TabularNetRegressor, "fit", None)
    with pytest.raises(ValueError, match="--out must be another file"):
        trained(folder, "price", "dear", out=str(folder / "price.csv"))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("model", ["logistic", "shallow", "deep"])
def test_networks_stand_behind_an_encoder(folder, model):
    done = trained(folder, "dear", "price", model=model, given=BRIEF).done
    encoder, network = done.model
    assert encoder.columns_[0].name == "size"
    assert done.judged[0].name == type(network).__name__


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        ("price", {"model": "logistic"}, "must have a target of classes"),
        ("price", {"given": {"C": ("--C", 1.0)}}, "--C must not be given"),
        (
            "dear",
            {"given": TWO_LAYERS, "model": "shallow"},
            "one",
        ),
        ("pricy", {}, "did you mean 'price'"),
    ],
)
def test_wrong_options_are_refused(folder, target, options, words):
    with pytest.raises(ValueError, match=words):
        trained(folder, target, "id", **options)


def test_ctrl_c_keeps_and_judges_what_was_learned(folder, monkeypatch):
    fit = TabularNetRegressor.fit

    def interrupted(self, X, y):
        fit(self, X, y)
        raise KeyboardInterrupt

    monkeypatch.setattr(TabularNetRegressor, "fit", interrupted)
    found = trained(folder, "price", "dear")
    assert found.done.interrupted
    assert len(found.saved) == 1
    assert found.done.judged[0].scores["RMSE"] > 0


def test_ctrl_c_before_anything_is_learned_is_raised(folder, monkeypatch):
    def interrupted(self, X, y):
        raise KeyboardInterrupt

    monkeypatch.setattr(TabularNetRegressor, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        trained(folder, "price", "dear", given=OPTIONS)


def test_ctrl_c_during_the_comparison_keeps_the_scores(folder, monkeypatch):
    from sknn_scratch.inspection import _baselines

    def interrupted(*given, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(_baselines, "judged_baselines", interrupted)
    found = trained(folder, "price", "dear")
    assert found.done.interrupted
    assert [j.name for j in found.done.judged] == ["TabularNetRegressor"]
    assert len(found.saved) == 1


def test_classes_that_are_codes_are_told_apart(tmp_path):
    rng = np.random.RandomState(0)
    rows = [f"{x:.3f},{rng.choice(['7', '007'])}" for x in rng.randn(60)]
    (tmp_path / "c.csv").write_text("\n".join(["x,group", *rows]) + "\n")
    table = train.training_table(tmp_path / "c.csv", target="group")
    assert table.target.task == "classification"
    assert sorted(set(table.target.y)) == ["007", "7"]


@pytest.mark.parametrize(("codes", "printed"), [([], True), (["overfitting"], False)])
def test_more_training_is_not_advised_where_too_much_was_learned(
    folder, monkeypatch, capsys, codes, printed
):
    findings = [SimpleNamespace(code=code) for code in codes]
    monkeypatch.setattr(
        train, "diagnosed", lambda done, *given: setattr(done, "findings", findings)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        trained(folder, "dear", "price", model="deep", given=BRIEF)
    assert ("raise --max-iter" in capsys.readouterr().err) == printed
