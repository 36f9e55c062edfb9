"""Where does a reference network meet its dense weights? And what does a shift of one pre-activation do to each row?

In a chain of layers whose rows do not hear of one another, a unit that is shifted moves one column of what the next
dense layer is given: its own pre-activations move by an outer product, and the layers before it are not asked again.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck._adapters.chain import LayerCall, chain
from gradcheck._adapters.per_row import PerRow, added
from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.site import Floats, Ints, WeightSite
from gradcheck._results.floating import DOUBLE

CACHED = 2**17  # numbers that are worked on at once: a megabyte of them stays near
ROUNDINGS = 64.0  # of what is added up, by which the same numbers may differ, added up in another order


@dataclass(frozen=True, eq=False)
class Affine:
    """A layer that is y = x W + b, by its fields and by its values."""

    weight: str
    bias: str | None
    W: Array
    b: Array | float

    @classmethod
    def of(cls, link: LayerCall) -> Affine | None:
        """Return a layer as a dense one, None if it is not."""
        held = {path: v for path, v in trees.leaves(link.layer, link.path) if isinstance(v, np.ndarray)}
        matrices, vectors = ({path: v for path, v in held.items() if v.ndim == n} for n in (2, 1))
        if len(matrices) != 1 or len(vectors) > 1 or len(held) > len(matrices) + len(vectors) or not _is_batch(link.x):
            return None
        ((weight, W),), b = matrices.items(), next(iter(vectors.values()), 0.0)
        if link.y.shape != (len(link.x), W.shape[1]) or link.x.shape[1] != W.shape[0]:
            return None
        sums = np.abs(link.x) @ np.abs(W) + np.abs(b)
        if not (np.abs(link.x @ W + b - link.y) <= ROUNDINGS * DOUBLE * sums).all():
            return None
        return cls(weight, next(iter(vectors), None), W, b)


def _is_batch(x: Array) -> bool:
    """Whether an array has rows and columns."""
    return x.ndim == len(("rows", "columns"))


def sites(
    model: Any,  # noqa: ANN401
    inputs: Mapping[str, Any],
    loss: Any,  # noqa: ANN401
    is_layer: Callable[[Any], bool],
    cotangent: Array,
) -> list[WeightSite]:
    """Return where a network meets dense weights as it stands, each of which it meets once."""
    links = chain(model, tuple(inputs.values()), loss, is_layer)
    if not links or any(link.y.dtype != np.float64 for link in links):
        return []
    head = _head(links, cotangent)
    if head is None:
        return []
    start = links[0].x
    links = links[:-1] if np.ndim(links[-1].y) == 0 else links
    dense = [Affine.of(link) for link in links]
    arrays = [v for _, v in trees.leaves((model, [*inputs.values()], loss)) if isinstance(v, np.ndarray)]
    given = _given(start, inputs, arrays)
    inner = [] if given is None or (dense and dense[0]) else [_of_input(start, given, links, dense, head)]
    found = []
    for n, (link, here) in enumerate(zip(links, dense, strict=True)):
        if here is not None and _once(here.W, arrays) and _once(here.b, arrays):
            work = _Shifts.of(link.y, links[n + 1 :], dense[n + 1 :], head)
            found.append(work.site(here, _given(link.x, inputs, arrays), link.x) if work.apart() else None)
    return [site for site in (*inner, *found) if site is not None]


def _once(array: Array | float, arrays: list[Array]) -> bool:
    """Whether memory is met once only among the parameters and inputs of a network."""
    return sum(np.may_share_memory(array, other) for other in arrays) <= 1


def _given(x: Array, inputs: Mapping[str, Any], arrays: list[Array]) -> str | None:
    """Return which of the inputs an array is, if it is one and no other shares its memory."""
    return next((name for name, value in inputs.items() if value is x and _once(x, arrays)), None)


def _head(links: list[LayerCall], cotangent: Array) -> PerRow | None:
    """Return what each row of the last outputs adds to the scalar."""
    last = links[-1]
    if np.ndim(last.y) == 0:
        per_row = added(last.layer, last.x, last.y) if last.x.ndim else None
        u = float(np.ravel(cotangent)[0])
        return None if per_row is None else lambda y: u * per_row(y)
    if np.size(cotangent) != last.y.size:
        return None
    weights = np.reshape(cotangent, last.y.shape)
    return lambda y: (y * weights).reshape(*y.shape[:2], -1).sum(axis=-1)


def _of_input(
    x: Array, given: str, links: list[LayerCall], later: list[Affine | None], head: PerRow
) -> WeightSite | None:
    """Return a site of the input itself, each number of a row being a unit; None where rows hear of one another."""
    if x.ndim < len(("rows", "columns")):
        return None
    work = _Shifts.of(x, links, later, head)
    return work.site(None, given, work.before) if work.apart() else None


def _by_columns(link: LayerCall) -> bool:
    """Whether a layer does the same to each entry, whatever stands beside it: some columns by themselves tell."""
    if link.x.shape != link.y.shape or not _is_batch(link.x) or any(True for _ in trees.leaves(link.layer)):
        return False
    some = {0, link.x.shape[1] // 2, link.x.shape[1] - 1}
    try:
        alone = [(link.layer.forward(link.x[:, [j]])[0], link.y[:, [j]]) for j in some]
        return all(bool((np.abs(one - y) <= ROUNDINGS * DOUBLE * np.abs(y)).all()) for one, y in alone)
    except Exception as error:  # it minds the number of columns
        if ends(error):
            raise
        return False


@dataclass(frozen=True, eq=False)
class _Shifts:
    """What comes after a dense layer, for shifts of single units of it."""

    before: Array  # (R, O)
    shape: tuple[int, ...]  # of a row
    columnwise: list[LayerCall]
    following: Affine | None
    rest: list[LayerCall]
    head: PerRow

    @classmethod
    def of(cls, before: Array, links: list[LayerCall], later: list[Affine | None], head: PerRow) -> _Shifts:
        """Look through what comes after some numbers."""
        columnwise = 0
        while columnwise < len(links) and _by_columns(links[columnwise]):
            columnwise += 1
        following = later[columnwise] if columnwise < len(links) else None
        rest = links[columnwise + (following is not None) :]
        return cls(before.reshape(len(before), -1), before.shape[1:], links[:columnwise], following, rest, head)

    def site(self, dense: Affine | None, given: str | None, rows: Array) -> WeightSite:
        """Return the site before which that comes, of a dense layer or of the input."""
        width = max([self.before.shape[1], *(link.y.size // len(self.before) for link in self.rest)])
        return WeightSite(
            None if dense is None else dense.weight,
            None if dense is None else dense.bias,
            given,
            None if dense is None else dense.W,
            rows,
            self.before,
            self.terms,
            turned=False,
            at_once=max(1, CACHED // (len(self.before) * width)),
            shifted=self.shifted,
        )

    @functools.cached_property
    def _after(self) -> Array:
        return np.asarray(self.columnwise[-1].y) if self.columnwise else self.before

    @functools.cached_property
    def _next(self) -> Array:
        """What the next dense layer makes of it."""
        assert self.following is not None  # noqa: S101  or nobody asks
        return np.asarray(self._after @ self.following.W + self.following.b)

    @functools.cached_property
    def terms(self) -> Floats:
        here: Floats = self._terms_of((self._after if self.following is None else self._next)[np.newaxis])[0]
        return here

    def shifted(self, units: Ints, shifts: Floats) -> Floats:
        """Return what the terms (K, R) change by, where each of some units (K,) is shifted in every row."""
        column = self.before.T[units] + shifts
        for link in self.columnwise:
            column = link.layer.forward(column)[0]
        if self.following is None:
            moved = np.repeat(self._after[np.newaxis], len(units), axis=0)
            moved[np.arange(len(units)), :, units] = column
        else:
            change = column - self._after.T[units]
            moved = change[:, :, np.newaxis] * self.following.W[units][:, np.newaxis]
            moved += self._next
        return np.asarray(self._terms_of(moved) - self.terms)

    def _terms_of(self, y: Array) -> Floats:
        """Return the terms (K, R) of a stack of what comes after."""
        count, rows = y.shape[:2]
        y = y.reshape(count * rows, *(self.shape if self.following is None else y.shape[2:]))
        for link in self.rest:
            y = link.layer.forward(y)[0]
        return np.asarray(self.head(y.reshape(count, rows, *y.shape[1:])), dtype=np.float64)

    def apart(self) -> bool:
        """Whether a shift in one row shows in its own term alone, and what comes after takes a stack of batches."""
        rows = len(self.before)
        shifts = np.zeros((2, rows))
        shifts[1, 0] = float(np.abs(self.before).max()) or 1.0
        units = np.array([0, self.before.shape[1] // 2])
        try:
            changes = self.shifted(units, shifts)
        except Exception as error:  # a layer that knows how many rows there are
            if ends(error):
                raise
            return False
        limit = ROUNDINGS * DOUBLE * np.abs(self.terms)
        others = np.delete(changes.ravel(), rows)
        return bool((np.abs(others) <= np.delete(np.tile(limit, 2), rows)).all())


def of_layer(
    point: Any,  # noqa: ANN401
    cotangent: Array,
    *,
    loss: Any,  # noqa: ANN401
    names: list[str],
    is_layer: Callable[[Any], bool],
) -> Iterator[WeightSite]:
    """Yield the sites of a reference network at a point, by the names that its tensors have there."""
    yield from sites(point[""], {name: point[name] for name in names}, loss, is_layer, cotangent)
