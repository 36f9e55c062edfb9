"""Functions and gradients with which nothing can be compared."""

import numpy as np

from gradcheck import check_gradients

x = np.random.default_rng(0).standard_normal(5)


def show(cause, *args, **keywords):
    report = check_gradients(*args, **keywords)
    print(f"{cause}: {report.verdict}", *(problem.sentence for problem in report.problems), sep="\n  ")


# --8<--
# 1. a backward that adds to what it returned before
total = np.zeros(5)
show("sum", lambda x: np.sum(np.sin(x)), x, grad=lambda x: np.add(total, np.cos(x), out=total))


# 2. a function that changes its own input
def centred(x):
    x -= x.mean()
    return x @ x


show("in place", centred, x, grad=lambda x: 2 * (x - x.mean()))

# 3. a value that is not finite at the given point
with np.errstate(divide="ignore"):
    show("infinite", lambda p: -np.sum(np.log(p)), np.array([0.0, 1.0]), grad=lambda p: -1 / p)
