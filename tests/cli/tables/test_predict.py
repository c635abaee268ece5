"""New rows of a table get what the model says of them."""

import numpy as np
import pandas as pd
import pytest
from flats import N, flats
from sklearn.metrics import log_loss

from sknn_scratch._cli.tables.columns import decide, kept_columns
from sknn_scratch._cli.tables.predict import predict_table, scores_in_words
from sknn_scratch._cli.tables.train import hold_out, training_table

COLUMNS = ["garden", "city", "size", "floor", "sold"]


@pytest.fixture
def predict(tmp_path):
    def predict(trained, frame, name="new.csv", **options):
        path = tmp_path / name
        frame.to_csv(path, index=False)
        return predict_table(trained.stored, path, **{"dates": "day-first"} | options)

    return predict


def test_the_rows_of_training_are_read_the_same(classes, numbers, predict):
    for trained in (classes, numbers):
        X = training_table(trained.path, target=trained.done.target).X
        X = X[trained.done.columns]
        found = predict(trained, flats(N, 0)).frame
        model = trained.done.model
        if hasattr(model, "predict_proba"):
            assert (found["P(yes)"] == model.predict_proba(X)[:, 1]).all()
            assert (found["class"] == model.predict(X)).all()
        else:
            assert (found["predicted price"] == model.predict(X)).all()


def test_columns_are_found_by_name_and_a_label_is_not_needed(classes, predict):
    whole = predict(classes, flats(N, 0))
    found = predict(classes, flats(N, 0)[COLUMNS])
    pd.testing.assert_frame_equal(found.frame, whole.frame)
    assert found.scores == {}
    assert scores_in_words(found, "dear") == ""


def test_a_single_row_is_read_as_in_training(classes, predict):
    whole = predict(classes, flats(N, 0)).frame
    for i in (1, 5, 20):
        row = flats(N, 0)[COLUMNS].iloc[[i]]
        one = predict(classes, row).frame
        assert one["P(yes)"][0] == pytest.approx(whole["P(yes)"][i], rel=1e-12)


def test_a_date_that_may_be_two_is_never_guessed(classes, predict):
    with pytest.raises(ValueError, match="'sold' must hold dates .*--dates says which"):
        predict(classes, flats(N, 0)[COLUMNS].iloc[[5]], dates=None)


def test_known_answers_judge(classes, predict):
    frame = flats(N, 1)
    found = predict(classes, frame)
    expected = log_loss(frame["dear"], found.frame[["P(no)", "P(yes)"]])
    assert found.scores["log loss"] == pytest.approx(expected)
    words = scores_in_words(found, "dear")
    assert words.startswith("Judged by 'dear': error")
    assert "on all 100 rows of" in words


def test_rows_of_the_training_do_not_judge(numbers, predict):
    found = predict(numbers, flats(N, 0))
    assert (found.n_known, found.n_trained) == (20, 80)
    assert found.scores == pytest.approx(numbers.done.judged[0].scores)
    assert "the 20 of 100 rows" in scores_in_words(found, "price")


def test_the_file_of_the_training_is_judged_as_train_judged_it(numbers, predict):
    frame = flats(N, 0)
    _, held_out = hold_out(frame["price"], "regression")
    found = predict(numbers, frame.iloc[held_out])
    assert found.scores == pytest.approx(numbers.done.judged[0].scores)


def test_numbers_have_an_interval(numbers, predict):
    found = predict(numbers, flats(9, 1), coverage=0.8).frame
    assert found.columns.tolist() == ["row", "predicted price", "low 80 %", "high 80 %"]
    assert (found["low 80 %"] <= found["high 80 %"]).all()


@pytest.mark.parametrize("name", ["row", "class", "P(yes)"])
def test_a_copied_column_takes_no_place_of_a_prediction(classes, predict, name):
    frame = flats(N, 0).assign(**{name: range(N)})
    with pytest.raises(ValueError, match="--id must not name a column like one of"):
        predict(classes, frame, ids=[name])


def test_columns_that_are_not_used_are_said_and_may_be_copied(numbers, predict):
    frame = flats(9, 1)
    found = predict(numbers, frame)
    assert any("does not use 'id', 'dear'" in n and "--id id" in n for n in found.notes)
    found = predict(numbers, frame, ids=["id"])
    assert found.frame["id"].tolist() == frame["id"].astype(str).tolist()


