"""A linear operator of PyLops and its adjoint: a blur, a sampling, and a derivative whose adjoint is wrong.

`check_adjoint` makes the dot test, <u, A v> = <A* u, v>, and, where it fails, finds the entry or block to blame.
"""

import numpy as np
import pylops

from gradcheck import check_adjoint

N = 64
rng = np.random.default_rng(0)
blur = pylops.signalprocessing.Convolve1D(N, h=np.array([1.0, 2.0, 0.5]) / 3.5, offset=1)
sampled = pylops.Restriction(N, np.sort(rng.choice(N, 20, replace=False)))


class Derivative(pylops.LinearOperator):
    """Backward differences, y[k] = x[k] - x[k - 1], with y[0] = x[0]."""

    def __init__(self, n, forgetful):
        super().__init__(dtype=np.float64, dims=(n,), dimsd=(n,))
        self.forgetful = forgetful

    def _matvec(self, x):
        return np.diff(x, prepend=0.0)

    def _rmatvec(self, y):
        x = y.copy()
        x[:-1] -= y[1:]
        if self.forgetful:
            x[-1] = 0  # the last sample has no successor; here it has lost itself as well
        return x


print(check_adjoint(sampled @ blur))
for forgetful in (True, False):
    print(check_adjoint(sampled @ blur @ Derivative(N, forgetful)))
