"""`sknn-scratch report`: the figures on the page, what is escaped, what is refused."""

import base64
import io
import os
import re
from html.parser import HTMLParser

import h5py
import numpy as np
import pytest
from sklearn.datasets import (
    load_diabetes,
    load_iris,
    make_classification,
    make_multilabel_classification,
)
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    log_loss,
    mean_absolute_error,
    precision_recall_fscore_support,
    r2_score,
    root_mean_squared_error,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    DeepNetClassifier,
    DeepNetRegressor,
    LogisticRegressionScratch,
    ShallowNetClassifier,
    ShallowNetRegressor,
)
from sknn_scratch import __main__ as cli
from sknn_scratch._html import charts
from sknn_scratch._html import images as _pictures
from sknn_scratch._html.page import write_page
from sknn_scratch._pages.report import measures
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.hdf5 import save_dataset, save_model
from sknn_scratch.preprocessing import ImageFlattener

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
NASTY = "<script>alert('a&b')</script>"


class Page(HTMLParser):
    """What a reader sees: texts, key figures, tables, pictures."""

    def __init__(self, html):
        super().__init__()
        self.html, self.words, self.open, self.tags = html, [], [], []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split()).replace("\xa0", " ")

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in {"meta", "link", "br", "img", "circle", "path", "rect"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            assert self.open.pop() == tag, f"</{tag}> closes another"

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    def figure(self, name):
        """The value of a key figure as text."""
        found = re.search(rf"<dt>{re.escape(name)}</dt><dd><strong>(.*?)<", self.html)
        return found[1].replace("\xa0", " ")

    def headings(self):
        return re.findall(r"<h2>(.*?)</h2>", self.html)


@pytest.fixture
def report(tmp_path, capsys):
    """The page for a model and a data file of these arrays."""

    def run(model, *, names=None, data=None, **arrays):
        model_file, data_file = tmp_path / "m.h5", data or tmp_path / "d.h5"
        save_model(model, model_file, class_names=names)
        if data is None:
            write_data(data_file, **arrays)
        out = tmp_path / "report.html"
        arguments = ["report", model_file, data_file, "--out", out]
        assert cli.main([str(one) for one in arguments]) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        assert str(out) in captured.out
        return Page(out.read_text(encoding="utf-8"))

    return run


@pytest.fixture
def refused(tmp_path, capsys):
    """The one line of an error that names the path and these parts."""

    def run(*parts, model="m.h5", data="d.h5", out="report.html"):
        paths = [str(tmp_path / one) for one in (model, data, out)]
        assert cli.main(["report", *paths[:2], "--out", paths[2]]) == 2
        error = capsys.readouterr().err
        assert error.startswith("sknn-scratch: error: ")
        assert error.count("\n") == 1
        for part in parts:
            assert str(part) in error
        assert not (tmp_path / "report.html").exists()

    return run


def write_data(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array


def sets(X, y, train):
    """The arrays of a data file, the first rows to train on."""
    return {
        "train_set_x": X[:train],
        "train_set_y": y[:train],
        "test_set_x": X[train:],
        "test_set_y": y[train:],
    }


IRIS = load_iris(return_X_y=True)
ORDER = np.random.RandomState(0).permutation(150)
X_IRIS, Y_IRIS = IRIS[0][ORDER], IRIS[1][ORDER]


@pytest.fixture(scope="module")
def iris():
    """A model that makes mistakes, trained on the first 100 rows."""
    net = DeepNetClassifier((4,), max_iter=30, random_state=0, learning_rate_init=0.01)
    return make_pipeline(StandardScaler(), net).fit(X_IRIS[:100], Y_IRIS[:100])


# -- figures ---------------------------------------------------------------------------


def test_the_figures_are_scikit_learn_s(report, iris):
    page = report(iris, **sets(X_IRIS, Y_IRIS, 100))
    X, y = X_IRIS[100:], Y_IRIS[100:]
    accuracy = accuracy_score(y, iris.predict(X))
    assert 0.4 < accuracy < 1
    assert page.figure("Accuracy") == f"{100 * accuracy:.1f} %"
    cost = log_loss(y, iris.predict_proba(X))
    assert page.figure("Log loss") == f"{cost:.4g}"
    train = iris.score(X_IRIS[:100], Y_IRIS[:100])
    assert page.figure("Train accuracy") == f"{100 * train:.1f} %"
    often = np.mean(y == np.bincount(Y_IRIS[:100]).argmax())  # known from training
    assert page.figure("Majority class") == f"{100 * often:.1f} %"
    assert page.figure("Mistakes") == str((iris.predict(X) != y).sum())


def test_the_interval_is_wilson_s(report, iris):
    # 41 of 50 by the formula of Wilson (1927), z = 1.959964
    n, p, z = 50, 0.82, 1.959964
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    found = measures.interval(np.arange(50) < 41)
    np.testing.assert_allclose(found, (middle - half, middle + half), rtol=1e-6)


def test_the_matrix_is_scikit_learn_s(report, iris):
    page = report(iris, **sets(X_IRIS, Y_IRIS, 100))
    expected = confusion_matrix(Y_IRIS[100:], iris.predict(X_IRIS[100:]))
    titles = [a["title"] for tag, a in page.tags if tag == "td" and "title" in a]
    found = [int(re.search(r": (\d+), ", title)[1]) for title in titles]
    assert found == expected.ravel().tolist()
    shares = expected / expected.sum(axis=1, keepdims=True)
    assert titles[4].startswith(f"1 → 1: {expected[1, 1]}, {100 * shares[1, 1]:.1f}")


def test_the_scores_of_classes_are_scikit_learn_s(report, iris):
    page = report(iris, **sets(X_IRIS, Y_IRIS, 100))
    expected = precision_recall_fscore_support(
        Y_IRIS[100:], iris.predict(X_IRIS[100:]), zero_division=np.nan
    )[:3]
    found = re.findall(r'<td class="meter"[^>]*>(.*?)</td>', page.html)
    assert found == [
        "–" if np.isnan(v) else f"{v:.3f}" for v in np.array(expected).T.ravel()
    ]


@pytest.mark.parametrize(
    ("scale", "words"),
    [(100.0, "surer than it should be"), (0.01, "less sure than it could be")],
)
def test_whether_it_is_too_sure_is_said(report, scale, words):
    X, y = make_classification(400, 5, flip_y=0.3, random_state=0)
    model = LogisticRegressionScratch().fit(X[:200], y[:200])
    model.coef_ *= scale
    model.intercept_ *= scale
    assert words in report(model, **sets(X, y, 200)).text


@pytest.mark.parametrize(
    ("right", "words"), [(90, "better"), (64, "not surely better"), (30, "worse")]
)
def test_whether_it_beats_the_majority_class_is_said(report, right, words):
    # 60 of 100 rows are of class 0; the interval of 64 is from 54 to 73 %
    y = np.arange(100) % 5 > 2
    said = np.where(np.arange(100) < right, y, ~y)
    X = 2.0 * said[:, None] - 1
    model = LogisticRegressionScratch().fit(X, said)
    page = report(model, train_set_x=X, train_set_y=y)
    assert page.figure("Accuracy") == f"{right}.0 %"
    assert f"That is {words} than always saying “False”, which is" in page.text
    assert "right in 60.0 %" in page.text


@pytest.mark.parametrize("regressor", [ShallowNetRegressor, DeepNetRegressor])
def test_the_figures_of_numbers_are_scikit_learn_s(report, regressor):
    X, y = load_diabetes(return_X_y=True)
    model = regressor(learning_rate_init=0.1, max_iter=50, random_state=0)
    model.fit(X[:300], y[:300])
    page = report(model, **sets(X, y, 300))
    found = model.predict(X[300:])
    assert page.figure("R²") == f"{r2_score(y[300:], found):.3f}"
    assert page.figure("RMSE") == f"{root_mean_squared_error(y[300:], found):.4g}"
    assert page.figure("MAE") == f"{mean_absolute_error(y[300:], found):.4g}"
    assert page.figure("Train R²") == f"{model.score(X[:300], y[:300]):.3f}"
    worst = int(abs(found - y[300:]).argmax())
    assert re.search(r"<tbody>\n<tr><td>(\d+)</td>", page.html)[1] == str(worst)
    assert page.headings() == [
        "Diagnosis",
        "Training",
        "Errors",
        "Largest errors",
        "Importance",
        "Effects",
        "The network",
    ]


def test_of_several_quantiles_the_middle_one_is_judged(report, rng):
    X = rng.rand(80, 3)
    net = DeepNetRegressor(
        loss="quantile", quantile=[0.1, 0.4, 0.9], max_iter=20, random_state=0
    ).fit(X, X[:, 0])
    page = report(net, train_set_x=X, train_set_y=X[:, 0])
    error = mean_absolute_error(X[:, 0], net.predict(X)[:, 1])
    assert page.figure("MAE") == f"{error:.4g}"
    assert "the quantile of level 0.4" in page.text


def test_several_numbers_a_row_have_a_table_and_charts_each(report, rng):
    X = rng.rand(80, 3)
    model = DeepNetRegressor(max_iter=30, random_state=0).fit(X, X[:, :2] * 5)
    page = report(model, train_set_x=X, train_set_y=X[:, :2] * 5)
    assert "Output 2" in page.text
    assert page.html.count("<svg") >= 6
    r2 = r2_score(5 * X[:, 1], model.predict(X)[:, 1])
    assert f"<td>2</td><td>{r2:.3f}</td>" in page.html


def test_of_several_labels_a_row_each_is_judged(report):
    X, Y = make_multilabel_classification(200, 10, n_classes=4, random_state=0)
    model = ShallowNetClassifier(10, max_iter=30, random_state=0).fit(X[:120], Y[:120])
    page = report(model, names=["a", "b", "c", NASTY], **sets(X, Y, 120))
    found = model.predict(X[120:])
    whole = accuracy_score(Y[120:], found)
    assert page.figure("Whole rows right") == f"{100 * whole:.1f} %"
    assert page.figure("Labels right") == f"{100 * (found == Y[120:]).mean():.1f} %"
    P = model.predict_proba(X[120:])
    each = [log_loss(Y[120:, k], P[:, k]) for k in range(4)]
    assert page.figure("Log loss") == f"{np.mean(each):.4g}"
    scores = precision_recall_fscore_support(Y[120:], found, zero_division=np.nan)[:3]
    shown = re.findall(r'<td class="meter"[^>]*>(.*?)</td>', page.html)
    assert shown == [f"{v:.3f}" for v in np.array(scores).T.ravel()]


# -- what is shown ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits():
    images, y = load_digit_images()
    net = DeepNetClassifier((16,), max_iter=15, early_stopping=True, random_state=0)
    return make_pipeline(ImageFlattener(16), net).fit(images[:600], y[:600]), images, y


def test_the_surest_mistakes_are_shown_as_images(report, digits):
    model, images, y = digits
    page = report(model, **sets(images[:1200], y[:1200], 600))
    P = model.predict_proba(images[600:1200])
    wrong = np.flatnonzero(P.argmax(axis=1) != y[600:1200])
    order = wrong[np.argsort(-P.max(axis=1)[wrong], kind="stable")][:24]
    shown = re.findall(r"sure: .*?<br>row (\d+)", page.html)
    assert [int(i) for i in shown] == order.tolist()
    sources = [a["src"] for tag, a in page.tags if tag == "img"]
    assert len(sources) == len(order)
    PIL = pytest.importorskip("PIL.Image")
    data = base64.b64decode(sources[0].removeprefix("data:image/png;base64,"))
    pixels = np.asarray(PIL.open(io.BytesIO(data)))
    expected = np.rint(images[600 + order[0]] * (255 / 16))
    np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4)])
