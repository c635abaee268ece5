"""A cluster of real worker processes on this machine. Left out without Dask."""

from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("distributed") else ["test_*.py"]


@pytest.fixture(scope="session")
def cluster():
    """Four processes of one thread each."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=4, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster:
        yield cluster


@pytest.fixture
def client(cluster):
    from distributed import Client

    with Client(cluster) as client:
        client.wait_for_workers(4, timeout=60)
        yield client
