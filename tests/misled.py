"""Wrong gradients that look like another mistake than theirs: what must be said of each, and what must not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RNG = np.random.default_rng(5)
X = RNG.normal(size=8)
POSITIVE = np.abs(X) + 0.3
A = RNG.normal(size=(4, 5))
W = RNG.normal(size=8)
CELL = 2.7  # what a function sees and its gradient forgets


@dataclass(frozen=True, eq=False)
class Misled:
    """A call of check_gradients, the words that must stand in its diagnosis, and those that must not."""

    f: object
    args: tuple
    keywords: dict
    said: tuple[str, ...]
    false: tuple[str, ...]


MISLED: dict[str, Misled] = {}


def misled(name, f, args, said=(), false=(), **keywords):
    """Enter a case in the table."""
    MISLED[name] = Misled(f, args, keywords, said, false)


def scaled(factor):
    return lambda x: factor * np.cos(x)


def sine(x):
    return np.sum(np.sin(x))


# ------------------------------------------------------------------------------------------ the wrong cause was said

misled(
    "a derivative with respect to the logarithm is no ReLU",
    lambda x: np.sum(x**2 + x),
    (POSITIVE,),
    ("with respect to the logarithm of x",),
    ("ReLU", "passed on"),
    grad=lambda x: x * (2 * x + 1),
)
misled(
    "x times the gradient, of both signs",
    lambda x: np.sum(np.sin(x)),
    (X,),
    ("x is multiplied in once too often",),
    ("ReLU", "derivative of log"),
    grad=lambda x: x * np.cos(x),
)
misled(
    "a linear map is not stale",
    lambda x: A @ x,
    (X[:5],),
    false=("stale",),
    vjp=lambda _, u: A.T @ u + np.where(np.arange(5) == 2, 1e-5 * u.sum(), 0),
)
misled(
    "a linear function is not stale",
    lambda x: W @ x,
    (X,),
    false=("stale",),
    grad=lambda _: W + np.where(np.arange(8) == 2, 1e-5, 0),
)
misled(
    "small errors are no single precision",
    sine,
    (X,),
    false=("float32", "another order"),
    grad=lambda x: np.cos(x) * (1 + 1e-6 * np.sin(37 * x)),
)
misled("a factor near one is no single precision", sine, (X,), ("1.000002 times",), ("float32",), grad=scaled(1 + 2e-6))
misled(
    "factors near one are no gains",
    sine,
    (A,),
    false=("a factor of its own", "from 1 to 1"),
    grad=lambda x: np.cos(x) * (1 + 3e-6 * np.arange(5)),
)
misled(
    "3/2 of three numbers is no size", sine, (X[:3],), ("1.5 times",), ("half of", "width", "batch"), grad=scaled(1.5)
)
misled("4/3 of four numbers is no size", sine, (X[:4],), ("1.33333 times",), ("n - 1",), grad=scaled(4 / 3))
misled(
    "three numbers are no batch", sine, (X[:3],), ("3 is the first axis of x", "of a power"), ("batch",), grad=scaled(3)
)
misled(
    "of one sign no sign is lost",
    lambda x: np.sum(-np.exp(x)),
    (X,),
    ("the sign is wrong",),
    ("its sign is lost", "without its sign"),
    grad=np.exp,
)
misled(
    "a size is no sign where all are positive",
    lambda x: 3 * np.sum(x),
    (POSITIVE,),
    false=("sign",),
    grad=lambda x: x + 4,
)
misled(
    "what is held fixed is not what is wrong",
    lambda p: np.sum(np.sin(p["x"]) * p["running"]),
    ({"running": POSITIVE, "x": X},),
    ("x: every entry is exactly twice",),
    grad=lambda p: {"running": 0 * X, "x": 2 * np.cos(p["x"]) * p["running"]},
)
misled(
    "and is not said alone",
    lambda p: np.sum(np.sin(p["x"]) * p["running"]),
    ({"running": POSITIVE, "x": X},),
    ("x: cause not recognised",),
    grad=lambda p: {"running": 0 * X, "x": np.cos(p["x"]) * p["running"] + np.cos(np.arange(8) ** 2)},
)

# ---------------------------------------------------------------------------------------------- the cause was unknown

misled("degrees for radians", sine, (X,), ("0.0174533 times", "pi/180: degrees for radians"), grad=scaled(np.pi / 180))
misled("calories for joules", sine, (X,), ("4.184: calories for joules",), grad=scaled(4.184))
misled(
    "a base of the logarithm",
    lambda x: np.sum(np.log2(x)),
    (POSITIVE,),
    ("ln 2: a logarithm to base 2",),
    grad=lambda x: 1 / x,
)
misled(
    "an argument is left out",
    lambda x, k: k * np.sum(np.sin(x)),
    (X, CELL),
    ("1/k, with k = 2.7",),
    grad=lambda x, _: (np.cos(x), np.sum(np.sin(x))),
)
misled("a number of the closure", lambda x: CELL * np.sum(np.sin(x)), (X,), ("1/CELL, with CELL = 2.7",), grad=np.cos)
misled("an array is left out", lambda x: np.sum(W * np.sin(x)), (X,), ("W is left out",), grad=np.cos)
misled(
    "the cotangent twice",
    lambda x: np.sin(x) * x[::-1],
    (X,),
    ("squared cotangent",),
    vjp=lambda x, u: u * u * np.cos(x) * x[::-1] + (u * u * np.sin(x))[::-1],
)
misled(
    "one row of a Jacobian",
    lambda x: np.array([np.sum(np.sin(x)), np.sum(x**2), np.sum(np.exp(x))]),
    (X,),
    ("output[1] alone", "one row of the Jacobian"),
    vjp=lambda x, _: 2 * x,
)
misled(
    "one row, with its cotangent",
    lambda x: np.array([np.sum(np.sin(x)), np.sum(x**2), np.sum(np.exp(x))]),
    (X,),
    ("the cotangent of the output[1] is used",),
    vjp=lambda x, u: u[1] * 2 * x,
)
misled(
    "rounding",
    np.round,
    (5 * X,),
    ("a straight-through estimator",),
    vjp=lambda _, u: u,
)
misled(
    "two causes",
    lambda x: 2 * np.sum(x),
    (X,),
    ("exactly twice", "or, which explains it as well: every entry is 2 too large"),
    grad=lambda x: np.full_like(x, 4.0),
)
misled(
    "a mistake at a point of equal numbers",
    lambda x: np.sum(np.tanh(x)),
    (np.full(4, 2.0),),
    ("cause not recognised: where all entries are alike any mistake looks like a factor; give numbers that differ",),
    ("constant", "clipped"),
    grad=lambda x: 1 - np.tanh(x),
)
misled(
    "a gradient of norm 4 at a point of equal numbers",
    lambda x: np.sum(x**2 + x),
    (np.ones(4),),
    ("cause not recognised",),
    ("clipped", "constant"),
    grad=lambda x: 2 * x,
)
misled(
    "a factor at a point of equal numbers",
    lambda x: np.sum(x**2),
    (np.full((2, 3), 2.0),),
    ("exactly twice", "or another mistake: where all entries are alike any mistake looks like a factor"),
    grad=lambda x: 2 * x * x,
)
misled(
    "weight decay of equal weights",
    lambda w: np.sum(np.tanh(A @ w)) + 0.1 * w @ w,
    (np.ones(5),),
    ("every entry is 0.2 too small: a constant term, or one of w, whose entries are alike, is wrong",),
    grad=lambda w: A.T @ (1 - np.tanh(A @ w) ** 2),
)
misled(
    "a square of negative numbers",
    lambda x: np.sum(np.sin(x)),
    (-POSITIVE,),
    ("-0.3 times x",),
    ("ReLU",),
    grad=lambda x: np.cos(x) + 0.3 * x,
)
misled(
    "a factor of values near the largest number",
    lambda x: 1e200 * np.sum(np.sin(x)),
    (X,),
    ("0.37 times the measured value",),
    grad=lambda x: 0.37e200 * np.cos(x),
)
misled(
    "numbers whose squares are none",
    lambda x: np.sum(np.log(np.abs(x))),
    (1e300 * X,),
    ("1.5 times the measured value",),
    grad=lambda x: 1.5 / x,
)
misled(
    "numbers whose squares are none, each off by a part of its own",
    lambda x: np.sum(np.log(np.abs(x))),
    (1e300 * X,),
    ("cause not recognised",),
    grad=lambda x: (1 + 0.1 * W) / x,
)
misled(
    "a factor of what is a multiple of the input",
    lambda x: np.sum(x**2) / 7,
    (X,),
    ("0.37 times the measured value: a constant factor",),
    ("times the input is left out",),
    grad=lambda x: 0.37 * 2 * x / 7,
)
misled(
    "a third where there are six",
    lambda x: np.sum(np.sin(x)),
    (RNG.normal(size=(6, 1)),),
    ("0.333333 times the measured value: a constant factor",),
    ("2/6", "batch"),
    grad=lambda x: np.cos(x) / 3,
)
misled(
    "two that are exchanged",
    lambda x: np.sum(np.sin(x)),
    (X[:2],),
    ("the two entries along axis 0 of the measured gradient are exchanged",),
    ("an index off by one",),
    grad=lambda x: np.cos(x)[::-1],
)
misled(
    "the sign of one column",
    lambda w: np.sum(np.exp(w) * [1.0, -1.0, 2.0]),
    (A[:, :3],),
    ("(in column 1 alone) are minus the measured value: the sign is wrong",),
    ("absolute value",),
    grad=lambda w: np.exp(w) * [1.0, 1.0, 2.0],
)
