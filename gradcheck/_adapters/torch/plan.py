"""How is a model called at the point of some arrays, again and again? What need not be made again is kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import torch

from gradcheck._adapters.torch.call import TorchCall
from gradcheck._adapters.torch.tensors import Moved, Tensor, is_floating, to_array
from gradcheck._model import trees
from gradcheck._model.oracle import Array, Tree


class Plan:
    """How a model is called at a point."""

    def __init__(self, call: TorchCall, point: Mapping[str, Array]) -> None:
        """Look for what its parameters and arguments are made of."""
        self.call, self.point = call, point
        self._load()

    def _load(self) -> None:
        """Lay the parameters of the model into the arrays of the point, and see which tensors lie there."""
        call = self.call
        variables = call.variables(self.point)
        lying = {m.name: call.lies_in(m, self.point) for m in call.moved}
        self.places = [m.tensor.data_ptr() for m in call.inside]
        self.lasting = all(lying[m.name] for m in call.inside)
        self.makers = [
            (id(m.tensor), variables[m.name].detach().clone if lying[m.name] else partial(_made, m, self.point))
            for m in call.outside
        ]

    def result(self) -> Tree:
        """Call the model."""
        self.begin()
        return self.run()

    def begin(self) -> None:
        """Make everything ready for a call."""
        call = self.call
        inside = self.lasting and call.loaded is self.point
        if not (inside and [m.tensor.data_ptr() for m in call.inside] == self.places):
            self._load()
        elif call.constants.changing:
            call.constants.load(wide=bool(call.constants.wide))
        call.begin_afresh()
        call.copies.clear()
        for key, make in self.makers:
            call.copies[key] = make().requires_grad_()
        torch.clear_autocast_cache()

    def run(self, instead: Mapping[int, Tensor] = MappingProxyType({})) -> Tree:
        """Call the model, with some tensors in the places of the user's: by the identity of those."""
        call = self.call
        call.copies.update(instead)
        result = call.f(*call.args(), **call.keywords())
        return result if call.loss is None else call.loss(result)


def _made(m: Moved, point: Mapping[str, Array]) -> Tensor:
    """Return an argument whose numbers are not in the arrays of the point."""
    return m.whole(m.tensor_of(point).clone())


def flat(result: Tree) -> Array:
    """Return all floats of what a model returned in one row."""
    if type(result) is torch.Tensor and result.dtype == torch.float64 and _is_plain(result):
        return np.array(result.detach().numpy()).ravel()
    return np.concatenate([to_array(y).ravel() for y in floats(result)])


def floats(result: Tree) -> list[Tensor]:
    """Return the tensors of floats, real or complex, in what a model returned."""
    return [y for _, y in trees.leaves(result) if is_floating(y)]


def _is_plain(tensor: Tensor) -> bool:
    """Whether NumPy can read a tensor as it is."""
    return tensor.layout == torch.strided and tensor.is_cpu and not (tensor.is_neg() or tensor._is_zerotensor())  # noqa: SLF001
