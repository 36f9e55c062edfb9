"""The truth left out.

The derivative of a loss is the prediction less the truth; one of the two is missing.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
logits, labels = rng.standard_normal((6, 4)), np.array([0, 2, 1, 3, 0, 1])


# --8<--
def loss(logits, labels):
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(6), labels])


def gradient(logits, labels):
    q = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return q / 6  # wrong
    return (q - np.eye(4)[labels]) / 6  # right


report = check_gradients(loss, logits, labels, grad=gradient)
