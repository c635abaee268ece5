"""`check_my`: compare a reader's functions of the course with the engine's."""

import difflib
import re
from html import escape
from textwrap import fill

import numpy as np
from sklearn.utils import check_random_state

from .equality import close
from .judge import gradient_difference, judge_values
from .kinds import ALIASES, KINDS, TWO_LAYERS
from .messages import MISTAKES, NOTES, finding
from .trial import try_case
from .use_in import preserve_np_random, put_into


class Verdict:
    """Result of `check_my`: what was found, and whether the function is right.

    Attributes
    ----------
    kind : str
        Name of the course's function.
    findings : list
        Records with `.code`, a key of `MISTAKES`, and `.text`: what the function
        returned, what was expected and what to do.
    passed : bool
        Whether the function is right. Notes (findings whose code is in
        `Verdict.notes`) do not count.
    relative_difference : float or None
        ||g - g~|| / (||g|| + ||g~||) of the returned gradients g and the numerical
        gradients g~; None if the function does not return all gradients in their
        shapes.
    n_cases : int
        Number of cases that were tried.
    """

    notes = NOTES

    def __init__(self, function, kind, findings, n_cases, relative_difference=None):
        self.kind, self.findings, self.n_cases = kind, findings, n_cases
        self.relative_difference = relative_difference
        self._function = function

    @property
    def passed(self):
        """Return True if no finding is more than a note."""
        return all(finding.code in NOTES for finding in self.findings)

    def use_in(self, estimator, *, anyway=False):
        """Return a copy of the estimator that trains with the reader's function.

        In `fit`, the function replaces the engine's: an activation and its slope in
        the hidden layers (sigmoid and softmax at the output, too), linear_forward and
        linear_backward in the two passes, compute_cost for J (the gradient stays that
        of the loss), update_parameters for the step of solver="gd", an initialize
        function for the first weights. Several functions can be put in, one after the
        other. `predict` always uses the engine's functions.

        Parameters
        ----------
        estimator : a network of sknn_scratch, or a Pipeline that ends in one
            It is not changed.
        anyway : bool, default=False
            True: also accept a function that has not passed, to see how it trains.

        Returns
        -------
        estimator
            An unfitted copy. `clone` and a parameter search keep the function. Pickle
            keeps it if it is defined at the top level of a module: not a lambda, not a
            nested function. `hdf5.save_model` saves a fitted network without the
            function.

        Raises
        ------
        ValueError
            If the function has not passed and `anyway` is False, or if the network
            has no use for it. Some of these errors are raised by `fit`.

        Examples
        --------
        >>> import numpy as np
        >>> from sknn_scratch import ShallowNetClassifier
        >>> from sknn_scratch.datasets import make_flower
        >>> from sknn_scratch.inspection import check_my
        >>> def tanh(Z):
        ...     return (np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z))
        >>> X, y = make_flower(random_state=1)
        >>> net = ShallowNetClassifier(4, solver="gd", max_iter=20, warn=False,
        ...                            random_state=2)
        >>> mine = check_my(tanh).use_in(net).fit(X, y)
        >>> bool(np.isclose(mine.loss_, net.fit(X, y).loss_))
        True
        """
        if not (self.passed or anyway):
            codes = ", ".join(self._codes())
            raise ValueError(
                f"{self.kind} must pass check_my before it is used, got {codes}; mend "
                "it, or say anyway=True to see what comes of it."
            )
        return put_into(estimator, self.kind, self._function)

    def _codes(self):
        return [finding.code for finding in self.findings]

    def _headline(self):
        outcome = "right" if self.passed else "not right yet"
        text = f"{self.kind} is {outcome} ({self.n_cases} cases tried"
        if self.relative_difference is not None:
            text += (
                "; relative difference to the numerical gradient "
                f"{self.relative_difference:.0e}"
            )
        return text + ")."

    def __repr__(self):
        lines = [self._headline()]
        for code, text in self.findings:
            mark = "note" if code in NOTES else "mend"
            lines.append(
                fill(
                    f"{mark}  {code}: {text}",
                    width=88,
                    initial_indent="  ",
                    subsequent_indent=" " * 8,
                )
            )
        return "\n".join(lines)

    def _repr_html_(self):
        items = "".join(
            f"<li><code>{escape(code)}</code>"
            f"{' (a note)' if code in NOTES else ''}: {escape(text)}</li>"
            for code, text in self.findings
        )
        found = f"<ul>{items}</ul>" if items else ""
        return f"<p><strong>{escape(self._headline())}</strong></p>{found}"


