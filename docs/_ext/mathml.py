r"""Equations as MathML, which browsers set: no script, no network, no picture.

Every line of a math block is a line of the page. Its parts, which `\qquad` separates,
go below each other where the page is narrow. `alttext` says the equation in letters.
"""

import re
from html import escape

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

SAID = {
    "leftarrow": ":=",
    "rightarrow": "->",
    "Rightarrow": "so",
    "partial": "d",
    "cdot": "*",
    "leq": "<=",
    "ldots": "...",
    "prime": "'",
    "mid": "given",
    "hat": "hat ",
    "left": "",
    "right": "",
    "qquad": ";",
    "mathrm": "",
}


def in_letters(latex):
    r"""Return a formula as a line of plain text: \frac{1}{m} is (1)/(m)."""
    latex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"(\1)/(\2)", latex)
    text = re.sub(r"\\[ ,;:]", " ", latex)
    text = re.sub(
        r"\\([A-Za-z]+)", lambda command: SAID.get(command[1], command[1]), text
    )
    return " ".join(re.sub(r"[{}]", "", text).split())


def mathml(latex, *, large=False):
    """Return one formula as a <math> element; large: as in a line of its own."""
    element = tex2mathml(latex.replace(r"\hat{y}", "ŷ"))
    element = element.replace("<mo>'</mo>", "<mo>′</mo>")
    element = element.replace("&ApplyFunction;", "\N{FUNCTION APPLICATION}")
    attributes = f'alttext="{escape(in_letters(latex), quote=True)}"'
    if large:
        attributes += ' displaystyle="true"'
    return element.replace("<math ", f"<math {attributes} ", 1)


def inline(translator, node):
    """Write an equation within a sentence."""
    translator.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def block(translator, node):
    """Write a block of equations."""
    lines = [
        line.split(r"\qquad") for line in node.astext().split("\n") if line.strip()
    ]
    shown = "".join(
        f"<div>{''.join(mathml(part.strip(), large=True) for part in line)}</div>"
        for line in lines
    )
    translator.body.append(f'<div class="equations">{shown}</div>')
    raise nodes.SkipNode


def setup(app):
    """Name the renderer, for html_math_renderer."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
