"""Which derivative is asked for? The first, or that of the gradient; forward mode, and many cotangents at once."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

import numpy as np
import torch
from torch.autograd import forward_ad

from gradcheck._adapters.cotangent import random_cotangent
from gradcheck._adapters.torch import graph, handwritten, kept_graph, promises, required
from gradcheck._adapters.torch.backward import pulled
from gradcheck._adapters.torch.call import Outputs, TorchCall
from gradcheck._adapters.torch.tensors import DOUBLE, Tensor, cotangents, is_floating, like, to_array
from gradcheck._adapters.torch.trial import Asked, Occasion
from gradcheck._model.oracle import Array, calling
from gradcheck._model.rng import Pins
from gradcheck._results.report import Problem

Arrays = Mapping[str, Array]


class First:
    """The gradient of the outputs."""

    whole = True
    kinds: Mapping[str, str] = {}

    def __init__(self, call: TorchCall, pins: Callable[[], Pins] = Pins) -> None:
        """Take the model as it is, with what finds its random generators."""
        self.call, self.pins = call, pins

    @cached_property
    def point(self) -> dict[str, Array]:
        """The arrays that are moved."""
        return {path: array for m in self.call.moved for path, array in m.arrays().items()}

    def forward(self, point: Arrays) -> dict[str, Array]:
        """Return the outputs."""
        return self.call.forward(point)

    def pullback(self, point: Arrays, cotangent: Arrays) -> dict[str, Array]:
        """Return the gradient of <cotangent, outputs>."""
        return self.call.pullback(point, cotangent)

    def push(self, point: Arrays, tangents: Arrays) -> dict[str, Array]:
        """Return the derivative of the outputs along tangents, in forward mode."""
        call = self.call
        with dual_numbers(), _duals(call, call.variables(point), tangents) as duals:
            outputs = call.outputs(duals)
            return {name: to_array(_tangent(y)) for name, y in outputs.items() if is_floating(y)}

    def examine(
        self, point: Arrays, cotangent: Array, asked: Asked, *, batched: bool, hasty: bool = False
    ) -> list[Problem]:
        """Test what PyTorch promises of a backward besides: outputs without a gradient, many cotangents at once.

        If `hasty`, no more than that.
        """
        variables, outputs = self.call.at(point)
        carry = {name: y for name, y in outputs.items() if y.requires_grad}
        us = {name: u for name, u in cotangents(outputs, cotangent).items() if name in carry}
        problems = promises.one_alone(variables, carry, us, self.call.back) if len(carry) > 1 else []
        problems += promises.at_once(variables, carry, us) if batched else []
        if hasty:
            return problems
        problems += kept_graph.examine(self.call, point)
        looks = required.looks_at_flags(self.call.f, self.call.modules)
        if looks or graph.handwritten(carry.values()):
            occasion = Occasion.of(self.call, point, cotangent, self.pins(), asked)
            problems += handwritten.examine(occasion, looks=looks)
        return problems


class Second(First):
    """The gradient of the gradient: g(x, u) is the gradient of <u, outputs>, and u is moved as well."""

    whole = False
    kinds: Mapping[str, str] = {"cotangent": "cotangent"}

    def __init__(self, call: TorchCall, seed: int, pins: Callable[[], Pins]) -> None:
        """Draw the cotangent, when the sizes of the outputs are known."""
        super().__init__(call, pins)
        self.seed = seed

    @cached_property
    def point(self) -> dict[str, Array]:
        """The arrays that are moved, and the cotangent."""
        point = First(self.call).point
        pins = self.pins()
        try:
            with self.call.guard(), calling("the function"):
                outputs = self.call.at({path: np.array(array) for path, array in point.items()})[1]
        finally:
            pins.restore()
        size = sum(to_array(y).size for y in outputs.values())
        kind = np.result_type(*(v.dtype for v in point.values()))
        return point | {"cotangent": random_cotangent(size, self.seed).astype(kind)}

    def _gradients(self, point: Arrays) -> tuple[dict[str, Tensor], Outputs]:
        variables = self._variables(point)
        return variables, self._outputs(variables)

    def _variables(self, point: Arrays) -> dict[str, Tensor]:
        u = torch.from_numpy(np.array(point["cotangent"])).requires_grad_()
        return {**self.call.variables(point), "cotangent": u}

    def _outputs(self, variables: Mapping[str, Tensor]) -> Outputs:
        given = {name: v for name, v in variables.items() if name != "cotangent"}
        outputs = {name: y for name, y in self.call.outputs(given).items() if is_floating(y)}
        outputs = {name: y for name, y in outputs.items() if y.requires_grad} if len(outputs) > 1 else outputs
        us = _pieces(variables["cotangent"], outputs)
        with torch.enable_grad():
            gradients = pulled(outputs, given, us, create_graph=True)
        return {name: g for name, g in gradients.items() if g is not None}

    def forward(self, point: Arrays) -> dict[str, Array]:
        """Return the gradients."""
        return {name: to_array(g) for name, g in self._gradients(point)[1].items()}

    def pullback(self, point: Arrays, cotangent: Arrays) -> dict[str, Array]:
        """Return the gradient of <cotangent, gradients>."""
        variables, gradients = self._gradients(point)
        vs = {name: like(cotangent[name], g) for name, g in gradients.items()}
        seconds = pulled(gradients, variables, vs)
        u = seconds["cotangent"]
        mine = np.zeros_like(point["cotangent"]) if u is None else to_array(u)
        return {**self.call.named(seconds, point), "cotangent": mine}

    def push(self, point: Arrays, tangents: Arrays) -> dict[str, Array]:
        """Return the derivative of the gradients along tangents: forward over reverse."""
        call = self.call
        with dual_numbers(), _duals(call, call.variables(point), tangents) as duals:
            outputs = call.outputs(duals)
            u = forward_ad.make_dual(*(torch.from_numpy(np.array(a["cotangent"])) for a in (point, tangents)))
            with torch.enable_grad():
                gradients = pulled(outputs, duals, _pieces(u, outputs), create_graph=True)
            return {name: to_array(_tangent(g)) for name, g in gradients.items() if g is not None}

    def examine(
        self, point: Arrays, cotangent: Array, asked: Asked, *, batched: bool, hasty: bool = False
    ) -> list[Problem]:
        """Test what every backward must keep, of one that was written for the backward itself."""
        del batched
        if hasty or not graph.handwritten(self._gradients(point)[1].values()):
            return []
        begin = functools.partial(self._variables, point)
        return handwritten.examine_twice(Occasion(begin, self._outputs, pulled, cotangent, self.pins(), asked))


@contextmanager
def dual_numbers() -> Iterator[None]:
    """Compute with dual numbers; warnings that PyTorch raises about its own code are ignored."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*torch.jit.script.* is deprecated")
        with forward_ad.dual_level():
            yield


