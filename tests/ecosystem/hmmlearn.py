"""hmmlearn: the likelihood of a hidden Markov model; its score by Fisher's identity."""

import numpy as np
from hmmlearn.hmm import GaussianHMM

from ecosystem import derivative, normal

X = normal(12, 1)
model = GaussianHMM(2, "diag", init_params="")
model.startprob_, model.transmat_ = np.array([0.6, 0.4]), np.array([[0.8, 0.2], [0.3, 0.7]])
model.covars_, model.means_ = np.array([[0.8], [1.3]]), np.array([[-0.4], [0.9]])


def likelihood(means):
    model.means_ = means
    return model.score(X)


def score(means):
    model.means_ = means
    weights = model.predict_proba(X)
    return np.array([[np.sum(weights[:, k] * (X[:, 0] - means[k, 0])) / model.covars_[k, 0, 0]] for k in range(2)])


CASES = [derivative("GaussianHMM, the score of its means", likelihood, np.array([[-0.4], [0.9]]), grad=score)]
