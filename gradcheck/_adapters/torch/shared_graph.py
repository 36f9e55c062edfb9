"""Which gradients share one graph? Those at one point with several cotangents, where a graph can be used again.

A gradient repeated with the same cotangent gets a new graph, so that a change from call to call shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from gradcheck._adapters.torch import graph
from gradcheck._adapters.torch.backward import pulled
from gradcheck._adapters.torch.call import SMALL, WATCHED, Outputs, TorchCall
from gradcheck._adapters.torch.tensors import Tensor, cotangents
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array, Tree

Gradients = dict[str, Tensor | None]


class SharedGraph:
    """The pullback of a model: it keeps the graph of the last point, as long as no other call is made."""

    def __init__(
        self, call: TorchCall, full: Callable[[Tree, Array], Tree], cotangent: Array, *, few: bool = False
    ) -> None:
        """`full` makes a graph at each call; `cotangent` is the one that the check is about.

        With `few`, testing whether a hand-written backward can be repeated costs more than it saves.
        """
        self.call, self.full, self.cotangent, self.few = call, full, cotangent, few
        self.kept: _Kept | None = None
        self.shut = call.size >= SMALL  # whether graphs are not shared

    def __call__(self, point: Mapping[str, Array], u: Array) -> Tree:
        """Return the gradient of <u, outputs>."""
        if self.shut or self.call.watched < WATCHED:
            return self.full(point, u)
        random = torch.get_rng_state()
        try:
            found = self._shared(point, u)
        except Exception as error:  # the user's backward may raise anything
            if ends(error):
                raise
            self.shut, found = True, None
        if found is not None:
            return self.call.named(found, point)
        self.kept = None
        torch.set_rng_state(random)
        return self.full(point, u)

    def _shared(self, point: Mapping[str, Array], u: Array) -> Gradients | None:
        kept = self.kept
        if kept is None or kept.calls != self.call.calls or not kept.stands_at(point):
            kept = self.kept = self._made(point)
        if kept is None or (kept.last is not None and np.array_equal(kept.last, u)):
            return None
        kept.last = np.array(u)
        return kept.gradients(u)

    def _made(self, point: Mapping[str, Array]) -> _Kept | None:
        """Make a graph, and see whether it can be gone through again; None, from then on, if it cannot."""
        call, random = self.call, torch.get_rng_state()
        variables, outputs = call.at(point)
        here = {path: array.copy() for path, array in point.items()}
        kept = _Kept(call.calls, here, variables, outputs)
        settled = call.back is pulled and not call.changes and torch.equal(random, torch.get_rng_state())
        self.shut = not (settled and kept.twice_the_same(self.cotangent, few=self.few))
        return None if self.shut else kept


@dataclass
class _Kept:
    """A graph that was made at a point."""

    calls: int  # of the model, until then
    here: dict[str, Array]
    variables: Mapping[str, Tensor]
    outputs: Outputs
    last: Array | None = None  # the last cotangent

    def stands_at(self, point: Mapping[str, Array]) -> bool:
        """Whether the numbers of a point are those at which it was made."""
        return all(np.array_equal(point[path], array) for path, array in self.here.items())

    def gradients(self, u: Array) -> Gradients:
        """Go back."""
        return pulled(self.outputs, self.variables, cotangents(self.outputs, u), retain_graph=True)

    def twice_the_same(self, u: Array, *, few: bool) -> bool:
        """Whether the backward is PyTorch's own, or gives the same when repeated, if testing that pays."""
        if not graph.handwritten(self.outputs.values()):
            return True
        if few:
            return False
        first = {name: None if g is None else g.clone() for name, g in self.gradients(u).items()}
        return all(_same(first[name], g) for name, g in self.gradients(u).items())


def _same(a: Tensor | None, b: Tensor | None) -> bool:
    if a is None or b is None:
        return a is b
    return bool(torch.equal(a.to_dense(), b.to_dense()))
