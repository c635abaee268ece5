"""From settings, rows and targets to a `Run`: what one training is made of.

Input is valid here; the engine takes it for valid. Strings become functions here and
nowhere else; below, only functions and arrays travel. The order of the random draws is
decided here: first weights, rows held out, then batches and dropout of this fit.
"""

from numpy.random import RandomState
from scipy.sparse import issparse

from .._engine.activations import ACTIVATIONS, Dropout, make_activations
from .._engine.initializers import INITIALIZERS
from .._engine.losses import LOSSES
from .._engine.optimizers import OPTIMIZERS
from .._engine.propagation import Parameters
from .._rows.columns import SmoothedTargets
from .._rows.source import source_of
from .._training.objective import Objective, rows_per_block
from .._training.run import Learned, Run
from .._training.solvers import ALL_ROWS, compose_step, minimiser
from .._training.state import restore
from .._training.step import Averaged
from .._training.watch import Watch, new_seed
from .inputs import hold_out
from .members import (
    VALIDATION_ROWS,
    add_listeners,
    add_recorders,
    add_stopping_rules,
)
from .parameter_use import changed, parameters_for, unused_parameters
from .scale import (
    learn_scale,
    lost_digits,
    lost_digits_of_target,
    scaled,
    scaled_loss,
    unfold,
    unfold_target,
)
from .settings import UNNAMED


def prepare(
    settings,
    target,
    rows,
    held_out,
    start,
    *,
    twin,
    make_scorer=None,
    task=None,
    checkpoint=None,
    by_hand=None,
):
    """Draw, hold out and scale: return the `Run` of one training, and warnings.

    Parameters
    ----------
    settings : Settings
    target : Labels or Numbers
    rows : Rows
        Valid training rows.
    held_out : Rows or None
        Rows to validate by; None holds some out where `early_stopping` asks for it.
    start : Start
        Where training begins.
    twin : callable
        From the run and a theta to a fitted copy of the estimator.
    make_scorer : callable, optional
        Returns the scorer of the rows held out, where `scoring` is not "loss".
    task : tuple, optional
        The context of scikit-learn's callbacks and what they are told.
    checkpoint : path, optional
        The file to write to and, where it exists, to go on from.
    by_hand : ByHand, optional
        A learner's functions, which take the place of the engine's.

    Returns
    -------
    run : Run
    notes : list of str
        What the user should be warned of.
    """
    notes = check_options(settings, target, rows, by_hand)
    file = open_checkpoint(checkpoint, settings, target, rows, by_hand)
    if file and file.saved:
        start = start._replace(split_seed=file.saved.split_seed)
    # the order of the draws: first weights, then the split, then this fit's own stream
    params, g, activations = make_network(settings, target, rows, start)
    if held_out is None and settings["early_stopping"] and not start.partial:
        if start.split_seed is None:
            start = start._replace(split_seed=new_seed(start.rng))
        fraction, strata = settings["validation_fraction"], target.strata(rows.codes)
        rows, held_out = hold_out(rows, fraction, start.split_seed, **strata)
    start = own_stream(start)
    g = with_dropout(g, settings, start.rng)
    scaler, X = None, rows.X
    if settings["standardize"]:
        scaler, note = learn_scaler(rows, params, settings, start)
        notes += note
        X = scaled(X, scaler)
    if standardizes_target(settings, target):
        target, note = learn_target(target, rows, params, start)
        notes += note
    learned = Learned(target, activations, scaler, start.split_seed)
    run = make_run(settings, learned, rows, X, params, g, start, held_out)
    if by_hand:
        by_hand.put_in(run, settings["random_state"])
    add_recorders(run, settings)
    add_stopping_rules(run, settings, held_out, make_scorer, twin)
    add_listeners(run, settings, task, twin)
    if file:
        add_checkpoint(run, file, held_out)
    return run, notes


# -- what is asked for -----------------------------------------------------------------


def check_options(settings, target, rows, by_hand):
    """Return warnings of what will not be read; ValueError for what is impossible."""
    X = rows.X
    given, solver = changed(settings.parameters, settings.usual), settings.solver
    if settings["l1_ratio"] and settings.strength(1.0) and not settings.takes_steps:
        check_l1(settings, X)
    if by_hand and source_of(X).is_remote:
        raise ValueError(
            "X must be here where functions of your own train on it, got a Dask "
            "collection on a cluster; give X.compute()."
        )
    in_use = {solver, target.kind, *settings.architecture.activations}
    if settings.takes_steps:
        in_use.add(settings["learning_rate"])
    notes, idle = [], unused_parameters(given, in_use, settings.waits)
    if idle:
        vain = ", ".join(f"{name}={given[name]!r}" for name in idle)
        used = f"solver={solver!r}"
        if settings.takes_steps and {*idle} & {"power_t", "learning_rate_decay"}:
            used += f" with learning_rate={settings['learning_rate']!r}"
        notes.append(f"{used} makes no use of {vain}")
    note = target.note(rows.codes)
    if note:
        notes.append(note)
    if settings["standardize"] and issparse(X):
        notes.append("standardize=True scales sparse X without centring it")
    return notes