def check_my(function, kind=None, *, random_state=0):
    """Check a function of the course, written by the reader, against the engine.

    The function is called with the course's arguments: an example is a column, W is
    (n_out, n_in), b is (n_out, 1). Its results are compared with the engine's, and
    gradients also with numerical gradients. A wrong result is compared with the results
    of frequent mistakes and of mutants: a textbook's functions, each with one line
    changed. The finding shows the line that gives the seen numbers. Of an error it says
    which operation failed, with the shapes of its operands. The cases are the same in
    each call with the same `random_state`. The state of np.random
    and the arrays of the reader's program are not changed.

    Parameters
    ----------
    function : callable
        The reader's function. It may return a cache after its result if the course's
        function does.
    kind : str, default=None
        Name of the course's function that it should be; None: its own name. One of
        "sigmoid", "tanh", "relu", "sigmoid_derivative", "sigmoid_backward",
        "tanh_backward", "relu_backward", "softmax" (of columns), "softmax_rows" (of
        rows, as in the course's first exercise), "image2vector", "normalize_rows",
        "layer_sizes", "linear_forward", "linear_activation_forward",
        "linear_backward", "linear_activation_backward", "compute_cost",
        "initialize_with_zeros", "initialize_parameters", "initialize_parameters_deep",
        "propagate", "optimize", "predict" (of logistic regression),
        "forward_propagation", "backward_propagation", "L_model_forward",
        "L_model_backward", "update_parameters".
    random_state : int or RandomState, default=0
        Draws the numbers of the cases. A teacher's tests take another one than the
        students', so that results cannot be written down beforehand.

    Returns
    -------
    Verdict
        With `passed`, `findings` and `use_in`. It prints as text.

    Raises
    ------
    TypeError
        If `function` is not callable, or `kind` is not a string.
    ValueError
        If `kind`, or the function's own name, is none of the above.

    Notes
    -----
    The functions are those of the assignments of "Neural Networks and Deep Learning",
    weeks 2 to 4. There is no time limit: if the function never returns, neither does
    `check_my`.

    Examples
    --------
    >>> import numpy as np
    >>> from sknn_scratch.inspection import check_my
    >>> def linear_backward(dZ, cache):
    ...     A_prev, W, b = cache
    ...     m = A_prev.shape[1]
    ...     dW = np.dot(dZ, A_prev.T) / m
    ...     db = np.sum(dZ, axis=1) / m
    ...     return np.dot(W.T, dZ), dW, db
    >>> verdict = check_my(linear_backward)
    >>> verdict.passed
    False
    >>> [finding.code for finding in verdict.findings]
    ['keepdims_forgotten']
    """
    name = name_of_kind(function, kind)
    kind = KINDS[name]
    difference = None
    with preserve_np_random():
        rng = check_random_state(random_state)
        calls = [try_case(function, kind, case) for case in kind.cases(rng)]
        textbook, notes = name, []
        if name in TWO_LAYERS and is_for_two_layers(calls):
            textbook, kind = TWO_LAYERS[name]
            notes = [finding("two_layers_only", "")]
            calls = [try_case(function, kind, case) for case in kind.cases(rng)]
        tricky = [(code, try_case(function, kind, case)) for code, case in kind.tricky]
        findings = judge_values(textbook, kind, calls) + notes
        findings = name_unused(function, kind, calls, findings)
        findings = name_outside(function, calls, findings)
    if kind.numerical and all(call.seen is not None for call in calls):
        difference = gradient_difference(kind, calls)
    if all(found.code in NOTES for found in findings):
        texts = [text for call in calls for text in call.warned]
        findings += [finding("warns", text) for text in texts[:1]]
        findings += [note for pair in tricky if (note := find_note(*pair))]
    first = {key_of(found): found for found in reversed(findings)}
    unique = [found for found in findings if first[key_of(found)] is found]
    return Verdict(function, name, unique, len(calls), difference)


def key_of(found):
    """Return what makes a finding another one: its code, or all if it names a line."""
    return found.code, found.text if "Your numbers are those of" in found.text else ""


