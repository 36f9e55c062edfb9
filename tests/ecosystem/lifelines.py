"""lifelines: the partial likelihood of Cox's model, with its gradient and Hessian."""

import numpy as np
import pandas as pd
from lifelines.fitters.coxph_fitter import SemiParametricPHFitter

from ecosystem import derivative, normal

rng = np.random.default_rng(0)
X = pd.DataFrame(normal(12, 2), columns=["age", "dose"])
T, E = pd.Series(np.arange(12.0, 0, -1)), pd.Series(rng.random(12) < 0.7)
W = pd.Series(np.ones(12))
fitter = SemiParametricPHFitter()
latest = np.argsort(T.to_numpy())[::-1]  # the package walks back in time
rows = [thing.iloc[latest] for thing in (X, T, E, W)]


def efron(beta):
    """Return the Hessian, the gradient and the logarithm of Efron's partial likelihood."""
    return fitter._get_efron_values_single(*rows, None, beta)


b = np.array([0.3, -0.2])

CASES = [
    derivative("CoxPHFitter, Efron's partial likelihood", lambda b: efron(b)[2], b, grad=lambda b: efron(b)[1]),
    derivative("CoxPHFitter, its Hessian", lambda b: efron(b)[1], b, vjp=lambda b, v: efron(b)[0] @ v),
]
