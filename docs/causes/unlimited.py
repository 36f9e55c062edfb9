"""A limit forgotten.

The function is limited, as a Huber loss is, or has a sign in its gradient, and the claim has neither.
"""

import numpy as np
from gradcheck import check_gradients

r = 2 * np.random.default_rng(0).standard_normal(12)


# --8<--
def huber(r):
    c = np.clip(r, -1, 1)
    return np.sum(c * (r - c / 2))


def gradient(r):
    return r  # wrong
    return np.clip(r, -1, 1)  # right


report = check_gradients(huber, r, grad=gradient)
