"""Are the transposes in the derivative of an inverse where they belong?

d sum(C * inv A) = -inv(A)' C inv(A)'. Without the transposes it has the right shape and size, and is right for a
symmetric pair: among symmetric matrices it is the gradient, and that it is wrong of others is a note.
"""

import numpy as np

from traps import normal, right, wrong

A, C = normal(4, 4) + 3 * np.eye(4), normal(4, 4, seed=1)
S, D = A + A.T, C + C.T


def f(C):
    return lambda A: np.sum(C * np.linalg.inv(A))


def df(C):
    return lambda A: -np.linalg.inv(A).T @ C @ np.linalg.inv(A).T


def forgotten(C):
    return lambda A: -np.linalg.inv(A) @ C @ np.linalg.inv(A)


CASES = [
    right("transposed", f(C), A, grad=df(C)),
    wrong("not transposed", f(C), A, grad=forgotten(C)),
    right("not transposed, at a symmetric point", f(D), S, grad=forgotten(D)),
    wrong("not transposed, at a symmetric point, of a pair that is not", f(C), S, grad=forgotten(C)),
]