def test_a_png_holds_the_pixels(rng, shape):
    PIL = pytest.importorskip("PIL.Image")
    pixels = rng.randint(256, size=shape).astype(np.uint8)
    found = np.asarray(PIL.open(io.BytesIO(_pictures.png(pixels))))
    np.testing.assert_array_equal(found, pixels.reshape(found.shape))


def test_a_large_image_is_made_smaller_by_means(rng):
    PIL = pytest.importorskip("PIL.Image")
    image = rng.randint(256, size=(300, 200)).astype(np.uint8)
    uri = _pictures.data_uri(image, 0, 255)
    data = base64.b64decode(uri.partition(",")[2])
    pixels = np.asarray(PIL.open(io.BytesIO(data)))
    assert pixels.shape == (100, 66)
    assert pixels[1, 2] == np.rint(image[3:6, 6:9].mean())


def test_rows_that_are_no_images_tell_what_is_unusual(report):
    pd = pytest.importorskip("pandas")
    rng = np.random.RandomState(0)
    X = pd.DataFrame(rng.randn(60, 3), columns=["age", NASTY, "size"])
    y = np.arange(60) % 2
    model = make_pipeline(StandardScaler(), LogisticRegressionScratch()).fit(X, y)
    values = X.to_numpy(copy=True)
    values[0], y[0] = (
        [0, 0, 50],
        1
        - model[-1].predict(
            (np.array([[0, 0, 50]]) - model[0].mean_) / model[0].scale_
        )[0],
    )
    page = report(model, train_set_x=values, train_set_y=y)
    far = (50 - values[:, 2].mean()) / values[:, 2].std()
    assert f"size = 50 (+{far:.1f} sd)" in page.text
    assert "&lt;script&gt;alert(" in page.html


