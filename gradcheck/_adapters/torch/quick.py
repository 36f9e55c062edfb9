"""What is a model worth at a point, without a graph? The same as with one, and at a third of the price.

A gradient needs a graph, a value does not. The first calls are made both ways, at two points at least, and the quick
way is taken only as long as it gives the same numbers, bit for bit. Code that asks whether gradients are on never is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch

from gradcheck._adapters.torch.call import WATCHED, TorchCall
from gradcheck._adapters.torch.tensors import Moved, Tensor, is_floating, to_array
from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array, Tree

Make = Callable[[], Any]

AGREED = 2  # points at which both ways must have given the same
AGAIN = 32  # quick calls after which both ways are gone once more, and that many times as many after those


class Quick:
    """Values of a model at points of arrays: without a graph, where that is known to be the same."""

    def __init__(self, call: TorchCall, full: Callable[[Tree], Array], minds: Callable[[], bool]) -> None:
        """`full` goes today's way; `minds` says whether the user's code asks if gradients are on."""
        self.call, self.full, self.minds = call, full, minds
        self.shut: bool | None = None  # whether the quick way is closed; None until it is first thought of
        self.agreed = self.calls = 0
        self.held = b""  # the last value that was held against one without a graph
        self.next = AGAIN
        self.draws = False  # whether a call moves PyTorch's own random numbers
        self.plan: _Plan | None = None

    def __call__(self, point: Mapping[str, Array]) -> Array:
        """Return all floats of the outputs in one row."""
        if self.shut:
            return self.full(point)
        if self.plan is None or self.plan.point is not point:  # the same in another precision
            self.plan, self.agreed, self.held = _Plan(self.call, point), 0, b""
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
        before = torch.get_rng_state()
        value = self.full(point)
        if self.shut is None:
            self.shut = self.minds()
        held, self.held = self.held, value.tobytes()
        if self.shut or held == self.held:  # at another point more is learnt
            return value
        after = torch.get_rng_state()
        self.draws = not torch.equal(before, after)
        torch.set_rng_state(before)
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

    def _quick(self) -> Array:
        assert self.plan is not None  # noqa: S101  it was just made
        with torch.no_grad():
            return _flat(self.plan.result())


class _Plan:
    """How a model is called at the point of some arrays, again and again: what need not be made anew is kept."""

    def __init__(self, call: TorchCall, point: Mapping[str, Array]) -> None:
        """Look through the arguments once."""
        self.call, self.point = call, point
        self.copies: dict[int, Tensor] = {}  # by the user's tensors: what the present call has in their places
        self.args, self.inputs = (_maker(given, self._leaf) for given in (call.given[0], dict(call.given[1])))
        self._load()

    def _leaf(self, old: Any) -> Make:  # noqa: ANN401
        if not isinstance(old, torch.Tensor):
            return lambda: old
        moved = {id(m.tensor): m for m in self.call.moved}.get(id(old))
        if moved is None:
            return lambda: self.call.constant(old)
        return (lambda: old) if moved in self.call.inside else (lambda: self.copies[id(old)])

    def _load(self) -> None:
        """Lay the parameters of the model into the arrays of the point, and see which tensors lie there."""
        call = self.call
        variables = call.variables(self.point)
        lying = {m.name: call.lies_in(m, self.point) for m in call.moved}
        self.places = [(m.tensor, m.tensor.data_ptr()) for m in call.inside]
        self.lasting = all(lying[m.name] for m in call.inside)
        self.makers = [
            (id(m.tensor), variables[m.name].detach().clone if lying[m.name] else partial(_made, m, self.point))
            for m in call.outside
        ]

    def result(self) -> Tree:
        """Call the model."""
        call = self.call
        inside = self.lasting and call.loaded is self.point
        if not (inside and all(tensor.data_ptr() == place for tensor, place in self.places)):
            self._load()
        elif call.constants.changing:
            call.constants.load(wide=bool(call.constants.wide))
        call.begin_afresh()
        self.copies = {key: make().requires_grad_() for key, make in self.makers}
        torch.clear_autocast_cache()
        result = call.f(*self.args(), **self.inputs())
        return result if call.loss is None else call.loss(result)


def _made(m: Moved, point: Mapping[str, Array]) -> Tensor:
    """Return an argument of which the numbers do not lie in the arrays of the point as they are."""
    return m.whole(m.tensor_of(point).clone())


def _maker(tree: Tree, leaf: Callable[[Any], Make]) -> Make:
    """Return what puts a tree together again around new leaves."""
    kind = type(tree)
    if isinstance(tree, torch.Tensor) or trees.children(tree) is None:
        return leaf(tree)
    if kind is dict:
        pairs = [(key, _maker(value, leaf)) for key, value in tree.items()]
        return lambda: {key: make() for key, make in pairs}
    if kind in (list, tuple):
        parts = [_maker(part, leaf) for part in tree]
        return lambda: kind([make() for make in parts])
    made = {id(old): leaf(old) for _, old in trees.leaves(tree)}
    return lambda: trees.rebuild(tree, lambda _, old: made[id(old)]())


def _flat(result: Tree) -> Array:
    """Return all floats of what a model returned in one row."""
    if type(result) is torch.Tensor and result.dtype == torch.float64 and is_plain(result):
        return np.array(result.detach().numpy()).ravel()
    tensors = [y for _, y in trees.leaves(result) if isinstance(y, torch.Tensor)]
    return np.concatenate([to_array(y).ravel() for y in tensors if is_floating(y)])


def is_plain(tensor: Tensor) -> bool:
    """Whether NumPy can read a tensor as it is."""
    lies = tensor.layout == torch.strided and tensor.device.type == "cpu"
    return lies and not (tensor.is_neg() or tensor._is_zerotensor())  # noqa: SLF001


def _same(some: Array, other: Array) -> bool:
    return some.dtype == other.dtype and some.tobytes() == other.tobytes()
