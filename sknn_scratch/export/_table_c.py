"""Export of models that take tables to C99: a struct with a member for each column."""

import json
import math
import textwrap
from itertools import pairwise
from string import Template

import numpy as np

from ._c_names import TAKEN, Names
from ._c_text import CLASS_NAME, float_literal, string_literal
from ._formula import FUNCTIONS, translate
from ._program import check_exact
from ._table_c_text import (
    DATES,
    FEATURES,
    FOOTER,
    HEADER,
    INTERVAL,
    INTERVAL_OF_TARGET,
    LEVELS,
    NETWORK,
    OPERATIONS,
    OUTPUTS,
    PREDICT,
    SCALAR,
    SOFTMAX,
    STAGES,
    TOOLS,
)

F64 = {name: name for name in FUNCTIONS} | {"abs": "fabs"}


def table_to_c(table, name):
    """Return an ExportedTable as one C header."""
    check_exact(table.program, "C", texts=True)  # these are looked up as they are
    columns = members_of(table.program, name)
    words = words_of(table, name, columns)

    def filled(template, **more):
        return Template(template).substitute(words | more)

    program, kinds = table.program, {i.kind for i in table.program.inputs}
    operations = {block.operation for block in program.blocks}
    parts = [filled(HEADER)]
    parts += [lookup(column, filled) for column in columns if column["enum"]]
    parts.append(struct_of(columns, name))
    parts.append(filled(TOOLS))
    if "date" in kinds:
        parts.append(filled(DATES))
    numbers = any(i.kind == "level" and i.numbers_only for i in program.inputs)
    if numbers or "find" in operations:
        parts.append(filled(LEVELS))
    parts += [
        filled(text) for names, text in OPERATIONS.items() if operations & {*names}
    ]
    parts.append(filled(FEATURES, body=features_of(program, columns, name)))
    for of, (formula, constants) in table.activations.items():
        if formula != "z":
            text = in_c(formula, constants, name)
            parts.append(filled(SCALAR, function=of, formula=text))
    for k, member in enumerate(table.members, start=1):
        parts += arrays_of(member, table.dtype, f"{name}_{k}")
        calls = layer_calls(table, f"{name}_{k}", name)
        parts.append(filled(NETWORK, k=k, body=calls))
    parts.append(filled(OUTPUTS, body=outputs_of(table, name)))
    parts.append(filled(PREDICT[words["what"]]))
    if table.classes is not None:
        parts.append(filled(CLASS_NAME))
    if table.intervals:
        parts += [
            *residuals_of(table, name),
            filled(INTERVAL, **intervals_of(table, name)),
        ]
    return "".join([*parts, filled(FOOTER)])


def words_of(table, name, columns):
    """Return what the templates are filled with."""
    regressor, labels = table.classes is None, table.kind == "multilabel"
    example = columns[0]
    value = f'{name}_{example["name"]}_of("text");' if example["enum"] else "3;"
    if any(source.kind == "date" for source in example["inputs"]):
        value = "20000; // days since 1970-01-01: 2024-10-04"
    unused = {*range(len(table.program.columns))} - {c["place"] for c in columns}
    named = ", ".join(json.dumps(table.program.columns[j]) for j in sorted(unused))
    note = f"Columns that the model makes no use of: {named}." if unused else ""
    words = {
        "title": table.name,
        "made_by": table.made_by,
        "name": name,
        "NAME": name.upper(),
        "member": example["member"],
        "value": value,
        "note": "".join(f" * {in_comment(t)}\n" for t in textwrap.wrap(note, 84)),
        "n_registers": table.program.n_registers,
        "n_features": table.n[0],
        "units": table.n[-1],
        "n_outputs": table.n_outputs,
        "stack": 8 * (table.program.n_registers + table.n[0] + 2 * max(table.n[1:]))
        + 8 * table.n_outputs * (len(table.members) + 2),
        "n_members": len(table.members),
        "n_all": len(table.members) * table.n_outputs,
        "weight": "float" if table.dtype == np.float32 else "double",
        "function": "predict" if regressor else "predict_proba",
        "out": "y" if regressor else "p",
        "meaning": f"the probability of each {'label' if labels else 'class'}",
        "calls": "".join(
            f"    {name}_network_{k + 1}(x, z);\n"
            f"    {name}_outputs(z, p + {k * table.n_outputs});\n"
            for k in range(len(table.members))
        ),
        "after_mean": stages_of(table.after_mean, "out", table.n_outputs),
        "what": "number" if regressor else "label" if labels else "class",
    }
    if regressor:
        levels = ", ".join(f"{q:g}" for q in table.quantiles or ())
        words["meaning"] = f"the quantiles {levels}" if levels else "the prediction"
    else:
        words["names"] = ", ".join(string_literal(str(c)) for c in table.classes)
    return words