def test_the_part_is_said_and_a_train_set_is_warned_of(report, iris):
    both = report(iris, **sets(X_IRIS, Y_IRIS, 100))
    assert "Judged by the test set of d.h5, 50 rows" in both.text
    assert "flatter" not in both.text
    train = report(iris, train_set_x=X_IRIS, train_set_y=Y_IRIS)
    assert "Judged by the train set of d.h5, 150 rows" in train.text
    assert "the figures flatter it" in train.text


def test_a_file_with_only_a_test_set_is_judged(report, iris):
    page = report(iris, test_set_x=X_IRIS, test_set_y=Y_IRIS[None])
    assert "150 rows" in page.text
    assert "The data file has no train set" in page.text


def test_a_diagnosis_is_told_and_its_layer(report, rng):
    X = rng.randn(100, 4)
    net = ShallowNetClassifier(5, init="zeros", solver="gd", max_iter=5).fit(
        X, X[:, 0] > 0
    )
    page = report(net, train_set_x=X, train_set_y=(X[:, 0] > 0).astype(int))
    assert "symmetric_units , layer 1" in page.text


def test_over_fitting_is_seen_by_the_test_set(report, rng):
    X, y = rng.randn(120, 30), rng.randint(2, size=120)  # nothing to be learned
    net = DeepNetClassifier((50,), solver="lbfgs", alpha=0, random_state=0)
    page = report(net.fit(X[:60], y[:60]), **sets(X, y, 60))
    assert "overfitting" in page.text


