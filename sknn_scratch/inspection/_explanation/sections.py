"""The quantities of a step, section by section, in the course's order.

The numbers are recorded while the engine computes them (`_training/record.py`).
"""

import numpy as np

from .formulas import (
    BACKWARD,
    FORWARD,
    activation_formula,
    description_of,
    first_paragraph,
    for_layer,
    penalty_formula,
    update_formula,
)
from .quantity import SECTIONS, Quantity, counted


def quantities_of(seen, run, g, loss, functions):
    """Yield all quantities of a recorded step.

    `g` and `loss` are those of the objective before they were recorded, `functions`
    those of the reader that the network trains with.
    """
    objective, L = run.objective, len(g)
    yield from inputs_of(seen)
    for l in range(1, L + 1):
        yield linear_of(seen, l, functions)
        yield output_of(seen, l, loss) if l == L else activated_of(seen, l, g[l])
    yield cost_of(seen, L, objective, loss)
    for l in range(L, 0, -1):
        if l == L:
            yield error_of(seen, L)
        else:
            yield passed_back(seen, l, functions)
            yield error_before(seen, l, g[l])
        yield from slopes_of(seen, l, objective, functions)
    if run.step is not None:
        for l in range(1, L + 1):
            yield from updates_of(seen, l, run.step)


def inputs_of(seen):
    """Yield the quantities X and Y."""
    n, m = seen["X"].shape
    columns = f"{n} features, {counted(m, 'example')}, one a column"
    yield Quantity("X", "X", SECTIONS[0], "A[0] = X", seen["X"], columns)
    yield Quantity("Y", "Y", SECTIONS[0], "what A[L] should be", seen["Y"], "")


# -- forward ---------------------------------------------------------------------------


def linear_of(seen, l, functions):
    """Return the quantity Z[l]."""
    W, b, Z = (seen[f"{name}{l}"] for name in ("W", "b", "Z"))
    name, before = layer_before(seen, l)
    shapes = f"{W.shape} @ {before.shape} -> {Z.shape}, "
    shapes += f"+ {b.shape} repeated over {counted(Z.shape[1], 'column')}"
    formula = for_layer(FORWARD["Z"], l) + by_reader(functions, "linear_forward")
    operands = {f"W[{l}]": W, name: before, f"b[{l}]": b}
    return Quantity(f"Z[{l}]", f"Z{l}", SECTIONS[1], formula, Z, shapes, operands)


def activated_of(seen, l, g):
    """Return the quantity A[l] of a hidden layer."""
    formula = f"{for_layer(FORWARD['A'], l)}:  {activation_formula(g)}"
    return link_of(seen, l, formula, "number by number")


def output_of(seen, L, loss):
    """Return the quantity A[L]."""
    engine = getattr(loss, "engine", loss)  # its docstring has the formula
    formula = getattr(loss, "link_formula", None) or first_paragraph(engine.link)
    each = "column by column" if loss.sums_to_one else "number by number"
    return link_of(seen, L, formula.replace("[L]", f"[{L}]"), each)


def link_of(seen, l, formula, each):
    Z, A = seen[f"Z{l}"], seen[f"A{l}"]
    shapes, operands = f"{each}: {Z.shape} -> {A.shape}", {f"Z[{l}]": Z}
    return Quantity(f"A[{l}]", f"A{l}", SECTIONS[1], formula, A, shapes, operands)


def cost_of(seen, L, objective, loss):
    """Return the quantity J."""
    m = len(seen["w"])
    formula = f"J = mean of L over the columns;  {description_of(loss)}"
    formula += penalty_formula(objective)
    shapes = f"{seen['Y'].shape} -> one number: the mean over {counted(m, 'column')}"
    operands = {f"A[{L}]": seen[f"A{L}"], "Y": seen["Y"]}
    return Quantity("J", "J", SECTIONS[2], formula, seen["J"], shapes, operands)


# -- backward --------------------------------------------------------------------------


def error_of(seen, L):
    """Return the quantity dZ[L]."""
    dZ = seen[f"dZ{L}"]
    formula = f"dZ[{L}] = dJ/dZ[{L}], the 1/m of the mean in it:  the course's / m"
    shapes = f"{dZ.shape}, the shape of Z[{L}]; w {(dZ.shape[1],)} repeated over "
    shapes += counted(len(dZ), "row")
    operands = {f"A[{L}]": seen[f"A{L}"], "Y": seen["Y"]}
    return Quantity(f"dZ[{L}]", f"dZ{L}", SECTIONS[3], formula, dZ, shapes, operands)


