"""Points where nothing moves the function."""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, w = rng.standard_normal((6, 3)), rng.standard_normal(3)


def show(cause, *args, **keywords):
    report = check_gradients(*args, **keywords)
    print(f"{cause}:", {str(verdict): number for verdict, number in report.counts.items()})


# --8<--
# 1. units that are dead at this point: every pre-activation is negative
show("dead", lambda w: np.sum(np.maximum(X @ w - 100, 0)), w, grad=lambda w: X.T @ (X @ w > 100))

# 2. a parameter that the function does not use
show("unused", lambda p: p["a"] @ p["a"], {"a": w, "b": w}, grad=lambda p: {"a": 2 * p["a"], "b": 0 * p["b"]})

# 3. rows that no example of this batch looks up
show("rows", lambda E: np.sum(E[[0, 2]] ** 2), X, grad=lambda E: 2 * E * np.isin(np.arange(6), [0, 2])[:, None])
