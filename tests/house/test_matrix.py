"""The marker `matrix` leaves nothing out: -m "not matrix" runs every test function."""

import pytest


def test_every_function_of_the_matrix_has_a_case_outside_it(request):
    config = request.config
    marked, unmarked = set(), set()
    for item in request.session.items:
        function = item.nodeid.split("[")[0]
        (marked if item.get_closest_marker("matrix") else unmarked).add(function)
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:  # all was collected
        assert marked or config.option.markexpr or config.option.keyword
    assert marked - unmarked == set()
