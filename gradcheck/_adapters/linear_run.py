"""Which layers of a chain are one matrix together, and which do the same to each entry?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from gradcheck._adapters.affine import ROUNDINGS, ROWS, Affine
from gradcheck._adapters.chain import LayerCall
from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._results.floating import DOUBLE

LINEAR = 2**22  # numbers of the matrix of some layers that are linear, beyond which nobody makes it


@dataclass(frozen=True, eq=False)
class LinearRun:
    """Layers, one after the other, that are y = x M + c together, row by row."""

    matrix: Array  # (I, O), flat
    constant: Array  # (O,): c
    y: Array  # (R, ...)
    count: int  # layers

    def forward(self, x: Array) -> tuple[Array, None]:
        """Return what the layers make of rows, as one of them would."""
        y = x.reshape(len(x), -1) @ self.matrix + self.constant
        return y.reshape(len(x), *self.y.shape[1:]), None


@dataclass(frozen=True, eq=False)
class Links:
    """The layers of a chain, and what several of them are together, each found out once."""

    links: list[LayerCall]
    dense: list[Affine | None]
    runs: dict[int, LinearRun | None] = field(default_factory=dict)  # by the place of their first layer
    linear: dict[int, bool] = field(default_factory=dict)
    alike: dict[int, bool] = field(default_factory=dict)

    def run(self, at: int) -> LinearRun | None:
        """Return what comes at a place as a matrix; None where it is not linear, or that would be too large."""
        if at not in self.runs:
            self.runs[at] = self._run(at)
        return self.runs[at]

    def _run(self, at: int) -> LinearRun | None:
        first = self.dense[at] if at < len(self.dense) else None
        if first is not None and not first.turned:
            constant = np.broadcast_to(first.b, first.W.shape[1])
            return LinearRun(first.W, constant, self.links[at].y, 1)
        end = at
        while end < len(self.links) and self._is_linear(end):
            end += 1
        found = (_matrix(self.links[at:n]) for n in range(end, at, -1))
        return next((run for run in found if run is not None), None)

    def _is_linear(self, at: int) -> bool:
        if at not in self.linear:
            self.linear[at] = _linear(self.links[at])
        return self.linear[at]

    def by_columns(self, at: int) -> bool:
        """Whether a layer treats each entry alike, and independently of the others."""
        if at not in self.alike:
            self.alike[at] = _by_columns(self.links[at])
        return self.alike[at]

    def shortened(self, at: int) -> list[LayerCall | LinearRun]:
        """Return what comes from a place on, with a matrix in the place of several that are linear together."""
        short: list[LayerCall | LinearRun] = []
        while at < len(self.links):
            found = self.run(at)
            short.append(self.links[at] if found is None or found.count == 1 else found)
            at += 1 if found is None else found.count
        return short


def _linear(link: LayerCall) -> bool:
    """Whether a layer takes sums to sums, except for a constant."""
    if link.x.ndim < ROWS or link.y.ndim < ROWS:
        return False
    one, other = np.random.default_rng(0).standard_normal((2, *link.x.shape))
    try:
        parts = [link.layer.forward(x)[0] for x in (one, other, 0 * one)]
        both = link.layer.forward(one + other)[0]
    except Exception as error:  # the user's layer may raise anything
        if ends(error):
            raise
        return False
    sums = sum(np.abs(part) for part in parts)
    return bool((np.abs(parts[0] + parts[1] - parts[2] - both) <= ROUNDINGS * DOUBLE * (sums + sums.mean())).all())


def _matrix(links: list[LayerCall]) -> LinearRun | None:
    x, y = links[0].x, links[-1].y
    size = x[0].size
    if size * y[0].size > LINEAR:
        return None
    try:
        basis = np.concatenate([_through(links, rows) for rows in _basis(x)])
        constant = _through(links, 0 * x[:1])
    except Exception as error:  # a layer that knows how many rows there are
        if ends(error):
            raise
        return None
    matrix = basis - constant
    rows, flat = x.reshape(len(x), -1), y.reshape(len(y), -1)
    sums = np.abs(rows) @ np.abs(matrix) + np.abs(constant)
    if not (np.abs(rows @ matrix + constant - flat) <= ROUNDINGS * DOUBLE * (sums + sums.mean())).all():
        return None  # rows depend on one another
    return LinearRun(matrix, constant[0], y, len(links))


def _basis(x: Array) -> Iterator[Array]:
    """Yield unit rows, as many at once as x has rows: memory for that many is known to be there."""
    size, rows = x[0].size, len(x)
    for at in range(0, size, rows):
        yield np.eye(min(rows, size - at), size, at).reshape(-1, *x.shape[1:])


def _through(links: list[LayerCall], x: Array) -> Array:
    for link in links:
        x = link.layer.forward(x)[0]
    return np.asarray(x.reshape(len(x), -1))


def _by_columns(link: LayerCall) -> bool:
    """Whether a layer treats each entry alike and alone: some columns, given by themselves, tell."""
    if link.x.shape != link.y.shape or link.x.ndim < ROWS or any(True for _ in trees.leaves(link.layer)):
        return False
    x, y = (array.reshape(len(array), -1) for array in (link.x, link.y))
    some = {0, x.shape[1] // 2, x.shape[1] - 1}
    try:
        alone = [(link.layer.forward(x[:, [j]])[0], y[:, [j]]) for j in some]
        return all(bool((np.abs(one - y) <= ROUNDINGS * DOUBLE * np.abs(y)).all()) for one, y in alone)
    except Exception as error:  # it depends on the number of columns
        if ends(error):
            raise
        return False
