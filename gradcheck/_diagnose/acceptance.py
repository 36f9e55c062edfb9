"""Does a supposed mistake explain what was measured? In every entry, within what is known, by more than chance.

A mistake predicts the claims. It is accepted if they are as predicted: within the uncertainty of the
measurement and the rounding of the claim. Since one of many mistakes, some with fitted numbers, fits almost
anything when too little is known, it also has to explain more than any of them would by accident.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PATTERN = 1e-6  # relative: what two gradients that follow a pattern may differ by, beside the uncertainty
NEGLIGIBLE = 1e-9  # relative to the largest: what is negligible beside it
ROUNDINGS = 16  # units in the last place of the largest claim: what a sum of many terms leaves in any entry
UNEXPLAINED = 10  # an entry's error divided by this is the most that may be left unexplained
EXACT = 1000  # and where more is known: a claim is not rounded so coarsely that this part of what is wrong is left
TRIED = 1000  # supposed mistakes, each of which may fit by chance
CHANCE = 1e-3  # probability that any of them fits by chance
PLAIN = 64  # the largest denominator of a plain proportion
MANY = 64  # entries that are looked at for it
GENERIC = 2  # of them that stand in no such proportion


def is_number(ratio: float, number: float, tolerance: float = PATTERN) -> bool:
    """Whether a factor is some number: near one, what it differs from one by has to be right."""
    return abs(ratio / number - 1) < min(tolerance, abs(number - 1) / EXACT)


def is_plain(number: float) -> bool:
    """Whether a number is a quotient of small whole ones, which many numbers are."""
    return abs(number - float(Fraction(number).limit_denominator(PLAIN))) <= NEGLIGIBLE * max(1.0, abs(number))


def parallel(a: Floats, b: Floats, tolerance: float = NEGLIGIBLE) -> bool:
    """Whether one array is a multiple of another, to a part of its norm."""
    a, b = a.ravel(), b.ravel()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    if size == 0:
        return False
    return float(np.linalg.norm(b - a * np.dot(a, b) / np.dot(a, a))) <= tolerance * float(np.linalg.norm(b))


def is_generic(claim: Floats) -> bool:
    """Whether several entries stand in no plain proportion: of small whole numbers much holds by chance."""
    largest = float(np.max(np.abs(claim), initial=0.0))
    if largest == 0:
        return False
    shares = np.ravel(claim) / largest
    plain = [is_plain(share) for share in shares[:MANY]]
    return claim.size == 1 or plain.count(False) >= GENERIC


@dataclass(frozen=True)
class Supposition:
    """Claims, and what a supposed mistake would have made them, in the entries that were measured."""

    claim: Floats
    expected: Floats
    missing: Floats  # of the claim
    slack: Floats  # uncertainty of what is expected
    wrong: NDArray[np.bool_]
    eps: float  # relative rounding of a claim

    @property
    def off(self) -> Floats:
        """How far the claims are from what is expected."""
        return np.abs(self.claim - self.expected)

    @property
    def known(self) -> Floats:
        """How well an entry is known: its uncertainty, and the rounding of the claim."""
        largest = float(np.max(np.abs(self.claim), initial=0.0))
        return self.slack + ROUNDINGS * self.eps * largest

    @property
    def room(self) -> Floats:
        """How far from what is expected a claim may be: where it is wrong, near to nothing of that is left."""
        reach = np.fmax(np.abs(self.claim), np.abs(self.expected))
        size = float(np.max(np.abs(self.expected), initial=0.0))
        lacking = np.abs(self.missing)
        close = np.fmax(self.known, np.fmin(PATTERN * reach, lacking / EXACT))
        right = self.slack + PATTERN * reach + NEGLIGIBLE * size
        return np.where(self.wrong, np.fmin(close, lacking / UNEXPLAINED), right)

    @property
    def told(self) -> bool:
        """Whether anything that is expected can be told from zero."""
        return bool((np.abs(self.expected) > self.slack).any())

    def chance(self, fitted: int, tried: int = TRIED) -> float:
        """Return the probability that one of those tried, with so many fitted numbers, comes as close by chance."""
        off, known, lacking = (a[self.wrong] for a in (self.off, self.known, np.abs(self.missing)))
        close = np.sort(np.fmin(np.fmax(off, known) / lacking, 1.0))
        return float(tried * np.prod(close[fitted:]))

    def comes_out(self, fitted: int, tried: int = TRIED) -> bool:
        """Whether every claim is what is expected, and not by chance; where nothing is wrong, the former is enough."""
        fits = bool((self.off <= self.room).all())
        return fits and (not self.wrong.any() or self.chance(fitted, tried) <= CHANCE)

    def accepted(self, fitted: int, tried: int = TRIED) -> bool:
        """Whether it does, and says anything."""
        return self.told and self.comes_out(fitted, tried)
