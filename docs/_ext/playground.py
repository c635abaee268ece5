"""Writes playground.html, which the front page shows: a network that trains in it."""

from pathlib import Path

from sknn_scratch._pages.play.page import live_page


def write(app, error):
    """Write the page beside those that Sphinx has made."""
    if not error and app.builder.format == "html":
        Path(app.outdir, "playground.html").write_text(live_page(), encoding="utf-8")


def setup(app):
    """Register the page with Sphinx."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
