"""How is a backward repeated? On the same graph or a new one, with the same random numbers every time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeGuard

import torch

from gradcheck._adapters.torch import graph
from gradcheck._adapters.torch.call import Outputs, TorchCall
from gradcheck._adapters.torch.promises import Back, apart
from gradcheck._adapters.torch.tensors import Tensor, cotangents, is_floating
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.rng import Pins

Gradients = Mapping[str, Tensor | None]
Cotangents = tuple[Tensor | None, ...]
Change = Callable[[Cotangents], Cotangents | None]
Asked = Callable[[int], object]  # is told of every gradient that is asked for


@dataclass(frozen=True, eq=False)
class Occasion:
    """A model at a point, with the cotangent of its outputs."""

    begin: Callable[[], Mapping[str, Tensor]]  # returns the variables at the point
    run: Callable[[Mapping[str, Tensor]], Outputs]  # of variables
    back: Back
    cotangent: Array  # flat
    pins: Pins
    asked: Asked

    @classmethod
    def of(cls, call: TorchCall, point: Mapping[str, Array], cotangent: Array, pins: Pins, asked: Asked) -> Occasion:
        """Take the outputs of a model."""
        return cls(lambda: call.variables(point), call.outputs, call.back, cotangent, pins, asked)

    def called(self) -> Trial:
        """Call the model."""
        return self._called(self.begin())

    @contextmanager
    def with_only(self, names: Collection[str]) -> Iterator[Trial]:
        """Call the model with only some of its variables requiring a gradient, for a while."""
        variables = self.begin()
        frozen = [v for name, v in variables.items() if name not in names]
        try:
            for v in frozen:
                v.requires_grad_(requires_grad=False)
            yield self._called(variables, names)
        finally:
            for v in frozen:
                v.requires_grad_()

    def _called(self, variables: Mapping[str, Tensor], names: Collection[str] | None = None) -> Trial:
        self.pins.restore()
        outputs = {name: y for name, y in self.run(variables).items() if is_floating(y)}
        us = cotangents(outputs, self.cotangent)
        carry = {name: y for name, y in outputs.items() if y.requires_grad}
        wanted = {name: v for name, v in variables.items() if names is None or name in names}
        return Trial(self, wanted, carry, {name: us[name] for name in carry}, self.pins.afresh())


@dataclass(frozen=True, eq=False)
class Trial:
    """One call of a model, whose backward can be run any number of times."""

    occasion: Occasion
    variables: Mapping[str, Tensor]
    outputs: Outputs  # those that carry a gradient
    us: Mapping[str, Tensor]
    after: Pins  # the random generators as the call left them
    asked: list[bool] = field(default_factory=list)  # once for each time that it was gone back through

    @cached_property
    def handwritten(self) -> list[graph.Node]:
        """The nodes whose backward is not PyTorch's own."""
        return graph.handwritten(self.outputs.values())

    def gradients(self, change: Change | None = None) -> Gradients:
        """Go back, with something done to the cotangents that come to what was written by hand."""
        self.occasion.asked(1)
        self._put_back()
        hooks = [] if change is None else [node.register_prehook(change) for node in self.handwritten]
        try:
            us = {name: u.clone() for name, u in self.us.items()}  # should a backward change them
            found = self.occasion.back(self.outputs, self.variables, us, retain_graph=True)
            return {name: None if g is None else g.clone() for name, g in found.items()}  # it may be changed later
        finally:
            for hook in hooks:
                hook.remove()

    def _put_back(self) -> None:
        """Put back the random generators: after the first backward, only those that it moved."""
        if not self.asked:
            self.after.restore()
        elif len(self.asked) == 1:
            self.after.notice()
        else:
            self.after.pin()
        self.asked.append(True)


@dataclass(frozen=True)
class Outcome:
    """An unexpected outcome of a backward: an exception, or a variable with another gradient."""

    error: Exception | None = None
    variable: str = ""

    @property
    def raised(self) -> str:
        """The exception, as it is shown."""
        return f"{type(self.error).__name__}: {self.error}".rstrip(".: ")


def outcome(trial: Trial, expected: Gradients, change: Change | None = None) -> Outcome | None:
    """Go back, and return what is not as expected; None if all is."""
    try:
        got = trial.gradients(change)
    except Exception as error:  # the user's backward may raise anything
        if ends(error):
            raise
        return Outcome(error)
    other = apart(got, expected)
    return Outcome(variable=other[0]) if other else None


def is_plain(u: Tensor | None) -> TypeGuard[Tensor]:
    """Whether a cotangent is a dense tensor, and of no class of its own."""
    return u is not None and type(u) is torch.Tensor and u.layout == torch.strided
