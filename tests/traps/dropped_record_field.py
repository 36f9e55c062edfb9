"""Are the numbers in a record looked at?

Of the fields of a dataclass some are parameters and some settings; which, the gradient tells: `replace(p, w=...)` hands
the settings back as they were.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from traps import normal, right, wrong


@dataclass
class Params:
    w: np.ndarray
    bias: float = 0.0
    degree: int = 2
    name: str = "p"


@dataclass(frozen=True)
class Narrow:
    a: np.float32
    k: np.int64


class Pair(NamedTuple):
    a: float
    k: int


def f(p):
    return np.sum(p.w**2) * p.bias + p.degree * p.bias


def df(p):
    return Params(2 * p.w * p.bias, np.sum(p.w**2) + p.degree, p.bias)


def product(p):
    return float(p.a) * p.k**2


def dproduct(p):
    return type(p)(float(p.k) ** 2, 2 * p.a * p.k)


def off(p):
    return type(p)(float(p.k) ** 2, 99.0)


POINT = Params(normal(3), 1.5, 2)
NARROW, PAIR = Narrow(np.float32(1.5), np.int64(3)), Pair(1.5, 3)

CASES = [
    right("every field", f, POINT, grad=df),
    right("settings handed back", f, POINT, grad=lambda p: replace(p, w=2 * p.w * p.bias)),
    right("a dict with some of them", f, POINT, grad=lambda p: {"w": df(p).w, "bias": df(p).bias}),
    right("numbers of NumPy", product, NARROW, grad=dproduct),
    right("a named tuple", product, PAIR, grad=dproduct),
    wrong("a float", f, POINT, grad=lambda p: replace(df(p), bias=99.0), named=("bias",)),
    wrong("a whole number", f, POINT, grad=lambda p: replace(df(p), degree=99.0), named=("degree",)),
    wrong("an array beside settings", f, POINT, grad=lambda p: replace(p, w=p.w * p.bias)),
    wrong("numbers of NumPy, 99", product, NARROW, grad=off, named=("k",)),
    wrong("a named tuple, 99", product, PAIR, grad=off, named=("p.k",)),
]
