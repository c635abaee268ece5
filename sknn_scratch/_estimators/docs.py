"""Descriptions that several estimators share, written once.

`@described` puts them where a class docstring says `{name}` on a line of its own. What
there is to choose from they take from the registries.
"""

import re
from textwrap import dedent, fill, indent

from .._engine.activations import ACTIVATIONS
from .._engine.losses import REGRESSION
from .._engine.optimizers import OPTIMIZERS

PARAMETERS = {
    "activation": """
        activation : str or sequence of str, default={default_activation}
            Activation of the hidden units, one name for all hidden layers or a name for
            each, out of
            {activations}.
            "sigmoid" is another name of "logistic".
        """,
    "loss": """
        loss : {{losses}}, default="squared_error"
            What is minimised, per row and summed over several targets.
            {losses_in_words}.
        """,
    "training": """
        solver : {{solvers}}, default="adam"
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
        learning_rate : {"constant", "invscaling", "adaptive", "cosine", \
"exponential"}, default="constant"
            How the rate changes from epoch to epoch, for every solver but "lbfgs":
            "invscaling" divides it by (t + 1)^power_t, t the rows seen before the
            epoch; "adaptive" divides it by 5 where training would stop for want of
            improvement, until it is below 1e-6 (`partial_fit` never would, so there it
            is constant); "cosine" takes it along half a cosine to nearly 0 at
            `max_iter`; "exponential" multiplies it with `learning_rate_decay`. The
            rates used are in `learning_rate_curve_`. Each `fit` begins its schedule
            anew; `partial_fit` goes on with it.
        learning_rate_init : float, default=None
            The course's alpha: how far a step goes. None means
            {rates};
            "lbfgs" has no rate. The rate used is `learning_rate_init_`.
        power_t : float, default=0.5
            Exponent of learning_rate="invscaling".
        max_iter : int, default=200
            The most epochs (passes over the rows); for "gd" and "lbfgs", iterations.
        shuffle : bool, default=True
            Whether minibatches are drawn anew for each epoch.
        random_state : int, RandomState instance or None, default=None
            Draws the first weights, then the rows held out, then minibatches and masks
            of dropout. The same seed gives the same bits.
        tol : float, default=1e-4
            An epoch that does not lower the cost (or raise the validation score) by
            more than `tol` counts as one without improvement. For "lbfgs": training
            stops when no entry of the gradient exceeds `tol`, or the cost falls by less
            than 2.2e-9 of itself.
        verbose : bool or int, default=False
            True prints a line every epoch, k > 1 the first of every k epochs.
        warm_start : bool, default=False
            Whether `fit` goes on from the parameters of the last one.
        momentum : float, default=0.9
            Share of the last move that a step of "sgd" keeps, in [0, 1].
        nesterovs_momentum : bool, default=True
            Whether "sgd" looks ahead along its momentum.
        early_stopping : bool, default=False
            Whether to stop when `scoring` no longer improves on rows that are not
            trained on, and return to the best epoch. These are X_val of `fit`, else
            `validation_fraction` of the rows (stratified where there are classes).
            `partial_fit` holds nothing out.
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
        init : str or sequence of str, default="auto"
            First weights, one name for all layers or a name for each, with the output:
            0 ("zeros": hidden units of a layer then stay the same for ever; right for
            the output layer), or normal numbers times 0.01 ("small_random"),
            1 / sqrt(n[l-1]) ("scaled"), sqrt(2 / (n[l-1] + n[l])) ("xavier") or
            sqrt(2 / n[l-1]) ("he"). "auto" is "he" for layers of relu units and their
            kin, "xavier" otherwise and where targets are standardised. Biases start at
            zero.
        """,
    "options": """
        negative_slope : float, default=0.01
            Slope of "leaky_relu" below zero, in [0, 1].
        dropout : float or sequence of float, default=0.0
            Share of the hidden units that each step of training leaves out, drawn anew
            for each example; one rate for all hidden layers, or one for each, in
            [0, 1). The others are scaled up, so that predictions, which use all units,
            need no correction (Srivastava 2014). Not for "lbfgs".
        l1_ratio : float, default=0.0
            Which part of the penalty is L1: alpha / n times
            (1 - l1_ratio) / 2 ||W||^2 + l1_ratio |W|. Weights that it does not pay to
            keep become exactly 0. ValueError for "lbfgs". ("adamw" decays by the L2
            part alone. Together with a `max_grad_norm` that is often reached, L1 counts
            for more than it says.)
        max_grad_norm : float or None, default=None
            A gradient of a larger norm, over all parameters, is shortened to it. Not
            for "lbfgs".
        learning_rate_decay : float, default=0.95
            Factor of learning_rate="exponential", in (0, 1].
        warmup_epochs : int, default=0
            Epochs in which the rate grows in even steps to what `learning_rate` says.
        averaging_epochs : float, default=0
            Epochs over which the parameters are averaged, as a moving average with a
            share of 1 / (steps of so many epochs) for each step (Polyak and Juditsky
            1992). The average is validated, kept and predicts; the gradient is that of
            the parameters themselves. 0 leaves averaging out. `partial_fit` does not
            average. Averages of weights that l1 makes 0 are seldom 0. Not for "lbfgs".
        standardize : bool, default=False
            Whether features are brought to zero mean and unit variance, as learned by
            `fit` from the rows trained on and updated by `partial_fit`. `coefs_` and
            `intercepts_` have it folded in and apply to raw X; the penalty does not.
            Sparse X is scaled without centring, which a UserWarning says.
        """,
    "standardize_target": """
        standardize_target : bool, default=True
            Whether training is on (y - mean) / scale, with mean and standard deviation
            of each column of y (of a constant one the scale 1), so that y of any size
            is learned alike. `fit` learns them from the rows trained on, the first call
            of `partial_fit` from its rows; later calls, and `warm_start`, keep them.
            `coefs_[-1]` and `intercepts_[-1]` have them folded in, and losses, curves
            and `huber_delta` are in the units of y. `alpha` and `tol` are those of the
            standardised problem. Several outputs count alike, whatever their units: the
            cost is the sum over the outputs k of unit / unit[k] times their losses,
            where unit[k] is what a loss of 1 there is in the units of y (scale[k]^2 for
            squares, scale[k] for distances, and for loss="huber" scale[k]^2 times
            min(1, 10 huber_delta / scale[k])) and unit the mean of these. Without a
            penalty, the minimum for one output is that of the loss itself.
            loss="poisson" makes no use of it. False trains on y as it is.
        """,
    "buffer": """
        buffer_size : int or "auto", default="auto"
            For X on disk: rows in memory at a time, which minibatches are drawn from
            while as many are read ahead; "auto" is what fits into 64 MB. X with no more
            rows than that is read once, and trained on as any array is.
        """,
    "scoring": """
        scoring : "loss", str, callable or None, default="loss"
            What judges the rows held out: their loss without penalty, a scorer of
            scikit-learn by name or a function of estimator, X and y, or (None) `score`.
            Where rows have weights it must take `sample_weight` too.
        warn : bool, default=True
            False silences what training has to say (ConvergenceWarning, parameters
            that are not read, digits that are lost), in other processes too.
        """,
    "class_weight": """
        class_weight : dict, "balanced" or None, default=None
            Weight of each class, multiplied with `sample_weight`. "balanced" gives the
            classes present in the rows of the call the same total weight. For
            multilabel targets only "balanced": a row then has the product of what
            its labels would have, as scikit-learn's compute_sample_weight does it.
        """,
    "label_smoothing": """
        label_smoothing : float, default=0.0
            Part s of the certainty of the targets that is spread evenly over all K
            classes, y := (1 - s) y + s / K (two for a sigmoid), in [0, 1). Rows held
            out are not smoothed.
        """,
    "huber_delta": """
        huber_delta : float, default=1.0
            Residual at which loss="huber" turns from a square to a line.
        """,
    "quantile": """
        quantile : float or sequence of float, default=0.5
            Level of the quantile that loss="quantile" predicts, in (0, 1): 0.9 gives
            numbers that y stays below in 9 of 10 rows. Several levels in increasing
            order give an output for each, where y has one column: `predict` returns
            (n_samples, n_levels), sorted within each row so that no two quantiles
            cross.
        """,
    "state": """
        keep_optimizer_state : bool, default=False
            Whether the optimiser's moments stay after `fit` and in pickles, so that
            `warm_start` and `partial_fit` go on exactly where they were (a fit begins
            its schedule of `learning_rate` anew). A pickle is then up to three times
            the size.
        """,
    "checkpoint": """
        checkpoint : str or path-like, default=None
            A file in which `fit` keeps the whole state of its training, so that a crash
            costs no more than an epoch. If the file is there when `fit` begins, it goes
            on from there, and ends with the same bits as a `fit` that nothing has
            stopped. It must be given the same parameters and the same data: a file of
            another training is refused (ValueError), and so is one that is no
            checkpoint. So each training needs a path of its own; a grid search would
            give all its fits the same one. The file stays in the end; delete it to
            begin anew. `partial_fit` takes no part, nor do solvers that do not go by
            steps.
        checkpoint_every : float, default=None
            Seconds between two checkpoints; None writes one after every epoch. The file
            has about five times the size of the parameters ("adam"; nine times with
            `keep_optimizer_state`), and training waits until it is on the disk: where
            epochs take less than a second, 60 costs nothing to speak of.
        """,
    "tabular_members": """
        n_members : int or "auto", default="auto"
            Networks of the ensemble; "auto" is 8 for fewer than 1,000 rows, else 5.
            Each is trained on the rows outside of one fold of `cv`, and stopped by the
            rows of that fold. More members than folds begin with the first fold again,
            of folds that are drawn anew.
        hidden_layer_sizes : int or sequence of int, default=(128, 128)
            Units of the hidden layers of each member, in order.
        """,
    "tabular": """
        activation : str or sequence of str, default="swish"
            Activation of the hidden units, one name for all hidden layers or a name for
            each, out of
            {activations}.
        n_bins : int, default=16
            The most bins of a numeric column in its piecewise-linear encoding; 0 leaves
            the encoding out (see `TableEncoder`).
        max_levels : int, default=40
            Levels of a category that have a column each; rarer ones share one.
        categorical_features : array-like, "from_dtype" or None, default="from_dtype"
            Which columns are categories: a mask, numbers or names of columns.
            "from_dtype" takes those of texts, booleans and categorical types; None
            takes none but texts.
        cv : int, cross-validation splitter or iterable, default=None
            Which rows each member holds out. An int k means k shuffled folds, which
            have the same share of each class; None means a fold for each member, at
            least 5. A splitter that yields one split, as `ShuffleSplit(1)`, makes all
            members hold out the same rows, which is enough from about 100,000 rows on.
        max_iter : int, default=100
            The most epochs of a member. The learning rate falls along half a cosine to
            nearly 0 at the last of them.
        n_iter_no_change : int or "auto", default="auto"
            Epochs in a row without a lower loss of the rows held out after which a
            member stops; "auto" is 16 for fewer than 1,000 rows, else 6. A member keeps
            the parameters of its best epoch.
        learning_rate_init : float, default=0.005
            Learning rate of the first epoch ("adamw").
        batch_size : int or "auto", default="auto"
            Rows of a minibatch; "auto" is 32 for fewer than 500 rows, 64 for fewer than
            2,000, 128 for fewer than 8,000, else 256.
        dropout : float or sequence of float, default=0.0
            Share of the hidden units that each step leaves out.
        """,
    "tabular_training": """
        time_limit : float or None, default=None
            Seconds that `fit` may take. Fewer members, with fewer epochs, are trained
            where time is short; there is always a model. Two fits with a limit may
            differ, whatever `random_state` is.
        n_jobs : int or None, default=None
            Processes that train members at the same time, as joblib counts them. The
            bits of the model do not depend on it.
        verbose : bool or int, default=False
            Whether to print a line when a member is trained.
        random_state : int, RandomState instance or None, default=None
            Draws the folds, then the weights, minibatches and masks of each member.
            The same seed gives the same bits.
        """,
}

