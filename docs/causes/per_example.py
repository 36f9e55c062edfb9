"""Another weight, or another slope, of each example.

The weights of the examples are forgotten, or padding is counted, or the derivative of a sigmoid is. The measured gradient is `X.T`
times a residual that is known, and the claim is `X.T` times another.
"""

import numpy as np
from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, w, y = rng.standard_normal((9, 4)), rng.standard_normal(4), rng.standard_normal(9)
importance = rng.uniform(0.5, 2, 9)


# --8<--
def f(w):
    return np.mean(importance * (X @ w - y) ** 2)


def gradient(w):
    r = 2 * (X @ w - y) / len(y)
    return X.T @ r  # wrong
    return X.T @ (importance * r)  # right


report = check_gradients(f, w, grad=gradient)
