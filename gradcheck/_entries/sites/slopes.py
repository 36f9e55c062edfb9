"""What do the slopes of pre-activations make of those of weights, biases and inputs? Matrix products, a part at a time.

Of z = x W + b with the slopes D: x^T D of the weight, the sum of the rows of D of the bias, D W^T of the input. What is
unknown adds up, and the noise of the rows adds up as independent noise does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from gradcheck._entries.sites.probe import Floats, Probed
from gradcheck._model.site import Array, WeightSite
from gradcheck._results.estimate import DEVIATIONS

BLOCK = 2**16  # entries that are worked on at once


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
    x, noise = site.rows, DEVIATIONS * found.noise
    if site.weight is not None:
        yield (_turned if site.turned else _upright)(site.weight, x, found, noise)
    if site.bias is not None:
        yield _upright(site.bias, np.ones((len(x), 1)), found, noise)
    if site.given is not None:
        yield _backward(site.given, site.matrix, found, noise)


def _upright(path: str, x: Floats, found: Probed, noise: Floats) -> EntrySlopes:
    """Of W as (I, O): x^T D, some rows of it at a time."""
    alive = found.alive.astype(np.float64)

    def some(part: slice) -> tuple[Floats, Floats]:
        rows = x[:, part].T
        lost = np.sqrt(np.sum(rows**2, axis=1))[:, np.newaxis] * noise
        return rows @ found.slopes, np.abs(rows) @ found.unknown + lost

    return EntrySlopes(path, (x.shape[1], len(noise)), some, lambda part: (x[:, part].T != 0) @ alive)


def _backward(path: str, W: Array | None, found: Probed, noise: Floats) -> EntrySlopes:
    """Of x: D W^T, likewise, or D itself."""
    if W is None:
        own = lambda part: (found.slopes[part], found.unknown[part] + noise)  # noqa: E731
        return EntrySlopes(path, found.slopes.shape, own, lambda part: found.alive[part].astype(np.float64))

    def some(part: slice) -> tuple[Floats, Floats]:
        return found.slopes[part] @ W.T, found.unknown[part] @ np.abs(W.T) + np.sqrt((noise**2) @ (W.T**2))

    ways = (W.T != 0).astype(np.float64)
    return EntrySlopes(path, (len(found.slopes), len(W)), some, lambda part: found.alive[part] @ ways)


def _turned(path: str, x: Floats, found: Probed, noise: Floats) -> EntrySlopes:
    """Of W as (O, I): D^T x, likewise."""
    alive = found.alive.astype(np.float64)
    lengths = np.sqrt(np.sum(x**2, axis=0))

    def some(part: slice) -> tuple[Floats, Floats]:
        lost = noise[part, np.newaxis] * lengths
        return found.slopes[:, part].T @ x, found.unknown[:, part].T @ np.abs(x) + lost

    return EntrySlopes(path, (len(noise), x.shape[1]), some, lambda part: alive[:, part].T @ (x != 0))
