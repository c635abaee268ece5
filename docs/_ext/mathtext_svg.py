"""Equations of the pages are set by `equation`."""

from docutils import nodes
from equation import svg


def inline(translator, node):
    """Equations within a sentence."""
    translator.body.append(svg(node.astext()))
    raise nodes.SkipNode


def block(translator, node):
    """Equations of their own; every line of the source is one."""
    lines = node.astext().replace(r"\frac", r"\dfrac").split("\n")
    shown = "".join(f"<div>{svg(line)}</div>" for line in lines if line.strip())
    translator.body.append(f'<div class="equations">{shown}</div>')
    raise nodes.SkipNode


def setup(app):
    """Name the renderer, for html_math_renderer."""
    app.add_html_math_renderer("mathtext", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
