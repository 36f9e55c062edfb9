"""Which rows of a product are independent? Found by shifting some of them and observing which terms move.

Rows of one sample, such as the tokens of a sentence, move the same terms; rows of other samples move other terms. A
grouping is tried out with as many shifts as its groups have binary digits: in each those rows are shifted whose group
has that digit, and then the others. A term that moves both times depends on more than one group.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from gradcheck._model.oracle import Array
from gradcheck._model.site import Floats, Ints, WeightSite
from gradcheck._results.floating import DOUBLE

ROUNDINGS = 64.0  # relative to the terms: how far they may differ, computed in another order
AT_ONCE = 2**20  # numbers that are worked on at once
FEWEST = 8  # shifts that are taken at once, whatever their size


@dataclass(frozen=True, eq=False)
class Groups:
    """Independent groups of rows, and the terms that belong to each."""

    members: Ints  # (R, P): the rows of each group
    terms: Ints  # (T,): to which group each term belongs

    @property
    def in_order(self) -> bool:
        """Whether the rows of each group come one after the other."""
        return bool((self.members.ravel() == np.arange(self.members.size)).all())

    def added(self, terms: Floats) -> Floats:
        """Return what the terms (K, T) of each group add up to, (K, R)."""
        order = np.argsort(self.terms, kind="stable")
        present, starts = np.unique(self.terms[order], return_index=True)
        made = np.zeros((len(terms), len(self.members)))
        made[:, present] = np.add.reduceat(terms[:, order], starts, axis=1)
        return made


@dataclass(frozen=True, eq=False)
class ShiftedRows(ABC):
    """What comes after some rows, for shifts of single units of them, in groups of rows."""

    groups: Groups
    base: Floats  # (T,): the terms where nothing is shifted
    at_once: int  # shifts

    @property
    def in_order(self) -> bool:
        """Whether the rows of each group come one after the other."""
        return self.groups.in_order

    @property
    @abstractmethod
    def before(self) -> Floats:
        """The units (R, P O) of each group."""

    @abstractmethod
    def shifted(self, units: Ints, shifts: Floats) -> Floats:
        """Return what the terms of each group (K, R) change by, where each of some units (K,) is shifted in all."""

    def site(
        self, paths: tuple[str | None, str | None, str | None], matrix: Array | None, rows: Array, *, turned: bool
    ) -> WeightSite:
        """Return it as the site of a weight, a bias and an input."""
        terms = self.groups.added(self.base[np.newaxis])[0]
        return WeightSite(
            *paths, matrix, rows, self.before, terms, turned=turned, at_once=self.at_once, shifted=self.shifted
        )


def groups(
    changes: Callable[[Floats], Floats], z: Floats, size: Floats, batches: Iterable[int], most: int
) -> Groups | None:
    """Return the finest grouping of some rows that holds, with at most so many rows in a group.

    `changes` maps shifts (K, Q, O) to changes of the terms (K, T); `z` are the rows (Q, O), `size` of the terms (T,).
    """
    noise = np.random.default_rng(0).standard_normal(z.shape) * (float(np.abs(z).max()) or 1.0)
    for group in _candidates(len(z), batches):
        count = int(group.max()) + 1
        if len(z) // count > most:
            break
        found = _terms(changes, noise, size, group, count)
        if found is not None:
            return Groups(np.argsort(group, kind="stable").reshape(count, -1), found)
    return None


def _candidates(rows: int, batches: Iterable[int]) -> Iterator[Ints]:
    """Yield to which group each row may belong, many groups first."""
    every = np.arange(rows)
    yield every
    for count in sorted({n for n in batches if 1 < n < rows and rows % n == 0}, reverse=True):
        yield every // (rows // count)
        yield every % count
    if rows > 1:
        yield np.zeros_like(every)


def _terms(changes: Callable[[Floats], Floats], noise: Floats, size: Floats, group: Ints, count: int) -> Ints | None:
    """Return to which group each term belongs, None where one belongs to several."""
    found = np.zeros(len(size), dtype=np.int64)
    digits = max(count - 1, 0).bit_length()
    if not digits:
        return found
    of_rows = (group >> np.arange(digits)[:, np.newaxis]) & 1  # (digits, Q)
    shifts = np.stack([of_rows, 1 - of_rows], axis=1)[..., np.newaxis] * noise  # with each digit, and without
    both = np.abs(changes(np.concatenate([shifts, -shifts]).reshape(-1, *noise.shape)))
    moved = ~(both <= ROUNDINGS * DOUBLE * (size + size.mean())).reshape(2, digits, 2, -1).all(axis=0)
    if bool(moved.all(axis=1).any()):
        return None
    shown = moved.any(axis=1)
    found += (moved[:, 0].astype(np.int64) << np.arange(digits)[:, np.newaxis]).sum(axis=0)
    if bool((shown != shown[0]).any()) or bool((found >= count).any()):
        return None
    return found
