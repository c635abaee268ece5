"""Texts of the findings of `check_my`: what each code means and what to do."""

from typing import NamedTuple


class Remark(NamedTuple):
    """One finding of `check_my`: its code, a key of `MISTAKES`, and its text."""

    code: str
    text: str


MISTAKES = {
    # the call
    "wrong_arguments": "The function cannot be called with the course's arguments.",
    "raises": "The function stops with an error.",
    "shapes_do_not_meet": "A matrix product fails: (a, b) times (b, c) is (a, c), so "
    "the inner sizes must be equal. A transpose .T is missing or one too many, or the "
    "factors stand in the wrong order.",
    "elementwise_product": "* multiplies element by element; the matrix product is "
    "np.dot(W, A) or W @ A.",
    "changes_its_input": "An array that was handed in is changed, also for the caller; "
    "compute a new array, or begin with a copy.",
    "warns": "NumPy warns while the function computes.",
    # what comes back
    "blank_left": "A blank is still to fill: `...` stands where a value belongs.",
    "returns_nothing": "The function returns None; is the return statement missing?",
    "wrong_number_of_values": "Not as many values are returned as the course has.",
    "missing_key": "The dictionary lacks a key.",
    "wrong_order_of_values": "The right values are returned in another order.",
    "wrong_cache": "The result is right, the cache is not: the next function of the "
    "course takes from it what is not there.",
    "not_numbers": "What is returned is not an array of numbers; np.array makes "
    "one of a list.",
    "numpy_matrix": "np.matrix is returned, for which * means another product; NumPy "
    "advises against it. Use np.array.",
    # shapes
    "transposed": "The right numbers, but rows and columns are exchanged; is a .T "
    "missing, or one too many?",
    "keepdims_forgotten": "The sum has lost its axis and is a rank-1 array (n,); write "
    "np.sum(..., axis=1, keepdims=True) to get the column (n, 1).",
    "rank_1_array": "A rank-1 array such as (n,) is neither a row nor a column; make "
    "it (n, 1) or (1, n), with reshape or with the shape it is created with.",
    "not_a_scalar": "One number is asked for, an array is returned; np.squeeze or "
    "float makes it a number.",
    "not_summed": "The values of the examples are not added up; np.sum is missing.",
    "wrong_shape": "The shape is wrong.",
    # sums and factors
    "missing_1_over_m": "The sum over the examples is not divided by m, their number; "
    "a cost and its gradients are means.",
    "extra_1_over_m": "There is a division by m too many: the 1/m belongs into the "
    "cost, dW and db only, once.",
    "divides_by_wrong_size": "The sum is divided by the number of units; m is the "
    "number of examples, shape[1].",
    "wrong_axis": "The sum goes along the wrong axis. Examples are columns: axis=1 "
    "adds over the examples, axis=0 over the units.",
    "wrong_axis_of_rows": "The sum goes along the wrong axis. Each row is an example "
    "here and sums to 1: axis=1.",
    "sums_over_everything": "np.sum without axis adds up all elements; each unit (or "
    "each example) needs a sum of its own: give axis and keepdims=True.",
    "sign_flipped": "The sign is wrong.",
    "off_by_a_factor": "All values are wrong by the same factor.",
    "wrong_base": "The base is not e: use np.exp and np.log, not 10**, log10 or log2.",
    # forward
    "another_function": "Another function is computed.",
    "wrong_exponent_sign": "The sign in the exponent is wrong: sigmoid is 1 / (1 + "
    "e^-z), which grows with z.",
    "returns_the_slope": "The slope g'(z) is returned, not g(z).",
    "keeps_negatives": "Negative numbers are let through: relu is max(0, z).",
    "activation_missing": "Z is returned; the activation is not applied to it.",
    "bias_missing": "The bias b is not added.",
    "bias_subtracted": "The bias b is subtracted, not added.",
    "bias_along_wrong_axis": "The bias is added along the wrong axis: b is a column "
    "(n_out, 1), one number a unit, and broadcasting repeats it over the examples.",
    "weights_transposed": "W is used transposed. W is (n_out, n_in): Z = W A + b, and "
    "on the way back dA_prev = W.T dZ.",
    "w_is_a_column": "w is a column (n, 1), with a number for each feature: "
    "Z = w.T X + b.",
    "shifted_once": "The largest entry is subtracted in one of the two exponentials "
    "only: exp(z - c) / sum exp(z - c), with the same c.",
    "not_normalized": "The values do not sum to 1; the division by the sum is missing.",
    "not_unrolled": "The image still has several axes, or is unrolled in part: one "
    "column is asked for, (height * width * depth, 1).",
    "another_norm": "The length of a row is the square root of its sum of squares.",
    "wrong_order_of_elements": "The right numbers in another order; use "
    "reshape(-1, 1) of the image as it is.",
    # backward
    "slope_missing": "The factor g'(Z) is missing: dZ = dA * g'(Z).",
    "upstream_missing": "The factor dA is missing: dZ = dA * g'(Z).",
    "slope_sign_flipped": "The slope has the wrong sign: sigmoid' is a (1 - a), not "
    "a (a - 1).",
    "slope_of_z": "The formula of the slope is that for a = g(z), but z is put into "
    "it: compute a = g(z) first, then a (1 - a) for sigmoid, 1 - a^2 for tanh.",
    "activation_twice": "The activation is applied twice: the cache is Z, and a = g(z) "
    "once.",
    "square_forgotten": "The square is missing: tanh' is 1 - a^2.",
    "activation_for_slope": "dA is multiplied by g(Z); the slope g'(Z) is needed.",
    "wrong_mask": "The gradient is let through in the wrong places: relu' is 1 where "
    "Z > 0 and 0 elsewhere, whatever dA is.",
    "wrong_slope": "That is the slope of another activation: sigmoid' is a (1 - a), "
    "tanh' is 1 - a^2, relu' is 1 where Z > 0, else 0.",
    "slope_too_many": "The slope g'(Z) stands in dZ of the output layer, where it has "
    "been used already: with a sigmoid and the cross entropy, dZ = A - Y.",
    "slope_for_difference": "The slope a (1 - a) stands where the difference belongs: "
    "dZ of the output layer is A - Y.",
    "factor_too_many": "There is a factor too many: the slope g'(Z) is a function of "
    "Z, not a product with Z or A.",
    # a line of the formula
    "matrix_product": "np.dot or @ stands where * belongs: a slope, or a label, meets "
    "its own element only, so the product is element by element.",
    "wrong_transpose": "A .T is missing, is one too many, or stands at the wrong "
    "factor. Write the shapes below the factors: (a, b) times (b, c) is (a, c).",
    "factors_swapped": "The factors of the matrix product stand in the wrong order: "
    "A B is not B A.",
    "wrong_operand": "Another array, or another number, stands where the formula has "
    "its own.",
    "wrong_layer": "A layer takes what belongs to another layer.",
    "loop_off_by_one": "The loop goes over the wrong layers: range(1, L) is 1, ..., L "
    "- 1. One is left out, or one is too many.",
    "wrong_number_of_steps": "The loop takes a step too many, or too few: for i in "
    "range(num_iterations).",
    "not_all_examples": "The loop does not go over all examples, range(A.shape[1]).",
    "first_example_only": "Only the first example is returned; does the return stand "
    "inside the loop?",
    "cache_of_another_layer": "The cache of another layer is taken: caches[0] is that "
    "of layer 1, caches[l - 1] that of layer l.",
    "unpacked_in_another_order": "The parts of a cache are taken in another order than "
    "they have: (A_prev, W, b), and Z in the second place of ((A_prev, W, b), Z).",
    "line_missing": "A line of the loop is missing: what it computes stays as it was.",
    "wrong_sign": "There is a + where a - belongs, or a - where a + belongs.",
    "wrong_brackets": "The brackets are wrong: * and / come before + and -, and a "
    "function takes what stands between its brackets.",
    "bracket_around_sum": "The minus and the 1/m belong to both terms of the cost: "
    "-1/m (... + ...). A bracket is missing.",
    "wrong_operator": "An operation is taken for another: *, /, +, ** or >.",
    "wrong_constant": "A number in the formula is wrong.",
    "wrong_dimension": "The wrong size is taken: shape[0] is the number of rows (of "
    "units, or features), shape[1] that of columns (of examples).",
    "factor_missing": "A factor of the formula is missing.",
    "term_missing": "A term of the formula is missing.",
    "function_missing": "A function is missing.",
    "pairs_of_all": "Two arrays of different shapes meet: a row (1, m) and a column "
    "(m, 1), or a rank-1 array, make a matrix (m, m) of all pairs. Both should be "
    "(1, m).",
    "argument_unused": "An argument has no effect on the result: a number, or a "
    "variable from outside of the function, stands in its place.",
    "cache_of_another_form": "The cache has another form than the course's, which your "
    "own backward pass has to fit.",
    "no_cache": "Less is returned than the course's function returns; its next "
    "function takes the rest, too.",
    "other_costs": "The list of costs is not the course's.",
    "two_layers_only": "Written for two layers, W1, b1, W2, b2, as in week 3, and "
    "judged with two layers. That of week 4 takes any number.",
    "outside_variable": "A variable from outside of the function is used, where one of "
    "its arguments, or a size such as m = X.shape[1], belongs.",
    "one_output_only": "Right with one unit in the output layer only: W2.T dZ2 is a "
    "matrix product (np.dot or @), not one of elements (*).",
    "inverted_relu": "Negative numbers are kept, positive ones are set to 0: relu is "
    "max(0, z).",
    "largest_of_all": "np.max takes the largest of all elements; np.maximum(0, Z) "
    "compares each element with 0.",
    # cost
    "second_term_missing": "The part (1 - Y) log(1 - A) is missing: examples with "
    "y = 0 cost nothing.",
    "first_term_missing": "The part Y log(A) is missing: examples with y = 1 cost "
    "nothing.",
    "another_cost": "That is the squared error; the course's cost is -1/m sum (y log a "
    "+ (1 - y) log(1 - a)).",
    "log_of_labels": "The logarithm is taken of the labels: log(0) is -inf. It is "
    "Y log(A), not A log(Y).",
    "one_minus_missing": "A 1 - is missing: the second term has 1 - Y and 1 - A.",
    "labels_exchanged": "The labels are exchanged: Y goes with log(A), 1 - Y with "
    "log(1 - A).",
    "mixed_examples": "Labels meet the outputs of other examples: multiply element by "
    "element, then sum.",
    # parameters
    "plus_sign": "The step goes uphill: theta - learning_rate * gradient, with a "
    "minus.",
    "rate_missing": "The learning rate is not used.",
    "b_not_updated": "b is not updated: b = b - learning_rate * db.",
    "layer_not_updated": "A layer keeps its old parameters; the loop must go over "
    "l = 1, ..., L.",
    "not_put_back": "The old parameters are returned: the new values are not put into "
    "the dictionary that is returned.",
    "returns_the_change": "The change is returned, not the changed parameter: the old "
    "value is missing in theta - learning_rate * gradient.",
    "one_step_only": "Only one step is taken: the update must stand in the loop, and "
    "return behind it.",
    "updated_in_turn": "w and b are updated in turn, the second with a gradient at the "
    "new first; both gradients are those of the old w and b.",
    "gradient_not_renewed": "The gradient is computed once, before the loop; each step "
    "needs that of the w and b of its own: propagate belongs into the loop.",
    "all_zeros": "W begins at zero: all units of a layer then compute the same and "
    "stay the same. Draw W at random.",
    "all_equal": "All entries of W are equal: all units of a layer then compute the "
    "same and stay the same. Draw W at random.",
    "not_scaled": "W is too large to begin with: multiply by 0.01 (or by "
    "1/sqrt(n[l-1])), or sigmoid and tanh begin saturated.",
    "not_centered": "The entries of W are not centred on 0; use np.random.randn, not "
    "rand.",
    "odd_scale": "The entries of W vary neither as 0.01 randn nor as randn divided by "
    "sqrt(n[l-1]) or a like scale of the course.",
    "b_not_zero": "b does not begin at zero.",
    # predictions
    "probabilities_returned": "Probabilities are returned; the prediction is 1 where "
    "A > 0.5, else 0.",
    "wrong_threshold": "The threshold is wrong: the prediction is 1 where the "
    "probability A = sigmoid(Z) is above 0.5. Z itself is compared with 0.",
    "inverted": "Zeros and ones are exchanged: the prediction is 1 where A > 0.5.",
    # numbers
    "truncated": "Decimals are cut off, by //, int() or an array of whole numbers: use "
    "/ and np.round, and make arrays with dtype float.",
    "low_precision": "The numbers are rounded to fewer digits than the input has; "
    "leave the dtype alone.",
    "not_finite": "There is nan or inf in the result.",
    "wrong_values": "The shape is right, the numbers are not.",
    # notes
    "overflow": "For large |z| the exponential overflows; the result may be nan. "
    "tanh(z / 2), or for softmax Z minus its largest entry, cannot overflow.",
    "log_of_zero": "Where A is exactly 0 or 1, log(0) makes the cost nan or inf; the "
    "engine computes it from Z, np.clip of A helps too.",
    "slope_at_zero": "At Z = 0 the course takes relu' = 0.",
    "changes_parameters": "The arrays of `parameters` are changed in place; write "
    "W = W - ..., which makes a new one, if the old are still needed.",
}

# codes that do not fail a function: the course's own functions get some of them
NOTES = frozenset(
    {
        "cache_of_another_form",
        "changes_parameters",
        "no_cache",
        "other_costs",
        "log_of_zero",
        "low_precision",
        "overflow",
    }
    | {"one_output_only", "slope_at_zero", "two_layers_only", "warns"}
)


def finding(code, detail):
    """Return a finding: the meaning of the code, and details.

    After a colon the code may name what its meaning leaves open.
    """
    code, _, named = code.partition(":")
    meaning = MISTAKES[code]
    if named:
        meaning = f"{meaning.rstrip('.')}: {named}."
    return Remark(code, f"{meaning} {detail}".strip())
