"""What do the slopes of pre-activations make of those of weights, biases and inputs? Matrix products, a part at a time.

Of z = x W + b with the slopes D: x^T D of the weight, the sum of the rows of D of the bias, D W^T of the input. What is
unknown adds up, and the noise of the rows adds up as independent noise does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradcheck._entries.sites.probe import Floats, Probed
from gradcheck._model.filed import BLOCK
from gradcheck._model.site import Array, WeightSite
from gradcheck._results.estimate import DEVIATIONS


@dataclass(frozen=True, eq=False)
class EntrySlopes:
    """The slopes of all entries of a matrix, as shifts have them: some rows at a time, as they are many."""

    path: str
    shape: tuple[int, int]
    some: Callable[[slice], tuple[Floats, Floats]]  # of some rows: the slopes, and what is unknown of them
    moved: Callable[[slice], Floats]  # of some rows: how many terms they were seen to move

    def blocks(self) -> Iterator[tuple[slice, slice]]:
        """Yield the rows that are taken at once, and the entries that they are."""
        rows, columns = self.shape
        step = max(1, BLOCK // columns)
        for at in range(0, rows, step):
            end = min(at + step, rows)
            yield slice(at, end), slice(at * columns, end * columns)


def of_site(site: WeightSite, found: Probed) -> Iterator[EntrySlopes]:
    """Yield what a site says of its weight, its bias, and its input."""
    met = _Met.of(site.rows, found)
    if site.weight is not None:
        yield (_turned if site.turned else _upright)(site.weight, met)
    if site.bias is not None:
        yield _upright(
            site.bias, replace(met, x=np.ones((len(met.x), 1)), size=np.full((*met.size.shape[:1], 1), met.groups))
        )
    if site.given is not None:
        yield _backward(site.given, site.matrix, found, met)


@dataclass(frozen=True, eq=False)
class _Met:
    """Rows x and the slopes of their pre-activations: of R groups of rows, P in each, one after the other."""

    x: Floats  # (R P, I)
    size: Floats  # (P, I): sum of squares, over the groups
    groups: float  # R
    slopes: Floats  # (R P, O)
    unknown: Floats  # (R P, O)
    alive: Floats  # (R P, O)
    noise: Floats  # (P, O)

    @classmethod
    def of(cls, rows: Floats, found: Probed) -> _Met:
        """Lay all rows below one another."""
        groups, places = len(rows), 1 if rows.ndim == 2 else rows.shape[1]
        x = rows.reshape(groups * places, -1)

        def laid(of_units: Array) -> Array:
            return of_units.reshape(groups * places, -1)

        return cls(
            x,
            np.sum(rows.reshape(groups, places, -1) ** 2, axis=0),
            groups,
            laid(found.slopes),
            laid(found.unknown),
            laid(found.alive.astype(np.float64)),
            (DEVIATIONS * found.noise).reshape(places, -1),
        )

    def lost(self, part: slice) -> Floats:
        """Return what noise leaves unknown, of some columns of x: that of independent numbers, added up."""
        return np.asarray(np.sqrt(self.size[:, part].T @ self.noise**2))


def _upright(path: str, met: _Met) -> EntrySlopes:
    """Of W as (I, O): x^T D, some rows of it at a time."""

    def some(part: slice) -> tuple[Floats, Floats]:
        rows = met.x[:, part].T
        return rows @ met.slopes, np.abs(rows) @ met.unknown + met.lost(part)

    shape = (met.x.shape[1], met.noise.shape[1])
    return EntrySlopes(path, shape, some, lambda part: (met.x[:, part].T != 0) @ met.alive)


def _backward(path: str, W: Array | None, found: Probed, met: _Met) -> EntrySlopes:
    """Of x: D W^T, likewise, or D itself."""
    if W is None:
        noise = DEVIATIONS * found.noise
        own = lambda part: (found.slopes[part], found.unknown[part] + noise)  # noqa: E731
        return EntrySlopes(path, found.slopes.shape, own, lambda part: found.alive[part].astype(np.float64))
    places = len(met.noise)
    noise = np.sqrt((met.noise**2) @ (W.T**2))

    def some(part: slice) -> tuple[Floats, Floats]:
        lost = noise if places == 1 else noise[np.arange(part.start, part.stop) % places]
        return met.slopes[part] @ W.T, met.unknown[part] @ np.abs(W.T) + lost

    ways = (W.T != 0).astype(np.float64)
    return EntrySlopes(path, (len(met.slopes), len(W)), some, lambda part: met.alive[part] @ ways)


def _turned(path: str, met: _Met) -> EntrySlopes:
    """Of W as (O, I): D^T x, likewise."""

    def some(part: slice) -> tuple[Floats, Floats]:
        lost = np.sqrt((met.noise[:, part] ** 2).T @ met.size)
        return met.slopes[:, part].T @ met.x, met.unknown[:, part].T @ np.abs(met.x) + lost

    shape = (met.noise.shape[1], met.x.shape[1])
    return EntrySlopes(path, shape, some, lambda part: met.alive[:, part].T @ (met.x != 0))


def together(parts: Sequence[EntrySlopes]) -> EntrySlopes:
    """Return the slopes of a tensor that is met at several sites: they add up."""
    first = parts[0]
    if len(parts) == 1:
        return first

    def some(rows: slice) -> tuple[Floats, Floats]:
        every = [part.some(rows) for part in parts]
        return np.sum([slope for slope, _ in every], axis=0), np.sum([left for _, left in every], axis=0)

    def moved(rows: slice) -> Floats:
        return np.asarray(np.sum([part.moved(rows) for part in parts], axis=0))

    return EntrySlopes(first.path, first.shape, some, moved)
