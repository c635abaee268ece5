"""Files spoiled at random: read as they were, or refused by us in one line."""

import pytest
from fuzz_files import GOOD, SUBJECTS, fuzz, table

CASES = 150  # of each test; `python tests/support/fuzz_files.py` runs thousands


@pytest.mark.parametrize("first", [0, pytest.param(10_000, marks=pytest.mark.matrix)])
def test_a_spoiled_file_is_read_right_or_refused_in_one_line(tmp_path, first):
    results = fuzz(tmp_path, first, first + CASES)
    bad = [result for result in results.values() if result[-1] not in GOOD]
    assert not bad, bad
    assert len(results) == CASES
    assert {subject for subject, *_ in results.values()} == {*SUBJECTS}
    opened = [verdict for _, _, opened, verdict in results.values() if opened]
    assert len(opened) > CASES / 3, table(results)
    assert {*opened} == {*GOOD}
