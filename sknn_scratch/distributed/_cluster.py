"""The client of a cluster. A wait for results ends if the cluster cannot give them."""

import time
from contextlib import contextmanager

import dask
from dask.utils import format_bytes, parse_timedelta

try:
    import distributed
except ImportError:
    distributed = None

POLL = 2.0  # seconds between looks at a cluster whose results are not there yet
PATIENCE = 40.0  # seconds without a worker, unless no-workers-timeout is configured


def current_client():
    """Return the current client of Dask's cluster, or None."""
    if distributed is None:
        return None
    try:
        return distributed.get_client()
    except ValueError:
        return None


def compute(values):
    """Return the values of a collection, computed wherever Dask computes."""
    client = current_client()
    if client is None or is_in_task():
        return values.compute()
    return Cluster(client).results([client.compute(values)])[0]


def is_in_task():
    """Return True in a task: a wait for other tasks must then make room for them."""
    try:
        distributed.get_worker()
    except ValueError:
        return False
    return True


class ClusterError(RuntimeError):
    """Error of a cluster that cannot give results."""


class Cluster:
    """A client of a cluster whose failures are ClusterErrors with a way out."""

    def __init__(self, client):
        self.client = client

    def worker_addresses(self):
        """Return the address of a worker for each thread, round-robin over workers."""
        n_threads = self.client.nthreads().items()
        most = max((n for _, n in n_threads), default=0)
        return [place for k in range(most) for place, n in n_threads if k < n]

    def submit(self, function, *args):
        """Return the future of a call."""
        with self._plain_errors():
            return self.client.submit(function, *args, pure=False)

    def compute(self, tasks, **options):
        """Return the futures of tasks, sent in one message."""
        with self._plain_errors():
            return self.client.compute(tasks, **options)

    def result(self, future):
        """Return the value of a future; see `wait`."""
        return self.results([future])[0]

    def results(self, futures):
        """Return the values of futures; see `wait`."""
        self.wait(futures)
        with self._plain_errors():
            return self.client.gather(futures)

    def wait(self, futures):
        """Wait for futures, and raise the first error.

        Raise ClusterError if workers die with a task again and again, if the cluster
        remains without workers, or if the scheduler is lost.
        """
        seen = time.monotonic()  # of a running worker
        with self._plain_errors():
            while not is_done(futures):
                n_workers, n_running = self._move_tasks()
                if n_running:
                    seen = time.monotonic()
                elif time.monotonic() - seen > patience():
                    raise ClusterError(no_workers(n_workers))

    def _move_tasks(self):
        """Start tasks that wait for a worker that is gone; return numbers of workers.

        Dask runs a task with allow_other_workers on another worker if its own is gone,
        but not if there was no worker at all at that time: then it does not try again
        when others join (distributed 2026.8). The numbers are of all workers, and of
        those that take tasks.
        """
        if self.client.status != "running":
            raise ClusterError(SCHEDULER_LOST)

        # a local function is sent as code: the scheduler need not have this package
        def move(dask_scheduler):
            waiting = [t for t in dask_scheduler.unrunnable if t.loose_restrictions]
            if dask_scheduler.running and waiting:
                tasks = dict.fromkeys([task.key for task in waiting], "processing")
                dask_scheduler.transitions(tasks, "move-tasks-of-lost-workers")
            return len(dask_scheduler.workers), len(dask_scheduler.running)

        return self.client.run_on_scheduler(move)

    @contextmanager
    def _plain_errors(self):
        """Turn errors of the cluster into ClusterErrors that name the way out."""
        try:
            yield
        except ClusterError:
            raise
        except distributed.KilledWorker as error:
            raise ClusterError(workers_killed(error)) from error
        except Exception as error:  # Dask has many for a scheduler that is gone
            if self.client.status != "running" or "connection-lost" in str(error):
                raise ClusterError(SCHEDULER_LOST) from error
            if isinstance(error, distributed.CancelledError):
                raise ClusterError(cancelled(error)) from error
            raise


SCHEDULER_LOST = (
    "the scheduler of the Dask cluster was closed, or the connection to it was lost, "
    "before all results were there; start a cluster, connect a Client and repeat the "
    "call."
)


def is_done(futures):
    """Return True if all futures are done within POLL seconds; raise their error."""
    try:
        distributed.wait(futures, timeout=POLL)
        done = True
    except distributed.TimeoutError:
        done = False
    for future in futures:
        if future.status == "error":
            raise future.exception()
    return done


def patience():
    """Return for how many seconds a cluster may be without a running worker."""
    given = dask.config.get("distributed.scheduler.no-workers-timeout", None)
    return PATIENCE if given is None else parse_timedelta(given)


def no_workers(n):
    """Return the message for a cluster with n workers, none of which takes tasks."""
    state = (
        f"its {n} workers are paused for lack of memory"
        if n
        else "all are gone; their logs tell why"
    )
    return (
        f"the Dask cluster must have a worker that takes tasks, got none for "
        f"{patience():g} s ({state}); start workers with enough memory, wait for them "
        "(client.wait_for_workers(n)) and repeat the call."
    )


def workers_killed(error):
    """Return the message for a KilledWorker."""
    limit = getattr(error.last_worker, "memory_limit", 0)
    limit = f" of {format_bytes(limit)}" if limit else ""
    return (
        f"{error.allowed_failures + 1} Dask workers died one after the other on the "
        "same task, as a rule because it needs more memory than the limit of a worker"
        f"{limit}; use smaller blocks (X.rechunk), more workers, or more memory for "
        "each (memory_limit). Their logs tell more."
    )


def cancelled(error):
    """Return the message for tasks that were cancelled."""
    reason = str(error).partition("cancelled for reason: ")[2].partition(".")[0]
    return (
        f"tasks on the Dask cluster were cancelled (reason: {reason or 'unknown'}): by "
        "client.cancel or client.restart, or because data that they need is gone; "
        "repeat the call with a collection that can be computed."
    )
