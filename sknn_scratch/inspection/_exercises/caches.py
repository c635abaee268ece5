"""What a reader's function returns beside its result: caches, costs, and their order.

A cache of another form is only a note: the reader's own backward pass may fit it. A
cache in the course's form with other values, or with a part too few, is a mistake: the
course's next function would take what is not there.
"""

from itertools import permutations

import numpy as np

from .equality import is_numbers
from .messages import finding

LAYER_FORM = {3: "(A_prev, W, b)", 4: "((A_prev, W, b), Z)"}


# -- order -----------------------------------------------------------------------------


def put_in_order(result, form):
    """Return the values in the course's order, and a finding, in a list, if it differs.

    `form` has a name and a sort for each value: "numbers", "cache", or a key that its
    dict has.
    """
    if not isinstance(result, tuple) or len(result) != len(form):
        return result, []
    for order in permutations(range(len(form))):
        moved = tuple(result[i] for i in order)
        if all(
            is_of(sort, value) for (_, sort), value in zip(form, moved, strict=True)
        ):
            break
    else:
        return result, []
    names = [name for name, _ in form]
    if [*order] == sorted(order):
        return result, []
    yours = [names[order.index(i)] for i in range(len(form))]
    text = f"It should be {', '.join(names)}; it is {', '.join(yours)}."
    return moved, [finding("wrong_order_of_values", text)]


def is_of(sort, value):
    """Return True if a value is of a sort: "numbers", "cache", or a dict with a key."""
    if sort == "numbers":
        return is_numbers(value)
    if sort == "cache":
        return isinstance(value, tuple | list | dict)
    return isinstance(value, dict) and sort in value


# -- caches of layers ------------------------------------------------------------------


def of_one_layer(given, layers, close):
    """Return findings about the cache of one layer."""
    return about_layer(given, layers[0], "cache", close)


def of_all_layers(given, layers, close):
    """Return findings about a list of the caches of all layers."""
    if not isinstance(given, tuple | list):
        return [note_of_form("caches", 4, " of each layer, in a list")]
    if len(given) != len(layers):
        counted = f"caches has {len(given)} parts for {len(layers)} layers"
        if given and isinstance(given[0], tuple | list):
            return [finding("wrong_cache", f"{counted}: each layer needs its own.")]
        return [note_of_form("caches", 4, f" of each layer; {counted}")]
    found = []
    for i, (part, layer) in enumerate(zip(given, layers, strict=True)):
        found += about_layer(part, layer, f"caches[{i}]", close)
    return found


def note_of_form(what, parts, more=""):
    return finding(
        "cache_of_another_form",
        f"The course's {what} is {LAYER_FORM[parts]}{more}.",
    )


def about_layer(given, layer, what, close):
    """Return a finding, in a list, if a layer's cache differs from the course's.

    `layer` is a pair of dicts: the parts of the course's cache by name, and what else
    the layer has.
    """
    wanted, others = layer
    known = wanted | others

    def same(value, name):
        return is_of("numbers", value) and close(np.asarray(value), known[name])

    leaves, keyed = leaves_of(given)
    lacking = [name for name in wanted if not any(same(v, name) for v in leaves)]
    in_form = form_of(given) == FORMS[len(wanted)]
    if in_form and all(map(same, leaves, wanted)):
        return []
    if keyed or not isinstance(given, tuple | list) or not lacking:
        more = f"; yours lacks {', '.join(lacking)}" if lacking else ""
        return [note_of_form(what, len(wanted), more)]
    if not in_form:
        text = f"In {what}, there is no {' and no '.join(lacking)}"
    else:
        pairs = [
            f"{next((n for n in known if same(value, n)), 'another array')} stands "
            f"where {name} belongs"
            for value, name in zip(leaves, wanted, strict=True)
            if not same(value, name)
        ]
        text = f"In {what}, {' and '.join(pairs)}"
    text += f"; the course's is {LAYER_FORM[len(wanted)]}."
    return [finding("wrong_cache", text)]


# number of parts -> how they are nested
FORMS = {3: (1, 1, 1), 4: ((1, 1, 1), 1)}


def form_of(value):
    """Return how tuples and lists are nested, with 1 for anything else."""
    return tuple(map(form_of, value)) if isinstance(value, tuple | list) else 1


def leaves_of(value):
    """Return what tuples, lists and dicts hold, and if there is a dict."""
    keyed = isinstance(value, dict)
    if keyed:
        value = tuple(value.values())
    if not isinstance(value, tuple | list):
        return [value], False
    found = [leaves_of(part) for part in value]
    leaves = [leaf for part, _ in found for leaf in part]
    return leaves, keyed or any(inner for _, inner in found)


# -- the cache of the shallow network, and costs ---------------------------------------


def of_shallow_network(given, values, close):
    """Return a finding, in a list, if A1 or A2 cannot be found by its key."""
    if not isinstance(given, dict):
        return [finding("cache_of_another_form", "The course's is a dict of Z1 to A2.")]
    needed = {key: values[f"cache[{key!r}]"] for key in ("A1", "A2")}
    lacking = [key for key in needed if not is_of("numbers", given.get(key))]
    if not lacking:
        return []
    arrays = [np.asarray(v) for v in given.values() if is_of("numbers", v)]
    there = [key for key in lacking if any(close(v, needed[key]) for v in arrays)]
    if there == lacking or not arrays:
        keys = ", ".join(map(str, given))
        text = f"Its keys are {keys}; the course's are Z1, A1, Z2, A2."
        return [finding("cache_of_another_form", text)]
    text = f"It lacks {', '.join(lacking)}, which backward_propagation takes."
    return [finding("wrong_cache", text)]


def of_costs(costs, first, iterations):
    """Return a note, in a list, if the costs are not those that the course keeps."""
    rule = "the course appends the cost at i = 0, 100, 200 and so on"
    try:
        values = np.asarray(costs, float).ravel()
    except (TypeError, ValueError):
        return [finding("other_costs", f"They are no numbers; {rule}.")]
    if len(values) != 1:
        text = f"There are {len(values)} after {iterations} iterations; {rule}."
    elif abs(values[0] - first) > 1e-3 * abs(first):
        text = (
            f"The first is {values[0]:.6g}; with the w and b that are handed in it is "
            f"{first:.6g}."
        )
    else:
        return []
    return [finding("other_costs", text)]
