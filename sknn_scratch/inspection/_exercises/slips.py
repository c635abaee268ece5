"""What stands in the place of a formula of the textbook, by mistake.

`mutations.py` makes most mistakes by a rule. Here are those that have none, as text.
"""

# the slope as the textbook has it -> what is taken in its place
OTHER_SLOPES = {
    "1 - A1 ** 2": [
        ("slope_of_z", "1 - Z1 ** 2"),
        ("square_forgotten", "1 - A1"),
        ("activation_for_slope", "A1"),
        ("activation_for_slope", "np.tanh(Z1)"),
        ("wrong_slope", "A1 * (1 - A1)"),
        ("wrong_slope", "sigmoid(Z1) * (1 - sigmoid(Z1))"),
        ("wrong_slope", "(Z1 > 0)"),
        ("activation_twice", "1 - np.tanh(A1) ** 2"),
        ("wrong_slope", "(1 - np.tanh(Z1))"),
    ],
    "1 - A ** 2": [
        ("wrong_slope", "A * (1 - A)"),
        ("wrong_slope", "sigmoid(Z) * (1 - sigmoid(Z))"),
        ("wrong_slope", "(Z > 0)"),
    ],
    "s * (1 - s)": [
        ("wrong_slope", "1 - s ** 2"),
        ("wrong_slope", "(1 - np.tanh(Z) ** 2)"),
        ("wrong_slope", "(Z > 0)"),
        ("wrong_brackets", "s * 1 - s"),
        ("wrong_slope", "s * (1 - s ** 2)"),
        ("wrong_slope", "s * (1 - s) ** 2"),
    ],
    "Z > 0": [
        ("wrong_slope", "sigmoid(Z) * (1 - sigmoid(Z))"),
        ("wrong_slope", "1 - np.tanh(Z) ** 2"),
        ("keeps_negatives", "np.where(Z > 0, 1, 0.01)"),
        ("wrong_mask", "np.sign(Z)"),
        ("activation_for_slope", "np.int64(np.maximum(0, Z))"),
    ],
}

# a formula of the textbook -> what is taken in its place -> code of the mistake
OTHER_FORMULAS = {
    "1 - Y": {"Y": "one_minus_missing"},
    "relu_backward(dA, Z)": {
        "dA * Z": "activation_for_slope",
        "dA * (dA > 0)": "wrong_mask",
        "dA * (Z < 0)": "wrong_mask",
    },
    "np.exp(Z)": {"np.exp(Z - np.max(Z, axis=0, keepdims=True))": "shifted_once"},
    "np.exp(x)": {"np.exp(x - np.max(x, axis=1, keepdims=True))": "shifted_once"},
    "dA * (s * (1 - s))": {"dA * s * 1 - s": "wrong_brackets"},
    "np.log(1 - AL)": {"np.log(AL)": "one_minus_missing"},
    "np.log(1 - A)": {"np.log(A)": "one_minus_missing"},
    "np.log(1 - a)": {"np.log(a)": "one_minus_missing"},
    "A2 - Y": {
        "A2 * (1 - A2)": "slope_for_difference",
        "(A2 - Y) * A2 * (1 - A2)": "slope_too_many",
        "(A2 - Y) * (1 - A2 ** 2)": "slope_too_many",
        "A2 - Y.T": "pairs_of_all",
        "A2.T - Y": "pairs_of_all",
        "-(Y / A2 - (1 - Y) / (1 - A2))": "slope_missing",
    },
    "A - Y": {
        "A * (1 - A)": "slope_for_difference",
        "(A - Y) * A * (1 - A)": "slope_too_many",
        "A - Y.T": "pairs_of_all",
        "A.T - Y": "pairs_of_all",
        "-(Y / A - (1 - Y) / (1 - A))": "slope_missing",
    },
    "AL - Y": {
        "AL * (1 - AL)": "slope_for_difference",
        "(AL - Y) * AL * (1 - AL)": "slope_too_many",
        "dAL": "slope_missing",
    },
    "sigmoid_backward(dAL, Z)": {
        "AL * (1 - AL)": "slope_for_difference",
        "sigmoid_backward(AL - Y, Z)": "slope_too_many",
        "relu_backward(dAL, Z)": "wrong_slope",
    },
    "Y * np.log(AL) + (1 - Y) * np.log(1 - AL)": {
        "Y * np.log(1 - AL) + (1 - Y) * np.log(AL)": "labels_exchanged",
        "np.abs(AL - Y)": "another_cost",
        "Y * np.log(AL) - (1 - Y) * np.log(1 - AL)": "wrong_sign",
        "AL * np.log(Y) + (1 - AL) * np.log(1 - Y)": "log_of_labels",
    },
    "dA1 * (1 - A1 ** 2)": {
        "dA1 @ (1 - A1.T @ A1)": "matrix_product",
        "dA1 * (1 - A1 @ A1.T)": "matrix_product",
        "dA1 * (1 - A1.T @ A1)": "matrix_product",
    },
    "np.sum(x ** 2, axis=1, keepdims=True)": {
        "np.max(np.abs(x), axis=1, keepdims=True) ** 2": "another_norm",
    },
    "Y * np.log(A) + (1 - Y) * np.log(1 - A)": {
        "Y * np.log(1 - A) + (1 - Y) * np.log(A)": "labels_exchanged",
        "A * np.log(Y) + (1 - A) * np.log(1 - Y)": "log_of_labels",
    },
    "slope_of_g(dA, Z)": {
        "dA * g(Z)": "activation_for_slope",
        "dA * Z": "activation_for_slope",
        "slope_of_g(dA, g(Z))": "activation_twice",
        "dA * (Z > 0)": "wrong_slope",
        "dA * (dA > 0)": "wrong_mask",
        "g(Z) - dA": "slope_for_difference",
    },
    "np.exp(-Z)": {"np.exp(-Z ** 2)": "wrong_operator", "-np.exp(Z)": "wrong_sign"},
    "np.maximum(0, Z)": {
        "np.maximum(0, 1.0 * (Z > 0))": "returns_the_slope",
        "np.abs(Z)": "keeps_negatives",
        "np.minimum(0, Z)": "inverted_relu",
        "np.max(Z) + 0 * Z": "largest_of_all",
        "np.max(Z)": "largest_of_all",
    },
    "A > 0.5": {"np.round(Z)": "wrong_threshold", "A.T > 0.5": "transposed"},
}
