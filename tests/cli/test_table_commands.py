"""The commands on whole tables and on folders of images, as a user types them."""

import json
import os
import re

import numpy as np
import pandas as pd
import pytest
from flats import N, flats
from PIL import Image

from sknn_scratch import TabularNetRegressor
from sknn_scratch._cli.main import main
from sknn_scratch.hdf5 import load_model
from sknn_scratch.inspection._facts import number

# how long a search trains is up to the clock
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
BRIEF = "--members 2 --max-iter 5 --dates day-first"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table of flats and models of it, trained by the command."""
    folder = tmp_path_factory.mktemp("flats")
    flats(N, 0).to_csv(folder / "flats.csv", index=False)
    flats(9, 1).drop(columns="price").to_csv(folder / "new.csv", index=False)
    before = os.getcwd()
    os.chdir(folder)
    try:
        line = f"train flats.csv --target price --drop dear {BRIEF} --out price.h5"
        assert main(line.split()) == 0
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """Runs a command in the folder; its exit code, output and errors."""
    monkeypatch.chdir(folder)

    def run(line):
        capsys.readouterr()
        code = main(line.split())
        return code, *capsys.readouterr()

    return run


def test_train_says_what_it_does_and_judges_beside_simple_models(run, folder):
    code, out, _ = run(f"train flats.csv --target dear --drop price {BRIEF} --out d.h5")
    assert code == 0
    for part in ("classification", "'id'", "80 rows", "HistGradient", "a constant"):
        assert part in out
    assert load_model(folder / "d.h5").classes_.tolist() == ["no", "yes"]


def test_train_as_json_is_one_object(run):
    code, out, _ = run(f"train flats.csv --target price {BRIEF} --out j.h5 --json")
    told = json.loads(out)
    assert code == 0
    assert [score["model"] for score in told["scores"]] == [
        *("TabularNetRegressor", "HistGradientBoosting", "a constant")
    ]
    assert told["task"] == "regression"


def test_predictions_of_new_rows_are_those_of_the_model(run, folder):
    code, out, errors = run("predict price.h5 new.csv --out p.csv --dates day-first")
    assert code == 0
    assert "9 predictions" in out
    assert "does not use 'id'" in errors
    assert "(--id id copies 'id')" in errors
    found = pd.read_csv(folder / "p.csv")
    assert found.columns.tolist() == ["row", "predicted price", "low 90 %", "high 90 %"]
    model = load_model(folder / "price.h5")
    rows = pd.read_csv(folder / "new.csv", dtype={"floor": str})
    rows["sold"] = pd.to_datetime(rows["sold"], dayfirst=True)
    expected = model.predict(rows[list(model.feature_names_in_)])
    np.testing.assert_allclose(found["predicted price"], expected, rtol=1e-8)
    digits = (folder / "p.csv").read_text().splitlines()[1].split(",")[1]
    assert len(digits.replace(".", "").strip("0")) <= 9


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_predictions_are_printed_in_every_format(run, form):
    line = f"predict price.h5 new.csv --dates day-first --id id --format {form}"
    code, out, _ = run(line)
    assert code == 0
    if form == "json":
        assert len(json.loads(out)) == 9
    assert "predicted price" in out
    assert "id" in out


def test_a_json_ending_chooses_json(run, folder):
    code, out, _ = run("predict price.h5 new.csv --dates day-first --json --out q.json")
    assert code == 0
    told = json.loads((folder / "q.json").read_text())
    assert told == json.loads(out)["predictions"]


def test_a_threshold_decides_the_class(run, folder):
    line = f"train flats.csv --target dear --drop price {BRIEF} --out dear.h5"
    assert run(line)[0] == 0
    line = "predict dear.h5 new.csv --dates day-first --format json"
    rows = json.loads(run(line)[1])
    middle = float(np.median([row["P(yes)"] for row in rows]))
    code, out, _ = run(f"{line} --threshold {middle}")
    assert code == 0
    for row in json.loads(out):
        assert row["class"] == ("yes" if row["P(yes)"] >= middle else "no")
    code, out, _ = run(f"{line} --threshold 0 --positive no")
    assert {row["class"] for row in json.loads(out)} == {"no"}
    for wrong in ("--positive no", "--threshold 0.5 --positive maybe"):
        code, _, errors = run(f"{line} {wrong}")
        assert (code, errors.count("--positive")) == (2, 1)


def test_report_judges_by_the_rows_that_were_held_out(run, folder):
    code, out, _ = run("report price.h5 flats.csv --dates day-first --out r.html")
    assert code == 0
    assert "Judged by the 20 of 100 rows of flats.csv that it was not trained on" in out
    page = (folder / "r.html").read_text()
    assert "HistGradientBoosting" in page
    assert "nothing" not in page.lower() or "out of fold" in page


def test_report_does_not_take_other_rows_for_those_held_out(run, folder):
    flats(N, 0).sort_values("price").to_csv(folder / "sorted.csv", index=False)
    line = "report price.h5 sorted.csv --dates day-first --out s.html"
    code, out, _ = run(line)
    assert code == 0
    assert "Judged by the 20 of 100 rows of sorted.csv" in out
    assert "the figures flatter it" not in (folder / "s.html").read_text()


def test_report_as_json_has_the_figures_beside_the_simple_models(run, folder):
    line = "report price.h5 flats.csv --dates day-first --out j.html --json"
    told = json.loads(run(line)[1])
    assert (told["rows"], told["training_rows"], told["part"]) == (20, 80, "test")
    names = [score["model"] for score in told["scores"]]
    assert names == ["this model", "HistGradientBoosting", "a constant"]
    page = (folder / "j.html").read_text()
    for score in told["scores"]:
        assert f">{number(score['RMSE'])}<" in page
    assert {f["code"] for f in told["findings"]} == {
        *re.findall(r"<code>([a-z_]+)</code></p></li>", page)
    }


def test_report_takes_the_table_of_the_training_beside_other_rows(run, folder):
    flats(40, 3).to_csv(folder / "other.csv", index=False)
    line = "report price.h5 other.csv --dates day-first --out o.html --json"
    told = json.loads(run(line)[1])
    assert (told["rows"], told["training_rows"]) == (40, None)
    assert "(--train TABLE gives them)" in (folder / "o.html").read_text()
    told = json.loads(run(f"{line} --train flats.csv")[1])
    assert (told["rows"], told["training_rows"]) == (40, 80)
    assert "HistGradientBoosting" in [score["model"] for score in told["scores"]]
    assert "Not looked for" not in (folder / "o.html").read_text()


def test_report_refuses_another_table_as_that_of_the_training(run):
    line = "report price.h5 flats.csv --dates day-first --out n.html --train"
    code, _, errors = run(f"{line} other.csv")
    assert code == 2
    assert "--train must be the table that the model was trained on" in errors
    assert run(f"{line} price.h5")[0] == 2


def test_predict_judges_by_rows_that_are_new_to_the_model(run):
    line = "predict price.h5 flats.csv --dates day-first --out q.csv"
    code, out, errors = run(line)
    assert code == 0
    assert "on the 20 of 100 rows of flats.csv that it was not trained on" in errors
    (judged,) = json.loads(run(f"{line} --json")[1])["judged"]
    assert (judged["rows"], judged["trained_on"]) == (20, 80)


def test_inspect_tells_of_a_table_and_of_its_model(run):
    code, out, _ = run("inspect flats.csv --target price")
    assert code == 0
    assert "the target" in out
    code, out, _ = run("inspect price.h5 --json")
    told = json.loads(out)
    assert told["target"] == "price"
    assert "TabularNetRegressor" in told["steps"][0]
    facts, model = told["facts"], load_model("price.h5")
    assert (facts["predicts"], facts["members"]) == ("a number", 2)
    assert facts["best epochs"] == [*model.best_epochs_]
    assert facts["R2 out of fold"] == model.oof_score_


@pytest.mark.parametrize("to", ["c", "js", "python", "plain-python"])
def test_a_model_of_a_table_is_exported(run, folder, to):
    code, _, _ = run(f"export price.h5 --to {to} --out out.{to}")
    assert code == 0
    assert "size" in (folder / f"out.{to}").read_text()


def test_the_example_of_a_header_says_what_a_date_is(run, folder):
    table = flats(N, 0)[["sold", "size", "price"]]
    table.to_csv(folder / "dated.csv", index=False)
    assert run(f"train dated.csv --target price {BRIEF} --out dated.h5")[0] == 0
    assert run("export dated.h5 --to c --out other.h")[0] == 0
    text = (folder / "other.h").read_text()
    assert "row.sold = 20000; // days since 1970-01-01: 2024-10-04" in text
    assert np.datetime64(20000, "D") == np.datetime64("2024-10-04")
    assert "dated_predict(&row, y);" in text


def test_tune_takes_a_table(run, folder):
    line = "tune flats.csv --target price --drop dear --minutes 0.03 --model shallow"
    code, out, _ = run(f"{line} --dates day-first --out t.h5")
    assert code == 0
    assert "ShallowNetRegressor" in out
    assert load_model(folder / "t.h5").feature_names_in_[0] == "size"


def test_train_takes_a_folder_of_images_and_predict_another(run, folder, rng):
    for name, shift in ("dark", 0), ("light", 150):
        (folder / "photos" / name).mkdir(parents=True, exist_ok=True)
        for i in range(10):
            pixels = (rng.rand(6, 5) * 100 + shift).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "photos" / name / f"{i}.png")
    line = "train photos --model logistic --max-iter 400 --out photos.h5"
    code, out, _ = run(line)
    assert code == 0
    assert "5x6, as they are" in out
    model = load_model(folder / "photos.h5")
    assert model[-1].coef_.dtype == np.float32
    code, out, _ = run("predict photos.h5 photos --format csv")
    assert code == 0
    assert len(out.splitlines()) == 21


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("train flats.csv --target prize", "did you mean 'price'?"),
        ("train flats.csv --target price --size 64", "--size must not be given with a"),
        (
            "train flats.csv --target price --solver gd",
            "--solver must not be given for",
        ),
        ("train d.h5 --target price", "--target must not be given with images or a"),
        ("predict price.h5 new.csv photo.png", "run predict for each"),
        (
            "train flats.csv --target price --test new.csv --all-rows",
            "--all-rows must not be given with a test file",
        ),
        ("train d.h5 --all-rows", "--all-rows must not be given with images or a data"),
        ("predict price.h5 -", "SOURCE must be a file, got -: standard input"),
        (
            "predict price.h5 new.csv --dates day-first --threshold 0.3",
            "--threshold must be given for a model of one class a row",
        ),
        ("predict price.h5 new.csv --out flats.txt --format table", "--format must be"),
        ("report price.h5 new.csv --dates day-first", "must have rows with a 'price'"),
        ("inspect price.h5 --target price", "--target must not be given with an HDF5"),
    ],
)
def test_what_does_not_fit_is_one_line(run, line, part):
    code, _, errors = run(line)
    assert code == 2
    assert errors.count("\n") == 1
    assert part in errors


def test_a_model_of_a_seed_is_that_of_python(folder):
    model = load_model(folder / "price.h5")
    assert isinstance(model, TabularNetRegressor)
    assert (model.random_state, model.n_members, model.max_iter) == (0, 2, 5)
