"""Which breaches of the protocol are told, in which words, and after how many calls? As it was decided before."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from record import differences, kept, said

from gradcheck import Oracle, check_gradients

CASES = {}
X = 0.3 + 0.1 * np.arange(6.0)
TABLE = X.reshape(2, 3)
SINGLE = X.astype(np.float32)


def case(name, make):
    """Enter a check in the table: it is made anew each time, as some of the functions remember their calls."""
    CASES[name] = lambda: said(check_gradients(*(made := make())[0], **made[1]))


def call(f, *args, **keywords):
    return (f, *args), keywords


def curve(x):
    return x / (1 + x * x)


def slope(x):
    return (1 - x * x) / (1 + x * x) ** 2


def pulled(name, pull, x=X, f=curve, **keywords):
    case(name, lambda: call(f, x.copy(), vjp=pull, **keywords))


def of(name, f, grad, *args, **keywords):
    case(name, lambda: call(f, *(a.copy() for a in args or (X,)), grad=grad, **keywords))


# --------------------------------------------------------------------------- is the backward linear in its cotangent?

pulled("linear", lambda x, u: u * slope(x))
pulled("linear, of a table", lambda x, u: u * slope(x), TABLE)
pulled("linear, in single precision", lambda x, u: u * slope(x), SINGLE)
pulled("linear, in single precision as it is", lambda x, u: u * slope(x), SINGLE, precision="as-is")
pulled("linear, in half precision", lambda x, u: u * slope(x), X.astype(np.float16), precision="as-is")
pulled("wrong and linear", lambda x, u: 1.5 * u * slope(x))
pulled("rounds its cotangent to single", lambda x, u: u.astype(np.float32) * slope(x))
pulled("rounds its cotangent to half", lambda x, u: np.clip(u, -6e4, 6e4).astype(np.float16).astype(float) * slope(x))
for much in (1e-3, 1e-6, 1e-9, 1e-11, 1e-13):
    pulled(f"the cotangent's size, {much}", lambda x, u, much=much: u * slope(x) * (1 + much * np.abs(u)))
    pulled(f"a constant, {much}", lambda x, u, much=much: u * slope(x) + much)
pulled("its absolute value", lambda x, u: np.abs(u) * slope(x))
pulled("its square", lambda x, u: u * u * slope(x))
pulled("its positive part", lambda x, u: np.maximum(u, 0) * slope(x))
pulled("its sign", lambda x, u: np.sign(u) * slope(x))
pulled("no cotangent", lambda x, u: slope(x) + 0 * u)
pulled("the sum of its cotangent", lambda x, u: np.sum(u) * slope(x))
for most in (1.5, 30.0, 1e3, 1e5, 1e7):
    pulled(f"a clamp at {most}", lambda x, u, most=most: np.clip(u, -most, most) * slope(x))
    pulled(f"a clamp of the gradient at {most}", lambda x, u, most=most: np.clip(u * slope(x), -most, most))
pulled("not finite for zero", lambda x, u: u * slope(x) * (u @ u) / (u @ u) if u.any() else np.full(6, np.nan))
pulled("raises for zero", lambda x, u: u * slope(x) / float(1 / (1 // int(bool(u.any())))))
pulled("raises for large ones", lambda x, u: u * slope(x) / (1 // int(bool((np.abs(u) < 1e4).all()))))
pulled("overflows for large ones", lambda x, u: u * slope(x) * np.where(np.abs(u).max() > 1e4, np.inf, 1.0))

# -------------------------------------------------------- does it matter how the cotangent lies, and is it left alone?

pulled("changes its cotangent", lambda x, u: np.multiply(u, slope(x), out=u))
pulled(
    "changes its cotangent and back", lambda x, u: (np.multiply(u, 2, out=u), np.multiply(u, 0.5, out=u))[1] * slope(x)
)
pulled("reads it as it lies", lambda x, u: u.ravel(order="K").reshape(u.shape) * slope(x), TABLE)
pulled("reads its memory", lambda x, u: np.frombuffer(u, count=u.size).reshape(u.shape) * slope(x), TABLE)
pulled("asks for one piece", lambda x, u: u.reshape(-1).view(np.uint64).view(float).reshape(u.shape) * slope(x), TABLE)

# ---------------------------------------------------------------------------------- is it the same from call to call?


class Restless:
    """A curve that remembers its calls, in one way or another."""

    def __init__(self, way, much=1e-3):
        self.way, self.much, self.calls, self.kept, self.sum = way, much, 0, None, np.zeros(6)

    def value(self, x):
        self.calls += 1
        total = float(np.sum(curve(x)))
        if self.way == "drifts":
            return total + self.much * self.calls
        if self.way == "warms up":
            return total + self.much / 4**self.calls
        if self.way == "keeps the first":
            self.kept = total if self.kept is None else self.kept
            return self.kept
        if self.way == "keeps the last":
            self.kept, total = total, total if self.kept is None else 0.9 * total + 0.1 * self.kept
            return total
        if self.way == "rounds at times":
            return total + self.much * (self.calls % 2)
        return total

    def grad(self, x):
        if self.way == "adds up":
            self.sum += slope(x)
            return self.sum.copy()
        if self.way == "another gradient":
            self.calls += 1
            return slope(x) * (1 + self.much * self.calls)
        return slope(x)


def restless(name, way, much=1e-3, **keywords):
    def make():
        model = Restless(way, much)
        return call(model.value, X.copy(), grad=model.grad, **keywords)

    case(name, make)


for way in ("drifts", "warms up", "keeps the first", "keeps the last", "adds up", "another gradient"):
    restless(way, way)
for much in (1e-6, 1e-9, 1e-12, 1e-14, 1e-15):
    restless(f"drifts by {much}", "drifts", much)
    restless(f"rounds at times by {much}", "rounds at times", much)
    restless(f"another gradient by {much}", "another gradient", much)

of("changes its input", lambda x: float(np.sum(np.multiply(x, 2, out=x))), lambda x: 2 + 0 * x)
of("its gradient changes its input", lambda x: float(np.sum(x * x)), lambda x: np.multiply(x, 2, out=x))
of("not a number", lambda x: float(np.sum(x)) + np.nan, np.ones_like)
of("infinite", lambda x: float(np.sum(x)) + np.inf, np.ones_like)
of("a gradient that fails the second time", lambda x: float(np.sum(x)), lambda x: x / 0 if x is None else np.ones(6))
of("a gradient with a nan", lambda x: float(np.sum(x)), lambda x: np.where(x > 0.7, np.nan, 1.0))
of("a gradient in single precision", lambda x: float(np.sum(curve(x))), lambda x: slope(x).astype(np.float32))
of("a gradient in half precision", lambda x: float(np.sum(curve(x))), lambda x: slope(x).astype(np.float16))
of("in single precision inside", lambda x: float(np.sum(curve(x.astype(np.float32)))), slope)
of("single precision as it is", lambda x: np.sum(curve(x)), slope, SINGLE, precision="as-is")

# ------------------------------------------------------------------------------------- does forward mode say the same?

U = np.array([0.5, -1.5, 2.0, 0.25, -0.75, 1.0])


def pushed(name, push, pull=lambda x, u: u * slope(x), x=X, f=curve):
    """Enter a check with both modes, as those of a framework have it."""
    u = U[: x.size]
    made = partial(Oracle, x, f, lambda p: pull(p, u), cotangent=u, pullback=pull, push=lambda p, v: push(p, v[""]))
    case(name, lambda: call(made()))


pushed("forward", lambda x, t: t * slope(x))
pushed("forward, one entry wrong", lambda x, t: t * slope(x) * (1 + 0.01 * (np.arange(6) == 4)))
pushed("forward, two entries wrong", lambda x, t: t * slope(x) * (1 + 0.01 * (np.arange(6) % 3 == 1)))
for much in (1e-6, 1e-9, 1e-10, 1e-11, 1e-13):
    pushed(f"forward, wrong by {much}", lambda x, t, much=much: t * slope(x) * (1 + much))
    pushed(f"forward, a constant of {much}", lambda x, t, much=much: t * slope(x) + much)
    pushed(f"forward, bent by {much}", lambda x, t, much=much: t * slope(x) + much * t * t)
pushed("forward, transposed", lambda x, t: t[::-1] * slope(x))
pushed("forward, its absolute value", lambda x, t: np.abs(t) * slope(x))
pushed("forward, a clamp", lambda x, t: np.clip(t, -0.9, 0.9) * slope(x))
pushed("forward, raises", lambda x, t: t.no_such_thing)
pushed("both modes wrong alike", lambda x, t: 2 * t * slope(x), lambda x, u: 2 * u * slope(x))
pushed("reverse wrong, forward right", lambda x, t: t * slope(x), lambda x, u: 2 * u * slope(x))
pushed("reverse wrong in one entry", lambda x, t: t * slope(x), lambda x, u: u * slope(x) * (1 + (np.arange(6) == 2)))
pushed("both wrong in one entry", *(lambda x, t: t * slope(x) * (1 + (np.arange(6) == 2)),) * 2)
KINKED = np.array([-1.0, 0.0, 2.0])
pushed("forward at kinks", lambda x, t: t * np.where(x > 0, 1.0, -1.0), lambda x, u: u * np.sign(x), KINKED, np.abs)
pushed("forward wrong beside kinks", lambda x, t: t * np.where(x > 0, 2.0, -1.0), lambda x, u: u * np.sign(x), KINKED,
       np.abs)  # fmt: skip
for name, push in (("right", lambda x, t: t * slope(x)), ("wrong", lambda x, t: t * slope(x) * (1 + (x > 0.7)))):
    case(f"forward alone, {name}", lambda push=push: call(curve, X.copy(), jvp=push))

FOUR = {"a": X[:1], "b": X[1:2], "c": X[2:3], "d": X[3:4]}
case("forward, wrong in all of four", lambda: call(Oracle(
    FOUR, lambda p: np.concatenate([p[k] * p[k] for k in p]),
    lambda p: {k: 2 * p[k] * u for k, u in zip(p, U, strict=False)},
    cotangent=U[:4], pullback=lambda p, u: {k: 2 * p[k] * one for k, one in zip(p, u, strict=True)},
    push=lambda p, v: np.concatenate([3 * p[k] * v[k] for k in p]),
)))  # fmt: skip
for size in (1e6, 1e-6):
    of(f"in single precision, of {size}", lambda x, size=size: size * float(np.sum(curve(x))),
       lambda x, size=size: (size * slope(x)).astype(np.float32), SINGLE)  # fmt: skip
    of(f"coarse in single precision, of {size}", lambda x, size=size: size * float(np.sum(curve(x))),
       lambda x, size=size: size * (slope(x) + (1e-3 if x.dtype == np.float32 else 0)), SINGLE)  # fmt: skip

# ------------------------------------------------------------------------------------- other draws, detached outputs


def drawing(name, f, grad, **keywords):
    def make():
        rng = np.random.default_rng(0)
        return call(lambda x: f(x, rng), X.copy(), grad=lambda x: grad(x, rng), **keywords)

    case(name, make)


def drawn(x, rng):
    return float(np.sum(curve(x) * 2 * (rng.random(6) > 0.5)))


drawing("a draw, and its gradient", drawn, lambda x, rng: slope(x) * 2 * (rng.random(6) > 0.5))
drawing("a draw, and the gradient of the mean", drawn, lambda x, rng: slope(x))
drawing("a draw, and five times that", drawn, lambda x, rng: 5 * slope(x))
drawing("a draw, and half of its gradient", drawn, lambda x, rng: slope(x) * (rng.random(6) > 0.5))
drawing(
    "a draw that does not matter", lambda x, rng: float(np.sum(curve(x))) + 0 * rng.random(), lambda x, rng: slope(x)
)
drawing("a draw that matters little", lambda x, rng: float(np.sum(curve(x))) * (1 + 1e-5 * rng.random()),
        lambda x, rng: slope(x) * 1.01)  # fmt: skip
drawing("a threshold", lambda x, rng: float(np.sum(rng.random(6) < x)), lambda x, rng: np.ones(6))
drawing("a threshold, and zero", lambda x, rng: float(np.sum(rng.random(6) < x)), lambda x, rng: np.zeros(6))

for much in (1e-7, 1e-9, 1e-11, 1e-13):
    drawing(
        f"a draw that matters by {much}",
        lambda x, rng, much=much: float(np.sum(curve(x))) * (1 + much * rng.random()),
        lambda x, rng: slope(x) * 1.01,
    )
drawing("large draws", lambda x, rng: 1e6 * drawn(x, rng), lambda x, rng: 1e6 * slope(x))
drawing("a draw with holes", drawn, lambda x, rng: np.where(rng.random(6) > 0.99, np.nan, slope(x)))
drawing("a drawn gradient, right on average", lambda x, rng: float(np.sum(curve(x) * rng.random(6))),
        lambda x, rng: slope(x) * rng.random(6))  # fmt: skip
of("a hole in its input", lambda x: float(np.nansum(x * x)), lambda x: np.where(np.isnan(x), 0, 2 * x),
   np.where(np.arange(6) == 2, np.nan, X))  # fmt: skip


class Swapping:
    """Two outputs that change places from call to call."""

    def __init__(self):
        self.calls = 0

    def value(self, x):
        self.calls += 1
        return np.roll(curve(x), self.calls)


case("changes, but not in the sum", lambda: call(Swapping().value, X.copy(), vjp=lambda x, u: u * slope(x)))
case("two inputs read as they lie", lambda: call(
    lambda a, b: a * b, TABLE.copy(), TABLE + 1,
    vjp=lambda a, b, u: (u.ravel(order="K").reshape(u.shape) * b, u.ravel(order="K").reshape(u.shape) * a),
))  # fmt: skip
pulled("one output, read as it lies", lambda x, u: u.ravel(order="K").reshape(u.shape) * slope(x), X[:1])
pulled(
    "one output, another each time", lambda x, u, calls=[]: (calls.append(1), u * slope(x) * (len(calls) < 9))[1], X[:1]
)


def parted(name, pull, **keywords):
    case(name, lambda: call(lambda x: {"y": curve(x), "z": x * x}, X.copy(), vjp=pull, **keywords))


parted("two outputs", lambda x, u: u["y"] * slope(x) + u["z"] * 2 * x)
parted("an output without a gradient", lambda x, u: u["y"] * slope(x))
parted("an output that is said to have none", lambda x, u: u["y"] * slope(x), detached="z")
parted("an output that is said to have none, and has", lambda x, u: u["y"] * slope(x) + u["z"] * 2 * x, detached="z")
parted("no output with a gradient", lambda x, u: 0 * x)
parted("one output wrong", lambda x, u: u["y"] * slope(x) + u["z"] * x)
parted("one output without a gradient, one wrong", lambda x, u: 2 * u["y"] * slope(x))


@pytest.mark.parametrize("name", CASES)
def test_a_breach_is_told_as_it_was_told(name):
    """Word for word, but for the last digits of its numbers."""
    assert differences(CASES[name](), kept(__file__)[name]) == []
