"""Why training ended: the reasons of a `Watch`, for tables and for sentences."""

ENDINGS = {  # reason -> word, and what it means: "It ended because ..."
    "max_iter": ("max_iter", "it went through all the epochs it was allowed"),
    "plateau": ("tol", "the cost did not fall by more than tol any longer"),
    "gradient": ("tol", "no entry of the gradient exceeded tol any longer"),
    "converged": ("tol", "tol was met"),
    "validation": ("validation", "the rows held out got no better score any longer"),
    "precision": ("precision", "no step lowered the cost any more in this precision"),
    "max_fun": ("max_fun", "max_fun evaluations of the cost were used up"),
    "diverged": ("diverged", "the cost stopped being finite"),
    "observer": ("stopped", "an observer stopped it"),
    "callback": ("stopped", "a callback stopped it"),
    "interrupted": ("stopped", "it was interrupted"),
}


def ending_of(network):
    """The word and the meaning; None where the network does not know any more."""
    return ENDINGS.get(network._ending)
