"""How small an error of one entry does a dot test see, among sums of as many as there are entries?

<u, A v> - <A* u, v> is the error of an entry times u_i v_j, and each product of an operator and a vector is a sum. With
rtol= an error is allowed in each entry: those have signs that have nothing to do with u and v, or are a common factor.
"""

import numpy as np

from traps import normal, right, wrong

A, x = normal(40, 40), normal(40, seed=1)
off = A.copy()
off[3, 5] += 0.3
rough = A * (1 + 1e-3 * np.sign(normal(40, 40, seed=2)))

CASES = [
    right("signs of 1e-3 in every entry", lambda v: A @ v, x, adjoint=lambda u: rough.T @ u, rtol=1e-3),
    right("a factor of 1 + 9e-4", lambda v: A @ v, x, adjoint=lambda u: 1.0009 * A.T @ u, rtol=1e-3),
    wrong("an entry off by 0.3 of its usual size", lambda v: A @ v, x, adjoint=lambda u: off.T @ u, rtol=1e-3),
]
