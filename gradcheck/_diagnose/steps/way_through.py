"""What is the gradient that a record makes, as it is or with some of its steps followed back otherwise?

The derivative of each step is measured by differences of that step alone, which cost no calls of the function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from gradcheck._diagnose.evidence import MATRIX, Array, Floats
from gradcheck._diagnose.steps.run_record import RunRecord
from gradcheck._model.run_step import RunStep

MOVE = 3e-6  # of a difference, relative to what is moved: f''' and rounding then matter alike, for some 1e-11 of f'
DERIVATIVES = 300_000  # entries of the derivative of one step, at the most
COLUMNS = 10_000  # of those: each is measured
MATRIX_PRODUCTS = ("matmul", "dot")
FACTORS = 2  # of a product
REARRANGED = ("getitem", "reshape", "transpose", "ravel", "flatten", "swapaxes", "squeeze", "copy", "array", "asarray")

Shares = Iterable[tuple[int, Floats]]  # values, and what each is given of a pull
Back = Callable[[Floats], Shares]
Change = Mapping[int, Back]  # number of a step -> how it is followed back instead


class UncountableError(Exception):
    """A step has too many derivatives."""


class WayThrough:
    """The way back through a record, from a cotangent of its result."""

    def __init__(self, record: RunRecord, cotangent: Floats) -> None:
        """Start at the end."""
        self.record, self.cotangent = record, cotangent
        self._derivatives: dict[tuple[int, int], Floats] = {}

    @cached_property
    def moved(self) -> frozenset[int]:
        """The values that depend on the tensors."""
        found = set(self.record.tensors.values())
        for step in self.record.steps:
            if found.intersection(step.operands):
                found.add(step.made)
        return frozenset(found)

    def gradients(self, change: Change) -> dict[str, Floats]:
        """Return the gradient with respect to each tensor, some steps being followed back otherwise."""
        values, pulls = self.record.values, self._above()
        for k in range(len(self.record.steps) - 1, -1, -1):
            pull = pulls.get(self.record.steps[k].made)
            if pull is None:
                continue
            for node, share in change[k](pull) if k in change else self.shares(k, pull):
                pulls[node] = pulls[node] + share if node in pulls else share
        none = {name: np.zeros(values[node].shape) for name, node in self.record.tensors.items()}
        return {name: pulls.get(node, none[name]) for name, node in self.record.tensors.items()}

    def shares(self, k: int, pull: Floats, *, but: int | None = None) -> Shares:
        """Yield what a pull on a step pulls at its operands with; of all that are moved, or all but one."""
        for j, node in enumerate(self.record.steps[k].operands):
            if node in self.moved and j != but:
                yield node, self.share(k, j, pull)

    def share(self, k: int, j: int, pull: Floats, instead: Mapping[int, Floats] | None = None) -> Floats:
        """Return what a pull on a step pulls at one operand with; `instead`: with other operands beside it."""
        step = self.record.steps[k]
        shape = self.record.values[step.operands[j]].shape
        others = [(instead or {}).get(i, self.record.values[node]) for i, node in enumerate(step.operands)]
        if step.name in MATRIX_PRODUCTS and _of_matrices(others):
            found = _of_product(j, others, pull)
            return found.reshape(shape) if found.size == math.prod(shape) else summed(found, shape)
        if step.name == "multiply" and step.by_entry and len(others) == FACTORS:
            return summed(pull * others[1 - j], shape)
        if step.name in REARRANGED and j == 0 and all(a.dtype.kind in "iub" for a in others[1:]):
            return _put_back(step.function([np.arange(others[0].size).reshape(shape), *others[1:]]), pull, shape)
        derivative = self._measured(step, j, others) if instead else self.derivative(k, j)
        return summed(pull * derivative, shape) if step.by_entry else (np.ravel(pull) @ derivative).reshape(shape)

    def derivative(self, k: int, j: int) -> Floats:
        """Return what one operand does to a step: entry by entry, or every entry to every other."""
        if (k, j) not in self._derivatives:
            step = self.record.steps[k]
            self._derivatives[k, j] = self._measured(step, j, [self.record.values[node] for node in step.operands])
        return self._derivatives[k, j]

    def _above(self) -> dict[int, Floats]:
        pulls: dict[int, Floats] = {}
        at = 0
        for node in self.record.result:
            value = self.record.values[node]
            pulls[node] = pulls.get(node, 0.0) + self.cotangent[at : at + value.size].reshape(value.shape)
            at += value.size
        return pulls

    def _measured(self, step: RunStep, j: int, values: Sequence[Floats]) -> Floats:
        x, size = values[j], self.record.values[step.made].size
        if step.by_entry:
            moves = MOVE * np.where(x == 0, 1.0, np.abs(x))
            return _difference(step, values, j, moves) / (2 * moves)
        if x.size * size > DERIVATIVES or x.size > COLUMNS:
            raise UncountableError
        h = MOVE * (float(np.sqrt(np.mean(x * x))) or 1.0)
        unit = h * np.eye(x.size).reshape(x.size, *x.shape)
        return np.stack([np.ravel(_difference(step, values, j, move)) for move in unit], axis=1) / (2 * h)


def _of_matrices(factors: Sequence[Floats]) -> bool:
    """Return whether two factors are matrices, vectors, or stacks of as many axes."""
    return all(a.ndim for a in factors) and len({max(a.ndim, MATRIX) for a in factors}) == 1


def _of_product(j: int, factors: Sequence[Floats], pull: Floats) -> Floats:
    """Return what a pull on a product of matrices pulls at one with; a vector is a row, or a column, of one."""
    a, b = np.atleast_2d(factors[0]), factors[1] if factors[1].ndim > 1 else factors[1][:, np.newaxis]
    pull = pull.reshape(*a.shape[:-1], b.shape[-1])
    return a.swapaxes(-1, -2) @ pull if j else pull @ b.swapaxes(-1, -2)


def _difference(step: RunStep, values: Sequence[Floats], j: int, move: Floats) -> Floats:
    up, down = (step.function([*values[:j], values[j] + s * move, *values[j + 1 :]]) for s in (1.0, -1.0))
    return np.asarray(up, dtype=np.float64) - down


def _put_back(places: Array, pull: Floats, shape: tuple[int, ...]) -> Floats:
    """Return the sums of what pulls at the places from which entries were taken."""
    total: Floats = np.bincount(np.ravel(places), np.ravel(pull), math.prod(shape)).astype(np.float64)
    return total.reshape(shape)


def summed(pull: Floats, shape: tuple[int, ...]) -> Floats:
    """Return the sum over all axes along which an operand was repeated."""
    extra = pull.ndim - len(shape)
    total = pull.sum(axis=tuple(range(extra))) if extra else pull
    ones = tuple(axis for axis, n in enumerate(shape) if n == 1 != total.shape[axis])
    return total.sum(axis=ones, keepdims=True) if ones else total
