"""Texts of the exercises: what each function computes, its blanks and three hints."""

from typing import NamedTuple


class Task(NamedTuple):
    """An exercise: write the blank lines of one function of the course."""

    asks: str  # what the function computes, in one sentence
    blanks: tuple  # targets of the textbook's assignments that a learner writes
    hints: tuple  # an idea, then an operation and shapes, then nearly the line
    points: int


TASKS = {
    # week 2
    "sigmoid": Task(
        "Return A, the sigmoid 1 / (1 + e^-z) of each number of Z, in the shape of Z.",
        ("A",),
        (
            "The sigmoid squeezes any number into the range from 0 to 1; at 0 it is "
            "1/2.",
            "np.exp takes a whole array and returns one of its shape.",
            "One divided by one plus np.exp of minus Z.",
        ),
        1,
    ),
    "sigmoid_derivative": Task(
        "Return ds, the slope of the sigmoid at each number of Z, in the shape of Z.",
        ("ds",),
        (
            "The slope can be written with the sigmoid itself: no further exponential "
            "is needed.",
            "It is largest at z = 0, where the sigmoid s is 1/2 and the slope 1/4.",
            "s times (1 - s), element by element.",
        ),
        1,
    ),
    "image2vector": Task(
        "Return v, the numbers of an image of shape (height, width, depth) as one "
        "column of shape (height * width * depth, 1).",
        ("v",),
        (
            "No number changes, only the shape does.",
            "reshape takes the new sizes; image.shape holds the three old ones.",
            "image.reshape(the product of the three sizes, 1).",
        ),
        1,
    ),
    "normalize_rows": Task(
        "Return the matrix x of shape (n, k) with each row divided by its length.",
        ("norm", "x"),
        (
            "The length of a row is the square root of the sum of its squares.",
            "Each row has one length: norm is a column of shape (n, 1), for which "
            "keepdims=True is needed, and broadcasting divides every row by its own.",
            "norm is np.sqrt(np.sum(x**2, axis=..., keepdims=True)); then x is x / "
            "norm.",
        ),
        2,
    ),
    "softmax_rows": Task(
        "Return A of the shape of x, (m, n): in each row e^x, divided by the sum of "
        "e^x in that row.",
        ("E", "A"),
        (
            "Softmax turns the numbers of a row into shares: they are positive and "
            "add up to 1.",
            "The sums are a column of shape (m, 1): np.sum with axis=1 and "
            "keepdims=True.",
            "E is np.exp(x); A is E / np.sum(E, axis=..., keepdims=True).",
        ),
        2,
    ),
    "initialize_with_zeros": Task(
        "Return w, zeros of shape (dim, 1), and b, the number 0.",
        ("w", "b"),
        (
            "Logistic regression may begin at zero: its cost has one lowest point, "
            "which is reached from anywhere.",
            "np.zeros takes a shape, a tuple of two sizes. b is a number, no array.",
            "w is np.zeros((dim, ...)); b is 0.0.",
        ),
        1,
    ),
    "propagate": Task(
        "Return the gradients dw, of shape (n_x, 1), and db, a number, in a dict, and "
        "the cost J of logistic regression.",
        ("Z", "A", "cost", "dZ", "dw", "db"),
        (
            "First forward, from X to the cost; then backward, from the error A - Y "
            "to dw and db.",
            "Z is w.T times X plus b, (1, m). dw is X times dZ.T, (n_x, m) times "
            "(m, 1), and the mean over the m examples.",
            "cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m; "
            "dZ = A - Y; dw = X @ ... / m; db = np.sum(...) / m.",
        ),
        4,
    ),
    "optimize": Task(
        "Return w and b in a dict, after num_iterations steps of gradient descent.",
        ("w", "b"),
        (
            "The gradient points uphill; a step goes the other way.",
            "w and dw have one shape, (n_x, 1); the learning rate is a number.",
            "w is w - learning_rate * dw, and b likewise with db.",
        ),
        2,
    ),
    "predict": Task(
        "Return Y_prediction of shape (1, m): 1 where the probability of class 1 is "
        "above 0.5, else 0.",
        ("Z", "A", "Y_prediction"),
        (
            "The forward pass of logistic regression, and a decision for each example.",
            "A is the sigmoid of Z, (1, m); a comparison of an array with a number "
            "gives True or False for each element, which count as 1 and 0.",
            "Z is w.T @ X + b, A is sigmoid(Z), Y_prediction is A > ...",
        ),
        2,
    ),
    # week 3
    "layer_sizes": Task(
        "Return n_x, n_h and n_y, the sizes of the input layer, of the hidden layer "
        "(4) and of the output layer.",
        ("n_x", "n_h", "n_y"),
        (
            "An example is a column, so that the number of rows is the number of "
            "units.",
            "X.shape is (n_x, m), Y.shape is (n_y, m).",
            "n_x is X.shape[...], n_h is 4, n_y is Y.shape[...].",
        ),
        1,
    ),
    "initialize_parameters": Task(
        "Return W1 (n_h, n_x), b1 (n_h, 1), W2 (n_y, n_h) and b2 (n_y, 1) in a dict: "
        "W small random numbers, b zeros.",
        ("W1", "b1", "W2", "b2"),
        (
            "With equal weights all hidden units would stay equal, so W is drawn at "
            "random; b may begin at zero.",
            "W has a row for each unit of its layer and a column for each unit of the "
            "layer before.",
            "W1 is np.random.randn(n_h, ...) * 0.01; b1 is np.zeros((n_h, 1)); layer "
            "2 likewise with n_y and n_h.",
        ),
        2,
    ),
    "tanh": Task(
        "Return A, the hyperbolic tangent of each number of Z, in the shape of Z.",
        ("A",),
        (
            "tanh goes from -1 to 1 and is 0 at 0.",
            "It is made of e^z and e^-z, which np.exp computes of a whole array.",
            "(e^z - e^-z) / (e^z + e^-z), or np.tanh(Z).",
        ),
        1,
    ),
    "forward_propagation": Task(
        "Return A2 (n_y, m) of a network with one hidden layer, tanh, then sigmoid, "
        "and a dict of Z1, A1, Z2, A2.",
        ("Z1", "A1", "Z2", "A2"),
        (
            "Each layer does the same: a linear part, then its activation.",
            "W1 (n_h, n_x) times X (n_x, m) is (n_h, m); b1 is a column, which "
            "broadcasting adds to each example.",
            "Z1 = W1 @ X + b1, A1 = np.tanh(Z1); layer 2 takes A1 in the place of X "
            "and ends in sigmoid.",
        ),
        3,
    ),
    "compute_cost": Task(
        "Return the cost J, one number: -(y log a + (1 - y) log(1 - a)), averaged over "
        "the m examples.",
        ("cost",),
        (
            "An example with y = 1 costs -log a, one with y = 0 costs -log(1 - a).",
            "AL and Y are both (1, m): multiply element by element, then add up all "
            "with np.sum.",
            "-np.sum(Y * np.log(AL) + (1 - Y) * ...) / m.",
        ),
        2,
    ),
    "tanh_backward": Task(
        "Return dZ = dA * g'(Z) for g = tanh, in the shape of Z.",
        ("A", "dZ"),
        (
            "The slope of tanh can be written with tanh itself.",
            "With a = tanh(z) the slope is 1 - a^2; it meets dA element by element.",
            "A is np.tanh(Z); dZ is dA * (1 - ...).",
        ),
        1,
    ),
    "backward_propagation": Task(
        "Return dW1, db1, dW2, db2 in a dict, each of the shape of its parameter: the "
        "gradients of the cost of a network with one hidden layer, tanh, then sigmoid.",
        ("dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"),
        (
            "Go back from the output: dZ of a layer gives its dW and db, and dA of "
            "the layer before.",
            "dW2 is dZ2 (n_y, m) times A1.T (m, n_h), divided by m. db2 is the sum "
            "over the examples: axis=1, keepdims=True. The slope of tanh is "
            "1 - A1**2.",
            "dZ2 = A2 - Y; dW2 = dZ2 @ A1.T / m; dA1 = W2.T @ dZ2; dZ1 = dA1 * "
            "(1 - ...); dW1 as dW2, with X in the place of A1.",
        ),
        5,
    ),
    "update_parameters": Task(
        "Return W1, b1, ..., WL, bL in a dict after one step of gradient descent.",
        ('parameters["W" + str(l)]', 'parameters["b" + str(l)]'),
        (
            "The gradient points uphill; a step goes the other way.",
            "A parameter and its gradient have one shape; the learning rate is a "
            "number.",
            "W - learning_rate * ..., and b likewise.",
        ),
        2,
    ),
    # week 4
    "initialize_parameters_deep": Task(
        "Return W1, b1, ..., WL, bL in a dict for layers of the sizes layer_dims: Wl "
        "of shape (n[l], n[l-1]) small random numbers, bl of shape (n[l], 1) zeros.",
        ('parameters["W" + str(l)]', 'parameters["b" + str(l)]'),
        (
            "The two lines of a network with one hidden layer, in a loop over the "
            "layers.",
            "layer_dims[l] is the number of units of layer l, layer_dims[l - 1] that "
            "of the layer before.",
            "np.random.randn(layer_dims[l], ...) * 0.01 and np.zeros((..., 1)).",
        ),
        2,
    ),
    "linear_forward": Task(
        "Return Z = W A_prev + b of one layer, of shape (n_out, m).",
        ("Z",),
        (
            "Each row of W holds the weights of one unit, each column of A_prev is "
            "an example.",
            "W (n_out, n_in) times A_prev (n_in, m) is a matrix product; b "
            "(n_out, 1) is added to each column.",
            "W @ A_prev + ...",
        ),
        1,
    ),
    "relu": Task(
        "Return A = max(0, z) of each number of Z, in the shape of Z.",
        ("A",),
        (
            "Positive numbers stay as they are, negative ones become 0.",
            "np.maximum compares element by element; np.max does not.",
            "np.maximum(0, ...).",
        ),
        1,
    ),
    "linear_activation_forward": Task(
        "Return A = g(W A_prev + b) of one layer, of shape (n_out, m); g is the "
        'sigmoid or relu, as activation says: "sigmoid" or "relu".',
        ("Z", "A"),
        (
            "The linear part first, then the activation that is asked for.",
            "Z is (n_out, m); both activations keep its shape.",
            "Z is W @ A_prev + b; A is sigmoid(Z) in one branch, relu(Z) in the other.",
        ),
        2,
    ),
    "L_model_forward": Task(
        "Return AL of a network of L layers, relu in layers 1 to L - 1 and the "
        "sigmoid in layer L, of shape (1, m).",
        ("Z", "A", "ZL", "AL"),
        (
            "The output of a layer is the input of the next one.",
            "In the loop W is (n[l], n[l-1]) and A_prev (n[l-1], m); after the loop A "
            "is that of layer L - 1.",
            'Z = parameters["W" + str(l)] @ A_prev + ..., A = relu(Z); then ZL '
            "likewise with L and A, and AL = sigmoid(ZL).",
        ),
        3,
    ),
    "softmax": Task(
        "Return A of the shape of Z, (n, m): in each column e^z, divided by the sum "
        "of e^z in that column.",
        ("E", "A"),
        (
            "An example is a column; its n outputs become shares which add up to 1.",
            "The sums are a row of shape (1, m): np.sum with axis=0 and keepdims=True.",
            "E is np.exp(Z); A is E / np.sum(E, axis=..., keepdims=True).",
        ),
        2,
    ),
    "linear_backward": Task(
        "Return dA_prev (n_in, m), dW (n_out, n_in) and db (n_out, 1) of one layer, "
        "from its dZ.",
        ("dW", "db", "dA_prev"),
        (
            "A gradient has the shape of what it is the gradient of.",
            "dZ (n_out, m) times A_prev.T (m, n_in) is (n_out, n_in). dW and db are "
            "means over the m examples, dA_prev is not.",
            "dW = dZ @ A_prev.T / m; db = np.sum(dZ, axis=..., keepdims=True) / m; "
            "dA_prev = W.T @ ...",
        ),
        3,
    ),
    "relu_backward": Task(
        "Return dZ = dA * g'(Z) for g = relu, in the shape of Z.",
        ("dZ",),
        (
            "Where Z was positive the gradient goes through; elsewhere it stops.",
            "The slope of relu is 1 where Z > 0, else 0; a comparison gives such an "
            "array.",
            "dA * (Z > ...).",
        ),
        1,
    ),
    "sigmoid_backward": Task(
        "Return dZ = dA * g'(Z) for g = sigmoid, in the shape of Z.",
        ("s", "dZ"),
        (
            "The slope of the sigmoid can be written with the sigmoid itself.",
            "With s = sigmoid(z) the slope is s (1 - s); it meets dA element by "
            "element.",
            "s is sigmoid(Z); dZ is dA * (s * (1 - ...)).",
        ),
        1,
    ),
    "linear_activation_backward": Task(
        "Return dA_prev (n_in, m), dW (n_out, n_in) and db (n_out, 1) of one layer, "
        "from its dA; activation names g.",
        ("dZ", "dW", "db", "dA_prev"),
        (
            "First back through the activation, from dA to dZ; then back through the "
            "linear part.",
            "dZ has the shape of Z, (n_out, m): relu_backward and sigmoid_backward "
            "compute it from dA and Z.",
            "dZ = sigmoid_backward(dA, Z) or relu_backward(dA, Z); the three others "
            "are those of linear_backward.",
        ),
        3,
    ),
    "L_model_backward": Task(
        "Return dW1, db1, ..., dWL, dbL in a dict: the gradients of the cost of a "
        "network of L layers, relu and at last the sigmoid.",
        (
            "dAL",
            "dZ",
            "dA",
            'grads["dW" + str(L)]',
            'grads["db" + str(L)]',
            'grads["dW" + str(l)]',
            'grads["db" + str(l)]',
        ),
        (
            "The last layer is done first; its dA starts the loop, which goes from "
            "layer L - 1 down to 1.",
            "caches[l - 1] belongs to layer l and holds (A_prev, W, b) and Z. dAL is "
            "-(Y / AL - (1 - Y) / (1 - AL)), (1, m).",
            "dZ = sigmoid_backward(dAL, Z), in the loop relu_backward(dA, Z); then "
            "dW = dZ @ A_prev.T / m, db = np.sum(dZ, ...) / m and dA = W.T @ dZ.",
        ),
        5,
    ),
}

