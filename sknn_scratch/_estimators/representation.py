"""What a notebook shows of an estimator: scikit-learn's page, and a diagram."""

from abc import ABC, abstractmethod
from html import escape


class DiagramMixin(ABC):
    """Show the diagram of a network below scikit-learn's representation."""

    @abstractmethod
    def _drawn(self):
        """Return the network that is drawn, and the words above it, "" for none."""

    @property
    def _repr_html_(self):
        html = super()._repr_html_  # AttributeError where display is set to "text"
        return lambda: html() + self._diagram()

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += self._diagram()
        return bundle

    def _diagram(self):
        """Return the network as an SVG drawing, or "" where it cannot be drawn."""
        from .._html.diagram import diagram
        from .layout import layout_of

        try:
            network, words = self._drawn()
            drawing = diagram(layout_of(network), type(network).__name__)
        except Exception:  # not valid yet: fit says so, a representation never fails
            return ""
        return f"<p>{escape(words)}</p>\n{drawing}" if words else drawing
