"""Warns where a built page would ask the network for a script, a style or a picture."""

import re
from pathlib import Path

from sphinx.util import logging

logger = logging.getLogger(__name__)

LOADED = re.compile(
    r"<(?:script|img|iframe|source|embed)\b[^>]*\ssrc(?:set)?\s*=\s*[\"']\s*(?:https?:)?//"
    r"|<link\b[^>]*\shref\s*=\s*[\"'](?:https?:)?//"
    r"|@import\s+(?:url\()?[\"']?(?:https?:)?//"
    r"|url\(\s*[\"']?(?:https?:)?//"
)


def look(app, error):
    """Read every page and style sheet."""
    if error or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*"):
        if path.suffix in {".html", ".css"}:
            for match in LOADED.finditer(path.read_text(encoding="utf-8")):
                logger.warning("%s asks the network: %s", path, match[0])


def setup(app):
    """Register the check with Sphinx."""
    app.connect("build-finished", look)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
