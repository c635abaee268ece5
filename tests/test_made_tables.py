"""The made tables: what they hold, and that their answers can be learned."""

import pytest
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline

from sknn_scratch import LogisticRegressionScratch, ShallowNetRegressor
from sknn_scratch.datasets import make_customers, make_homes
from sknn_scratch.inspection._baselines import judged_baselines, scores_of
from sknn_scratch.preprocessing import TableEncoder


@pytest.mark.parametrize("make", [make_homes, make_customers])
def test_a_seed_makes_the_same_table(make):
    X, y = make(50, random_state=3)
    again, same = make(50, random_state=3)
    assert X.equals(again)
    assert_array_equal(y, same)
    assert not X.equals(make(50, random_state=4)[0])


@pytest.mark.parametrize(
    ("make", "measure", "most"),
    [(make_homes, "RMSE", 0.4), (make_customers, "log loss", 0.9)],
)
def test_its_answers_can_be_learned(make, measure, most):
    X, y = make(1500)
    rows = X[:1000], y[:1000], X[1000:], y[1000:]
    classifier = make is make_customers
    constant, _ = judged_baselines(*rows, classifier=classifier)
    cls = LogisticRegressionScratch if classifier else ShallowNetRegressor
    model = make_pipeline(TableEncoder(n_bins=4), cls(random_state=0))
    scores = scores_of(model.fit(*rows[:2]), *rows[2:])
    assert scores[measure] < most * constant.scores[measure]


@pytest.mark.parametrize("make", [make_homes, make_customers])
def test_it_has_an_identifier_texts_dates_and_gaps(make):
    X, _ = make(200)
    assert X.iloc[:, 0].is_unique
    kinds = {dtype.kind for dtype in X.dtypes}
    assert "M" in kinds
    assert {"O", "U"} & {X["city" if "city" in X else "contract"].dtype.kind}
    assert X.isna().any().any()
