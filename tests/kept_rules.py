"""Which function keeps all rules of the protocol, so that a test may break one of them?"""

from __future__ import annotations

import numpy as np

X = np.array([[0.3, -1.2, 2.0], [0.7, 0.1, -0.4]])
POINT = {"W": X, "b": np.array([1.0, 2.0])}


def f(p):
    return float(np.sum(p["W"] ** 2) + np.sum(p["b"] ** 3))


def df(p):
    return {"W": 2 * p["W"], "b": 3 * p["b"] ** 2}


def only(report):
    """Return the one problem of a report."""
    assert len(report.problems) == 1
    return report.problems[0]
