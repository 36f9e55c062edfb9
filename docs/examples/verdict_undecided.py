"""Functions that are too noisy, or too rough, to tell."""

import numpy as np

from gradcheck import check_gradients

x = np.random.default_rng(0).standard_normal(5)
np.random.seed(0)


def show(cause, *args, **keywords):
    report = check_gradients(*args, **keywords)
    print(f"{cause}: {report.verdict}", *report.notes, sep="\n  ")


# --8<--
# 1. something inside has few digits: a cast, a rounded result, a loose tolerance of a solver
show("rounded", lambda x: round(np.sum(np.sin(x)), 3), x, grad=np.cos)

# 2. a small loss on top of a huge constant, in whose rounding the slope is lost
show("constant", lambda x: 1e16 + np.sum(np.sin(x)), x, grad=np.cos)

# 3. random numbers that decide the slope, of which the gradient knows nothing
show("random", lambda x: np.sum(np.sin(x) * (np.random.random(5) < 0.5)), x, grad=np.cos)
