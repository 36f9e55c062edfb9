"""Are entries of nan or infinity held where they are, and the others checked?

`nansum` skips them, a mask of -inf takes logits out of a softmax: right functions of the finite entries.
"""

import numpy as np

from traps import normal, right, times, wrong

x = normal(5)
gaps = np.where(np.arange(5) % 2, np.nan, x)
many = np.where(np.arange(11_000) % 7, normal(11_000), np.nan)
mask = np.where(np.arange(5) == 2, -np.inf, 0.0)


def skipping(x):
    return np.nansum(x**2)


def dskipping(x):
    return 2 * np.nan_to_num(x)


def lse(x):
    top = x.max()
    return top + np.log(np.sum(np.exp(x - top)))


def softmax(x):
    return np.exp(x - lse(x))


def masked(x, mask):
    return lse(x + mask)


def dmasked(x, mask):
    return softmax(x + mask), softmax(x + mask)


def one_off(x):
    return dskipping(x) * np.where(np.arange(x.size) == 5, 1.5, 1.0)


def waves(x):
    return np.where(np.isnan(x), 0.0, np.sin(x))


def jac(x):
    return np.diag(np.cos(x))  # nan where x is


def one_of(by):
    return lambda x: jac(x) * np.where(np.eye(5) * (np.arange(5) == 2), by, 1)


CASES = [
    right("nan among the inputs of a Jacobian", waves, gaps, jac=jac),
    wrong("nan among the inputs of a Jacobian, 1 % off", waves, gaps, jac=one_of(1.01), named=("J[2,2]",)),
    wrong("nan among the inputs of a Jacobian, a sign", waves, gaps, jac=one_of(-1), named=("J[2,2]",)),
    right("nan among many", skipping, many, grad=dskipping),
    wrong("nan among many, one entry", skipping, many, grad=one_off, named=("x[5]",)),
    right("nan among the inputs", skipping, gaps, grad=dskipping),
    right("nan in its gradient as well", skipping, gaps, grad=lambda x: 2 * x),
    right("a mask in the logits", lse, x + mask, grad=softmax),
    right("a mask beside the logits", masked, x, mask, grad=dmasked),
    right(
        "in a dict",
        lambda p: masked(p["x"], p["m"]),
        {"x": x, "m": mask},
        grad=lambda p: {"x": softmax(p["x"] + p["m"]), "m": softmax(p["x"] + p["m"])},
    ),
    right("nothing but -inf", lambda x, m: lse(np.append(x, m)), x, np.full(2, -np.inf), grad=lambda x, m: softmax(x)),
    wrong("nan among the inputs, 1 % off", skipping, gaps, grad=times(1.01, dskipping), named=("x[0]", "x[2]", "x[4]")),
    wrong(
        "a mask in the logits, 1 % off",
        lse,
        x + mask,
        grad=times(1.01, softmax),
        named=("x[0]", "x[1]", "x[3]", "x[4]"),
    ),
    wrong("the mask left out", masked, x, mask, grad=lambda x, m: (softmax(x), softmax(x + m))),
]
