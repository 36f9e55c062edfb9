"""Is what a record computes of its fields, when it is made, computed anew for other numbers?

A record that is copied and given other arrays still has the sum, the inverse or the table of the old ones: a right
gradient by what is kept is wrong, and one that forgets it passes. A length is none of its numbers.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from traps import normal, right, wrong

A, B = normal(3), normal(3, seed=1)


@dataclass
class WithTotal:
    a: np.ndarray
    b: np.ndarray

    def __post_init__(self):
        self.total = self.a.sum()


@dataclass(frozen=True, slots=True)
class WithSquares:
    a: np.ndarray
    b: np.ndarray
    squares: np.ndarray = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "squares", self.a**2)


@dataclass
class WithLength:
    a: np.ndarray
    b: np.ndarray
    n: int = field(init=False)

    def __post_init__(self):
        self.n = len(self.a)


@dataclass
class Drawn:
    """Its weights are no result of its fields, although they are made with it."""

    width: int
    W: np.ndarray = field(init=False)

    def __post_init__(self):
        self.W = np.random.default_rng(1).standard_normal(self.width)


@dataclass
class Of:
    inner: WithTotal

    def __post_init__(self):
        self.square = self.inner.total**2


class Flat(dict):
    def __init__(self, *args, **keywords):
        super().__init__(*args, **keywords)
        self.flat = np.concatenate([*self.values()])


class Parts(NamedTuple):
    a: np.ndarray
    b: np.ndarray


class Pair(Parts):
    def __new__(cls, a, b):
        made = super().__new__(cls, a, b)
        made.total = a.sum()
        return made


@dataclass
class WithModel:
    a: np.ndarray
    b: np.ndarray

    def __post_init__(self):
        self.model = lambda x: x @ self.a


def like(p, a, b):
    return type(p)(a, b)


def f(p):
    return np.sum(np.sin(p.a) * p.b**2)


def parts(p):
    return np.cos(p.a) * p.b**2, 2 * np.sin(p.a) * p.b


def with_total(p):
    return f(p) + p.total


def with_squares(p):
    return f(p) + np.sum(p.squares)


def square(p):
    return f(p.inner) + p.square


def drawn(factor):
    def gradient(p):
        g = Drawn(p.width)
        g.W = factor * p.W
        return g

    return gradient


def modelled(p):
    return p.model(p.b)


CASES = [
    wrong("a sum beside a pair, forgotten", with_total, Pair(A, B), grad=lambda p: like(p, *parts(p))),
    wrong("a function of its own, half", modelled, WithModel(A, B), grad=lambda p: like(p, p.b / 2, p.a)),
    right("a sum beside a pair", with_total, Pair(A, B), grad=lambda p: like(p, parts(p)[0] + 1, parts(p)[1])),
    right("a function of its own", modelled, WithModel(A, B), grad=lambda p: like(p, p.b, p.a)),
    wrong(
        "a sum, forgotten",
        with_total,
        WithTotal(A, B),
        grad=lambda p: like(p, *parts(p)),
        named=("a[0]", "a[1]", "a[2]"),
    ),
    wrong("squares, forgotten", with_squares, WithSquares(A, B), grad=lambda p: like(p, *parts(p))),
    wrong("a sum within, forgotten", square, Of(WithTotal(A, B)), grad=lambda p: Of(like(p.inner, *parts(p.inner)))),
    wrong("in a dict, half", lambda p: np.sum(p.flat**2), Flat(a=A, b=B), grad=lambda p: {"a": p["a"], "b": p["b"]}),
    wrong("weights that are drawn, half", lambda p: p.W @ p.W, Drawn(3), grad=drawn(1.0)),
    right("a sum", with_total, WithTotal(A, B), grad=lambda p: like(p, parts(p)[0] + 1, parts(p)[1])),
    right("squares", with_squares, WithSquares(A, B), grad=lambda p: like(p, parts(p)[0] + 2 * p.a, parts(p)[1])),
    right("a length", lambda p: p.n * f(p), WithLength(A, B), grad=lambda p: like(p, *(3 * d for d in parts(p)))),
    right(
        "a sum within",
        square,
        Of(WithTotal(A, B)),
        grad=lambda p: Of(like(p.inner, parts(p.inner)[0] + 2 * p.inner.total, parts(p.inner)[1])),
    ),
    right("in a dict", lambda p: np.sum(p.flat**2), Flat(a=A, b=B), grad=lambda p: {"a": 2 * p["a"], "b": 2 * p["b"]}),
    right("weights that are drawn", lambda p: p.W @ p.W, Drawn(3), grad=drawn(2.0)),
]