def check_l1(settings, X):
    """Raise a ValueError for a solver without steps that cannot minimise l1 |W|."""
    ratio, steps = settings["l1_ratio"], ", ".join(settings.rates)
    if settings.solver != "newton":
        raise ValueError(
            f"l1_ratio={ratio:g} needs a solver that goes step by step ({steps}), got "
            f"solver={settings.solver!r}; set one of these, or l1_ratio=0."
        )
    if not source_of(X).in_memory:
        raise ValueError(
            f"l1_ratio={ratio:g} with solver='newton' needs X in memory, got "
            f"{type(X).__name__}; set another solver ({steps}), or l1_ratio=0."
        )


# -- the network -----------------------------------------------------------------------


def make_network(settings, target, rows, start):
    """Return first parameters in one fresh vector, g, and names and options of g.

    The fitted attributes are copies of the last call's vector, or views that pickling
    has cut loose from it: training always packs a vector of its own.
    """
    layers = settings.architecture
    activations = [
        (name, parameters_for(ACTIVATIONS[name], settings.parameters))
        for name in layers.activations
    ]
    g = make_activations(activations)
    n = (rows.X.shape[1], *layers.units, target.n_outputs)
    params = Parameters.flat(n, rows.X.dtype)
    if start.layers is not None:
        pack(params, *start.layers, settings)
        return params, g, activations
    # He's outputs vary by about 1.4 in the beginning: more than standardised targets do
    he = not standardizes_target(settings, target)
    for l in range(1, params.L + 1):
        name = layers.init[l - 1]
        if name == "auto":
            rectifies = l < params.L and g[l].rectifies
            name = "he" if he and rectifies else "xavier"
        params.W[l][...] = INITIALIZERS[name](start.rng, n[l], n[l - 1])
    return params, g, activations


def pack(params, W, b, settings):
    """Copy fitted W and b into the vector of params, where they fit."""
    asked = [layer.shape[::-1] for layer in params.W[1:]]
    fitted = [layer.shape[::-1] for layer in W]
    if fitted != asked:
        raise ValueError(
            f"{settings.name} goes on from weights of shapes {fitted}, but its "
            f"parameters now ask for {asked}; set warm_start=False or clone it."
        )
    for new, old in zip(params.W[1:], W, strict=True):
        new[...] = old
    if settings["fit_intercept"]:
        for new, old in zip(params.b[1:], b, strict=True):
            new[...] = old


def own_stream(start):
    """Return start with a random stream that belongs to this fit alone.

    The caller's generator is left alone from here on. What is kept of the stream after
    the fit is a seed of eight words (see `Reseed`).
    """
    if start.layers is not None:
        return start
    seed = new_seed(start.rng)
    return start._replace(rng=RandomState(seed), seed=seed)


def with_dropout(g, settings, rng):
    """Return the activations behind the masks of dropout, for solvers of steps."""
    if not settings.takes_steps:
        return g
    rates = [0, *settings.architecture.dropout]
    return [
        Dropout(g_l, float(rate), rng) if rate else g_l
        for g_l, rate in zip(g, rates, strict=True)
    ]


def learn_scaler(rows, params, settings, start):
    """Return the scaler of the rows, and warnings; old parameters follow the scale."""
    scaler = learn_scale(rows, settings["fit_intercept"], start.scaler)
    note = lost_digits(scaler, rows.X.dtype)
    if start.layers is not None:
        unfold(params, scaler)
    return scaler, [note] if note else []


def standardizes_target(settings, target):
    """Return whether training is on standardised targets: the loss must have a unit."""
    return settings["standardize_target"] and LOSSES[target.kind].scaled is not None


def learn_target(target, rows, params, start):
    """Return the target with its scale, and warnings; old parameters follow it."""
    target = target.standardized(rows.codes, rows.w, start.target)
    note = lost_digits_of_target(target, rows.X.dtype)
    if start.layers is not None:
        unfold_target(params, target)
    return target, [note] if note else []


# -- the run ---------------------------------------------------------------------------


