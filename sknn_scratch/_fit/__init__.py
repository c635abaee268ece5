"""From the parameters and the data of an estimator to a training run."""
