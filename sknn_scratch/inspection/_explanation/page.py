"""The explanation of a step as HTML: a part of a notebook, or a page.

The stages are radio buttons, of which the style shows the chosen one. So stepping needs
no script in a notebook; that of the page adds keys that work without the focus.
"""

import secrets
from html import escape

import numpy as np

from ..._html.heat_map import heat_map, heat_map_style, largest, shape_text
from ..._html.mathml import inline, mathml
from ..._html.page import asset, page

NAMES_MISTAKES = "<p><code>check_my</code> says which mistake gives such numbers.</p>"


def step_page(step):
    """Return the explanation as an HTML document."""
    body = f"<h1>A step of training</h1>\n{stages(step, 'stage')}"
    style, script = style_of_steps(), asset(__package__, "step.js")
    return page("A step of training", body, style=style, script=script)


def notebook_part(step):
    """Return the explanation as HTML for a notebook, with names of its own."""
    return f"<style>{style_of_steps()}</style>{stages(step, secrets.token_hex(4))}"


def style_of_steps():
    return heat_map_style() + asset(__package__, "step.css")


def stages(step, group):
    """Return the notes and all stages; `group` begins the ids of the page."""
    notes = "".join(f"<p>{escape(note)}</p>" for note in step.notes)
    parts, section = [], None
    for place, quantity in enumerate(step.quantities):
        if quantity.section != section:
            section = quantity.section
            parts.append(f'<span class="part">{section.split()[0]}</span>')
        parts.append(stage(step.quantities, place, group))
    return (
        f'<div class="sknn-step">{notes}<div class="stages" role="group" '
        f'aria-label="Stages of the step">{"".join(parts)}</div></div>'
    )


def stage(quantities, place, group):
    """Return the choice of a stage and its content."""
    quantity, checked = quantities[place], " checked" * (place == 0)
    key = f"{group}-{place}"
    return (
        f'<input type="radio" name="{group}" id="{key}"{checked}>'
        f'<label for="{key}"{marked(quantity)}>{inline(quantity.name)}</label>\n'
        f'<section class="stage" aria-label="{escape(quantity.name)}">'
        f"{steps(quantities, place, group)}{content(quantity)}</section>\n"
    )


def marked(quantity):
    """Return the class of a stage in which the reader's function was compared."""
    if not quantity.mine:
        return ""
    equal = all(mine.agrees for mine in quantity.mine)
    words = "yours is equal" if equal else "yours differs"
    kind = "equal" if equal else "differs"
    return f' class="{kind}" title="{words}"'


def steps(quantities, place, group):
    """Return the buttons to the stages before and after, and where this one is."""
    back = button(quantities, place - 1, group, "← {}")
    on = button(quantities, place + 1, group, "{} →")
    section = escape(quantities[place].section)
    where = f"{section}, {place + 1} of {len(quantities)}"
    return f'<p class="steps">{back}{on}<span>{where}</span></p>'


def button(quantities, place, group, words):
    if not 0 <= place < len(quantities):
        return f'<label class="end">{words.format("")}</label>'
    name = words.format(inline(quantities[place].name))
    return f'<label for="{group}-{place}">{name}</label>'


# -- one stage -------------------------------------------------------------------------


def content(quantity):
    """Return formula, shapes and matrices of a quantity, and those of the reader."""
    parts = [
        f'<h2 class="name">{inline(quantity.name)} {shape_text(quantity.shape)}</h2>',
        f'<div class="formula">{mathml(quantity.formula)}</div>',
        f'<p class="shapes">{escape(quantity.shapes)}</p>' * bool(quantity.shapes),
        matrices(quantity),
        *(beside(quantity, mine) for mine in quantity.mine),
        "<details><summary>Numbers as text</summary>"
        f"<pre>{escape(quantity.numbers)}</pre></details>",
    ]
    return "".join(parts)


def matrices(quantity):
    """Return the operands of a quantity, an arrow, and the quantity as heat maps."""
    operands = [figure(name, value) for name, value in quantity.operands.items()]
    name = quantity.name if quantity.before is None else f"{quantity.name}, after"
    arrow = '<span class="sign" aria-hidden="true">→</span>' * bool(operands)
    result = f'<div class="result">{arrow}{figure(name, quantity.value)}</div>'
    return f'<div class="row">{"".join(operands)}{result}</div>'


def figure(name, value, top=None):
    """Return a matrix as a heat map, a number as a number."""
    if np.ndim(value) == 0:
        return f'<p class="number">{inline(name)} = {value:.10g}</p>'
    return heat_map(value, inline(name), name, top=top)


def beside(quantity, mine):
    """Return the reader's result, the engine's and the difference."""
    head = f"<h3>Your <code>{escape(mine.kind)}</code> against the engine's</h3>"
    words = f"<p>{escape(mine.words)}</p>" + NAMES_MISTAKES * (not mine.agrees)
    remarks = "".join(f"<p>{escape(remark)}</p>" for remark in mine.remarks)
    if mine.value is None or mine.value.ndim > 2 or not mine.value.size:
        return head + words
    top = largest(mine.value, mine.engine)
    shown = [figure("yours", mine.value, top), figure("the engine's", mine.engine, top)]
    if mine.difference is not None:
        shown.append(figure("yours - the engine's", mine.difference))
    return f'{head}{words}{remarks}<div class="row">{"".join(shown)}</div>'