# what an argument is; "function.argument" where the function has another
ARGUMENTS = {
    "AL": "(1, m), the outputs of the last layer, between 0 and 1",
    "A_prev": "(n_in, m), the activations of the layer before",
    "W": "(n_out, n_in), the weights",
    "X": "(n_x, m), the inputs; an example is a column",
    "Y": "(1, m), the labels, 0 or 1",
    "Z": "an array of two axes: the weighted sums z; a column is an example",
    "activation": '"sigmoid" or "relu"',
    "b": "a number, the bias",
    "cache": "a tuple of A_prev (n_in, m), W (n_out, n_in) and b (n_out, 1)",
    "caches": "a list with ((A_prev, W, b), Z) of each layer",
    "dA": "the gradient of the cost with respect to A, of the shape of Z",
    "dZ": "(n_out, m), the gradient of the loss of each example with respect to Z",
    "dim": "the number of features",
    "grads": "a dict of dW1, db1, ..., dWL, dbL",
    "image": "an array of shape (height, width, depth)",
    "layer_dims": "a list of the sizes n[0], n[1], ..., n[L]",
    "learning_rate": "a number",
    "n_h": "the number of hidden units",
    "n_x": "the number of features",
    "n_y": "the number of output units",
    "num_iterations": "the number of steps",
    "parameters": "a dict of W1, b1, ..., WL, bL",
    "w": "(n_x, 1), the weights",
    "x": "an array of two axes",
    "layer_sizes.Y": "(n_y, m), the labels",
    "linear_forward.b": "(n_out, 1), the biases",
    "linear_activation_forward.b": "(n_out, 1), the biases",
    "linear_activation_backward.cache": "a pair, (A_prev, W, b) and Z",
    "forward_propagation.parameters": "a dict of W1, b1, W2, b2",
    "backward_propagation.parameters": "a dict of W1, b1, W2, b2",
    "backward_propagation.cache": "a dict of Z1, A1, Z2, A2",
}
