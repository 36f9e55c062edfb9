"""Which point has a function and a gradient that are known, and how is it opened?"""

from __future__ import annotations

import numpy as np

from gradcheck import Oracle
from gradcheck._model.subject import Subject

X = np.array([1.0, 2.0, 3.0])
POINT = {"W": np.array([[1.0, 2.0], [3.0, 4.0]]), "b": np.array([0.5, 0.0])}


def value(p):
    return float(np.sum(p["W"] ** 2) + np.sum(p["b"]))


def gradient(p):
    return {"W": 2 * p["W"], "b": np.ones(2)}


def opened(point=POINT, f=value, df=gradient, promote=False, **fields):
    return Subject.of(Oracle(point, f, df, **fields), promote=promote)
