"""Where does a reference network use its dense weights, and how does a shift of one pre-activation change each row?

In a chain of layers whose rows are independent, shifting one unit changes one column of the input of the next
dense layer, so its pre-activations change by an outer product, and the layers before it need not run again.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck._adapters.affine import ROUNDINGS, Affine, channels_last
from gradcheck._adapters.chain import LayerCall, chain
from gradcheck._adapters.linear_run import LinearRun, Links
from gradcheck._adapters.per_row import PerRow, added
from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.site import GAINS, SHIFTS, Floats, Ints, WeightSite
from gradcheck._results.floating import DOUBLE

CACHED = 2**17  # numbers worked on at once: a megabyte stays in the cache
CALL = 2**15  # numbers that can be computed in the overhead of one call
AS_ONE = 8  # products that can be added up in the time of one elementwise operation


def sites(
    model: Any,  # noqa: ANN401
    inputs: Mapping[str, Any],
    loss: Any,  # noqa: ANN401
    is_layer: Callable[[Any], bool],
    cotangent: Array,
) -> list[WeightSite]:
    """Return where a network uses its dense weights, for those that it uses once."""
    links = chain(model, tuple(inputs.values()), loss, is_layer)
    if not links or any(link.y.dtype != np.float64 for link in links):
        return []
    head = _head(links, cotangent)
    if head is None:
        return []
    start = links[0].x
    links = links[:-1] if np.ndim(links[-1].y) == 0 else links
    dense = [Affine.of(link) for link in links]
    known = Links(links, dense)
    arrays = [v for _, v in trees.leaves((model, [*inputs.values()], loss)) if isinstance(v, np.ndarray)]
    given = _given(start, inputs, arrays)
    inner = (
        [] if given is None or (dense and dense[0] and not dense[0].turned) else [_of_input(start, given, known, head)]
    )
    found = []
    for n, (link, here) in enumerate(zip(links, dense, strict=True)):
        if here is not None and _once(here.W, arrays) and _once(here.b, arrays):
            work = _Shifts.of(link.y, known, n + 1, head)
            given = None if here.turned else _given(link.x, inputs, arrays)
            worth = not here.turned or work.numbers <= here.W.size * GAINS * _numbers(links, dense)
            found.append(work.site(here, given, here.rows) if worth and work.apart() else None)
    return [site for site in (*inner, *found) if site is not None]


def _numbers(links: list[LayerCall], dense: list[Affine | None]) -> float:
    """Return the cost of one evaluation of a chain, in numbers computed."""
    products = sum(here.rows.size * here.matrix.shape[1] for here in dense if here is not None)
    return float(CALL + sum(link.y.size for link in links) + products / AS_ONE)


def _once(array: Array | float, arrays: list[Array]) -> bool:
    """Whether no two parameters or inputs of a network share memory."""
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


def _of_input(x: Array, given: str, links: Links, head: PerRow) -> WeightSite | None:
    """Return a site of the input itself, each number of a row being a unit; None where rows are not independent."""
    if x.ndim < len(("rows", "columns")):
        return None
    work = _Shifts.of(x, links, 0, head)
    return work.site(None, given, work.before) if work.apart() else None


@dataclass(frozen=True, eq=False)
class _Shifts:
    """What comes after a dense layer, for shifts of single units of it."""

    before: Array  # (R, O), flat
    shape: tuple[int, ...]  # of a row
    columnwise: list[LayerCall]
    following: LinearRun | None
    rest: list[LayerCall | LinearRun]
    head: PerRow

    @classmethod
    def of(cls, before: Array, links: Links, at: int, head: PerRow) -> _Shifts:
        """Look through what comes after some numbers, from a place of the chain on."""
        end = at
        while end < len(links.links) and links.by_columns(end):
            end += 1
        following = links.run(end)
        rest = links.shortened(end + (following.count if following else 0))
        return cls(before.reshape(len(before), -1), before.shape[1:], links.links[at:end], following, rest, head)

    @property
    def width(self) -> int:
        """How many numbers there are for each row at the most, where a unit is shifted."""
        first = self._after if self.following is None else self.following.y
        return int(max([first[0].size, *(link.y.size // len(self.before) for link in self.rest)]))

    @property
    def numbers(self) -> float:
        """How many are worked out for all shifts."""
        first = self._after if self.following is None else self.following.y
        return float(SHIFTS * self.before.shape[1] * (first.size + sum(link.y.size for link in self.rest)))

    def site(self, dense: Affine | None, given: str | None, rows: Array) -> WeightSite:
        """Return the site before which that comes, of a dense layer, a convolution, or the input."""
        before, shifted = self.before, self.shifted
        if dense is not None and dense.turned:
            order = channels_last(np.arange(before.shape[1]).reshape(1, *self.shape)).ravel()
            before, shifted = before[:, order], lambda units, shifts: self.shifted(order[units], shifts)
        return WeightSite(
            None if dense is None else dense.weight,
            None if dense is None else dense.bias,
            given,
            None if dense is None else dense.matrix,
            rows,
            before,
            self.terms,
            turned=dense is not None and dense.turned,
            at_once=max(1, CACHED // (len(self.before) * self.width)),
            shifted=shifted,
        )

    @functools.cached_property
    def _after(self) -> Array:
        after = self.columnwise[-1].y if self.columnwise else self.before
        return np.asarray(after.reshape(len(after), -1))

    @functools.cached_property
    def terms(self) -> Floats:
        here: Floats = self._terms_of((self._after if self.following is None else self.following.y)[np.newaxis])[0]
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
            moved = change[:, :, np.newaxis] * self.following.matrix[units][:, np.newaxis]
            moved += self.following.y.reshape(len(self.before), -1)
        return np.asarray(self._terms_of(moved) - self.terms)

    def _terms_of(self, y: Array) -> Floats:
        """Return the terms (K, R) of a stack of what comes after."""
        count, rows = y.shape[:2]
        y = y.reshape(count * rows, *(self.shape if self.following is None else self.following.y.shape[1:]))
        for link in self.rest:
            y = (link if isinstance(link, LinearRun) else link.layer).forward(y)[0]
        return np.asarray(self.head(y.reshape(count, rows, *y.shape[1:])), dtype=np.float64)

    def apart(self) -> bool:
        """Whether a shift in one row changes its own term only, and the layers after it accept a stack of batches."""
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
