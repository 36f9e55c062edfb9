"""A namespace of parameters, and a value of more digits."""

from decimal import Decimal
from types import SimpleNamespace

import numpy as np

from gradcheck import assert_gradients, check_gradients

p = SimpleNamespace(W=np.array([1.0, 2.0]), b=0.5)


def f(p):
    return Decimal(float(np.sum(p.W**2) * p.b))


def gradient(p):
    return SimpleNamespace(W=2 * p.W * p.b, b=np.sum(p.W**2))


assert assert_gradients(f, p, grad=gradient)
try:
    assert check_gradients(f, p, grad=gradient)
except TypeError as error:
    print(error)
