"""
The lessons of the course, measured
===================================

Each lesson of :func:`~sknn_scratch.inspection.lesson` is an experiment: a claim with
the numbers that were measured, a table and a figure. Here are all of them.
"""

import matplotlib.pyplot as plt

from sknn_scratch.inspection import lesson

print(lesson())


def show(name):
    """Run a lesson, print its claim and table, and hand its figure to pyplot."""
    found = lesson(name)
    print(found)
    manager = plt.figure().canvas.manager
    manager.canvas.figure = found.figure_
    found.figure_.set_canvas(manager.canvas)
    plt.show()


# %%
# Weights that start at zero
# --------------------------
#
# Units of a layer with equal weights get equal gradients, and stay equal.

show("zero_init")

# %%
# Weights that start large
# ------------------------
#
# tanh is flat far from 0. Where it is flat, its slope and the gradient are near 0.

show("large_weights")

# %%
# Sigmoid or ReLU in deep networks
# --------------------------------
#
# The slope of the sigmoid is at most 1/4, and the gradient of the first layer has one
# such factor for each layer above it.

show("sigmoid_is_slow")

# %%
# Layers without activations
# --------------------------
#
# Without them, W[3] W[2] W[1] is one matrix: the network is a logistic regression.

show("identity_collapses")

# %%
# A learning rate that is too high
# --------------------------------
#
# On a parabola of curvature c, gradient descent diverges if the rate is beyond 2 / c.

show("high_learning_rate")

# %%
# Loops or arrays
# ---------------
#
# Both give the same cost and the same gradient.

show("loops")
