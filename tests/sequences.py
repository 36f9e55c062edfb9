"""Recurrences and fixed points with a wrong gradient each: truncated, not transposed, one step; and the right one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RNG = np.random.default_rng(6)
T, D, H = 6, 3, 4
x = RNG.normal(size=(T, D))
Y = RNG.normal(size=(T, H))
CELL = {"W": RNG.normal(size=(D, H)) / 2, "U": RNG.normal(size=(H, H)) / 2, "b": RNG.normal(size=H) / 3}
M = RNG.normal(size=(5, 5))
M *= 0.6 / np.linalg.norm(M, 2)
V, v = RNG.normal(size=(5, 3)), RNG.normal(size=3)
START = RNG.normal(size=5)


@dataclass(frozen=True, eq=False)
class Followed:
    """A function, its point, a wrong gradient and the right one, by what way; and what must be said, "" for nothing."""

    f: object
    point: object
    wrong: object
    right: object
    words: str
    way: str = "grad"


FOLLOWED: dict[str, Followed] = {}


def states(p):
    h = [np.zeros(H)]
    for step in x:
        h.append(np.tanh(step @ p["W"] + h[-1] @ p["U"] + p["b"]))
    return h


def back(p, cotangents, *, steps=T, slope=lambda h: 1 - h * h, turned=True, late=0, first=0, fading=1.0):
    """Return the gradient by the way back that is right, or in one thing another."""
    h, U = states(p), p["U"].T if turned else p["U"]
    dW, dU, db = (np.zeros_like(p[n]) for n in ("W", "U", "b"))
    for last in range(T):
        dh = cotangents[last]
        for t in range(last, max(last - steps, -1), -1):
            dz = dh * slope(h[t + 1])
            if t >= first:
                dW, dU, db = dW + np.outer(x[t], dz), dU + np.outer(h[t + late], dz), db + dz
            dh = fading * (dz @ U)
    return {"W": dW, "U": dU, "b": db}


def of_last(p):
    return np.concatenate([np.zeros((T - 1, H)), 2 * (states(p)[-1:] - Y[-1:])])


def of_all(p):
    return 2 * (np.array(states(p)[1:]) - Y)


def last(p):
    return np.sum((states(p)[-1] - Y[-1]) ** 2)


def every(p):
    return np.sum((np.array(states(p)[1:]) - Y) ** 2)


def followed(name, f, above, words, **how):
    FOLLOWED[name] = Followed(f, CELL, lambda p: back(p, above(p), **how), lambda p: back(p, above(p)), words)


IN = "(in h[t] = tanh(x[t] W + h[t-1] U + b))"
followed("three steps back", last, of_last, "only 3 of 6 steps are followed back: truncated backpropagation", steps=3)
followed("two steps back, from each", every, of_all, "only 2 of 6 steps are followed back, from each state", steps=2)
followed("nothing carried", every, of_all, "only 1 of 6 steps are followed back, from each state", steps=1)
followed("a slope forgotten", last, of_last, f"tanh is missing on the way back {IN}", slope=lambda h: 1 + 0 * h)
followed("not transposed", last, of_last, f"U is not transposed on the way back {IN}", turned=False)
followed("the state after", last, of_last, "U: U meets h[t] where h[t-1] is meant", late=1)
followed("the first step left out", last, of_last, "one example, x[0]: it is skipped", first=1)
followed("a fading cotangent", last, of_last, "", fading=0.5)


def fixed(rest, f=np.tanh):
    y = np.zeros(5)
    for _ in range(300):
        y = f(M @ y + rest)
    return y


def jacobian(y):
    return (1 - y * y)[:, None] * M


def through(y, above):
    return (1 - y * y) * np.linalg.solve(np.eye(5) - jacobian(y).T, above)


def of_start(name, taken, words):
    FOLLOWED[name] = Followed(
        fixed,
        START,
        lambda rest, u: taken(fixed(rest), u),
        lambda rest, u: through(fixed(rest), u),
        words,
        "vjp",
    )


of_start(
    "one step alone", lambda y, u: (1 - y * y) * u, "rest: the derivative of one step alone: (I - J)^-1 is left out"
)
of_start(
    "two steps alone",
    lambda y, u: (1 - y * y) * (u + jacobian(y).T @ u),
    "the derivative of 2 steps alone: (I - J)^-1 is left out",
)
of_start(
    "not transposed in a solve",
    lambda y, u: (1 - y * y) * np.linalg.solve(np.eye(5) - jacobian(y), u),
    "(I - J)^-1 is applied where its transpose is meant, at the fixed point y = tanh(M y + rest)",
)
of_start(
    "another J",
    lambda y, u: (1 - y * y) * np.linalg.solve(np.eye(5) - 0.9 * jacobian(y).T, u),
    "",
)
of_start("a slope of another function", lambda y, u: (1 - y**4) * u, "")


def of_cost(p, pull):
    y = fixed(p["V"] @ v + p["b"])
    d = pull(y, 2 * (y - START))
    return {"V": np.outer(d, v), "b": d}


FOLLOWED["one step of a cost"] = Followed(
    lambda p: np.sum((fixed(p["V"] @ v + p["b"]) - START) ** 2),
    {"V": V, "b": START},
    lambda p: of_cost(p, lambda y, above: (1 - y * y) * above),
    lambda p: of_cost(p, through),
    "at the fixed point y = tanh(M y + V v + b)",
)
FOLLOWED["a linear step"] = Followed(
    lambda rest: fixed(rest, f=lambda z: z),
    START,
    lambda _, u: u,
    lambda _, u: np.linalg.solve(np.eye(5) - M.T, u),
    "at the fixed point y = M y + rest",
    "vjp",
)
