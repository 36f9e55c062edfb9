"""A constraint as minimize takes it, and a gradient as check_grad does."""

import numpy as np

from gradcheck import check_gradients
from gradcheck.compat.scipy import check_grad

constraint = {
    "type": "ineq",
    "fun": lambda x, r: np.array([r**2 - x @ x, x[0] * x[1]]),
    "jac": lambda x, r: np.array([-2 * x, [x[0], x[1]]]),  # [x[1], x[0]] is meant
    "args": (2.0,),
}
report = check_gradients(constraint, np.array([0.3, 0.4]))
print([entry.name for entry in report.wrong])
print(check_grad(np.sum, np.ones_like, [1, 2, 3]))
