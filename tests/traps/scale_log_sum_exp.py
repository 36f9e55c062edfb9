"""Does a side that stands still in every digit leave the word to the other?

Entries of 1,000 are moved by 250 and less. The smallest weights of a log-sum-exp, of 1e-14, vanish on the left at once,
in every digit: that the slope there is zero, to 4e-15, is known of the slope at -250 alone.
"""

import numpy as np

from traps import right, wrong


def f(z):
    m = np.max(z)
    return m + np.log(np.sum(np.exp(z - m)))


def df(z):
    w = np.exp(z - np.max(z))
    return w / np.sum(w)


def drawn(seed, centre=1000.0):
    return centre + 20 * np.random.default_rng(seed).standard_normal(8)


def but(k, by):
    return lambda z: df(z) * np.where(np.arange(z.size) == k, by, 1)


z = drawn(2)
most = int(np.argmax(z))
CASES = [
    *(right(f"seed {seed}", f, drawn(seed), grad=df) for seed in (2, 24, 39, 46, 138)),
    right("from 1,000 to 1,900", f, np.random.default_rng(8).uniform(1000, 1900, 12), grad=df),
    right("at -1e4", f, drawn(3, -1e4), grad=df),
    wrong("the largest, half", f, z, grad=but(most, 0.5), named=(f"z[{most}]",)),
    wrong("the last but one, 1 %", f, z, grad=but(5, 1.01), named=("z[5]",)),
    wrong("the smallest, a thousandth", f, z, grad=lambda z: df(z) + 1e-3 * (np.arange(8) == 3), named=("z[3]",)),
]
