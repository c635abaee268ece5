"""The order of the examples: as the course goes, then tables."""

from sphinx_gallery.sorting import FunctionSortKey

EXAMPLES = [
    "plot_amount_of_data.py",
    "plot_regression_linear_output.py",
    "plot_logistic_regression_images.py",
    "plot_log_loss_or_squared_error.py",
    "plot_cost_surface.py",
    "plot_learning_rate.py",
    "plot_loops_or_arrays.py",
    "plot_computation_graph.py",
    "plot_flower_hidden_layer.py",
    "plot_sigmoid_or_relu.py",
    "plot_first_weights.py",
    "plot_depth_against_width.py",
    "plot_what_layers_respond_to.py",
    "plot_lessons.py",
    "plot_look_inside.py",
    "plot_deep_grid_search.py",
    "plot_table_classes.py",
    "plot_table_houses.py",
    "plot_table_parts.py",
]

in_the_course_s_order = FunctionSortKey(EXAMPLES.index)