def make_run(settings, learned, rows, X, params, g, start, held_out):
    """Return the run; X are the rows on the scale that is trained on.

    Its watch has no members yet.
    """
    solver, target = settings.solver, learned.target
    kind = LOSSES[target.kind]
    loss, unit = scaled_loss(kind(**parameters_for(kind, settings.parameters)), target)
    strength = settings.strength(float(rows.w.sum()))
    l1 = float(settings["l1_ratio"]) * strength
    l2 = strength - l1
    batches = make_batches(settings, target, rows, X, params.n, start.rng)
    optimizer = step = average = None
    if settings.takes_steps:
        optimizer = make_optimizer(settings, params, l2, start)
        step, average = make_step(settings, optimizer, params, l1, batches, start)
    columns = batches.columns
    objective = source_of(X).objective(
        Objective,
        params,
        g,
        loss,
        columns if held_out is None else max(columns, VALIDATION_ROWS),
        l1=l1,
        l2=0.0 if optimizer and optimizer.decouples else l2,
        intercept=settings["fit_intercept"],
    )
    return Run(
        start=start,
        solver=solver,
        X=rows.X,
        m=len(rows.w),
        batches=batches,
        objective=objective,
        optimizer=optimizer,
        step=step,
        minimise=minimiser(
            solver,
            l1=l1,
            step=step,
            tol=settings["tol"],
            limits=settings.lbfgs_limits,
        ),
        watch=Watch(1 if start.partial else settings["max_iter"]),
        average=average,
        learned=learned,
        unit=unit,
    )


def make_batches(settings, target, rows, X, n, rng):
    """Return batches of training rows, weighted, their targets smoothed.

    Weights are scaled once, to the mean 1 over all rows, and the loss divides by the
    rows of a batch: a mean gradient over an epoch is then the gradient (but for a
    shorter last batch, whose rows count a little more). To divide by each batch's own
    weight would favour the rows of light batches, and fail for a batch of zeros.
    """
    source, codes, w = source_of(X), rows.codes, rows.w
    size = settings["batch_size"]
    size = 200 if size == "auto" else int(size)
    if settings.solver in ALL_ROWS:  # from disk, in the order of the file, in parts
        size, rng = source.full_batch_length(rows_per_block(n, len(w))), None
    elif not settings["shuffle"]:
        rng = None
    Y = target.targets(codes, X.dtype)
    if settings["label_smoothing"]:
        Y = SmoothedTargets(Y, float(settings["label_smoothing"]))
    w = (w / w.mean()).astype(X.dtype)
    return source.batches(Y, w, size, rng, settings["buffer_size"])


def make_optimizer(settings, params, l2, start):
    """Return the optimiser of theta, in the state that an earlier call left."""
    optimizer = OPTIMIZERS[settings.solver]
    chosen = parameters_for(optimizer, settings.parameters)
    if optimizer.decouples:
        chosen.update(decay=l2, n_weights=params.n_weights)
    made = optimizer(params.theta, settings.rate, **chosen)
    if start.moments is not None and start.moments[0] == settings.solver:
        restore(made, start.moments[1])
    return made


def make_step(settings, optimizer, params, l1, batches, start):
    """Return the step of the optimiser, and its average over the steps, or None."""
    step = compose_step(
        optimizer,
        max_grad_norm=settings["max_grad_norm"],
        l1=l1,
        n_weights=params.n_weights,
    )
    epochs = float(settings["averaging_epochs"])
    if not epochs or start.partial:
        return step, None
    steps = epochs * -(-batches.weight // batches.size)
    average = Averaged(step, params.theta, max(2.0, steps))
    return average, average


# -- checkpoints -----------------------------------------------------------------------


def open_checkpoint(path, settings, target, rows, by_hand):
    """Return the Checkpoint at path, or None; ValueError for a file that differs."""
    if path is None or not settings.takes_steps:
        return None
    from .._training.checkpoint import Checkpoint, facts_of_estimator, facts_of_rows

    if source_of(rows.X).is_remote:
        raise ValueError(
            f"checkpoint={path!r} must be None for Dask collections: the digest of "
            "rows that a checkpoint holds would need all of them here."
        )
    if by_hand:
        raise ValueError(
            f"checkpoint={path!r} must be None with functions of your own: what "
            "they keep cannot be saved."
        )
    file = Checkpoint(path, settings["checkpoint_every"], UNNAMED)
    file.describe(facts_of_estimator(settings.name, settings.parameters))
    classes = target.fitted.get("classes_")
    file.describe(facts_of_rows(rows, target.n_outputs, classes))
    return file


def add_checkpoint(run, file, held_out):
    """Add the checkpoint as the last member; the run takes up the state of its file."""
    from .._training.checkpoint import facts_of_start

    warm = run.start.layers is not None
    first = run.objective.params.theta if warm else None
    file.describe(facts_of_start(first, held_out))
    run.add("checkpoint", file)
    file.resume(run, run.learned.split_seed)
