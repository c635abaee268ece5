"""Equations as SVG, set by matplotlib: no script, no network, no images.

The glyphs take the colour of the text around them, light or dark, and its size. What
an equation says is its label for those who do not see it.
"""

from functools import cache
from html import escape

import matplotlib as mpl
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath, TextToPath

LETTERS = {
    Path.MOVETO: "M",
    Path.LINETO: "L",
    Path.CURVE3: "Q",
    Path.CURVE4: "C",
    Path.CLOSEPOLY: "Z",
}
SIZE = 100  # units of an em; paths keep one decimal of them


@cache
def svg(latex):
    """One line of mathematics as an <svg> element, measured in em."""
    with mpl.rc_context({"mathtext.fontset": "cm"}):
        font = FontProperties(size=SIZE)
        text = f"${latex}$"
        path = TextPath((0, 0), text, prop=font)
        measure = TextToPath().get_text_width_height_descent
        width, height, descent = measure(text, font, ismath=True)
    width, height, descent = width + 2, height + 4, descent + 2  # room for the edges
    steps = []
    for points, code in path.iter_segments(simplify=False, curves=True):
        pairs = zip(points[::2], points[1::2], strict=True)
        place = " ".join(f"{x + 1:.1f} {height - descent - y:.1f}" for x, y in pairs)
        steps.append(LETTERS[code] + ("" if code == Path.CLOSEPOLY else place))
    em = {name: f"{length / SIZE:.3f}em" for name, length in
          {"width": width, "height": height, "down": descent}.items()}  # fmt: skip
    return (
        f'<svg class="equation" role="img" aria-label="{escape(latex, quote=True)}" '
        f'style="width: {em["width"]}; height: {em["height"]}; '
        f'vertical-align: -{em["down"]}" viewBox="0 0 {width:.1f} {height:.1f}">'
        f'<path fill="currentColor" d="{"".join(steps)}"/></svg>'
    )
