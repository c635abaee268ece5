"""In Pipelines and searches, with images as the first thing that goes in.

What else scikit-learn builds of estimators is in `test_meta_estimators`.
"""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.stats import randint
from sklearn import clone
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import Pipeline

from sknn_scratch import (
    DeepNetClassifier,
    LogisticRegressionScratch,
    ShallowNetClassifier,
)
from sknn_scratch.datasets import load_digit_images
from sknn_scratch.preprocessing import ImageFlattener

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module", params=["grey", "colour"])
def images(request):
    X, y = load_digit_images()
    X, y = X[:400], y[:400]
    if request.param == "colour":
        X = np.stack([X, X, 16 - X], axis=-1)
    return X, y


def pipeline(**options):
    net = DeepNetClassifier(random_state=0, **options)
    return Pipeline([("flatten", ImageFlattener(scale=16)), ("net", net)])


def test_grid_search_over_units_layers_rate_and_activation(images):
    X, y = images
    grid = {
        "net__hidden_layer_sizes": [16, 32],
        "net__n_hidden_layers": [1, 2],
        "net__learning_rate_init": [0.003, 0.01],
        "net__activation": ["relu", "tanh"],
    }
    search = GridSearchCV(pipeline(max_iter=15), grid, cv=3, n_jobs=2).fit(X, y)
    assert len(search.cv_results_["params"]) == 16
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_score_ > 0.85
    best = search.best_estimator_
    assert (
        best.named_steps["net"].n_layers_
        == 2 + search.best_params_["net__n_hidden_layers"]
    )
    assert best.predict_proba(X[:5]).shape == (5, 10)


def test_randomized_search_draws_whole_numbers(images):
    X, y = images
    draws = {
        "net__hidden_layer_sizes": randint(4, 40),
        "net__n_hidden_layers": randint(0, 4),
        "net__batch_size": randint(16, 128),
    }
    search = RandomizedSearchCV(
        pipeline(max_iter=5), draws, n_iter=6, cv=2, random_state=0, error_score="raise"
    )
    assert search.fit(X, y).best_score_ > 0.2


def test_cross_validated_predictions(images):
    X, y = images
    P = cross_val_predict(pipeline(max_iter=30), X, y, cv=3, method="predict_proba")
    assert P.shape == (400, 10)
    assert (P.argmax(axis=1) == y).mean() > 0.8


@pytest.mark.parametrize(
    "model",
    [LogisticRegressionScratch(), ShallowNetClassifier(random_state=0)],
    ids=repr,
)
def test_the_other_classes_in_a_pipeline(images, model):
    X, y = images
    steps = [("flatten", ImageFlattener(scale=16)), ("model", model)]
    assert cross_val_score(Pipeline(steps), X, y, cv=3).mean() > 0.8


def test_clone_is_unfitted_and_has_the_same_parameters(images):
    fitted = pipeline(hidden_layer_sizes=(5, 4), activation=("tanh", "relu")).fit(
        *images
    )
    again = clone(fitted)
    assert again.get_params()["net__hidden_layer_sizes"] == (5, 4)
    assert again.get_params()["net__activation"] == ("tanh", "relu")
    assert not hasattr(again.named_steps["net"], "coefs_")
    assert_array_equal(again.fit(*images).predict(images[0]), fitted.predict(images[0]))


def test_a_pickled_pipeline_predicts_the_same_in_another_process(images, tmp_path):
    X, y = images
    model = pipeline(max_iter=5).fit(X, y)
    (tmp_path / "model").write_bytes(pickle.dumps(model))
    np.save(tmp_path / "X.npy", X)
    code = (
        "import pickle, numpy as np\n"
        "model = pickle.load(open('model', 'rb'))\n"
        "np.save('P.npy', model.predict_proba(np.load('X.npy')))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert_array_equal(np.load(tmp_path / "P.npy"), model.predict_proba(X))
