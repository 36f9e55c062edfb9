"""Does the check move an array that the function holds on to?

A value and its gradient often share their work: what is computed is kept with the point, and the next call looks
whether it is the same point, by identity or by its numbers. Who keeps the very array that it was given, and not a copy,
sees it move in place, finds the old numbers to be the new ones, and returns the value of before.
"""

import numpy as np

from traps import normal, right, wrong

X = normal(5, seed=3)


def value(x):
    return float(np.sum(np.sin(x) * x))


def gradient(x):
    return np.cos(x) * x + np.sin(x)


class Remembers:
    """A function that computes nothing twice in a row."""

    def __init__(self, same, factor=1.0):
        self.same, self.factor, self.x = same, factor, None

    def at(self, x):
        if self.x is None or not self.same(self.x, x):
            self.x, self.f, self.g = x, value(x), self.factor * gradient(x)

    def value(self, x):
        self.at(x)
        return self.f

    def gradient(self, x):
        self.at(x)
        return self.g


class OfParts(Remembers):
    """The same of a list of arrays, which is kept."""

    def at(self, p):
        if self.x is None or not self.same(self.x, p):
            x = np.concatenate([np.ravel(part) for part in p])
            self.x, self.f, self.g = p, value(x), [self.factor * gradient(part) for part in p]


def parts(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def known_by(judged, name, same, factor=1.0):
    kept = Remembers(same, factor)
    return judged(name, kept.value, X, grad=kept.gradient)


def of_parts(judged, name, factor=1.0):
    kept = OfParts(parts, factor)
    return judged(name, kept.value, [X[:2].copy(), X[2:].copy()], grad=kept.gradient)


def of_view():
    """Keeps a view of what it was given."""
    kept = Remembers(np.array_equal)
    return right("a view", lambda x: kept.value(x[:]), X, grad=lambda x: kept.gradient(x[:]))


CASES = [
    known_by(wrong, "by its numbers, off by a hundredth", np.array_equal, 1.01),
    known_by(wrong, "by identity, the sign", lambda a, b: a is b, -1.0),
    of_parts(wrong, "a list, twice", 2.0),
    known_by(right, "by its numbers", np.array_equal),
    known_by(right, "by identity", lambda a, b: a is b),
    known_by(right, "by its memory", np.may_share_memory),
    of_parts(right, "a list"),
    of_view(),
]