def _tangent(y: Tensor) -> Tensor:
    tangent = forward_ad.unpack_dual(y).tangent
    return torch.zeros_like(y) if tangent is None else tangent


@contextmanager
def _duals(call: TorchCall, variables: Mapping[str, Tensor], tangents: Arrays) -> Iterator[dict[str, Tensor]]:
    """Put dual numbers in the places of parameters for a while, and return all of them by name."""
    duals = {
        m.name: forward_ad.make_dual(variables[m.name], _shaped(m.tensor_of(tangents), variables[m.name]))
        for m in call.moved
    }
    by_id = {id(m.tensor): duals[m.name] for m in call.inside}
    holders = [(h, name, p) for m in call.modules for h in [m._parameters] for name, p in h.items() if id(p) in by_id]  # noqa: SLF001
    try:
        for holder, name, parameter in holders:
            holder[name] = by_id[id(parameter)]
        yield duals
    finally:
        for holder, name, parameter in holders:
            holder[name] = parameter


def _shaped(tangent: Tensor, of: Tensor) -> Tensor:
    return tangent.to(dtype=of.dtype).reshape(of.shape)


def _pieces(u: Tensor, outputs: Outputs) -> dict[str, Tensor]:
    """Cut a flat cotangent into pieces of the shapes and dtypes of the outputs, so that it can be differentiated."""
    pieces, at = {}, 0
    for name, y in outputs.items():
        count = y.numel() * (2 if y.is_complex() else 1)
        piece = u[at : at + count].to(y.device)
        if y.is_complex():
            pairs = piece.reshape(*y.shape, 2).to(torch.float64 if y.dtype == DOUBLE[True] else torch.float32)
            pieces[name] = torch.view_as_complex(pairs)
        else:
            pieces[name] = piece.reshape(y.shape).to(y.dtype)
        at += count
    return pieces
