"""Models trained on a table of flats."""

import pytest
from flats import trained


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@pytest.fixture(scope="session")
def numbers(folder):
    return trained(folder, "price", "dear")


@pytest.fixture(scope="session")
def classes(folder):
    return trained(folder, "dear", "price")
