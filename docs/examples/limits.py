"""Wrong gradients that pass, and how to see them."""

import numpy as np

from gradcheck import check_gradients

x = np.array([0.3, -0.5, 0.8])


def show(limit, *args, **keywords):
    report = check_gradients(*args, **keywords)
    print(f"{limit}: {report.verdict}")


# --8<--
# 1. the function is not the one that was meant: a sum, where the cost should be a mean
show("not what was meant", lambda x: np.sum(x**2), x, grad=lambda x: 2 * x)

# 2. an error below the smallest that matters, and the same with a smaller rtol
show("1e-8 off", lambda x: np.sum(np.sin(x)), x, grad=lambda x: np.cos(x) * (1 + 1e-8))
show("1e-8 off, rtol=1e-9", lambda x: np.sum(np.sin(x)), x, grad=lambda x: np.cos(x) * (1 + 1e-8), rtol=1e-9)

# 3. a branch that is not taken at this point, and the same at a point that takes it
show("another branch", lambda x: np.sum(x**2), x, grad=lambda x: np.where(x < 10, 2 * x, x))
show("that branch", lambda x: np.sum(x**2), x + 20, grad=lambda x: np.where(x < 10, 2 * x, x))

# 4. a wave far shorter than any step: its mean slope, 1, is all that is seen
show("short waves", lambda x: np.sum(np.sin(1e12 * x) / 1e12 + x), x, grad=np.ones_like)
