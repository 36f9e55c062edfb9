"""Is a softmax over scores of a sequence differentiated through scores, values and scale?

softmax(Q K' / sqrt d) V: the scale forgotten in the backward is a factor of sqrt d in two of three gradients, and right
in the third.
"""

import numpy as np

from traps import normal, right, wrong

p = {"Q": normal(5, 4), "K": normal(5, 4, seed=1), "V": normal(5, 4, seed=2)}
C = normal(5, 4, seed=3)


def attend(p):
    scores = p["Q"] @ p["K"].T / 2
    e = np.exp(scores - scores.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def f(p):
    return np.sum(C * (attend(p) @ p["V"]))


def back(scale):
    def df(p):
        A = attend(p)
        dA = C @ p["V"].T
        dS = A * (dA - (A * dA).sum(1, keepdims=True)) * scale
        return {"Q": dS @ p["K"], "K": dS.T @ p["Q"], "V": A.T @ C}

    return df


CASES = [
    right("scaled", f, p, grad=back(0.5)),
    wrong("the scale forgotten", f, p, grad=back(1)),
]
