"""Mistakes as NumPy's users make them: a function, a wrong gradient, and the words that name what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

RNG = np.random.default_rng(3)
X, T = RNG.normal(size=(8, 4)), RNG.normal(size=(8, 5))
LABELS = np.array([0, 2, 1, 1, 0, 2, 2, 1])
TWO = {
    "W1": RNG.normal(size=(4, 5)),
    "b1": RNG.normal(size=5),
    "W2": RNG.normal(size=(5, 5)) / 2,
    "b2": RNG.normal(size=5),
}
LINEAR = {"w": RNG.normal(size=4), "c": np.array(0.3)}
SOFTMAX = {"W": RNG.normal(size=(4, 3)), "b": RNG.normal(size=3)}


@dataclass(frozen=True)
class Anew:
    """A claim that remembers, and is made anew for each check, so that none remembers another."""

    make: Callable[[], object]


@dataclass(frozen=True, eq=False)
class Mistake:
    """A call of check_gradients, what the first sentence must name, and what must stand in none."""

    f: object
    args: tuple
    given: dict
    words: tuple[str, ...]

    @property
    def keywords(self):
        """The keywords of the call."""
        return {name: value.make() if isinstance(value, Anew) else value for name, value in self.given.items()}


MISTAKES: dict[str, Mistake] = {}


def mistake(name, f, args, *words, **keywords):
    """Enter a mistake in the table."""
    MISTAKES[name] = Mistake(f, args, keywords, words)


# ------------------------------------------------------------------- a network of two layers, and a squared error


def forward(p):
    z = X @ p["W1"] + p["b1"]
    h = np.tanh(z)
    return z, h, h @ p["W2"] + p["b2"]


def cost(p):
    return np.mean((forward(p)[2] - T) ** 2)


def backward(p, slope=None, up=None, scale=1.0):
    """The right gradient, or with another slope of the hidden layer, other weights on the way back, another factor."""
    z, h, y = forward(p)
    dy = scale * 2 * (y - T) / T.size
    dz = (dy @ (p["W2"].T if up is None else up(p["W2"]))) * (1 - h**2 if slope is None else slope(z, h))
    return {"W1": X.T @ dz, "b1": dz.sum(axis=0), "W2": h.T @ dy, "b2": dy.sum(axis=0)}, dy, dz, h


def two(name, spoil, *words, f=cost, **how):
    def grad(p):
        g, dy, dz, h = backward(p, **how)
        return {**g, **(spoil(g, p, dy, dz, h) if spoil else {})}

    mistake(name, f, (TWO,), *words, grad=grad)


def scaled(array, index, factor):
    copy = array.copy()
    copy[index] *= factor
    return copy


two("everything has the wrong sign", None, "every tensor", "sign", scale=-1)
two("the 2 of the square forgotten", None, "every tensor", "half", scale=0.5)
two("the mean over entries forgotten", None, "40 is", scale=40)
two("the mean over the batch forgotten", None, "8 is the batch size", "first axis of X", scale=8)
two("the mean over the outputs forgotten", None, "5 is axis 1 of T", scale=5)
two("the derivative of tanh missing", None, "derivative of tanh is missing", slope=lambda z, h: 1 + 0 * h)
two("the slope of the pre-activation", None, "pre- and post-activation mixed up", slope=lambda z, h: 1 - z**2)
two("the sigmoid's slope for tanh", None, "taken for that of tanh", slope=lambda z, h: h * (1 - h))
two("the slope taken of the output", None, "tanh taken at the output", slope=lambda z, h: 1 - np.tanh(h) ** 2)
two("weights not transposed", None, "layer above where their transpose is meant", up=lambda W: W)
two("W2 transposed", lambda g, p, dy, dz, h: {"W2": g["W2"].T}, "W2: the transpose")
two("b2 a mean", lambda g, p, dy, dz, h: {"b2": dy.mean(axis=0)}, "b2", "1/8", "the batch size")
two("W1 of the last example", lambda g, p, dy, dz, h: {"W1": np.outer(X[-1], dz[-1])}, "W1", "last example, X[-1]")
two("W1 of the first example", lambda g, p, dy, dz, h: {"W1": np.outer(X[0], dz[0])}, "W1", "first example, X[0]")
two("W2 of one example", lambda g, p, dy, dz, h: {"W2": np.outer(h[3], dy[3])}, "W2", "single example")
two(
    "the last example skipped",
    lambda g, p, dy, dz, h: {"W1": X[:-1].T @ dz[:-1]},
    "W1",
    "one example, X[-1]",
    "skipped",
)
two("W1 of means", lambda g, p, dy, dz, h: {"W1": np.outer(X.mean(0), dz.sum(0))}, "W1", "product of means")
two("b1 zero", lambda g, p, dy, dz, h: {"b1": 0 * g["b1"]}, "b1: claimed zero throughout")
two("rows of W1 shifted", lambda g, p, dy, dz, h: {"W1": np.roll(g["W1"], 1, 0)}, "W1", "shifted by 1 along axis 0")
two(
    "columns of W1 shifted", lambda g, p, dy, dz, h: {"W1": np.roll(g["W1"], -1, 1)}, "W1", "shifted by -1 along axis 1"
)
two("a row of W1 zero", lambda g, p, dy, dz, h: {"W1": scaled(g["W1"], 2, 0)}, "W1: zero in row 2 alone")
two(
    "a column of W1 thrice", lambda g, p, dy, dz, h: {"W1": scaled(g["W1"], (slice(None), 1), 3)}, "column 1", "3 times"
)
two("an entry of W2", lambda g, p, dy, dz, h: {"W2": scaled(g["W2"], (1, 3), 1.37)}, "W2: wrong in one entry, [1,3]")
two("an entry of W2 twice", lambda g, p, dy, dz, h: {"W2": scaled(g["W2"], (1, 3), 2)}, "[1,3]", "exactly twice")
two("b1 and b2 exchanged", lambda g, p, dy, dz, h: {"b1": g["b2"], "b2": g["b1"]}, "exchanged")
two("b1 clipped", lambda g, p, dy, dz, h: {"b1": np.clip(g["b1"], -0.02, 0.02)}, "b1", "clipped at 0.02")
two("b1 without its sign", lambda g, p, dy, dz, h: {"b1": np.abs(g["b1"])}, "b1", "absolute value")
two("W1 rounded", lambda g, p, dy, dz, h: {"W1": (1e3 + g["W1"]).astype("f4") - 1e3}, "cause not recognised")
two(
    "noise", lambda g, p, dy, dz, h: {"W1": g["W1"] + 0.01 * np.sin(np.arange(20) ** 2).reshape(4, 5)}, "not recognised"
)
two("noise in everything", None, "cause not recognised", slope=lambda z, h: 1 - h**2 + 0.1 * np.cos(7 * z * h))
two("rows in another order", lambda g, p, dy, dz, h: {"W1": g["W1"][[2, 0, 3, 1]]}, "W1", "another order")
two(
    "weight decay forgotten",
    None,
    "weight decay forgotten",
    "0.02",
    f=lambda p: cost(p) + 0.01 * sum(np.sum(p[n] ** 2) for n in ("W1", "W2")),
)
two(
    "weight decay too much",
    lambda g, p, *_: {n: g[n] + 0.02 * p[n] for n in ("W1", "W2")},
    "the excess is 0.02",
    "decay",
)
two("nan", lambda g, p, dy, dz, h: {"b1": np.where(np.arange(5) == 2, np.nan, g["b1"])}, "b1: 1 of 5", "not finite")
two("a constant", lambda g, p, dy, dz, h: {"b2": g["b2"] + 0.25}, "b2: every entry is 0.25 too large")


def keeping():
    first = {}

    def kept(p):
        if not first:
            first.update(backward(p)[0])
        return first

    return kept


mistake("stale", cost, (TWO,), "stale", grad=Anew(keeping))

# --------------------------------------------------------------------------------------------- smaller functions


def squares(p):
    return np.mean((X @ p["w"] + p["c"] - T[:, 0]) ** 2)


mistake(
    "a regression without 2/N",
    squares,
    (LINEAR,),
    "4 is half of 8, the batch size",
    grad=lambda p: {"w": X.T @ (r := X @ p["w"] + p["c"] - T[:, 0]), "c": r.sum()},
)


def entropy(p):
    y = X @ p["W"] + p["b"]
    y = y - y.max(axis=1, keepdims=True)
    return -np.mean((y - np.log(np.exp(y).sum(axis=1, keepdims=True)))[np.arange(8), LABELS])


def entropy_gradient(p, *, subtract=True, mean=8):
    y = np.exp(X @ p["W"] + p["b"])
    q = y / y.sum(axis=1, keepdims=True)
    d = (q - np.eye(3)[LABELS] * subtract) / mean
    return {"W": X.T @ d, "b": d.sum(axis=0)}


mistake(
    "a cross-entropy without its mean",
    entropy,
    (SOFTMAX,),
    "every tensor",
    "8 is the batch size",
    grad=lambda p: entropy_gradient(p, mean=1),
)
V = RNG.normal(size=(6, 3))
IDS = np.array([0, 2, 2, 5, 3, 2])
U = RNG.normal(size=(6, 3))


def looked_up(p):
    return np.sum(U * np.tanh(p["E"][IDS]))


def only_one_use(p):
    g = np.zeros_like(p["E"])
    g[IDS] += U * (1 - np.tanh(p["E"][IDS]) ** 2)
    return {"E": g}


mistake("an embedding without np.add.at", looked_up, ({"E": V},), "IDS names more than once", grad=only_one_use)
x = RNG.normal(size=(6, 5))
G = RNG.normal(size=(6, 5))
gamma = RNG.uniform(0.5, 2, 5)
FLAGS = RNG.uniform(size=(6, 5)) < 0.5


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


mistake(
    "softmax: only its diagonal",
    softmax,
    (x,),
    "diagonal of the Jacobian",
    vjp=lambda x, g: g * (y := softmax(x)) * (1 - y),
)
mistake("softmax without the sum", softmax, (x,), "sum over the outputs", vjp=lambda x, g: g * softmax(x))
mistake(
    "the mean of a centring forgotten",
    lambda x: np.sum(G * (x - x.mean(axis=0)) + 0 * x),
    (x,),
    "the way back through x, in x.mean(axis=0)",
    grad=lambda x: G,
)
mistake(
    "gamma forgotten",
    lambda x: np.sum(G * gamma * np.sin(x)),
    (x,),
    "gamma is left out",
    grad=lambda x: G * np.cos(x),
)
mistake(
    "a mask forgotten",
    lambda x: np.sum(G * np.where(FLAGS, np.sin(x), 0)),
    (x,),
    "mask is forgotten",
    grad=lambda x: G * np.cos(x),
)
mistake(
    "the mask of another tensor",
    lambda x: np.sum(G * np.maximum(x, 0)),
    (x,),
    "mask of the wrong tensor",
    grad=lambda x: G * (G > 0),
)
mistake("sine for cosine", lambda x: np.sum(G * np.sin(x)), (x,), "sine itself", grad=lambda x: G * np.sin(x))
mistake("exp twice", lambda x: np.sum(np.exp(x)), (x,), "exp", grad=lambda x: np.exp(np.exp(x)))
mistake(
    "a step forgotten",
    lambda x: np.sum(G * np.tanh(x)),
    (x,),
    "only the last",
    grad=lambda x: G * (1 - np.tanh(x) ** 2) * (np.arange(6) == 5)[:, None],
)
mistake(
    "a kernel not flipped",
    lambda k: np.sum(U[:, 0] * np.convolve(V[:, 1], k, "same")),
    (RNG.normal(size=3),),
    "flipped",
    grad=lambda k: np.array([np.sum(U[:, 0] * np.convolve(V[:, 1], e, "same")) for e in np.eye(3)])[::-1],
)
mistake(
    "the norm is one",
    lambda x: np.sum(G * np.tanh(x)),
    (x,),
    "norm is 1",
    grad=lambda x: (g := G * (1 - np.tanh(x) ** 2)) / np.linalg.norm(g),
)
mistake("handed on", lambda x: np.cumsum(x, axis=0), (x,), "passed on unchanged", vjp=lambda x, g: g)
mistake(
    "a square matrix not transposed",
    lambda x: x @ TWO["W2"],
    (x,),
    "where its transpose",
    vjp=lambda x, g: g @ TWO["W2"],
)
mistake(
    "attention without its scaling",
    lambda x: np.sum(np.tanh(x @ x.T / 2)),
    (x,),
    "exactly twice",
    grad=lambda x: 2 * (1 - np.tanh(x @ x.T / 2) ** 2) @ x,
)
mistake(
    "an unrelated array",
    lambda x: np.sum(G * np.tanh(x)),
    (x,),
    "cause not recognised",
    grad=lambda x: np.sin(9 * G * x),
)
