"""Does every output count where they go through many orders of magnitude?

A softmax of wide logits, a rate of chemistry, the state of an orbit in metres: what is a billion times smaller than its
neighbour is right or wrong by itself. Tails that are the rounding of 1 - 1 must accuse nobody.
"""

from math import erf, pi, sqrt

import numpy as np

from traps import normal, right, wrong

z = 4 * normal(6)
state = np.array([6.6e6, 1.2e6, -1.3e3, 7.5e3])
MU = 3.986e14
tail = -np.linspace(0.5, 9, 24)
phi = np.vectorize(lambda z: 0.5 * (1 + erf(z / sqrt(2))))


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def softmax_back(z, u, skip=None):
    s = softmax(z)
    g = s * (u - (s * u).sum())
    if skip is not None:
        g += 0.02 * s[skip] * u[skip] * (np.arange(len(z)) == skip)
    return g


def orbit(s):
    r = np.hypot(s[0], s[1])
    return np.array([s[2], s[3], -MU * s[0] / r**3, -MU * s[1] / r**3])


def orbit_back(s, u, by=1.0):
    r = np.hypot(s[0], s[1])
    tide = MU / r**3 * (3 * by * np.outer(s[:2], s[:2]) / r**2 - np.eye(2))
    return np.concatenate([tide @ u[2:], u[:2]])


def gelu(z):
    return z * phi(z)


def gelu_back(z, u):
    return u * (phi(z) + z * np.exp(-z * z / 2) / sqrt(2 * pi))


CASES = [
    right("a softmax of wide logits", softmax, z, vjp=softmax_back),
    wrong(
        "a softmax, 2 % off in its smallest",
        softmax,
        z,
        vjp=lambda z, u: softmax_back(z, u, int(np.argmin(softmax(z)))),
    ),
    right("an orbit in metres", orbit, state, vjp=orbit_back),
    wrong("an orbit, its tide 1 % off", orbit, state, vjp=lambda s, u: orbit_back(s, u, 1.01)),
    right("the tail of a GELU", gelu, tail, vjp=gelu_back),
    wrong("the tail of a GELU, of the wrong sign", gelu, tail, vjp=lambda z, u: gelu_back(z, u * np.sign(z + 5))),
]
