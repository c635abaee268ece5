"""imbalanced-learn: samplers in a Pipeline, balanced bags."""

from imblearn.ensemble import BalancedBaggingClassifier
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn import clone
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import cross_val_predict, cross_val_score


def test_a_pipeline_samples_for_training_only(rare, model, bits):
    X, y = rare
    sampler = SMOTE(random_state=0)
    chain = make_pipeline(sampler, clone(model)).fit(X, y)
    direct = clone(model).fit(*sampler.fit_resample(X, y))
    assert bits(chain[-1]) == bits(direct)
    assert chain.predict_proba(X).shape == (400, 2)


def test_a_sampler_finds_more_of_the_rare_class(rare, model):
    X, y = rare
    sampled = make_pipeline(RandomUnderSampler(random_state=0), clone(model))
    plain, better = (
        cross_val_score(each, X, y, cv=4, scoring="balanced_accuracy").mean()
        for each in (model, sampled)
    )
    assert better > max(plain, 0.8)


def test_balanced_bags(rare, model):
    X, y = rare
    bag = BalancedBaggingClassifier(model, n_estimators=5, random_state=0)
    names = cross_val_predict(bag, X, y, cv=4)
    assert balanced_accuracy_score(y, names) > 0.8
    bag.fit(X, y)
    assert bag.classes_.tolist() == ["common", "rare"]
    assert all(type(each[-1]) is type(model) for each in bag.estimators_)
