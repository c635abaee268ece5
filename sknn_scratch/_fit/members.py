"""The members of the Watch of one training, in the order in which it calls them."""

from functools import partial
from numbers import Real

import numpy as np

from .._engine.activations import Dropout
from .._engine.schedules import SCHEDULES
from .._rows.source import source_of
from .._training.solvers import ALL_ROWS
from .._training.watch import (
    Callbacks,
    Commit,
    Curve,
    EarlyStopping,
    FiniteCheck,
    GradientTolerance,
    Observers,
    Patience,
    Rates,
    Reseed,
    StepTolerance,
    Validation,
    Verbose,
)
from .parameter_use import parameters_for
from .scale import scaled

CURVE_LIMIT = 10_000  # entries of loss_curve_ under partial_fit
VALIDATION_ROWS = 1024  # of the rows held out, at a time


def add_recorders(run, settings):
    """Add the members that set the rate, and that keep what becomes an attribute."""
    start, objective = run.start, run.objective
    limit = CURVE_LIMIT if start.partial else None
    run.add("curve", Curve())
    run.reseed = Reseed(start.rng, start.seed)
    masked = any(isinstance(g_l, Dropout) for g_l in objective.g)
    if masked or run.solver not in ALL_ROWS:  # others draw nothing
        run.add("reseed", run.reseed)
    run.beside = {"reseed": run.reseed}
    if run.optimizer and settings["keep_optimizer_state"] and not start.partial:
        run.beside["optimizer"] = run.optimizer
    run.add("finite", FiniteCheck(objective.params.theta, run.beside))
    if run.optimizer:
        schedule = SCHEDULES[settings["learning_rate"]]
        chosen = parameters_for(schedule, settings.parameters)
        rates = Rates(
            run.optimizer,
            schedule(settings["max_iter"], **chosen),
            settings["warmup_epochs"],
            rows=run.m,
            first=start.n_iter,
            seen=start.t,
            runs=start.rates,
            limit=limit,
        )
        run.add("rates", rates)


def cost_curve(run):
    """Return J of each epoch in the units of y, those of earlier partial fits first."""
    costs = [*run.start.curve, *(J * run.unit for J in run.members["curve"].values)]
    return costs[-CURVE_LIMIT:] if run.start.partial else costs


def add_stopping_rules(run, settings, held_out, make_scorer, twin):
    """Add the members that may stop training."""
    objective, rates = run.objective, run.members.get("rates")
    patience = Patience(
        settings["tol"], settings["n_iter_no_change"], rates and rates.lower
    )
    if held_out:
        member = validation(run, settings, held_out, make_scorer, twin)
        run.add("validation", member)
    if held_out and settings["early_stopping"]:
        theta = objective.params.theta
        run.add("stopping", EarlyStopping(member, theta, patience, run.beside))
    elif run.optimizer and not run.start.partial:  # others stop by themselves
        run.add("rule", stopping_rule(run, settings, patience))


def stopping_rule(run, settings, patience):
    """Return the member that stops steps when nothing is held out."""
    if settings.stops_by == "cost":
        return patience
    if settings["l1_ratio"]:
        theta = run.objective.params.theta
        return StepTolerance(theta, run.optimizer, settings["tol"])
    return GradientTolerance(run.objective.grads.theta, settings["tol"])


def add_listeners(run, settings, task, twin):
    """Add the members that are only told; an interrupt inside them loses nothing.

    `task` is the context of scikit-learn's callbacks and what they are told, or None.
    """
    run.add("commit", Commit(run.watch))
    if settings["verbose"]:
        run.add("verbose", Verbose(int(settings["verbose"]), run.unit))
    run.add("observers", Observers(run.watch.max_iter, run.unit))
    if task:
        context, told = task
        run.add("callbacks", Callbacks(context, told, partial(snapshot, run, twin)))


def snapshot(run, twin, theta):
    """Return the fitted attributes at theta, or None where its outputs overflow."""
    # ScoringMonitor and its kind raise where predictions are not finite
    J = run.objective.loss_at(theta, *run.batches.first_batch())
    return vars(twin(run, theta)) if np.isfinite(J) else None


def validation(run, settings, held_out, make_scorer, twin):
    """Return the member that computes loss and score of the rows held out."""
    X, codes, w, sample_weight = held_out
    target, scaler = run.learned.target, run.learned.scaler
    Y = target.targets(codes, X.dtype)
    w = (w / w.mean()).astype(X.dtype)
    source = source_of(X if scaler is None else scaled(X, scaler))
    batches = source.batches(Y, w, source.batch_length(VALIDATION_ROWS))
    loss = partial(run.objective.cost, batches=batches)
    if settings["scoring"] == "loss":
        return Validation(loss)
    scorer = make_scorer()
    y, weights = target.decode(codes), {}
    if sample_weight is not None:
        weights = {"sample_weight": sample_weight}

    def score(theta):
        fitted = twin(run, theta)
        vars(fitted).pop("feature_names_in_", None)  # held_out.X is an array
        try:
            value = scorer(fitted, held_out.X, y, **weights)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"scoring={settings['scoring']!r} fails on the rows held out: {error}; "
                "it must take an estimator, X, y and, where rows have weights, "
                "sample_weight."
            ) from error
        if not isinstance(value, Real) or np.isnan(value):
            raise ValueError(
                f"scoring={settings['scoring']!r} must return a number, got {value!r}."
            )
        return value

    return Validation(loss, score)
