"""Advice for the command line names options that it has."""

import pytest

from sknn_scratch._cli.advice import for_command_line
from sknn_scratch._cli.app import parse


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("set class_weight='balanced', after", "set --class-weight balanced, after"),
        ("raise max_iter above 100", "raise --max-iter above 100"),
        ("try early_stopping=True, dropout=0.2", "try --early-stopping, --dropout 0.2"),
        (
            "set learning_rate_init below 0.1",
            "set --learning-rate below 0.1",
        ),
        ("fewer units, a higher dropout", "fewer units, a higher dropout"),
        ("lower the threshold, or", "lower the threshold (--threshold of predict), or"),
    ],
)
def test_parameters_become_options(text, said):
    assert for_command_line(text) == said


def test_predict_has_the_threshold_that_the_advice_names():
    words = ["predict", "m.h5", "t.csv", "--threshold", "0.2", "--positive", "yes"]
    assert parse(words)[1].threshold == 0.2
