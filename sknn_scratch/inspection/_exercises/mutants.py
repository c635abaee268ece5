"""Mutants of the textbook: its functions, each with one mistake, and what they return.

A line of a function is changed by the functions of `mutations.py`, or left out. What
comes before that line is computed once for each case.
"""

import ast
import inspect
from functools import cache
from typing import NamedTuple

from . import textbook
from .mutations import MUTATIONS
from .trees import is_text, replaced

FILE = "<textbook>"
TEXTS = {}  # of the programs
HELPERS = {name: value for name, value in vars(textbook).items() if name[0] != "_"}


class Mutant(NamedTuple):
    """A textbook function with one mistake."""

    code: str  # of MISTAKES, perhaps with a colon and a detail
    place: int  # number of the statement that is changed
    text: str  # the statement after the change
    line: str  # the changed line of it
    was: str  # this line in the textbook
    program: object  # compiled statement
    function: str = ""  # name in the textbook


class Function(NamedTuple):
    """A function of the textbook, statement by statement."""

    arguments: list
    statements: list
    programs: list


@cache
def trees():
    module = ast.parse(inspect.getsource(textbook))
    return {
        node.name: node for node in module.body if isinstance(node, ast.FunctionDef)
    }


@cache
def function_of(name):
    """Return the function of a kind; its `return` sets a variable."""
    tree = trees()[name]
    statements = [
        ast.Assign([ast.Name("returned", ast.Store())], node.value)
        if isinstance(node, ast.Return)
        else node
        for node in tree.body
    ]
    programs = [compiled(ast.unparse(located(node))) for node in statements]
    return Function([arg.arg for arg in tree.args.args], statements, programs)


def located(node):
    return ast.fix_missing_locations(node)


def compiled(text):
    """Return a program whose text `sources` finds by its file name."""
    program = compile(text, FILE, "exec")
    inner = [part for part in program.co_consts if hasattr(part, "co_code")]
    TEXTS.update(dict.fromkeys((program, *inner), text))
    return program


def sources(program):
    """Return the text of a program of this module."""
    return TEXTS.get(program, "")


def ways_to_write(name):
    """Return the names under which the textbook has a function."""
    return [other for other in trees() if other.partition("__")[0] == name]


@cache
def mutants_of(name):
    """Return all mutants of a function, the likelier first."""
    found = [mutant for way in ways_to_write(name) for mutant in mutants_of_way(way)]
    return sorted(found, key=rank)


def rank(mutant):
    """Return 0 for the likeliest mistakes, more for others."""
    return 0 if mutant.line == "A_prev = X" else RANKS.get(base(mutant.code), 1)


def mutants_of_way(name):
    """Return the mutants of one way to write a function, and of what it calls."""
    function = function_of(name)
    known = list(function.arguments)
    found = {}
    for place, statement in enumerate(function.statements):
        inside = known + names_set(statement)
        for mutant in changed(place, statement, inside):
            found.setdefault((place, mutant.text), mutant)
        known += [name for name in names_set(statement) if name not in known]
    first = ast.unparse(function.statements[0])
    for helper in called_by(name):
        for mutant in mutants_of_way(helper):
            text = f"{with_mistake(helper, mutant)}\n{first}"
            key = (0, text)
            if mutant.function == helper and key not in found:
                found[key] = mutant._replace(place=0, text=text, program=compiled(text))
    return [mutant._replace(function=name) for mutant in found.values()]


def called_by(name):
    """Return the functions of the textbook that a function calls."""
    return sorted(
        {
            node.func.id
            for node in ast.walk(trees()[name])
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in trees()
        }
    )


def with_mistake(name, mutant):
    """Return the text of a whole function, with one statement changed."""
    tree = trees()[name]
    text = mutant.text.replace("returned =", "return")
    body = [*tree.body]
    body[mutant.place : mutant.place + 1] = (
        ast.parse(f"def f():\n{indented(text)}").body[0].body
    )
    return ast.unparse(located(ast.FunctionDef(tree.name, tree.args, body, [])))


def indented(text):
    return "".join(f"    {line}\n" for line in text.splitlines())


# likelier first, where two mutants return the same
RANKS = {"wrong_operand": 2, "wrong_constant": 3, "wrong_operator": 3}
RANKS |= {"factors_swapped": 2, "wrong_layer": 2, "line_missing": 3}
RANKS |= {
    "bracket_around_sum": 0,
    "cache_of_another_layer": 0,
    "log_of_labels": 0,
    "one_minus_missing": 0,
}
RANKS |= {"shifted_once": 0, "unpacked_in_another_order": 0, "w_is_a_column": 0}
RANKS |= {"term_missing": 2, "not_summed": 2}


def base(code):
    return code.partition(":")[0]


