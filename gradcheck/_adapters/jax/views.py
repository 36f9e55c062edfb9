"""Where does each number of a tensor lie, once it is reshaped, turned or repeated? And who reads it there?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck._adapters.jax.equations import Equation, Equations
from gradcheck._model.site import Ints

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class View:
    """A tensor as it lies in a slot."""

    path: str
    index: Ints  # for each number in the slot, which one of the tensor it is
    size: int  # of the tensor

    @property
    def whole(self) -> bool:
        """Whether each number of it is there once."""
        return self.index.size == self.size


@dataclass(frozen=True, eq=False)
class Views:
    """Where some tensors lie in a program, and the equations that read each of them there."""

    at: dict[int, View] = field(default_factory=dict)
    readers: dict[str, list[Equation]] = field(default_factory=dict)

    @classmethod
    def of(cls, equations: Equations, moved: Mapping[int, str]) -> Views:
        """Follow tensors, given their slots and their paths, through a program; leave out those that it returns."""
        made = cls()
        for slot, path in moved.items():
            size = equations.size(slot)
            made.at[slot] = View(path, np.arange(size).reshape(equations.avals[slot].shape), size)
            made.readers[path] = []
        for step in equations.steps:
            made._read(equations, step)
        returned = {made.at[n].path for n in equations.outs if n in made.at}
        for slot in [slot for slot, view in made.at.items() if view.path in returned]:
            del made.at[slot]
        return made

    def _read(self, equations: Equations, step: Equation) -> None:
        views = [self.at[n] for n in step.ins if n in self.at]
        index = viewed(equations, step, views[0].index) if len(views) == len(step.ins) == 1 else None
        if index is not None:
            self.at[step.outs[0]] = View(views[0].path, index, views[0].size)
            return
        for path in {view.path for view in views}:
            self.readers[path].append(step)


def viewed(equations: Equations, step: Equation, index: Ints) -> Ints | None:
    """Return where numbers lie after a step, None where it does more than to lay them otherwise."""
    out, lay = equations.avals[step.outs[0]], LAYS.get(step.name)
    if lay is None or len(step.ins) > 1 or out.dtype != equations.avals[step.ins[0]].dtype:
        return None
    return lay(index, out.shape, step.params)


def _reshaped(index: Ints, shape: Shape, params: Mapping[str, Any]) -> Ints:
    return index.transpose(params.get("dimensions") or range(index.ndim)).reshape(shape)


def _repeated(index: Ints, shape: Shape, params: Mapping[str, Any]) -> Ints:
    laid = [1] * len(shape)
    for axis, length in zip(params["broadcast_dimensions"], index.shape, strict=True):
        laid[axis] = length
    return np.broadcast_to(index.reshape(laid), shape)


SAME = ("stop_gradient", "copy", "copy_p", "convert_element_type", "name", "optimization_barrier")
LAYS: dict[str, Callable[[Ints, Shape, Mapping[str, Any]], Ints]] = {  # primitives that keep numbers as they are
    **dict.fromkeys(SAME, lambda index, *_: index),
    "reshape": _reshaped,
    "squeeze": lambda index, shape, _: index.reshape(shape),
    "transpose": lambda index, _, params: index.transpose(params["permutation"]),
    "broadcast_in_dim": _repeated,
}
