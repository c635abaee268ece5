"""What is public is what public_api.txt says, until that is changed on purpose.

Run as a program this file writes the text anew. Of a class there are the parameters,
with the names they may have for a value, then methods, properties and the attributes of
its docstring: those of this package. What scikit-learn adds differs between its
versions; of that only the classes of `sklearn.base` are said.
"""

import difflib
import inspect
import pathlib
import re

import pytest
from sklearn.metrics import get_scorer_names

import sknn_scratch
from sknn_scratch._cli.commands import COMMANDS
from sknn_scratch._cli.options import Argument

RECORD = pathlib.Path(__file__).with_name("public_api.txt")
HOW = (
    "\nIf that is what you want, `python tests/house/test_public_api.py` accepts it; "
    "tell users in CHANGELOG.md."
)


def public_api(recorded):
    """Each part's lines by its name.

    A module whose library is not installed is taken as it was recorded.
    """
    parts = {"sknn_scratch": module_lines(sknn_scratch)}
    for name in sknn_scratch.__all__:
        thing, full = named(sknn_scratch, name), f"sknn_scratch.{name}"
        if inspect.ismodule(thing):
            parts[full] = module_lines(thing)
        elif thing is None and full in recorded:
            parts[full] = recorded[full]
    for name, command in COMMANDS.items():
        parts[f"sknn-scratch {name}"] = [*map(command_line, command.takes)]
    return parts


# -- Python ----------------------------------------------------------------------------


def named(module, name):
    """What has that name; None where it is a module that lacks its library."""
    try:
        return getattr(module, name)
    except ModuleNotFoundError:
        return None


def module_lines(module):
    """What its __all__ names, but for modules."""
    lines = []
    for name in module.__all__:
        thing = named(module, name)
        if inspect.isclass(thing):
            lines += [f"class {name}", *indented(class_lines(thing))]
        elif inspect.isfunction(thing):
            lines.append(name + signature(thing))
        elif thing is not None and not inspect.ismodule(thing):
            lines.append(f"{name}: {type(thing).__name__}")
            lines += indented(map(repr, thing)) if isinstance(thing, dict) else []
    return lines


def class_lines(cls):
    """Parameters, and what the package's own classes give it."""
    scikit_learn = [b for b in cls.__mro__ if b.__module__ == "sklearn.base"]
    lines = [f"is a {b.__name__}" for b in scikit_learn if b.__name__[0] != "_"]
    rules = getattr(cls, "_parameter_constraints", {})
    for parameter in parameters(cls):
        names = names_in(rules.get(parameter.split("=")[0], ()))
        lines.append(f"{parameter} of {', '.join(names)}" if names else parameter)
    own = [base for base in cls.__mro__ if base.__module__.startswith("sknn_scratch")]
    members = {name for base in own for name in vars(base) if name[0] != "_"}
    members |= documented_attributes(cls)
    for name in sorted(members):
        member = getattr(cls, name, None)
        # set_fit_request and its like are scikit-learn's, made for each class
        if not re.fullmatch(r"set_\w+_request", name):
            lines.append(f".{name}{signature(member) if callable(member) else ''}")
    return lines


def names_in(rules):
    """The texts that a parameter may be; scorers are scikit-learn's."""
    options = {name for rule in rules for name in getattr(rule, "options", ())}
    texts = {name for name in options if isinstance(name, str)}
    return sorted(texts.difference(get_scorer_names()))


def documented_attributes(cls):
    """The names in the section Attributes of the docstring."""
    section = re.search(
        r"^Attributes\n-+\n(.*?)(?=^[A-Z][\w ]+\n-+\n|\Z)",
        inspect.getdoc(cls) or "",
        re.MULTILINE | re.DOTALL,
    )
    if section is None:
        return set()
    heads = re.findall(r"^(\w[\w, ]*?)(?: :|$)", section[1], re.MULTILINE)
    return {name for head in heads for name in head.split(", ")}


def signature(function):
    return f"({', '.join(parameters(function))})"


def parameters(function):
    """The parameters of a function or class as they are written, without types."""
    found, kind = [], None
    for parameter in inspect.signature(function).parameters.values():
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}
        if parameter.kind == parameter.KEYWORD_ONLY and kind not in (
            parameter.KEYWORD_ONLY,
            parameter.VAR_POSITIONAL,
        ):
            found.append("*")
        kind = parameter.kind
        if parameter.name in ("self", "cls"):
            continue
        text = stars.get(kind, "") + parameter.name
        if parameter.default is not parameter.empty:
            default = parameter.default
            text += f"={getattr(default, '__name__', None) or repr(default)}"
        found.append(text)
    return found


# -- the command line ------------------------------------------------------------------


def command_line(declared):
    """An argument or option, with what it may be and what it is without."""
    if isinstance(declared, Argument):
        return declared.shown + " ?" * declared.optional + " +" * declared.many
    words = ["/".join(declared.flags)]
    if declared.kind is not None:
        words.append("|".join(declared.kind.choices) or declared.kind.shown)
    words += ["(required)"] * declared.required
    if declared.default is not None:
        words.append(f"= {declared.default}")
    return " ".join(words)


# -- the file --------------------------------------------------------------------------


def indented(lines):
    return [f"    {line}" for line in lines]


def written(parts):
    blocks = ("\n".join([name, *indented(lines)]) for name, lines in parts.items())
    return "\n\n".join(blocks) + "\n"


def read():
    """The parts of the file."""
    parts = {}
    for block in RECORD.read_text().strip().split("\n\n"):
        name, *lines = block.split("\n")
        parts[name] = [line.removeprefix("    ") for line in lines]
    return parts


def test_the_public_api_is_what_the_file_says():
    recorded = read()
    before, now = written(recorded), written(public_api(recorded))
    changes = difflib.unified_diff(
        before.splitlines(), now.splitlines(), "public_api.txt", "now", lineterm="", n=2
    )
    if before != now:
        what = "\n".join(["What is public has changed:", *changes, HOW])
        pytest.fail(what, pytrace=False)


def test_the_file_lists_what_users_rely_on():
    text = RECORD.read_text()
    for line in (
        "    class DeepNetClassifier\n        is a ClassifierMixin\n",
        "        activation='relu' of elu, gelu, identity, ",
        "        .fit(X, y, sample_weight=None",
        "        .coefs_\n",
        "\nsknn_scratch.hdf5\n",
        "\n    load_model(path)\n",
        "\nsknn-scratch train\n    DATA\n    TEST ?\n",
    ):
        assert line in text
    assert "_request" not in text


if __name__ == "__main__":
    RECORD.write_text(written(public_api(read() if RECORD.exists() else {})))
