"""What is the value of a model without a graph? The same as with one, in a third of the time.

A gradient needs a graph, a value does not. Once equal calls gave equal values, both ways are compared at two points,
and the quick way is used while it gives the same numbers, bit for bit; never for code that tests for graphs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from gradcheck._adapters.torch.call import WATCHED, TorchCall
from gradcheck._adapters.torch.plan import Plan, flat
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array, Tree

AGREED = 2  # points at which both ways must have given the same
AGAIN = 32  # quick calls after which both ways are compared again; the interval grows by this factor


class Quick:
    """Values of a model at points of arrays: without a graph, where that is known to be the same."""

    def __init__(self, call: TorchCall, full: Callable[[Tree], Array], minds: Callable[[], bool]) -> None:
        """`full` computes a value with a graph; `minds` says whether the user's code tests if gradients are enabled."""
        self.call, self.full, self.minds = call, full, minds
        self.shut: bool | None = None  # whether the quick way is ruled out; None until first considered
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
        if self.call.watched < WATCHED:  # which has to be compared again
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
        """Return the value with a graph, and compare the one without."""
        random = torch.get_rng_state()
        value = self.full(point)
        before, self.last = self.last, value.tobytes()
        self.steady |= before == self.last
        # A further call could hide that every call differs, and the same point teaches nothing new.
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
        with torch.set_grad_enabled(False):
            return flat(self.plan.result())


def _same(some: Array, other: Array) -> bool:
    return some.dtype == other.dtype and some.tobytes() == other.tobytes()
