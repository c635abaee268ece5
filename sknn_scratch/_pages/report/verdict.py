"""The verdict of the report: the model beside simple ones, on the same rows."""

from html import escape

from sklearn.base import is_classifier

from ...inspection._baselines import (
    BOOSTING,
    CONSTANT,
    Judged,
    judged_baselines,
)
from ...inspection._facts import number
from .answers import answers, is_table, main_score, scores, table

MOST_EFFORT = 5e7  # of boosting: measured as 3 to 6 s for each 1e7
LEAVES = 16_000  # numbers that boosting reads for each column of a tree, and 5 a row
OWN = "this model"


def judged_models(subject):
    """Return the Judged of the model and of the simple ones, and a remark in HTML.

    The simple ones learn from the training rows. Without held-out rows there is only
    the constant, of the rows that judge.
    """
    model, (X, y) = subject.model, subject.rows
    own = Judged(OWN, scores(model, answers(model, X), y), None)
    learned, names, remark = subject.train, (CONSTANT, BOOSTING), ""
    if subject.train is None:
        learned, remark = subject.rows, subject.lacks
    elif subject.part == "train":
        remark = "No rows were held out"
    elif is_table(X) and effort(*subject.train, model) > MOST_EFFORT:
        remark = "The training rows have too many numbers"
    if remark or not is_table(X):
        names = (CONSTANT,)
    if remark:
        remark += f": {BOOSTING} is not trained for comparison."
    classifier = is_classifier(model)
    simple = judged_baselines(*learned, X, y, classifier=classifier, names=names)
    if len(simple) < len(names):
        remark = f"{BOOSTING} cannot be trained on these rows."
    return [own, *simple[::-1]], remark


def effort(X, y, model):
    """Return how many numbers boosting reads in a round: trees, columns, rows, bins."""
    classes = len(getattr(model, "classes_", ()))
    trees = classes if classes > 2 else 1
    if y.ndim > 1:
        trees = y.shape[1]
    return trees * table(X).shape[1] * (5 * len(y) + LEAVES)


def beside_baselines(subject, judged, remark):
    """Return a sentence and a table of the scores of all models; "" for images."""
    if not is_table(subject.rows[0]):
        return ""
    text = " ".join(filter(None, [in_words(judged, main_score(subject.model)), remark]))
    return f'<p class="verdict">{text}</p>\n{comparison(judged)}'


def in_words(judged, name):
    """Return a comparison of the model with gradient boosting, by one score."""
    own, other = judged[0].scores[name], judged[1].scores[name]
    if judged[1].name != BOOSTING:
        return ""
    change = "the same as"
    if number(own) != number(other):
        less = own < other
        share = f"{100 * abs(own / other - 1):.2g}\N{NO-BREAK SPACE}% " if other else ""
        change = f"<strong>{share}{'less' if less else 'more'}</strong> than"
    return (
        f"Its {name} is {change} that of {BOOSTING}, trained on the same rows with its "
        "default parameters."
    )


def comparison(judged):
    """Return the table of the scores of the models.

    Seconds are left out: the same files are to give the same page.
    """
    names = [*judged[0].scores]
    best = {name: min(one.scores[name] for one in judged) for name in names}
    heads = "".join(f'<th class="number">{escape(name)}</th>' for name in names)
    lines = "".join(
        f'<tr><th scope="row">{escape(one.name)}</th>'
        + "".join(_score(one.scores[name], best[name]) for name in names)
        + "</tr>\n"
        for one in judged
    )
    return (
        '<div class="wide"><table class="baselines"><thead><tr><th>on the same rows'
        f"</th>{heads}</tr></thead>\n<tbody>{lines}"
        "</tbody></table></div>\n"
    )


def _score(value, best):
    text = number(value)
    shown = f"<strong>{text}</strong>" if value == best else text
    return f'<td class="number">{shown}</td>'