def names_set(statement):
    return [
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def changed(place, statement, names):
    """Yield the mutants of one statement."""
    yield from with_a_line_left_out(place, statement)
    for line, nodes in lines_of(statement):
        for mutate in MUTATIONS:
            for node in nodes:
                usable = list(dict.fromkeys(names))
                for code, other in mutate(node, usable):
                    try:
                        new = made(place, statement, line, node, other, code)
                    except (SyntaxError, ValueError):
                        continue  # such as a number before the = of an assignment
                    if new is not None:
                        yield new


def made(place, statement, line, node, other, code):
    """Return the mutant with `other` in the place of a node, or None if it is none."""
    header = isinstance(line, ast.For | ast.If)
    text = ast.unparse(located(replaced(statement, node, other)))
    new, was = (
        ast.unparse(located(tree)).splitlines()[0]
        for tree in (replaced(line, node, other), line)
    )
    if new == was:
        return None
    code = code_of_place(code, line, header, new, was)
    if base(code) in ("wrong_operand", "wrong_layer") and " = " in new:
        code = f"{base(code)}:{exchange_text(new, other, node)}"
    if new.startswith("returned = "):
        new, was = (part.replace("returned =", "return") for part in (new, was))
    return Mutant(code, place, text, new, was, compiled(text))


def exchange_text(line, other, node):
    """Return which name a line takes in the place of which."""
    target = line.partition(" = ")[0].strip("()")
    taken, right = (
        part.value if is_text(part) else ast.unparse(located(part))
        for part in (other, node)
    )
    if "," in target or target == "returned":
        return f"{taken} stands where {right} belongs"
    return f"{target} is made with {taken}, where {right} belongs"


def code_of_place(code, line, header, new, was):
    """Return a code that fits where the change is made."""
    if header and isinstance(line, ast.For):
        return LOOPS.get(ast.unparse(line.target), "loop_off_by_one")
    if was.startswith("L = "):
        return "loop_off_by_one"
    if was.startswith("m = ") and code != "extra_1_over_m":
        return "divides_by_wrong_size"
    target, _, value = new.partition(" = ")
    if target == value:
        return "b_not_updated" if target == "b" else "line_missing"
    if new == "A_prev = X":
        return "wrong_layer"
    if code == "wrong_constant" and was.startswith(("b = 0", "b1 = ", "b2 = ")):
        return "b_not_zero"
    if base(code) in ("wrong_operand", "wrong_layer") and "caches[" in was:
        return "cache_of_another_layer"
    if base(code) == "wrong_operand" and names_differ_in_layer(new, was):
        return "wrong_layer"
    return code


# variable of a loop -> code for a loop that goes too far, or not far enough
LOOPS = {"_": "wrong_number_of_steps", "i": "not_all_examples"}


def names_differ_in_layer(new, was):
    """Return True if an index of layers is all that differs."""
    keep = str.maketrans("", "", "lL 0123456789+-")
    return new.translate(keep) == was.translate(keep)


def lines_of(statement):
    """Yield simple statements, and headers of loops, with their nodes."""
    if isinstance(statement, ast.For | ast.If):
        head = statement.iter if isinstance(statement, ast.For) else statement.test
        yield statement, list(ast.walk(head))
        for part in statement.body + statement.orelse:
            yield from lines_of(part)
    else:
        yield statement, list(ast.walk(statement))


def with_a_line_left_out(place, statement):
    """Yield loops and branches without one of their lines, and updates left out."""
    for line, _ in lines_of(statement):
        inner = line is not statement
        if isinstance(line, ast.For | ast.If) or not inner:
            continue
        text = ast.unparse(located(replaced(statement, line, ast.Pass())))
        was = ast.unparse(line)
        code = "b_not_updated" if was.startswith(("b =", "parameters['b'")) else None
        code = code or "line_missing"
        yield Mutant(code, place, text, f"without {was}", was, compiled(text))


# -- what they return ------------------------------------------------------------------


class Run:
    """A function of the textbook on one case, and what its mutants return there."""

    def __init__(self, name, arguments):
        self.before = {}
        for way in ways_to_write(name):
            function = function_of(way)
            named = dict(zip(function.arguments, arguments, strict=True))
            space, before = {**HELPERS, **named}, []
            for program in function.programs:
                before.append(copied(space))
                exec(program, space)
            self.before[way] = before

    def __call__(self, *mutants):
        """Return what the function with these mistakes returns, or its exception.

        The mutants are those of different statements of one function, in their order.
        """
        first, name = mutants[0].place, mutants[0].function
        space = copied(self.before[name][first])
        programs = {mutant.place: mutant.program for mutant in mutants}
        try:
            for place, program in enumerate(function_of(name).programs[first:], first):
                exec(programs.get(place, program), space)
        except Exception as error:  # a mistake may make any: it is the result
            return error
        return space["returned"]

    def failures(self, mutant):
        """Return the exceptions of all lines of which a reader may have one first."""
        space = copied(self.before[mutant.function][mutant.place])
        programs = function_of(mutant.function).programs[mutant.place + 1 :]
        found = []
        for program in (mutant.program, *programs):
            try:
                exec(program, space)
            except NameError:
                continue  # it needs a line that has failed
            except Exception as error:  # a mistake may make any: they are compared
                found.append(error)
        return found


def copied(space):
    """Return a copy of the variables; dicts are copied, arrays are never changed."""
    return {
        name: value.copy() if type(value) is dict and name != "__builtins__" else value
        for name, value in space.items()
    }
