"""Train the members of an ensemble, one after the other or in processes."""

import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

from .._engine.activations import make_activations
from .._engine.propagation import Parameters
from .._estimators.base import BaseNetwork
from .._fit.inputs import Data
from .._rows.source import source_of
from .._training.objective import raw_outputs
from .._training.watch import observe
from .clock import PROBE_BATCHES, Clock, plan

PREDICTED_ROWS = 1024  # at a time, in float64


@dataclass
class Task:
    """What one member is trained on.

    Attributes
    ----------
    net : BaseNetwork
        Not fitted yet.
    X : ndarray or TableRows
        All rows of the table.
    y, w : ndarray
        Targets and weights of all rows.
    train, held_out : ndarray
        Numbers of the rows to train on, and of those to stop by.
    classes : ndarray or None
        All classes; a fold need not hold each of them.
    seconds : float or None
        The longest that the training may take.
    end : float or None
        When all members must be trained, as `time.time` tells it: other processes have
        a clock of their own, and take time to start.
    context : CallbackContext or None
        Of scikit-learn's callbacks.
    owner : BaseTabular or None
        The estimator that callbacks are told of.
    """

    net: BaseNetwork
    X: object
    y: np.ndarray
    w: np.ndarray
    train: np.ndarray
    held_out: np.ndarray
    classes: np.ndarray | None = None
    seconds: float | None = None
    end: float | None = None
    context: object = None
    owner: object = None


class Member(NamedTuple):
    """A trained network, and its raw outputs Z[L] of the rows it did not see."""

    net: BaseNetwork
    held_out: np.ndarray
    Z: np.ndarray
    seconds: float
    interrupted: bool = False
    last: bool = False  # a callback asked for no more members


def train_members(tasks, n_jobs):
    """Yield the Member of each task in order, as soon as it is trained.

    Every member computes with one thread: with another number of threads BLAS adds in
    another order, and the same seed would give other bits.
    """
    n_jobs = min(effective_n_jobs(n_jobs), len(tasks))  # more would wait for nothing
    parallel = Parallel(n_jobs=n_jobs, return_as="generator")
    yield from parallel(delayed(train_member)(task) for task in tasks)


def planned(tasks, seconds, n_parallel):
    """Return the tasks that fit into the time, each with its share of it."""
    first, end = tasks[0], time.time() + seconds
    max_iter = first.net.max_iter
    epoch = epoch_seconds(first)
    seconds = end - time.time()
    found = plan(seconds, epoch, len(tasks), max_iter, n_parallel)
    for task in tasks:
        task.net.set_params(max_iter=found.max_iter)
        task.seconds, task.end = found.seconds, end
    return tasks[: found.n_members]


def epoch_seconds(task):
    """Return about how long an epoch of a task takes; a few batches are timed."""
    m = min(len(task.train), PROBE_BATCHES * task.net.batch_size)
    data, net = part_of(task, task.train[:m]), clone(task.net)
    with threadpool_limits(1):
        for _ in range(2):  # the first call makes the buffers
            start = time.monotonic()
            net._fit(data, Data(), classes=task.classes, partial=True)
            seconds = time.monotonic() - start
    rows = len(task.train) + len(task.held_out) / 3  # a third of a step is forward
    return seconds * rows / m


def train_member(task):
    """Train one member; return it also where Ctrl-C ends it after a whole epoch."""
    start, net, asked = time.monotonic(), task.net, []
    clock, listening = None, nullcontext()
    if task.seconds is not None:
        clock = Clock(min(task.seconds, task.end - time.time()))
        listening = observe(clock)
    interrupted = False
    data = part_of(task, task.train, clock)
    val = part_of(task, task.held_out) if len(task.held_out) else Data()
    net.set_params(early_stopping=bool(len(task.held_out)))
    with threadpool_limits(1), listening, told_to_callbacks(task, data, asked):
        try:
            net._fit_with_classes(data, val, task.classes)
        except KeyboardInterrupt:
            if not net.__sklearn_is_fitted__():
                raise
            interrupted = clock is None or not clock.is_over()
        if clock and clock.first_share < 1:
            net.loss_curve_[0] /= clock.first_share
        Z = outputs([net], task.X, task.held_out)[0]
    seconds = time.monotonic() - start
    return Member(net, task.held_out, Z, seconds, interrupted, any(asked))


@contextmanager
def told_to_callbacks(task, data, asked):
    """Tell scikit-learn's callbacks of a member; add to `asked` whether to stop."""
    if task.context is None:
        yield
        return
    told = {"estimator": task.owner, "X": data.X, "y": data.y}
    with task.context.propagate_callback_context(task.net):
        task.context.call_on_fit_task_begin(**told)
        yield
    asked.append(task.context.call_on_fit_task_end(**told))


def part_of(task, rows, clock=None):
    """Return the rows of a task as Data."""
    X = task.X if clock is None else task.X.timed(clock)
    return Data(X[rows], task.y[rows], task.w[rows])


def outputs(nets, X, rows=None):
    """Return the raw outputs Z[L] of each network, (n_nets, m, n[L]).

    They are computed in float64: rounded to float32, the outputs of a row would depend
    on the rows beside it, since BLAS adds in another order at the edges of a block.
    """
    source = source_of(X if rows is None else X[rows])
    Z = np.empty((len(nets), len(source), nets[0].n_outputs_))
    layers = [exact_layers(net) for net in nets]
    for part, block in source.blocks(PREDICTED_ROWS):
        block = block.astype(np.float64)
        for k, (params, g) in enumerate(layers):
            Z[k, part] = raw_outputs(params, g, block)
    return Z


def exact_layers(net):
    """Return the parameters of a network in float64, and its activations."""
    W, b = net._layers()
    params = Parameters(*([v.astype(np.float64) for v in part] for part in (W, b)))
    return params, make_activations(net._activations)
