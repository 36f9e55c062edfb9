"""An objective and a constraint as minimize takes them, and a gradient as check_grad does."""

import numpy as np

from gradcheck import check_gradients
from gradcheck.compat.scipy import check_grad

x = np.array([0.3, 0.4, 0.5])


def objective(x, r):
    return np.sum((x - r) ** 2), x - r  # 2 (x - r) is meant


constraint = {
    "type": "ineq",
    "fun": lambda x, r: np.array([r**2 - x @ x, x[0] * x[1]]),
    "jac": lambda x, r: np.array([-2 * x, [x[0], x[1], 0]]),  # [x[1], x[0], 0] is meant
    "args": (2.0,),
}
print(check_gradients(objective, x, jac=True, args=(2.0,)).diagnosis[0])
print([entry.name for entry in check_gradients(constraint, x).wrong])
print(check_grad(np.sum, np.ones_like, [1, 2, 3]))
