"""The score and the Hessian of a logistic regression, checked, and compared with statsmodels where it is installed.

statsmodels' own score is put to the same check: it is a gradient like any other.
"""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
X = np.column_stack([np.ones(200), rng.standard_normal((200, 3))])
beta = np.array([-0.5, 1.0, 0.0, -2.0])
y = (rng.random(200) < 1 / (1 + np.exp(-X @ beta))).astype(int)


def log_likelihood(beta, X, y):
    z = X @ beta
    return np.sum(y * z - np.logaddexp(0, z))


def score(beta, X, y):
    return X.T @ (y - 1 / (1 + np.exp(-X @ beta)))


def hessian(beta, X, y):
    p = 1 / (1 + np.exp(-X @ beta))
    return -(X.T * p * (1 - p)) @ X


def without_the_variance(beta, X, y):
    return -X.T @ X


print(check_gradients(log_likelihood, beta, X, y, grad=score, hess=hessian))
wrong = check_gradients(log_likelihood, beta, X, y, grad=score, hess=without_the_variance)
print("without p (1 - p):", wrong.verdict.name, *wrong.diagnosis, sep="\n  ")

try:
    from statsmodels.api import Logit
except ImportError:
    print("statsmodels is not installed: nothing to compare with")
else:
    model = Logit(y, X)
    theirs = check_gradients(model.loglike, beta, grad=model.score, hess=model.hessian)
    print("statsmodels:", theirs.verdict.name, f"{theirs.evaluations} evaluations", sep="\n  ")
    print("  largest difference of the scores", f"{np.abs(model.score(beta) - score(beta, X, y)).max():.0e}")
