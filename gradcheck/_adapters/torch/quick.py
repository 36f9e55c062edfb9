"""What is a model worth at a point, without a graph? The same as with one, and at a third of the price.

A gradient needs a graph, a value does not. Once equal calls have given the same, both ways are gone at two points, and
the quick way is taken only as long as it gives the same numbers, bit for bit. Code that asks for graphs never goes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from gradcheck._adapters.torch.call import WATCHED, TorchCall
from gradcheck._adapters.torch.plan import Plan, flat
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array, Tree

AGREED = 2  # points at which both ways must have given the same
AGAIN = 32  # quick calls after which both ways are gone once more, and that many times as many after those


class Quick:
    """Values of a model at points of arrays: without a graph, where that is known to be the same."""

    def __init__(self, call: TorchCall, full: Callable[[Tree], Array], minds: Callable[[], bool]) -> None:
        """`full` goes today's way; `minds` says whether the user's code asks if gradients are on."""
        self.call, self.full, self.minds = call, full, minds
        self.shut: bool | None = None  # whether the quick way is closed; None until it is first thought of
        self.agreed = self.calls = 0
        self.last = b""  # the last value that was taken with a graph
        self.steady = False  # whether two calls, one after the other, have given the same
        self.next = AGAIN
        self.draws = False  # whether a call moves PyTorch's own random numbers
        self.plan: Plan | None = None

    def __call__(self, point: Mapping[str, Array]) -> Array:
        """Return all floats of the outputs in one row."""
        if self.shut:
            return self.full(point)
        if self.plan is None or self.plan.point is not point:  # the same in another precision
            self.plan, self.agreed, self.last, self.steady = Plan(self.call, point), 0, b"", False
        if self.call.watched < WATCHED:  # which then is to be watched anew
            return self.full(point)
        if self.agreed < AGREED or self.calls >= self.next:
            return self._both_ways(point)
        self.calls += 1
        random = torch.get_rng_state() if self.draws else None
        try:
            return self._quick()
        except Exception as error:  # the user's code may raise anything, as it may with a graph
            if ends(error):
                raise
        if random is not None:
            torch.set_rng_state(random)
        value = self.full(point)
        self.shut = True  # with a graph it does not raise
        return value

    def _both_ways(self, point: Mapping[str, Array]) -> Array:
        """Return the value with a graph, and hold the one without against it."""
        random = torch.get_rng_state()
        value = self.full(point)
        before, self.last = self.last, value.tobytes()
        self.steady |= before == self.last
        # A call more might hide that each is another; and of the same point no more is learnt.
        if not self.steady or before == self.last:
            return value
        self.shut = self.minds() if self.shut is None else self.shut
        if self.shut:
            return value
        after = torch.get_rng_state()
        self.draws = not torch.equal(random, after)
        torch.set_rng_state(random)
        try:
            same = _same(self._quick(), value) and torch.equal(torch.get_rng_state(), after)
        except Exception as error:
            if ends(error):
                raise
            same = False
        torch.set_rng_state(after)
        self.shut = not same
        self.agreed += 1
        if self.calls >= self.next:
            self.calls, self.next = 0, self.next * AGAIN
        return value

    @property
    def proved(self) -> bool:
        """Whether values are taken without a graph by now."""
        return not self.shut and self.agreed >= AGREED

    def _quick(self) -> Array:
        assert self.plan is not None  # noqa: S101  it was just made
        with torch.no_grad():
            return flat(self.plan.result())


def _same(some: Array, other: Array) -> bool:
    return some.dtype == other.dtype and some.tobytes() == other.tobytes()