ATTRIBUTES = {
    "tabular_shared": """
        members_ : list of DeepNetClassifier or DeepNetRegressor
            The trained networks. They take the rows that `encoder_` returns.
        encoder_ : TableEncoder
            Turns a table into the rows that the members take.
        best_epochs_ : list of int
            The epoch whose parameters each member has.
        n_iter_ : int
            The most epochs that a member was trained.
        n_outputs_ : int
            Output units of a member.
        n_features_in_ : int
            Columns of the table.
        feature_names_in_ : ndarray of shape (n_features_in_,)
            Their names, where X had names that are all strings.
        """,
    "shared": """
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
        learning_rate_curve_ : list of float or None
            The rate of each epoch; None for solvers without one.
        best_loss_ : float or None
            Lowest value of `loss_curve_`; None with early stopping.
        validation_loss_curve_ : list of float or None
            Loss after each epoch, without penalty, on X_val or the rows held out;
            None without any.
        validation_scores_ : list of float or None
            Score after each epoch, greater is better; for scoring="loss" minus
            `validation_loss_curve_`.
        best_validation_score_ : float or None
            The greatest of them.
        best_epoch_ : int or None
            With early stopping the epoch of the best score, counted from 1; its
            parameters are the fitted ones. None otherwise.
        scaler_ : StandardScaler or None
            What standardize=True has learned; predictions do not need it.
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
        """,
    "classes": """
        classes_ : ndarray of shape (n_classes,)
            Class labels, sorted; for multilabel targets the numbers of the labels.
        """,
}


def listed(names):
    return ", ".join(f'"{name}"' for name in names)


def paragraph(text):
    """Return the lines of a description that begins a line."""
    return fill(text, 80, subsequent_indent="    ", break_on_hyphens=False)


def rates(which):
    """Return the default learning rates of the optimisers as text."""
    names = {}
    for name, optimizer in OPTIMIZERS.items():
        names.setdefault(getattr(optimizer, which), []).append(name)
    return paragraph(
        ", ".join(f"{rate:g} for {listed(of)}" for rate, of in names.items())
    )


GAPS = {
    "activations": paragraph(listed(ACTIVATIONS)),
    "losses": listed(REGRESSION),
    "losses_in_words": paragraph(
        "; ".join(f'"{name}" is {loss.in_words}' for name, loss in REGRESSION.items())
    ),
    "solvers": listed([*OPTIMIZERS, "lbfgs"]),
}


def described(**words):
    """Fill the `{name}` lines of a class docstring with the shared texts.

    `words` fill the gaps in those texts that are not among GAPS.
    """
    words = GAPS | words

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