def test_a_healthy_network_has_nothing_to_say(report):
    X, y = make_classification(600, 8, n_informative=6, class_sep=2, random_state=0)
    model = LogisticRegressionScratch().fit(X[:400], y[:400])
    assert "Nothing to say." in report(model, **sets(X, y, 400)).text


def test_parameters_layers_and_the_end_of_training_are_told(report, iris):
    page = report(iris, **sets(X_IRIS, Y_IRIS, 100))
    assert "hidden_layer_sizes=(4,)" in page.text
    assert "(4, 4)" in page.text
    assert "all the epochs it was allowed, 30" in page.text
    first, last = iris[-1].loss_curve_[0], iris[-1].loss_curve_[-1]
    assert f"The cost went from {first:.4g} to {last:.4g}" in page.text


def test_validation_is_drawn_with_the_best_epoch(report, digits):
    model, images, y = digits
    page = report(model, **sets(images[:700], y[:700], 600))
    kinds = [a["class"] for tag, a in page.tags if tag == "polyline"]
    assert kinds[:2] == ["cost", "validation"]
    assert f"epoch {model[-1].best_epoch_}: " in page.html


def test_of_many_classes_only_the_commonest_confusions_are_shown(report):
    X, y = make_classification(
        900, 12, n_informative=10, n_classes=40, n_clusters_per_class=1, random_state=0
    )
    model = LogisticRegressionScratch().fit(X, y)
    page = report(model, train_set_x=X, train_set_y=y)
    assert "Of 40 classes only the commonest" in page.text
    counts = confusion_matrix(y, model.predict(X))
    np.fill_diagonal(counts, 0)
    i, j = np.unravel_index(counts.argmax(), counts.shape)
    row = f'<tr><td>{i}</td><td>{j}</td><td class="number">{counts[i, j]}</td>'
    assert row in page.html
    assert page.html.count('class="meter"') == 30 * 3
    assert len(page.html) < 130_000


