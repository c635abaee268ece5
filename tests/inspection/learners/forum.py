"""More than sixty kinds of mistakes that learners ask about in public forums."""

import math
from functools import partial

import numpy as np

from learners import collect

FORUM = []
learner = partial(collect, FORUM)
DLAI = "https://community.deeplearning.ai/t/"
HUB = "https://github.com/"
SO = "https://stackoverflow.com/questions/"
# threads of the course's forum that this data set holds, by their titles
THREADS = "https://huggingface.co/datasets/nvidia/Nemotron-CC-Math-v1: "


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(0, z)


# -- NumPy basics ----------------------------------------------------------------------


@learner("sigmoid", "wrong_brackets", "A", SO + "64217950")
def brackets_of_sigmoid(z):
    return 1 / 1 + np.exp(-z)


@learner(
    "sigmoid_derivative",
    "term_missing",
    "ds",
    DLAI + "week-2-exercise-4-optional-assignment-sigmoid-derivative/32339",
)
def one_is_missing(x):
    s = 1 / np.exp(-x)
    return s * (1 - s)


@learner("sigmoid_derivative", "slope_of_z activation_missing", "ds", SO + "53287032")
def prime_of_z(z):
    return z * (1 - z)


@learner(
    "sigmoid", "raises", "np.exp", "https://shijianchuo.net/question/58452146.html"
)
def sigmoid_by_math(x):
    return 1 / (1 + math.exp(-x))


@learner(
    "tanh",
    "factor_missing",
    "A",
    HUB + "HIPS/autograd/issues/317",
)
def tanh_with_half_of_the_exponent(z):
    y = np.exp(-z)
    return (1.0 - y) / (1.0 + y)


@learner("softmax", "sums_over_everything", "A", SO + "34968722")
def softmax_of_the_whole(x):
    e = np.exp(x - np.max(x))
    return e / e.sum()


@learner(
    "softmax",
    "truncated",
    "A",
    "https://splunktool.com/in-python-calculate-the-softmax-of-an-array-columnwise-"
    "using-numpy",
)
def softmax_in_an_array_of_integers(x):
    result = np.zeros_like(x)
    for n in range(x.shape[1]):
        result[:, n] = np.exp(x[:, n]) / np.sum(np.exp(x[:, n]))
    return result


@learner(
    "softmax_rows",
    "keepdims_forgotten",
    "",
    THREADS + "softmax regression in numpy",
)
def softmax_rows_without_keepdims(x):
    return np.exp(x) / np.sum(np.exp(x), axis=1)


@learner(
    "softmax_rows",
    "wrong_brackets",
    "A",
    THREADS + "softmax regression in python",
)
def softmax_with_all_in_exp(x):
    return np.exp(x / np.sum(np.exp(x), axis=1, keepdims=True))


@learner(
    "image2vector",
    "wrong_order_of_elements",
    "v",
    DLAI + "flattening-images-in-the-logistic-regression-assignment-in-course-1-"
    "week-2/149",
)
def scrambled(image):
    channels = [image[:, :, k].reshape(-1, 1) for k in range(image.shape[2])]
    return np.concatenate(channels)


@learner(
    "layer_sizes",
    "wrong_dimension",
    "n_x",
    DLAI + "error-in-logistic-regression-assignment-ex-5-tab-2/22588",
)
def rows_for_examples(X, Y):
    n_x = X.shape[1]
    n_h = 4
    n_y = Y.shape[1]
    return n_x, n_h, n_y


@learner(
    "initialize_with_zeros",
    "transposed wrong_transpose",
    "w",
    THREADS + "week two exercise 8 weight initialization",
)
def a_row_of_weights(dim):
    w = np.zeros((1, dim))
    b = 0.0
    return w, b


# -- logistic regression ---------------------------------------------------------------


def propagated(w, b, X, Y, A=None, dw=None, db=None, cost=None):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b) if A is None else A
    right = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    cost = right if cost is None else cost(A, Y, m)
    dw = np.dot(X, (A - Y).T) / m if dw is None else dw(X, A, Y, m)
    db = np.sum(A - Y) / m if db is None else db(A, Y, m)
    return {"dw": dw, "db": db}, cost


