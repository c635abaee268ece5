"""Formulas in the notation of the engine's docstrings as MathML.

`Z[l]` is Z with the layer above it, `^` an exponent, `_` an index, `/` a fraction, `*`
a product number by number. Words between the formulas stay words.
"""

import re
from html import escape

TOKEN = re.compile(
    r"""(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)
    |(?P<word>[A-Za-z]+\d*(?:_[A-Za-z\d]+)?(?:'s)?'?)
    |(?P<mark>:=|\|\||.)""",
    re.VERBOSE,
)
GREEK = {"beta": "β", "epsilon": "ε", "delta": "δ", "pi": "π"}
FUNCTIONS = {"log", "tanh", "sigmoid", "softmax", "max", "min", "sign", "abs"}
SIGNS = {"-": "\N{MINUS SIGN}", "*": "\N{ASTERISK OPERATOR}", ":=": "\N{COLON EQUALS}"}
SPACE = '<mspace width="0.17em"/>'
CLOSING = {"(": ")", "[": "]", "|": "|", "||": "||"}
# a clause with one of these is a formula, others are words
FORMULA = re.compile(r"[=^/*>\[\]|(]|^\w$")


def mathml(formula):
    """Return formulas, parted by semicolons or colons, as lines of MathML and words."""
    lines = re.split(r";\s+|:\s+", formula)
    return "".join(f"<div>{inline(line)}</div>" for line in lines if line)


def inline(line):
    """Return one line; its clauses are MathML or, without a formula in them, words."""
    return ", ".join(
        math(clause) if FORMULA.search(clause) else escape(clause)
        for clause in clauses(line)
    )


def math(clause):
    """Return one formula as a <math> element."""
    inner = Parser(clause).sequence("")
    return f'<math displaystyle="true" alttext="{escape(clause)}">{inner}</math>'


def clauses(line):
    """Return the parts of a line between commas that stand outside of brackets."""
    parts, depth = [""], 0
    for piece in re.split(r"(, |[()\[\]])", line):
        depth += (piece in {"(", "["}) - (piece in {")", "]"})
        if piece == ", " and not depth:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


class Parser:
    """A reader of one formula, from left to right."""

    def __init__(self, text):
        self._tokens = [
            (match.lastgroup, match[0])
            for match in TOKEN.finditer(text)
            if not match[0].isspace()
        ]

    @property
    def _next(self):
        return self._tokens[0][1] if self._tokens else ""

    def sequence(self, end):
        """Return all up to the token `end`, which is dropped."""
        items = []
        while self._tokens and self._next != end:
            if self._next == "/" and items and not items[-1].startswith("<mtext"):
                self._tokens.pop(0)
                above, below = without_brackets(items.pop()), self.atom()
                items.append(element("mfrac", above, without_brackets(below)))
            else:
                items.append(self.atom())
        if self._tokens:
            self._tokens.pop(0)
        return "".join(items)

    def atom(self):
        """Return the next name, number, sign or bracket, with what stands above it."""
        kind, token = self._tokens.pop(0) if self._tokens else ("mark", "")
        if kind == "number":
            return self._raised(element("mn", token))
        if kind == "word":
            return self._raised(self._named(token))
        if token in CLOSING:
            return self._raised(self._bracket(token))
        return element("mo", escape(SIGNS.get(token, token)))

    def _named(self, word):
        if word == "sqrt" and self._next == "(":
            return element("msqrt", without_brackets(self.atom()))
        if word == "sum":
            return element("mrow", element("mo", "∑"), self.atom())
        if word in FUNCTIONS:
            space = "" if self._next == "(" else SPACE
            return element("mrow", SPACE, name_of(word), space, self.atom())
        name = name_of(word)
        if self._next == "[" and not name.startswith("<mtext"):
            self._tokens.pop(0)
            layer = element("mo", "[") + self.sequence("]") + element("mo", "]")
            if self._tokens[:2] == [("mark", "^"), ("word", "T")]:
                del self._tokens[:2]
                layer += element("mi", "T")
            name = element("msup", name, element("mrow", layer))
        return name

    def _bracket(self, opening):
        closing = CLOSING[opening]
        inner = self.sequence(closing)
        return element("mrow", mark(opening), inner, mark(closing))

    def _raised(self, base):
        """Return the base with its exponent, if there is one."""
        if self._next != "^":
            return base
        self._tokens.pop(0)
        sign = ""
        if self._next == "-":
            sign = self.atom()
        if base.startswith("<msup"):
            base = element("mrow", mark("("), base, mark(")"))
        return element("msup", base, element("mrow", sign, self.atom()))


def name_of(word):
    """Return a name: an identifier, perhaps with an index or primes, or a word."""
    stem, _, index = word.partition("_")
    primes = len(stem) - len(stem.rstrip("'"))
    stem = stem.rstrip("'")
    if stem in FUNCTIONS:
        return element("mi", stem)
    if re.fullmatch(r"d[A-Za-z]", stem):
        name = element("mrow", element("mi", "d"), element("mi", stem[1]))
    elif len(stem) == 1 or stem in GREEK:
        name = element("mi", GREEK.get(stem, stem))
    elif index and len(stem) > 1 and stem != "max" or re.fullmatch(r"[a-z]\d", stem):
        name = element("mi", stem)
    else:
        return element("mtext", f"&nbsp;{escape(word)}&nbsp;")
    if primes:
        name = element("msup", name, element("mo", "′" * primes))
    if index:
        kind = "mn" if index.isdigit() else "mi"
        name = element("msub", name, element(kind, index))
    return name


def mark(sign):
    return element("mo", escape(sign))


def without_brackets(atom):
    """Return what is in round brackets; a fraction bar and a root need none."""
    opening, closing = f"<mrow>{mark('(')}", f"{mark(')')}</mrow>"
    if atom.startswith(opening) and atom.endswith(closing):
        return f"<mrow>{atom[len(opening) : -len(closing)]}</mrow>"
    return atom


def element(name, *parts):
    return f"<{name}>{''.join(parts)}</{name}>"