def test_a_model_of_one_class_is_judged(report):
    X = np.random.RandomState(0).rand(20, 2)
    model = DeepNetClassifier((3,), max_iter=5, random_state=0).fit(X, np.zeros(20))
    page = report(model, train_set_x=X, train_set_y=np.zeros(20, int))
    assert page.figure("Accuracy") == "100.0 %"
    assert "No mistakes among 20 rows" in page.text


def test_classes_that_the_rows_lack_keep_their_place(report, iris):
    only = Y_IRIS == 2
    page = report(
        iris,
        train_set_x=X_IRIS,
        train_set_y=Y_IRIS,
        test_set_x=X_IRIS[only],
        test_set_y=Y_IRIS[only],
    )
    titles = [a["title"] for tag, a in page.tags if tag == "td" and "title" in a]
    assert len(titles) == 9
    assert "–" in re.findall(r'<td class="meter">(.*?)</td>', page.html)


def test_texts_as_classes_are_found_by_list_classes(report):
    names = np.array(["setosa", "versicolor", "virginica"])
    model = LogisticRegressionScratch().fit(X_IRIS, names[Y_IRIS])
    order = [2, 0, 1]  # the file numbers them otherwise
    labels = np.argsort(order)[Y_IRIS]
    kept = np.char.encode(names[order])
    page = report(model, train_set_x=X_IRIS, train_set_y=labels, list_classes=kept)
    score = model.score(X_IRIS, names[Y_IRIS])
    assert page.figure("Accuracy") == f"{100 * score:.1f} %"


# -- the page itself -------------------------------------------------------------------


def test_texts_of_the_user_are_escaped(report, tmp_path, iris):
    data = tmp_path / "<img src=x onerror=alert(1)>.h5"
    write_data(data, **sets(X_IRIS, Y_IRIS, 100))
    page = report(iris, names=[NASTY, '"quoted"', "</table>"], data=data)
    assert "<script" not in page.html
    assert "<img" not in page.html
    assert not {"script", "img"} & {tag for tag, _ in page.tags}
    assert NASTY in page.text
    assert "</table> → " in " ".join(a.get("title", "") for _, a in page.tags)
    assert page.open == []