@learner(
    "propagate",
    "elementwise_product",
    "dw",
    DLAI + "course-1-week-2-exercise-5-propagate/119220",
)
def dw_element_by_element(w, b, X, Y):
    return propagated(w, b, X, Y, dw=lambda X, A, Y, m: (1 / m) * (X * (A - Y)))


@learner(
    "propagate",
    "not_summed",
    "cost",
    DLAI + "course-1-week-2-exercise-5-propagate/119220",
)
def cost_of_each_example(w, b, X, Y):
    def cost(A, Y, m):
        return -1 / m * (Y * np.log(A) + (1 - Y) * np.log(1 - A))

    return propagated(w, b, X, Y, cost=cost)


@learner(
    "propagate",
    "elementwise_product",
    "dw",
    DLAI + "week-2-exercise-5-computing-cost-using-np-dot/24805/29",
)
def dw_of_a_transpose_element_by_element(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = np.squeeze(-(Y @ np.log(A).T + (1 - Y) @ np.log(1 - A).T) / m)
    dw = X * (A - Y).T / m
    db = np.sum(A - Y) / m
    return {"dw": dw, "db": db}, cost


@learner(
    "propagate",
    "mixed_examples wrong_transpose elementwise_product",
    "cost",
    THREADS + "week 2 exercise 5",
)
def transposed_and_element_by_element(w, b, X, Y):
    def cost(A, Y, m):
        return (-1 / m) * np.sum(Y * np.log(A).T + (1 - Y) * np.log(1 - A).T)

    return propagated(w, b, X, Y, cost=cost)


@learner(
    "propagate",
    "shapes_do_not_meet matrix_product wrong_transpose",
    "np.log(A)",
    DLAI + "w2-a2-ex-5-valueerror/268791",
)
def cost_by_dot_without_transpose(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * (np.dot(Y, np.log(A)) + np.dot(1 - Y, np.log(1 - A)))
    dw = np.dot(X, (A - Y).T) / m
    return {"dw": dw, "db": np.sum(A - Y) / m}, cost


@learner(
    "propagate",
    "bias_subtracted wrong_brackets wrong_sign",
    "dw",
    THREADS + "week 2 exercise 5 propagate",
)
def bias_outside_the_minus(w, b, X, Y):
    A = 1 / (1 + np.exp(-(np.matmul(w.T, X)) + b))
    return propagated(w, b, X, Y, A=A)


@learner(
    "propagate",
    "missing_1_over_m",
    "dw db",
    THREADS + "week 2 exercise 5 propagate",
)
def gradients_are_sums(w, b, X, Y):
    return propagated(
        w,
        b,
        X,
        Y,
        dw=lambda X, A, Y, m: np.matmul(X, (A - Y).T),
        db=lambda A, Y, m: np.sum(A - Y),
    )


@learner(
    "propagate",
    "wrong_sign wrong_brackets",
    "cost",
    DLAI + "week-2-programming-exercise-cost-calculation/234194",
)
def negative_cost(w, b, X, Y):
    def cost(A, Y, m):
        return -1 / m * np.sum(Y * np.log(A) - (1 - Y) * np.log(1 - A))

    return propagated(w, b, X, Y, cost=cost)


@learner(
    "propagate",
    "mixed_examples",
    "cost",
    "https://datascience.stackexchange.com/questions/27146",
)
def dot_of_the_transposed_labels(w, b, X, Y):
    def cost(A, Y, m):
        one = np.dot(Y.T, np.log(A)) + np.dot((1 - Y).T, np.log(1 - A))
        return -1 / m * np.sum(one)

    return propagated(w, b, X, Y, cost=cost)


@learner(
    "propagate",
    "slope_for_difference",
    "dZ",
    HUB + "fengdu78/deeplearning_ai_books/issues/74",
)
def slope_for_dz(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b)
    dz = A * (1 - A)
    _, cost = propagated(w, b, X, Y)
    return {"dw": X @ dz.T / m, "db": np.sum(dz) / m}, cost


@learner(
    "propagate",
    "wrong_transpose wrong_dimension divides_by_wrong_size",
    "m",
    DLAI + "error-in-logistic-regression-assignment-ex-5-tab-2/22588",
)
def m_is_the_number_of_rows(w, b, X, Y):
    m = X.shape[0]
    A = sigmoid(w.T @ X + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return {"dw": X @ (A - Y).T / m, "db": np.sum(A - Y) / m}, cost


@learner(
    "propagate",
    "pairs_of_all",
    "",
    SO + "46588190",
)
def outputs_without_an_axis(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(w.T @ X + b).ravel()
    error = A - Y.T
    _, cost = propagated(w, b, X, Y)
    return {"dw": X @ error / m, "db": np.sum(A - Y) / m}, cost


@learner(
    "optimize",
    "argument_unused",
    "learning_rate",
    DLAI + "w2-programming-assignment-dl-db-is-not-converging-to-0/19735",
)
def rate_is_fixed(w, b, X, Y, num_iterations, learning_rate):
    for _ in range(num_iterations):
        grads, cost = propagated(w, b, X, Y)
        w = w - 0.009 * grads["dw"]
        b = b - 0.009 * grads["db"]
    return {"w": w, "b": b}, grads, [cost]


@learner(
    "optimize",
    "plus_sign",
    "w",
    THREADS + "gradient descent implementation of logistic regression",
)
def uphill(w, b, X, Y, num_iterations, learning_rate):
    for _ in range(num_iterations):
        grads, cost = propagated(w, b, X, Y)
        w = w + learning_rate * grads["dw"]
        b = b + learning_rate * grads["db"]
    return {"w": w, "b": b}, grads, [cost]


@learner(
    "optimize",
    "changes_its_input",
    "w",
    DLAI + "w2-programming-assignment-dl-db-is-not-converging-to-0/19735",
)
def changes_w(w, b, X, Y, num_iterations, learning_rate):
    for _ in range(num_iterations):
        grads, cost = propagated(w, b, X, Y)
        w -= learning_rate * grads["dw"]
        b -= learning_rate * grads["db"]
    return {"w": w, "b": b}, grads, [cost]


@learner(
    "predict",
    "probabilities_returned",
    "Y_prediction",
    THREADS + "deep learning exercise week 2 exercise 7",
)
def probabilities(w, b, X):
    m = X.shape[1]
    Y_prediction = np.zeros((1, m))
    A = sigmoid(np.dot(w.T, X) + b)
    for i in range(A.shape[1]):
        Y_prediction[0, i] = A[0, i]
    return Y_prediction


@learner(
    "predict",
    "raises",
    "entry",
    THREADS + "week 3 programming assignment prediction",
)
def an_array_for_one_entry(w, b, X):
    Y_prediction = np.zeros((1, X.shape[1]))
    for i in range(X.shape[1]):
        Y_prediction[0, i] = sigmoid(np.dot(w.T, X) + b) > 0.5
    return Y_prediction


# -- the shallow network ---------------------------------------------------------------


@learner(
    "initialize_parameters",
    "not_centered",
    "W1",
    THREADS + "deep learning ai course week 3 exercise 3",
)
def rand_for_randn(n_x, n_h, n_y):
    W1 = np.random.rand(n_h, n_x) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = np.random.rand(n_y, n_h) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


@learner(
    "initialize_parameters",
    "raises",
    "sizes one by one",
    DLAI + "can-the-random-initialization-of-weights-return-very-small-values-using-"
    "np-random-randn-x-y-0-001/42036",
)
def a_tuple_for_randn(n_x, n_h, n_y):
    W1 = np.random.randn((n_h, n_x)) * 0.01
    b1 = np.zeros((n_h, 1))
    W2 = np.random.randn((n_y, n_h)) * 0.01
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def forward(X, parameters, Z1=None):
    W1, b1, W2, b2 = (parameters[name] for name in ("W1", "b1", "W2", "b2"))
    Z1 = np.dot(W1, X) + b1 if Z1 is None else Z1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


@learner(
    "forward_propagation",
    "weights_transposed shapes_do_not_meet",
    "W",
    DLAI + "question-on-week-3-2-3-exercise-4/405038",
)
def turned_weights(X, parameters):
    W1 = parameters["W1"]
    Z1 = np.dot(W1.transpose(), X) + parameters["b1"]
    return forward(X, parameters, Z1)


@learner(
    "forward_propagation",
    "elementwise_product",
    "W1",
    THREADS + "week 3 programming assignment exercise 4 forward propagation",
)
def element_by_element(X, parameters):
    W1 = parameters["W1"]
    Z1 = W1 * X + parameters["b1"]
    return forward(X, parameters, Z1)


@learner(
    "forward_propagation",
    "rank_1_array",
    "A2",
    DLAI + "week-3-exercise-4-3-the-loop-assertionerror-despite-the-right-shape/71483",
)
def output_of_rank_1(X, parameters):
    A2, cache = forward(X, parameters)
    return A2[0], cache


@learner(
    "compute_cost",
    "mixed_examples",
    "cost",
    DLAI + "week3-programming-assignment-4-4-compute-the-cost/18646/6",
)
def labels_meet_all_outputs(A2, Y):
    m = Y.shape[1]
    logprobs = np.dot(Y.T, np.log(A2)) + np.dot((1 - Y).T, np.log(1 - A2))
    return -np.sum(logprobs) / m


@learner(
    "compute_cost",
    "second_term_missing",
    "cost",
    THREADS + "week 3 assignment cost function test failed",
)
def only_the_ones(A2, Y):
    logprobs = np.multiply(np.log(A2), Y)
    return float(-np.sum(logprobs) / Y.shape[1])


@learner(
    "compute_cost",
    "sign_flipped wrong_sign",
    "cost",
    HUB + "cs231n/cs231n.github.io/pull/244",
)
def minus_is_missing(A2, Y):
    logprobs = Y * np.log(A2) + (1 - Y) * np.log(1 - A2)
    return np.mean(logprobs)


@learner(
    "compute_cost",
    "wrong_brackets wrong_sign",
    "cost",
    HUB + "peterroelants/peterroelants.github.io/pull/24",
)
def minus_of_the_first_part(A2, Y):
    m = Y.shape[1]
    return np.sum(-Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m


@learner(
    "compute_cost",
    "missing_1_over_m",
    "cost",
    HUB + "Open-Deep-ML/DML-OpenProblem/pull/358",
)
def a_sum_for_a_mean(A2, Y):
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))


def shallow_back(parameters, cache, X, Y, dZ1=None, dW2=None, dW1=None):
    m = X.shape[1]
    W2, A1, A2 = parameters["W2"], cache["A1"], cache["A2"]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m if dW2 is None else dW2(dZ2, A1, m)
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    if dZ1 is None:
        dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))
    else:
        dZ1 = dZ1(W2, dZ2, A1, dW2)
    dW1 = np.dot(dZ1, X.T) / m if dW1 is None else dW1(dZ1, X, A1, m)
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


@learner(
    "backward_propagation",
    "extra_1_over_m",
    "dW1 db1",
    DLAI + "course-1-week-3-planar-assignment-4-5-exercise-6-backward-propagation-"
    "error-for-dw1-values/63071",
)
def dz1_over_m(parameters, cache, X, Y):
    def dZ1(W2, dZ2, A1, dW2):
        return np.dot(W2.T, dZ2) * (1 - np.power(A1, 2)) * (1 / X.shape[1])

    return shallow_back(parameters, cache, X, Y, dZ1)


@learner(
    "backward_propagation",
    "factor_too_many",
    "dZ1",
    DLAI + "wrong-values-for-dw1/85937",
)
def slope_times_z1(parameters, cache, X, Y):
    def dZ1(W2, dZ2, A1, dW2):
        return np.dot(W2.T, dZ2) * ((1 - np.power(A1, 2)) * cache["Z1"])

    return shallow_back(parameters, cache, X, Y, dZ1)


@learner(
    "backward_propagation",
    "wrong_operand",
    "dW2 W2",
    DLAI + "w3-ex-6-assertionerror-wrong-values-for-dw1/402919",
)
def dw2_for_w2(parameters, cache, X, Y):
    def dZ1(W2, dZ2, A1, dW2):
        return np.dot(dW2.T, dZ2) * (1 - np.power(A1, 2))

    return shallow_back(parameters, cache, X, Y, dZ1)


@learner(
    "backward_propagation",
    "matrix_product shapes_do_not_meet",
    "A1",
    DLAI + "w3-ex-6-assertionerror-wrong-values-for-dw1/402919",
)
def square_as_a_product(parameters, cache, X, Y):
    def dZ1(W2, dZ2, A1, dW2):
        return np.dot(np.dot(W2.T, dZ2), 1 - np.dot(A1.T, A1))

    return shallow_back(parameters, cache, X, Y, dZ1)


@learner(
    "backward_propagation",
    "slope_of_z wrong_operand",
    "Z1",
    DLAI + "c1w3a1-backward-propagation-valueerror-operands-could-not-be-broadcast-"
    "together-with-shapes-7-9-9-7/31965",
)
def z1_for_a1(parameters, cache, X, Y):
    def dZ1(W2, dZ2, A1, dW2):
        return np.multiply(1 - np.power(cache["Z1"], 2), np.dot(W2.T, dZ2))

    return shallow_back(parameters, cache, X, Y, dZ1)


@learner(
    "backward_propagation",
    "elementwise_product",
    "dZ2 A1",
    DLAI + "course-1-week-3-a1-excercise-6-dw2-operands-could-not-be-broadcast/152009",
)
def dw2_element_by_element(parameters, cache, X, Y):
    A1, A2 = cache["A1"], cache["A2"]
    m = X.shape[1]
    dZ2 = A2 - Y
    dW2 = (1 / m) * dZ2 * A1.T
    db2 = (1 / m) * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.dot(parameters["W2"].T, dZ2) * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


@learner(
    "backward_propagation",
    "matrix_product shapes_do_not_meet",
    "np.power(A1, 2)",
    DLAI + "w3-a1-dimensional-analysis-shapes-not-aligned/290850",
)
def dot_with_the_slope(parameters, cache, X, Y):
    def dZ1(W2, dZ2, A1, dW2):
        return np.dot(np.dot(W2.T, dZ2), 1 - np.power(A1, 2))

    return shallow_back(parameters, cache, X, Y, dZ1)


@learner(
    "backward_propagation",
    "slope_missing",
    "dW1 db1",
    SO + "53287032",
)
def no_slope(parameters, cache, X, Y):
    def dZ1(W2, dZ2, A1, dW2):
        return np.dot(W2.T, dZ2)

    return shallow_back(parameters, cache, X, Y, dZ1)


@learner(
    "backward_propagation",
    "one_output_only",
    "W2.T",
    DLAI + "week-3-exercise-6-cost-function/723602/2",
)
def multiplied_where_dot_belongs(parameters, cache, X, Y):
    def dZ1(W2, dZ2, A1, dW2):
        return np.multiply(W2.T, dZ2) * (1 - np.power(A1, 2))

    return shallow_back(parameters, cache, X, Y, dZ1)


@learner(
    "backward_propagation",
    "off_by_a_factor",
    "dW2",
    HUB + "bighuang624/Andrew-Ng-Deep-Learning-notes/issues/10",
)
def twice_as_much(parameters, cache, X, Y):
    def dW2(dZ2, A1, m):
        return 1.0 / m * np.dot(dZ2, A1.T) * 2

    return shallow_back(parameters, cache, X, Y, dW2=dW2)


# -- the deep network ------------------------------------------------------------------


@learner(
    "linear_backward",
    "elementwise_product",
    "A_prev dZ",
    DLAI + "exercise-7-linear-backward/241052",
)
def multiply_for_dot(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = 1 / m * np.multiply(A_prev, dZ)
    db = 1 / m * np.sum(dZ, axis=0, keepdims=True)
    dA_prev = np.multiply(dZ, W.T)
    return dA_prev, dW, db


@learner(
    "linear_backward",
    "wrong_axis",
    "db",
    DLAI + "exercise-7-linear-backward/241052",
)
def sum_along_axis_0(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    db = 1 / m * np.sum(dZ, axis=0, keepdims=True)
    return np.dot(W.T, dZ), 1 / m * np.dot(dZ, A_prev.T), db


@learner(
    "linear_backward",
    "elementwise_product",
    "A_prev.T",
    DLAI + "building-your-deep-neural-network-step-by-step-error-debugging/674897/8",
)
def transposed_but_multiplied(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = dZ * A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return np.dot(W.T, dZ), dW, db


@learner(
    "linear_backward",
    "keepdims_forgotten rank_1_array",
    "db",
    HUB + "Kulbear/deep-learning-coursera/issues/8",
)
def db_squeezed(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    db = np.squeeze(np.sum(dZ, axis=1, keepdims=True)) / m
    return np.dot(W.T, dZ), np.dot(dZ, A_prev.T) / m, db


@learner(
    "linear_activation_backward",
    "raises",
    "cache",
    DLAI + "week-4-exercise-4-initializing-linear-cache/22455",
)
def cache_taken_as_three(dA, cache, activation):
    A_prev, W, b = cache
    dZ = dA * (A_prev > 0)
    m = A_prev.shape[1]
    db = np.sum(dZ, axis=1, keepdims=True) / m
    return np.dot(W.T, dZ), np.dot(dZ, A_prev.T) / m, db


@learner(
    "relu_backward",
    "activation_for_slope",
    "dZ",
    THREADS + "week 1 regularization and backpropagation",
)
def int64_of_the_activation(dA, Z):
    return np.multiply(dA, np.int64(np.maximum(0, Z)))


@learner(
    "tanh_backward",
    "upstream_missing wrong_operand",
    "dZ",
    HUB + "yizt/numpy_neural_network/issues/6",
)
def slope_of_the_gradient(dA, Z):
    return 1 - np.square(np.tanh(dA))


@learner(
    "tanh_backward",
    "wrong_sign",
    "dZ",
    HUB + "nicodjimenez/lstm/issues/41",
)
def slope_of_tan(dA, Z):
    return dA * (1 + np.tanh(Z) ** 2)


@learner(
    "L_model_forward",
    "wrong_layer wrong_operand line_missing shapes_do_not_meet",
    "X",
    DLAI + "w-4-a1-ex-5-wrong-shape-and-output/3096/2",
)
def x_in_each_layer(X, parameters):
    L = len(parameters) // 2
    caches = []
    for l in range(1, L):
        A = relu(parameters[f"W{l}"] @ X + parameters[f"b{l}"])
    AL = sigmoid(parameters[f"W{L}"] @ A + parameters[f"b{L}"])
    return AL, caches


def deep_back(AL, Y, caches, dAL=None, take=None, last="sigmoid", hidden="relu"):
    m, L, grads = Y.shape[1], len(caches), {}
    dAL = -(Y / AL - (1 - Y) / (1 - AL)) if dAL is None else dAL
    dA = dAL
    for l in reversed(range(L)):
        (A_prev, W, b), Z = caches[l]
        name = last if l == L - 1 else hidden
        given = dA if take is None else take(dA, dAL, l)
        slope = (Z > 0) if name == "relu" else sigmoid(Z) * (1 - sigmoid(Z))
        dZ = given * slope
        grads[f"dW{l + 1}"] = dZ @ A_prev.T / m
        grads[f"db{l + 1}"] = np.sum(dZ, axis=1, keepdims=True) / m
        dA = W.T @ dZ
    return grads


@learner(
    "L_model_backward",
    "wrong_sign wrong_brackets",
    "dAL",
    THREADS + "course 1 week 4 programming assignment 2 error",
)
def plus_in_dal(AL, Y, caches):
    return deep_back(AL, Y, caches, dAL=-(Y / AL + (1 - Y) / (1 - AL)))


@learner(
    "L_model_backward",
    "wrong_slope another_function",
    "sigmoid_backward",
    HUB + "Kulbear/deep-learning-coursera/pull/42",
)
def sigmoid_in_each_layer(AL, Y, caches):
    return deep_back(AL, Y, caches, hidden="sigmoid")


@learner(
    "L_model_backward",
    "wrong_operand wrong_layer",
    "dAL",
    HUB + "fanghao6666/neural-networks-and-deep-learning/pull/7",
)
def dal_in_each_layer(AL, Y, caches):
    return deep_back(AL, Y, caches, take=lambda dA, dAL, l: dAL)


@learner(
    "update_parameters",
    "layer_not_updated not_put_back",
    "W1",
    DLAI + "week-4-assignment/63286",
)
def a_copy_is_updated(params, grads, learning_rate):
    parameters = {name: value.copy() for name, value in params.items()}
    for name in parameters:
        parameters[name] -= learning_rate * grads["d" + name]
    return params