def test_a_missing_column_is_an_error_that_names_it(numbers, predict):
    frame = flats(9, 1).rename(columns={"size": "Size"})
    with pytest.raises(ValueError, match="got no 'size'; did you mean 'Size'"):
        predict(numbers, frame)
    with pytest.raises(ValueError, match="got no 'size', 'city'"):
        predict(numbers, frame.drop(columns=["Size", "city"]))


def test_empty_cells_and_new_levels_are_taken_and_counted(numbers, predict):
    frame = flats(9, 1).astype({"size": object})
    frame.loc[0, "city"], frame.loc[1, "city"] = "Paris", None
    frame.loc[2, "size"] = "unknown"
    frame.loc[4, "sold"] = None
    found = predict(numbers, frame)
    assert np.isfinite(found.frame["predicted price"]).all()
    text = " ".join(found.notes)
    assert (
        "1 row with levels of 'city' that the model has no input for: 'Paris'" in text
    )
    assert "1 cell of 'size' taken as missing, in row 3: 'unknown'" in text
    assert "4 cells of" in text  # size has two of them
    assert "missing, in 'size', 'city', 'sold'" in text


@pytest.mark.parametrize(("name", "value"), [("size", "big"), ("sold", "soon")])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_bad_cell_is_missing_and_named_by_its_row(
    numbers, predict, name, value, rows
):
    frame = flats(9, 1).head(rows).astype({"size": object})
    frame.loc[rows - 1, name] = value
    text = " ".join(predict(numbers, frame).notes)
    assert f"1 cell of '{name}' taken as missing, in row {rows}: '{value}'" in text


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("size", "big", "must hold numbers"), ("sold", "soon", "must hold dates")],
)
def test_a_column_of_another_kind_is_refused(numbers, predict, name, value, words):
    frame = flats(9, 1)
    frame[name] = value
    with pytest.raises(ValueError, match=words):
        predict(numbers, frame)


def test_levels_are_found_however_they_are_written(classes, predict):
    whole = predict(classes, flats(N, 0)).frame
    frame = flats(N, 0)
    frame["garden"] = frame["garden"].map({True: "true", False: "FALSE"})
    frame["city"] = " " + frame["city"].str.upper() + " "
    found = predict(classes, frame)
    pd.testing.assert_frame_equal(found.frame, whole)


def test_other_files_of_the_same_rows_give_the_same(numbers, tmp_path):
    pytest.importorskip("pyarrow")
    frame = flats(N, 0)
    frame["floor"] = frame["floor"].astype("category")
    frame["sold"] = pd.to_datetime(frame["sold"], format="%d/%m/%Y")
    frame.to_parquet(tmp_path / "new.parquet")
    frame["size"] = frame["size"].astype(str).str.replace(".", ",")
    frame.to_csv(tmp_path / "new.csv", sep=";", index=False)
    one = predict_table(numbers.stored, tmp_path / "new.parquet").frame
    other = predict_table(numbers.stored, tmp_path / "new.csv").frame
    pd.testing.assert_frame_equal(one, other)


def test_a_model_of_arrays_takes_columns_in_their_order(tmp_path):
    from types import SimpleNamespace

    from sknn_scratch import DeepNetRegressor

    frame = flats(N, 0)[["size", "price"]].fillna(50)
    model = DeepNetRegressor(max_iter=2, random_state=0, warn=False)
    model.fit(frame[["size"]].to_numpy(), frame["price"])
    given = {"class_names": None, "target_name": "price", "training_rows": None}
    stored = SimpleNamespace(model=model, **given)
    frame.to_csv(tmp_path / "t.csv", index=False)
    found = predict_table(stored, tmp_path / "t.csv")
    assert found.n_known == N
    frame.assign(more=1).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(ValueError, match="must have 1 column like the training, got 2"):
        predict_table(stored, tmp_path / "t.csv")


def test_deciding_about_the_same_columns_keeps_them():
    frame = flats(N, 0)
    assert [*kept_columns(decide(frame, target="price"))][0] == "size"