def test_texts_at_images_and_charts_are_escaped(report, digits):
    _, images, y = digits
    X, odd = images[:300], y[:300] % 2
    net = LogisticRegressionScratch(C=1e-4).fit(X.reshape(300, -1), odd)
    flatten = ImageFlattener(1.0).fit(X)
    page = report(
        Pipeline([("flatten", flatten), ("net", net)]),
        names=["<b>even</b>", "<b>odd</b>"],
        train_set_x=X,
        train_set_y=odd,
    )
    assert "<b>" not in page.html
    assert "true: <b>odd</b>" in page.text
    assert "probability of “<b>odd</b>”" in page.text


def test_the_name_of_the_model_s_file_is_escaped(tmp_path, iris):
    model = tmp_path / "<b>m.h5"
    save_model(iris, model)
    save_dataset(tmp_path / "d.h5", X_IRIS, Y_IRIS)
    out = tmp_path / "r.html"
    cli.main(["report", str(model), str(tmp_path / "d.h5"), "--out", str(out)])
    page = Page(out.read_text(encoding="utf-8"))
    assert "<b>" not in page.html
    assert "<b>m.h5" in page.text


def test_the_page_needs_no_network(report, digits):
    model, images, y = digits
    page = report(model, **sets(images[:700], y[:700], 600))
    assert "http" not in page.html.replace("http://www.w3.org/2000/svg", "")
    for tag, attributes in page.tags:
        for name in ("src", "href"):
            assert attributes.get(name, "#").startswith(("#", "data:")), tag
    assert "url(" not in page.html
    assert page.open == []


def test_the_same_files_give_the_same_page(report, iris):
    pages = [report(iris, **sets(X_IRIS, Y_IRIS, 100)).html for _ in range(2)]
    assert pages[0] == pages[1]


def test_an_old_page_is_replaced(report, tmp_path, iris):
    (tmp_path / "report.html").write_text("old")
    assert "old</" not in report(iris, train_set_x=X_IRIS, train_set_y=Y_IRIS).html
    assert not list(tmp_path.glob(".*part"))