def members_of(program, name):
    """Return what is known of each column in use: names in C, and its inputs."""
    found, names, members = (
        {},
        Names(f"{name}_{word}" for word in TAKEN),
        Names(),
    )
    for source in program.inputs:
        column = found.setdefault(
            source.place,
            {"place": source.place, "enum": None, "kind": source.kind, "inputs": []},
        )
        column["inputs"].append(source)
    for column in found.values():
        title = program.columns[column["place"]]
        column["title"], column["member"] = title, members.of(title)
        for source in column["inputs"]:
            if source.kind == "level" and not source.numbers_only:
                column["enum"] = names.of(title, f"{name}_{{}}")
                column["levels"] = source.levels
        column["name"] = (column["enum"] or "")[len(name) + 1 :]
    constants = Names(f"{name.upper()}_{word}" for word in ("H", "N_OUTPUTS"))
    for column in found.values():
        if column["enum"]:
            form = f"{column['enum'].upper()}_{{}}"
            words = ["missing", "unseen", *map(str, column["levels"])]
            column["constants"] = [constants.of(w.upper(), form) for w in words]
    return list(found.values())


def lookup(column, filled):
    """Return the enum of the levels of a column, and the function that looks one up."""
    missing, unseen, *constants = column["constants"]
    try:
        texts = [string_literal(str(level)) for level in column["levels"]]
    except ValueError:
        raise ValueError(
            f"column {column['title']!r} must have levels without NUL and lone "
            "surrogates to be written in C; fit with other levels."
        ) from None
    lines = [f"    {missing} = -1,", f"    {unseen} = -2,"]
    lines += [
        f"    {constant} = {i}, /* {quoted(str(level))} */"
        for i, (constant, level) in enumerate(
            zip(constants, column["levels"], strict=True)
        )
    ]
    names = ",\n        ".join(texts)
    return (
        f"/* the levels of {quoted(column['title'])} */\n"
        f"enum {column['enum']} {{\n" + "\n".join(lines) + "\n};\n\n"
        f"/* {missing} of NULL, {unseen} of a text that is no level */\n"
        f"static inline enum {column['enum']} {column['enum']}_of(const char *text)\n"
        f"{{\n    static const char *const levels[{len(texts)}] = {{\n"
        f"        {names}\n    }};\n"
        f"    if (text == NULL) return {missing};\n"
        f"    for (int i = 0; i < {len(texts)}; i++)\n"
        f"        if (strcmp(text, levels[i]) == 0) return (enum {column['enum']})i;\n"
        f"    return {unseen};\n}}\n\n"
    )


def struct_of(columns, name):
    """Return the struct of a row, and the function that makes one without values."""
    lines, empty = [], []
    for column in columns:
        type_ = f"enum {column['enum']}" if column["enum"] else "double"
        value = column["constants"][0] if column["enum"] else "NAN"
        note = quoted(column["title"])
        for source in column["inputs"]:
            if source.kind == "date":
                note += " in days since 1970-01-01"
            if source.origin:
                note += f" - {source.origin}, computed in integers"
            if source.kind == "level" and not column["enum"] and source.levels:
                known = ", ".join(f"{level:g}" for level in source.levels)
                note += f": {known:.60}"
        lines.append(f"    {type_} {column['member']}; /* {note} */\n")
        empty.append(f"    row.{column['member']} = {value};\n")
    return (
        f"struct {name}_row {{\n{''.join(lines)}}};\n\n"
        "/* a row in which all values are missing */\n"
        f"static inline struct {name}_row {name}_empty_row(void)\n"
        f"{{\n    struct {name}_row row;\n{''.join(empty)}    return row;\n}}\n\n"
    )


def features_of(program, columns, name):
    """Return the statements that make features x of a row."""
    member = {column["place"]: column["member"] for column in columns}
    lines = []
    for i, source in enumerate(program.inputs):
        value = f"row->{member[source.place]}"
        if source.kind == "level" and source.numbers_only:
            levels = [float(level) for level in source.levels] or [0.0]
            lines.append(array("double", f"levels_{i}", levels))
            n = len(source.levels)
            value = f"{name}_number_of_level({value}, levels_{i}, {n})"
        lines.append(f"v[k++] = {value};")
        lines += [f"if (v[{i}] == {r}.0) return 0;" for r in sorted(source.refused)]
    for i, (operation, sources, constants) in enumerate(program.blocks):
        lines.append(array("int", f"s{i}", sources))
        if constants:
            lines.append(array("double", f"c{i}", constants))
        c = f"c{i}, {len(constants)}" if constants else "NULL, 0"
        call = f"{name}_{operation}(v, k, s{i}, {len(sources)}, {c})"
        lines.append(f"k = {call};")
    lines.append(array("int", "features", program.features))
    return "".join(f"    {line}\n" for line in lines)


def array(type_, name, values):
    """Return the definition of an array of constants."""
    write = str if type_ == "int" else double_literal
    text = ", ".join(map(write, values))
    if len(text) > 50:
        text = "\n".join(textwrap.wrap(text, 80))
        text = f"\n{textwrap.indent(text, ' ' * 8)}\n    "
    return f"static const {type_} {name}[{len(values)}] = {{{text}}};"


