"""Writes step.html, which the page on looking inside shows: a step of training."""

from pathlib import Path

from sklearn.datasets import make_moons

from sknn_scratch import ShallowNetClassifier
from sknn_scratch.inspection import explain_step


def linear_backward(dZ, cache):
    """Go back through a layer, with the 1/m of dW forgotten."""
    A_prev, W, b = cache
    dW = dZ @ A_prev.T
    db = dZ.mean(axis=1, keepdims=True)
    return W.T @ dZ, dW, db


def write(app, error):
    """Write the page beside those that Sphinx has made."""
    if not error and app.builder.format == "html":
        X, y = make_moons(200, noise=0.2, random_state=0)
        net = ShallowNetClassifier(3, solver="gd", alpha=0, random_state=0)
        explain_step(net, X, y, mine=linear_backward).save(
            Path(app.outdir, "step.html")
        )


def setup(app):
    """Register the page with Sphinx."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
