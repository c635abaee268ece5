"""Pruning of Optuna trials: a callback of scikit-learn's protocol."""

import numpy as np


class PruneTrial:
    """Callback that stops the training of an Optuna trial with poor scores.

    It is passed to `set_callbacks` of a network. After each epoch it reports the score
    of the held-out rows (the last of `validation_scores_`; greater is better) to the
    trial, and raises `optuna.TrialPruned` if the trial should be pruned. `fit` and the
    objective let the exception pass to the study, which counts the trial as pruned.

    Parameters
    ----------
    trial : optuna.Trial
        Trial of a study whose direction is "maximize".

    See Also
    --------
    suggest : The trial's values for a search space.

    Notes
    -----
    Callbacks need scikit-learn 1.9 or newer. The network needs held-out rows:
    `early_stopping=True`, or X_val and y_val of `fit`. The parameter `scoring` of the
    network decides which score is reported; by default it is minus the loss.

    A trial has one curve of scores, so only the first fit of an objective is reported.
    `cross_val_score` and searches treat an exception in a fit as a bad score, unless
    they get error_score="raise".

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
            Context of the fit.
        """
        self._fits += 1

    def on_fit_task_begin(self, estimator, context):
        """Do nothing: an epoch has a score only when it ends.

        Parameters
        ----------
        estimator : estimator
            The network.
        context : CallbackContext
            Context of the fit or the epoch.
        """

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        """Report the score of an epoch, and prune the trial if it should be pruned.

        Parameters
        ----------
        estimator : estimator
            The network.
        context : CallbackContext
            Context of the fit or the epoch.
        fitted_estimator : estimator or None
            The network after this epoch; None if its predictions are not finite.

        Raises
        ------
        optuna.TrialPruned
            If the trial should be pruned.
        ValueError
            If no rows are held out.
        """
        if self._fits > 1 or context.task_name != "epoch":
            return
        score = np.nan  # pruners treat NaN as the worst score
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
        """Do nothing when a fit ends.

        Parameters
        ----------
        estimator : estimator
            The network.
        context : CallbackContext
            Context of the fit.
        """