def is_for_two_layers(calls):
    """Return True if a function asks one layer for a second, and takes two."""
    failed = {len(call.arguments[0]) // 2: call.failure for call in calls}
    lacks = failed[1] is not None and failed[1].kind is KeyError
    return (
        lacks
        and failed[1].message.strip("'") in ("W2", "b2", "dW2", "db2")
        and (failed[2] is None or failed[2].kind is not KeyError)
    )


def name_unused(function, kind, calls, findings):
    """Return the findings, with an argument without effect for unexplained values."""
    unexplained = [found for found in findings if found.code in UNEXPLAINED]
    if not unexplained or any(call.seen is None for call in calls):
        return findings
    unused = unused_arguments(function, kind, calls[0])
    if not unused:
        return findings
    named = f"It is {', '.join(unused)}. {unexplained_text(findings)}"
    outside = outside_variables(function)
    if outside:
        named = f"It is {', '.join(unused)}; {', '.join(outside)} comes from outside."
    rest = [found for found in findings if found not in unexplained]
    return [*rest, finding("argument_unused", named)]


def unused_arguments(function, kind, call):
    """Return the arguments with which the right results change, but not the seen."""
    unused = []
    for place, name in enumerate(kind.arguments):
        other = list(call.arguments)
        other[place] = another(other[place])
        if other[place] is None:
            continue
        now = try_case(function, kind, tuple(other))
        moves = any(not close(call.right[n], now.right[n]) for n in call.right)
        if moves and now.seen is not None and same(call.seen, now.seen):
            unused.append(name)
    return unused


def name_outside(function, calls, findings):
    """Return the findings, with a variable from outside that explains them."""
    names = outside_variables(function)
    if not names:
        return findings
    failed = next((call.failure for call in calls if call.failure), None)
    operation = failed.operation if failed else None
    if operation:
        used = {
            word for text in operation.operands for word in re.findall(r"\w+", text)
        }
        names = [name for name in names if name in used]
        left = [found for found in findings if failed.where not in found.text]
        text = failed.where
    else:
        left = [found for found in findings if found.code not in UNEXPLAINED]
        text = "" if failed else unexplained_text(findings)
    if not names or not text:
        return findings
    named = finding("outside_variable", f"It is {', '.join(names)}. {text}")
    return [*left, named]


def unexplained_text(findings):
    """Return the details of values that no mistake explains, without the meaning."""
    texts = [found for found in findings if found.code in UNEXPLAINED]
    return " ".join(text.removeprefix(MISTAKES[code]).strip() for code, text in texts)


def outside_variables(function):
    """Return the names of data that a function takes from outside of it."""
    code = getattr(function, "__code__", None)
    if code is None:
        return []
    known = getattr(function, "__globals__", {})
    data = np.ndarray | np.generic | int | float | dict | list | tuple
    return [
        name
        for name in code.co_names
        if isinstance(known.get(name), data) and not isinstance(known[name], bool)
    ]


def same(seen, now):
    return seen.keys() == now.keys() and all(close(seen[n], now[n]) for n in seen)


def another(value):
    """Return another value of the same shape; None if there is none."""
    if isinstance(value, dict):
        return {key: another(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(another(part) for part in value)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return 0.9 * value + 0.05
    if isinstance(value, float):
        return 0.9 * value + 0.05
    return None


UNEXPLAINED = frozenset({"off_by_a_factor", "wrong_values"})


def find_note(code, call):
    """Return a note if a tricky case has a wrong result or NumPy warns, else None."""
    seen = call.seen or {}
    right = all(
        name in seen and close(seen[name], value) for name, value in call.right.items()
    )
    if right and not call.warned:
        return None
    return finding(code, "")


def name_of_kind(function, kind):
    """Return the key of KINDS, or raise an error that lists or suggests names."""
    if not callable(function):
        raise TypeError(
            "function must be a function, without parentheses behind its name, got "
            f"{type(function).__name__}."
        )
    if not isinstance(kind, str | None):
        raise TypeError(
            "kind must be a name in quotes, such as 'sigmoid', or None, got "
            f"{type(kind).__name__}."
        )
    asked = getattr(function, "__name__", None) if kind is None else kind
    name = ALIASES.get(asked, asked)
    if name in KINDS:
        return name
    like = difflib.get_close_matches(str(asked), KINDS, n=1)
    hint = f"; did you mean {like[0]!r}?" if like else ""
    source = "the function's name" if kind is None else "kind"
    raise ValueError(f"{source} must be one of {sorted(KINDS)}, got {asked!r}{hint}")