@pytest.mark.parametrize("failure", [OSError(28, "No space"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_page(tmp_path, monkeypatch, failure):
    path = tmp_path / "p.html"
    write_page(path, "old")

    def fail(*arguments):
        raise failure

    monkeypatch.setattr(os, "replace", fail)
    expected = OSError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        write_page(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    if expected is OSError:
        assert f"{path} could not be written: No space left" in str(caught.value)


# -- charts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.5e6, "1.5e6"), (-2e5, "-2e5"), (0.5, "0.5"), (2.5e-4, "2.5e-4")],
)
def test_the_number_at_a_tick_is_exact(value, text):
    assert charts.tick_text(value) == text.replace("-", "\N{MINUS SIGN}")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (-3, 17, [0, 5, 10, 15]), (1, 2, None)],
)
def test_ticks_are_round_and_inside(low, high, expected):
    found = charts.ticks(low, high)
    assert expected is None or found == pytest.approx(expected)
    assert 3 <= len(found) <= 8
    assert low - 1e-9 <= min(found)
    assert max(found) <= high + 1e-9


@pytest.mark.parametrize(("low", "high"), [(1e-9, 1e3), (0.02, 0.5), (3, 400)])
def test_ticks_of_a_logarithm_are_inside_and_not_too_many(low, high):
    found = charts.log_ticks(low, high)
    assert 3 <= len(found) <= 8
    assert low <= min(found) < max(found) <= high


@pytest.mark.parametrize("curve", [[np.inf, np.nan], [0.5], [0.5] * 3, [1e5, 1e-7]])
def test_odd_cost_curves_are_drawn(report, iris, curve):
    X, y = X_IRIS, Y_IRIS
    net = ShallowNetClassifier(3, max_iter=len(curve), random_state=0).fit(X, y)
    net.loss_curve_ = curve
    page = report(net, train_set_x=X, train_set_y=y)
    assert "nan" not in re.sub(r'aria-label="[^"]*"', "", page.html.lower())


# -- refused ---------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path, iris):
    """A model and data that fit, to be spoiled."""
    save_model(iris, tmp_path / "m.h5", class_names=["a", "b", "c"])
    save_dataset(tmp_path / "d.h5", X_IRIS, Y_IRIS, classes=["a", "b", "c"])
    return tmp_path


def test_rows_of_another_shape_are_refused(refused, files, digits):
    write_data(files / "d.h5", train_set_x=X_IRIS[:, :3], train_set_y=Y_IRIS)
    refused("d.h5:/train_set_x", "(m, 4)", "(150, 3)")
    save_model(digits[0], files / "m.h5")
    write_data(files / "d.h5", test_set_x=np.ones((3, 9, 8)), test_set_y=[0, 1, 2])
    refused("d.h5:/test_set_x", "(m, 8, 8)", "(3, 9, 8)")


def test_classes_the_model_does_not_know_are_refused(refused, files):
    write_data(files / "d.h5", train_set_x=X_IRIS, train_set_y=Y_IRIS + 1)
    refused("d.h5:/train_set_y", "knows", f"{(Y_IRIS == 2).sum()} rows", "'3'")


def test_class_names_that_contradict_the_model_are_refused(refused, files):
    save_dataset(files / "d.h5", X_IRIS, Y_IRIS, classes=["b", "a", "c"])
    refused("d.h5:/list_classes", "['a', 'b', 'c']", "['b', 'a', 'c']")


def test_no_rows_are_refused(refused, files):
    write_data(files / "d.h5", train_set_x=X_IRIS[:0], train_set_y=Y_IRIS[:0])
    refused("d.h5:/train_set_x", "at least one row")


def test_a_file_that_is_no_model_or_no_data_is_refused(refused, files):
    refused("d.h5", "must hold a model", model="d.h5")
    refused("m.h5", "train_set_x", data="m.h5")
    refused("none.h5", "does not exist", model="none.h5")
    (files / "text.h5").write_text("hello")
    refused("text.h5", "another format", data="text.h5")


def test_a_place_that_cannot_be_written_is_refused(refused, files):
    refused("--out", "none", out="none/report.html")
    (files / "folder").mkdir()
    refused("--out", "folder", "directory", out="folder")
    before = (files / "m.h5").read_bytes()
    refused("--out", "another file", out="m.h5")
    assert (files / "m.h5").read_bytes() == before


@pytest.mark.parametrize(
    ("y", "part"),
    [
        (np.zeros((150, 2)), "shape (150,)"),
        (np.zeros(149), "shape (150,)"),
        (np.full(150, np.nan), "finite"),
    ],
)
def test_targets_that_do_not_fit_are_refused(refused, files, y, part):
    model = DeepNetRegressor(max_iter=2).fit(X_IRIS, X_IRIS[:, 0])
    save_model(model, files / "m.h5")
    write_data(files / "d.h5", train_set_x=X_IRIS, train_set_y=y)
    refused("d.h5:/train_set_y", part)


def test_rows_that_are_not_finite_are_refused(refused, files):
    model = DeepNetRegressor(max_iter=2).fit(X_IRIS, X_IRIS[:, 0])
    save_model(model, files / "m.h5")
    X = np.where(np.arange(4) == 2, np.inf, X_IRIS)
    write_data(files / "d.h5", train_set_x=X, train_set_y=X_IRIS[:, 0])
    refused("d.h5:/train_set_x", "must hold finite numbers, got NaN or inf")


def test_labels_that_are_no_zeros_and_ones_are_refused(refused, files):
    model = DeepNetClassifier(max_iter=2).fit(X_IRIS, X_IRIS[:, :2] > 4)
    save_model(model, files / "m.h5")
    write_data(files / "d.h5", train_set_x=X_IRIS, train_set_y=X_IRIS[:, :2])
    refused("d.h5:/train_set_y", "zeros and ones")
