"""Trials of Optuna that end early: a callback of scikit-learn's protocol."""

import numpy as np


class PruneTrial:
    """Ends the trainings of an Optuna trial that is not worth going on with.

    A callback for `set_callbacks` of a network. After each epoch it reports the score
    of the rows held out (the newest of `validation_scores_`; greater is better) to the
    trial, and raises `optuna.TrialPruned` where the trial should be pruned. `fit` hands
    that on, and so does the objective, to the study, which counts the trial as pruned.

    Parameters
    ----------
    trial : optuna.Trial
        Of a study whose direction is "maximize".

    See Also
    --------
    suggest : The trial's values for a search space.

    Notes
    -----
    Callbacks need scikit-learn 1.9 or newer, and rows held out: `early_stopping=True`,
    or X_val and y_val of `fit`. `scoring` of the network says what is reported; by
    default that is minus the loss.

    One trial has one curve: where an objective fits several times, the first fit is the
    one that is watched. `cross_val_score` and searches take an error in a fit for a bad
    score unless they are given error_score="raise".

    In a Pipeline, set it on the network, not on the Pipeline.

    Examples
    --------
    >>> from sknn_scratch import DeepNetClassifier
    >>> from sknn_scratch.search import PruneTrial, search_space, suggest
    >>> def objective(trial):
    ...     net = DeepNetClassifier(
    ...         early_stopping=True, scoring="accuracy", random_state=0
    ...     )
    ...     net.set_params(**suggest(trial, search_space(net)))
    ...     net.set_callbacks(PruneTrial(trial))
    ...     return net.fit(X, y).best_validation_score_
    >>> study = optuna.create_study(direction="maximize")  # doctest: +SKIP
    >>> study.optimize(objective, n_trials=100)  # doctest: +SKIP
    """

    def __init__(self, trial):
        self.trial = trial
        self._fits = 0

    def setup(self, estimator, context):
        """Count the fit that begins.

        Parameters
        ----------
        estimator : estimator
            The network.
        context : CallbackContext
            Of the fit.
        """
        self._fits += 1

    def on_fit_task_begin(self, estimator, context):
        """Nothing: an epoch has a score when it ends.

        Parameters
        ----------
        estimator : estimator
            The network.
        context : CallbackContext
            Of the fit or the epoch.
        """

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        """Report the epoch, and prune.

        Parameters
        ----------
        estimator : estimator
            The network.
        context : CallbackContext
            Of the fit or the epoch.
        fitted_estimator : estimator or None
            The network as of this epoch; None where it predicts nothing finite.

        Raises
        ------
        optuna.TrialPruned
            If the trial should be pruned.
        ValueError
            If no rows are held out.
        """
        if self._fits > 1 or context.task_name != "epoch":
            return
        score = np.nan  # which pruners take for the worst
        if fitted_estimator is not None:
            if fitted_estimator.validation_scores_ is None:
                raise ValueError(
                    "PruneTrial must have rows held out to judge by, got none; set "
                    "early_stopping=True, or give X_val and y_val to fit."
                )
            score = fitted_estimator.validation_scores_[-1]
        self.trial.report(score, context.task_id)
        if self.trial.should_prune():
            from optuna import TrialPruned

            raise TrialPruned(f"after {context.task_id + 1} epochs")

    def teardown(self, estimator, context):
        """Nothing is left to do when a fit ends.

        Parameters
        ----------
        estimator : estimator
            The network.
        context : CallbackContext
            Of the fit.
        """