def arrays_of(member, dtype, prefix):
    """Yield the definitions of W[l] and b[l] of a network."""
    write, type_ = float_literal, "float"
    if dtype == np.float64:
        write, type_ = double_literal, "double"
    for l, layers in enumerate(zip(*member, strict=True), start=1):
        for what, values in zip("Wb", layers, strict=True):
            text = ", ".join(map(write, values.ravel()))
            text = "\n    ".join(textwrap.wrap(text, 84))
            shape = f"/* {' x '.join(map(str, values.shape))} */"
            yield (
                f"static const {type_} {prefix}_{what}{l}[{values.size}] = {shape} {{\n"
                f"    {text}\n}};\n\n"
            )


def layer_calls(table, prefix, name):
    """Return the calls of the layers of a network; two buffers alternate."""
    lines, x, last = [], "x", len(table.n) - 1
    used = sorted({f"a{l % 2}" for l in range(1, last)})
    if used:
        widest = max(table.n[1:-1])
        lines.append(f"double {', '.join(f'{a}[{widest}]' for a in used)};")
    for l, (n_in, n_out) in enumerate(pairwise(table.n), start=1):
        z = "z" if l == last else f"a{l % 2}"
        arrays = f"{prefix}_W{l}, {prefix}_b{l}"
        lines.append(f"{name}_layer({arrays}, {n_in}, {n_out}, {x}, {z});")
        if l < last and table.formulas[l - 1][1] != "z":
            g = f"{name}_{table.formulas[l - 1][0]}"
            lines.append(f"for (int i = 0; i < {n_out}; i++) {z}[i] = {g}({z}[i]);")
        x = z
    return "".join(f"    {line}\n" for line in lines)


def outputs_of(table, name):
    """Return the statements that make outputs a of raw outputs z."""
    text, units = stages_of(table.before_link, "z", table.n[-1]), table.n[-1]
    if table.link is None:
        text += Template(SOFTMAX).substitute(units=units, name=name)
    else:
        each = len(table.link)
        lines = [
            f"        a[{each} * k + {i}] = {in_c(of, table.limits, name, 'z[k]')};\n"
            for i, of in enumerate(table.link)
        ]
        text += f"    for (int k = 0; k < {units}; k++) {{\n{''.join(lines)}    }}\n"
    return text + stages_of(table.after_link, "a", table.n_outputs)


def stages_of(stages, a, n_outputs):
    """Return the statements of operations on an array."""
    text = ""
    for operation, constants in stages:
        n = len(constants) // (2 if operation == "clip" else 1) or n_outputs
        values = array("double", "c", constants) if len(constants) else ""
        text += Template(STAGES[operation]).substitute(values=values, n=n, a=a)
    return text


def in_c(formula, constants, name, z="z"):
    """Return a formula in C, in double."""
    functions = F64 | {"max": f"{name}_max", "min": f"{name}_min"}
    return translate(
        formula, constants, z=z, functions=functions, number=double_literal
    )


def double_literal(value):
    """Return a float as an expression of C."""
    value = float(value)
    if math.isfinite(value):
        return repr(value)
    return "NAN" if value != value else f"{'-' * (value < 0)}INFINITY"


def quoted(text):
    """Return a text in quotes, as it may stand in a comment."""
    text = text.encode("utf-8", "replace").decode()
    return in_comment(json.dumps(text, ensure_ascii=False))


def in_comment(text):
    """Return a text that neither ends nor begins a comment."""
    return text.replace("*/", "* /").replace("/*", "/ *")


def residuals_of(table, name):
    """Yield the definitions of the residuals of each target and network."""
    for k, interval in enumerate(table.intervals):
        for i, arrays in enumerate(interval.members):
            for what, values in zip("rw", arrays, strict=True):
                if values is not None:
                    values = values if len(values) else [0.0]
                    yield array("double", f"{name}_{what}{k}_{i}", values) + "\n\n"


def intervals_of(table, name):
    """Return what the template of intervals is filled with."""
    texts, ends = "", ""
    for k, (low, high, members, total, one) in enumerate(table.intervals):
        texts += Template(INTERVAL_OF_TARGET).substitute(
            name=name,
            k=k,
            low=low,
            high=high,
            n_members=len(members),
            r=", ".join(f"{name}_r{k}_{i}" for i in range(len(members))),
            w=", ".join(
                "NULL" if w is None else f"{name}_w{k}_{i}"
                for i, (_, w) in enumerate(members)
            ),
            n=", ".join(str(len(r)) for r, _ in members),
            total=double_literal(total),
            one=double_literal(one),
        )
        ends += f"    {name}_interval_{k}(p, coverage, y + {2 * k});\n"
    of_each = "" if table.one_target else " of each target"
    return {"intervals": texts, "ends": ends, "of_each": of_each}