def passed_back(seen, l, functions):
    """Return the quantity dA[l] of a hidden layer."""
    dA, W, dZ = seen[f"dA{l}"], seen[f"W{l + 1}"], seen[f"dZ{l + 1}"]
    chain = for_layer(BACKWARD["dZ"], l + 1)
    product = chain.partition(" = ")[2].rpartition(" * ")[0]
    formula = f"dA[{l}] = {product}" + by_reader(functions, "linear_backward")
    shapes = f"{W.shape[::-1]} @ {dZ.shape} -> {dA.shape}"
    operands = {f"W[{l + 1}]": W, f"dZ[{l + 1}]": dZ}
    return Quantity(f"dA[{l}]", f"dA{l}", SECTIONS[3], formula, dA, shapes, operands)


def error_before(seen, l, g):
    """Return the quantity dZ[l] of a hidden layer."""
    dA, dZ = seen[f"dA{l}"], seen[f"dZ{l}"]
    formula = f"{for_layer(BACKWARD['dZ'], l + 1)}:  {activation_formula(g)}"
    shapes = f"{dA.shape} * {dZ.shape}, number by number"
    operands = {f"dA[{l}]": dA, f"Z[{l}]": seen[f"Z{l}"]}
    return Quantity(f"dZ[{l}]", f"dZ{l}", SECTIONS[3], formula, dZ, shapes, operands)


def slopes_of(seen, l, objective, functions):
    """Yield the quantities dW[l] and db[l]."""
    dZ, dW, db = (seen[f"{name}{l}"] for name in ("dZ", "dW", "db"))
    (name, before), m = layer_before(seen, l), seen[f"dZ{l}"].shape[1]
    reader, part = by_reader(functions, "linear_backward"), ""
    operands, ones = {f"dZ[{l}]": dZ, name: before}, {f"dZ[{l}]": dZ}
    if objective.l2:
        part = f" + {objective.l2:.3g} W[{l}], the penalty's part"
        operands[f"W[{l}]"] = seen[f"W{l}"]
    shapes = f"{dZ.shape} @ {before.shape[::-1]} -> {dW.shape}"
    formula = for_layer(BACKWARD["dW"], l) + part + reader
    yield Quantity(f"dW[{l}]", f"dW{l}", SECTIONS[3], formula, dW, shapes, operands)
    formula = for_layer(BACKWARD["db"], l) + reader
    if not objective.intercept:
        formula = "0: fit_intercept=False"
    shapes = f"{dZ.shape} @ {(m, 1)} -> {db.shape}: the sum over {counted(m, 'column')}"
    yield Quantity(f"db[{l}]", f"db{l}", SECTIONS[3], formula, db, shapes, ones)


# -- update ----------------------------------------------------------------------------


def updates_of(seen, l, step):
    """Yield the new W[l] and b[l], with the old ones as `before`."""
    for kind in "Wb":
        key, name = f"{kind}{l}", f"{kind}[{l}]"
        before, slope, after = seen[key], seen[f"d{key}"], seen[f"{key}_new"]
        shapes = f"{name} and d{name}: {before.shape} both; the rate is one number"
        operands = {f"{name}, before": before, f"d{name}": slope}
        operands[f"{name}, change"] = after - before
        formula, key = update_formula(step, name), f"{key}_new"
        yield Quantity(name, key, SECTIONS[4], formula, after, shapes, operands, before)


def layer_before(seen, l):
    """Return the name and the numbers of A[l-1], which is X before layer 1."""
    return ("A[0] = X", seen["X"]) if l == 1 else (f"A[{l - 1}]", seen[f"A{l - 1}"])


def by_reader(functions, kind):
    """Return words that name the reader's function, or "" if there is none."""
    return f", by your own {kind}" if kind in functions else ""


# -- remarks ---------------------------------------------------------------------------


def notes_of(network, run, seen):
    """Return remarks on the step: solver, factor 1/m, scale, weights."""
    m, L = len(seen["w"]), run.objective.params.L
    notes = [
        f"One step of {type(network).__name__}: L = {L}, m = {m} of {run.m} examples, "
        f"solver {run.solver!r}.",
        "dW and db are the course's; every dZ[l] is the course's / m: the 1/m is put "
        f"into dZ[{L}].",
    ]
    if network._by_hand:
        notes.append(network._by_hand.note)
    if network.standardize:
        notes.append("standardize=True: X and W[1] are on the standardised scale.")
    if run.learned.target.scale:
        notes.append(
            f"standardize_target=True: Y, W[{L}] and b[{L}] are on the standardised "
            f"scale; {run.unit:.6g} J is the cost in the units of y."
        )
    if np.ptp(seen["w"]):
        notes.append("The examples have weights w, mean 1 over all examples.")
    if run.step is None:
        notes.append(
            f"The solver {run.solver!r} has no update by a formula of this gradient "
            "alone: the step ends here."
        )
    return notes
