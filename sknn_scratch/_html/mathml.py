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
SPACE, WIDE = (f'<mspace width="{width}em"/>' for width in (0.17, 0.3))
CLOSING = {"(": ")", "[": "]", "|": "|", "||": "||"}
# a clause with one of these is a formula, others are words
FORMULA = re.compile(r"[=^/*<>\[\]|(]|^\w$")
SOURCE = re.compile(r"( \([A-Z][a-z]{2}[^()]*\d{4}\))")  # an author and a year


def mathml(formula):
    """Return formulas, parted by semicolons or wide colons, as lines of MathML."""
    lines = re.split(r";\s+|:\s\s+", formula)
    return "".join(f"<div>{inline(line)}</div>" for line in lines if line)


def inline(line):
    """Return one line; its clauses are MathML or, without a formula in them, words."""
    return "".join(
        math(part) if FORMULA.search(part) and not SOURCE.match(part) else escape(part)
        for clause in clauses(line)
        for part in SOURCE.split(clause)
    )


def math(clause):
    """Return one formula as a <math> element."""
    inner = Parser(clause).sequence("")
    return f'<math displaystyle="true" alttext="{escape(clause)}">{inner}</math>'


def clauses(line):
    """Return the parts of a line between commas and colons, and these in between.

    Commas in brackets do not part.
    """
    parts, depth = [""], 0
    for piece in re.split(r"(, |: |[()\[\]])", line):
        depth += (piece in {"(", "["}) - (piece in {")", "]"})
        if piece in {", ", ": "} and not depth:
            parts += [piece, ""]
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
            if self._next == "/" and items and "'s" not in items[-1]:
                self._tokens.pop(0)
                above, below = without_brackets(items.pop()), self.atom()
                items.append(element("mfrac", above, without_brackets(below)))
            else:
                items.append(self.atom())
        if self._tokens:
            self._tokens.pop(0)
        return "".join(spaced(items))

    def atom(self):
        """Return the next name, number, sign or bracket, with what stands above it."""
        kind, token = self._tokens.pop(0) if self._tokens else ("mark", "")
        if kind == "number":
            return self._raised(number(token))
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
    stem, primes = stem.rstrip("'"), len(stem) - len(stem.rstrip("'"))
    if re.fullmatch(r"d[A-Za-z]", stem):
        name = element("mrow", element("mi", "d"), element("mi", stem[1]))
    elif index or len(stem) == 1 or stem in {*GREEK, *FUNCTIONS, "l1", "l2"}:
        name = element("mi", GREEK.get(stem, stem))
    else:
        return element("mtext", escape(word, quote=False))
    if primes:
        prime = f'<mo lspace="0" rspace="0">{"′" * primes}</mo>'
        name = element("mrow", name, prime)
    if index:
        kind = "mn" if index.isdigit() else "mi"
        name = element("msub", name, element(kind, index))
    return name


def number(token):
    """Return a number; 1e-08 is a power of ten."""
    digits, _, power = token.partition("e")
    if not power:
        return element("mn", digits)
    sign = mark("\N{MINUS SIGN}") * power.startswith("-")
    power = element("mrow", sign, element("mn", str(abs(int(power)))))
    ten = element("msup", element("mn", "10"), power)
    return element("mrow", element("mn", digits), mark("·"), ten)


def spaced(items):
    """Yield the items with a space between words and their neighbours."""
    for before, item in zip(["<mo>", *items], items, strict=False):
        pair = before, item
        word = any(one.startswith("<mtext") for one in pair)
        if word and not any(one.startswith("<mo>") for one in pair):
            yield WIDE
        yield item


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
