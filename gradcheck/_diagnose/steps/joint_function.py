"""Which functions go along axes as a whole, and what is taken for the way back through them?

A softmax, its logarithm, and what has no mean and a variance of one, or a norm of one. They are known by their values,
however they are written. With the pull u, the value y and its scale s over the argument, the ways back are

    softmax          y (u - sum u y)             logarithm of it   u - e^y sum u
    normalisation    (u - mean u - y mean u y) / s           norm  (u - y sum u y) / s, or with the mean of u y
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.evidence import Floats

SAME = 1e-10  # relative: values of a function, computed in two ways
EPSILON = 0.5  # that may be lacking of a length of one, where something was added to what was divided by

Axes = tuple[int, ...]
Reduced = Callable[[Floats], Floats]  # the sum or the mean along axes, which are kept
Formula = Callable[[Floats, Floats, Floats, Reduced, Reduced], Floats]  # of u, y, s, sum and mean
WayBack = Callable[[Floats, Floats, Floats], Floats]  # of the pull, the argument and the value


@dataclass(frozen=True)
class JointFunction:
    """A function along axes: how it is known, the way back through it, and what is taken for that."""

    name: str
    scale: Callable[[Floats, Floats, Reduced, Reduced], Floats | None]  # of x and y; None if it is another function
    right: Formula
    wrong: tuple[tuple[str, Formula], ...]

    def axes_of(self, x: Floats, y: Floats) -> Axes | None:
        """Return the axes along which y is this function of x."""
        with np.errstate(all="ignore"):
            return next((axes for axes in _sets(x.ndim) if self.scale(x, y, *_over(axes)) is not None), None)

    def mistakes(self, axes: Axes, ndim: int) -> Iterator[tuple[str, WayBack]]:
        """Yield what is taken for the way back."""
        for words, formula in self.wrong:
            yield f"{words}, on the way back through {self.name}", self._back(formula, axes, axes)
        for others in _sets(ndim):
            if others != axes:
                said = f"sums over {listed(others)} where those over {listed(axes)} are meant"
                yield f"{said}, on the way back through {self.name}", self._back(self.right, axes, others)

    def _back(self, formula: Formula, axes: Axes, others: Axes) -> WayBack:
        def back(u: Floats, x: Floats, y: Floats) -> Floats:
            s = self.scale(x, y, *_over(axes))
            return formula(u, y, np.ones(()) if s is None else s, *_over(others))

        return back


def listed(axes: Axes) -> str:
    """Return axes in words."""
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {' and '.join(map(str, axes))}"


def _sets(ndim: int) -> Iterator[Axes]:
    return (axes for n in range(1, ndim + 1) for axes in itertools.combinations(range(ndim), n))


def _over(axes: Axes) -> tuple[Reduced, Reduced]:
    return lambda a: a.sum(axis=axes, keepdims=True), lambda a: a.mean(axis=axes, keepdims=True)


def _same(a: Floats, b: Floats) -> bool:
    return bool(np.max(np.abs(a - b)) <= SAME * np.max(np.abs(b)))


def _of_softmax(x: Floats, y: Floats, total: Reduced, _: Reduced) -> Floats | None:
    e = np.exp(x - np.max(x))
    return np.ones(()) if _same(e / total(e), y) else None


def _of_log_softmax(x: Floats, y: Floats, total: Reduced, _: Reduced) -> Floats | None:
    above = x - np.max(x)
    return np.ones(()) if _same(above - np.log(total(np.exp(above))), y) else None


def _of_normalised(x: Floats, y: Floats, total: Reduced, mean: Reduced) -> Floats | None:
    centred = np.max(np.abs(mean(x))) <= SAME * np.max(np.abs(x))
    return None if centred else _unit(x - mean(x), y, total, mean(y * y))


def _of_mean_square(x: Floats, y: Floats, total: Reduced, mean: Reduced) -> Floats | None:
    return _unit(x, y, total, mean(y * y))


def _of_unit(x: Floats, y: Floats, total: Reduced, _: Reduced) -> Floats | None:
    return _unit(x, y, total, total(y * y))


def _unit(c: Floats, y: Floats, total: Reduced, length: Floats) -> Floats | None:
    """Return what c is divided by to make y, if that has a length of about one; else None."""
    scale: Floats = total(c * c) / total(c * y)
    return scale if (np.abs(length - 1) <= EPSILON).all() and _same(c / scale, y) else None


JOINT = (
    JointFunction(
        "a softmax",
        _of_softmax,
        lambda u, y, _s, total, _m: y * (u - total(u * y)),
        (
            ("the sum is left out", lambda u, y, _s, _t, _m: y * u),
            ("the diagonal of the Jacobian alone, y (1 - y)", lambda u, y, _s, _t, _m: y * (1 - y) * u),
            ("a mean where a sum is meant", lambda u, y, _s, _t, mean: y * (u - mean(u * y))),
            ("what comes from above is handed on unchanged", lambda u, _y, _s, _t, _m: u),
        ),
    ),
    JointFunction(
        "the logarithm of a softmax",
        _of_log_softmax,
        lambda u, y, _s, total, _m: u - np.exp(y) * total(u),
        (
            ("the sum is left out", lambda u, _y, _s, _t, _m: u),
            ("a mean where a sum is meant", lambda u, y, _s, _t, mean: u - np.exp(y) * mean(u)),
            ("its value y where e^y is meant", lambda u, y, _s, total, _m: u - y * total(u)),
            ("u - e^y u where the sum of u is meant", lambda u, y, _s, _t, _m: u - np.exp(y) * u),
        ),
    ),
    JointFunction(
        "a normalisation",
        _of_normalised,
        lambda u, y, s, _t, mean: (u - mean(u) - y * mean(u * y)) / s,
        (
            ("mean and variance are taken for constants", lambda u, _y, s, _t, _m: u / s),
            ("the variance is taken for a constant", lambda u, _y, s, _t, mean: (u - mean(u)) / s),
            ("the mean is taken for a constant", lambda u, y, s, _t, mean: (u - y * mean(u * y)) / s),
            ("the division by the deviation is left out", lambda u, y, _s, _t, mean: u - mean(u) - y * mean(u * y)),
            ("sums where means are meant", lambda u, y, s, total, _m: (u - total(u) - y * total(u * y)) / s),
        ),
    ),
    JointFunction(
        "a division by the root of a mean square",
        _of_mean_square,
        lambda u, y, s, _t, mean: (u - y * mean(u * y)) / s,
        (
            ("that root is taken for a constant", lambda u, _y, s, _t, _m: u / s),
            ("a sum where a mean is meant", lambda u, y, s, total, _m: (u - y * total(u * y)) / s),
        ),
    ),
    JointFunction(
        "a norm of one",
        _of_unit,
        lambda u, y, s, total, _m: (u - y * total(u * y)) / s,
        (
            ("the norm is taken for a constant", lambda u, _y, s, _t, _m: u / s),
            ("the division by the norm is left out", lambda u, y, _s, total, _m: u - y * total(u * y)),
        ),
    ),
)
