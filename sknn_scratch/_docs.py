"""Descriptions that several estimators share, written once.

`@described` puts them where a class docstring says `{name}` on a line of its own.
"""

import re
from textwrap import dedent, indent

PARAMETERS = {
    "activation": """
        activation : str or sequence of str, default={activation}
            Activation of the hidden units: "identity", "logistic" (or "sigmoid"),
            "tanh", "relu", "leaky_relu". One name for all hidden layers, or a name
            for each.
        """,
    "training": """
        solver : {"gd", "sgd", "rmsprop", "adam", "adamw", "lbfgs"}, default="adam"
            How the cost is minimised. "gd" is the course: gradient descent on all rows
            at once; it ignores `batch_size`, `shuffle` and `momentum`. (The course's
            notebooks never stop early and have no penalty: tol=0,
            n_iter_no_change=np.inf, alpha=0 do just that.) "sgd" takes
            minibatches, with momentum; "rmsprop", "adam" and "adamw" adapt the rate of
            each parameter; "lbfgs" is scipy's L-BFGS-B on all rows at once.
        alpha : float, default=1e-4
            L2 penalty. The objective is the weighted mean loss + alpha / (2 n) ||W||^2,
            n the total weight of the rows trained on (in `partial_fit`: of the rows of
            that call), whatever the batch size. With "adamw" the weights decay beside
            the gradient: W -= rate * alpha / n * W.
        batch_size : int or "auto", default="auto"
            Rows of a minibatch; "auto" is min(200, n_samples). More rows than there are
            means all of them.
        learning_rate_init : float, default=None
            The course's alpha: how far a step goes. None means 0.1 for "gd" and
            {rates}; "lbfgs" has no rate.
            The rate used is `learning_rate_init_`.
        max_iter : int, default=200
            The most epochs (passes over the rows); for "gd" and "lbfgs", iterations.
        shuffle : bool, default=True
            Whether minibatches are drawn anew for each epoch.
        random_state : int, RandomState instance or None, default=None
            Draws the first weights, then the rows held out, then the minibatches. The
            same seed gives the same bits.
        tol : float, default=1e-4
            An epoch that does not lower the cost (or raise the validation score) by
            more than `tol` counts as one without improvement. For "lbfgs": training
            stops when no entry of the gradient exceeds `tol`.
        verbose : bool or int, default=False
            True prints a line every epoch, k > 1 the first of every k epochs.
        warm_start : bool, default=False
            Whether `fit` goes on from the parameters of the last one.
        momentum : float, default=0.9
            Share of the last move that a step of "sgd" keeps, in [0, 1].
        nesterovs_momentum : bool, default=True
            Whether "sgd" looks ahead along its momentum.
        early_stopping : bool, default=False
            Whether to hold out `validation_fraction` of the rows (stratified, except
            for multilabel targets), stop when their loss no longer falls, and return
            to the best epoch. `partial_fit` holds nothing out.
        validation_fraction : float, default=0.1
            Share of the rows held out, in (0, 1); at least two rows and as many as
            there are classes (a rare class may still be missing from them). Each class
            needs two rows.
        beta_1 : float, default=0.9
            Decay of the first moment of "adam" and "adamw", in [0, 1).
        beta_2 : float, default=0.999
            Decay of the second moment of "rmsprop", "adam" and "adamw", in [0, 1).
        epsilon : float, default=1e-8
            Keeps the division by the second moment finite.
        n_iter_no_change : int, default=10
            Epochs in a row without improvement after which training stops; `np.inf`
            never stops for that.
        max_fun : int, default=15000
            The most evaluations of the cost by "lbfgs".
        init : {"auto", "zeros", "small_random", "scaled", "xavier", "he"}, \
default="auto"
            First weights: 0 ("zeros": hidden units of a layer then stay the same for
            ever), or normal numbers times 0.01 ("small_random"),
            1 / sqrt(n[l-1]) ("scaled"), sqrt(2 / (n[l-1] + n[l])) ("xavier") or
            sqrt(2 / n[l-1]) ("he"). "auto" is "he" for layers of relu units and their
            kin, "xavier" otherwise. Biases start at zero.
        """,
    "weights_and_state": """
        class_weight : dict, "balanced" or None, default=None
            Weight of each class, multiplied with `sample_weight`. "balanced" gives the
            classes present in the rows of the call the same total weight. Not for
            multilabel targets.
        keep_optimizer_state : bool, default=False
            Whether the optimiser's moments stay after `fit` and in pickles, so that
            `warm_start` and `partial_fit` go on exactly where they were. A pickle is
            then up to three times the size.
        """,
}

ATTRIBUTES = {
    "shared": """
        classes_ : ndarray of shape (n_classes,)
            Class labels, sorted; for multilabel targets the numbers of the labels.
        loss_ : float
            The cost with its penalty at the fitted parameters; for minibatch solvers
            the mean over their last epoch (with early stopping: the best one). With
            "adamw" the penalty is not part of the cost.
        loss_curve_ : list of float of length n_iter_
            The cost with its penalty of each epoch before its updates; for minibatches
            the mean over the epoch. Under `partial_fit` the last 10,000.
        n_features_in_ : int
            Features seen during fit.
        feature_names_in_ : ndarray of shape (n_features_in_,)
            Their names, where X had names that are all strings.
        learning_rate_init_ : float or None
            The learning rate used; None for solvers without one.
        parameters_ : dict
            The same parameters in the course's shapes: "W1", "b1", ..., as views.
        best_loss_ : float or None
            Lowest value of `loss_curve_`; None with early stopping.
        validation_loss_curve_ : list of float or None
            Loss on the rows held out after each epoch; None without early stopping.
        validation_scores_ : list of float or None
            Minus `validation_loss_curve_`: greater is better.
        best_validation_score_ : float or None
            The greatest of them.
        best_epoch_ : int or None
            The epoch it was reached, counted from 1; its parameters are the fitted
            ones.
        t_ : int
            Training rows seen, over all epochs.
        n_layers_ : int
            Layers, with input and output.
        n_outputs_ : int
            Output units: 1 for two classes, else a unit a class or label.
        """,
    "network": """
        coefs_ : list of ndarray of shape (n[l-1], n[l])
            Weights of layer l + 1: `coefs_[l]` is W[l+1] transposed. Writable.
        intercepts_ : list of ndarray of shape (n[l],)
            Biases. Writable.
        n_iter_ : int
            Epochs (for "gd" and "lbfgs" iterations) of this fit; `partial_fit` counts
            on.
        out_activation_ : {"logistic", "softmax"}
            Activation of the output units.
        """,
}


def described(**words):
    """Class decorator: fill `{name}` lines of the docstring with the shared texts.

    `words` fill the gaps in those texts.
    """

    def decorate(cls):
        def text(match):
            margin, name = match.groups()
            body = {**PARAMETERS, **ATTRIBUTES}[name]
            body = dedent(body).strip()
            for gap, word in words.items():
                body = body.replace(f"{{{gap}}}", word)
            return indent(body, margin)

        if cls.__doc__:  # python -OO drops docstrings
            gap = re.compile(r"^( *)\{(\w+)\}$", re.MULTILINE)
            cls.__doc__ = gap.sub(text, cls.__doc__)
        return cls

    return decorate
