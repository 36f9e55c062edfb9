"""Which terms add up to the scalar? The outputs times their cotangents; for a loss, the terms of its mean or sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from gradcheck._adapters.torch.tape import Tape, TapeSlot, TapeStep
from gradcheck._adapters.torch.tensors import Tensor

Coefficient = Any  # float, or Tensor
SAME = ("view", "reshape", "_unsafe_view", "squeeze", "unsqueeze", "detach", "alias", "clone", "_to_copy", "permute")
NONE, MEAN, SUM = 0, 1, 2  # reductions, as operators count them
LOSSES = {  # operators that take a mean or a sum of what they compute, and which argument says so
    "mse_loss": 2,
    "smooth_l1_loss": 2,
    "huber_loss": 2,
    "soft_margin_loss": 2,
    "binary_cross_entropy": 3,
    "binary_cross_entropy_with_logits": 4,
    "nll_loss_forward": 3,
    "nll_loss2d_forward": 3,
}


@dataclass(frozen=True, eq=False)
class End:
    """Numbers in a slot, or made by an operator of what is in slots: each, times a coefficient, adds to the scalar."""

    slot: int
    coefficient: Coefficient
    step: TapeStep | None = None  # what makes them of slots, if they are in none


@dataclass(frozen=True, eq=False)
class Opening:
    """How far back a scalar is a sum of terms that depend on some place."""

    tape: Tape
    dependent: set[int]

    def ends(self, outputs: list[tuple[int, Tensor]]) -> list[End]:
        """Return the terms of the scalar that depend on the place, given the outputs' slots and their cotangents."""
        makers = {n: step for step in self.tape.steps for n in step.outs if n is not None}
        return [end for slot, u in outputs for end in self._opened(makers, slot, u)]

    def _opened(self, makers: dict[int, TapeStep], slot: int, c: Coefficient) -> Iterator[End]:
        if slot not in self.dependent:
            return
        step = makers.get(slot)
        if self.tape.values[slot].numel() > 1 or step is None:
            yield End(slot, c)
        elif step.name in LOSSES:
            yield self._unreduced(step, slot, c)
        else:
            parts = self._parts(step)
            if parts is None:
                yield End(slot, c)
                return
            c = c.reshape(()) if isinstance(c, torch.Tensor) else c
            for part, factor in parts:
                yield from self._opened(makers, part, c * factor)

    def _parts(self, step: TapeStep) -> list[tuple[int, float]] | None:
        """Return the slots of which a single number is the sum, and their factors; None where it is no such sum."""
        first, second, third = step.given(0), step.given(1), step.given(2)
        if not isinstance(first, TapeSlot):
            return None
        one = [(first.number, 1.0)]
        if step.name in SAME or step.name == "sum":
            return one
        if step.name in {"mean", "neg"}:
            return [(first.number, -1.0 if step.name == "neg" else 1 / self.tape.values[first.number].numel())]
        if step.name in {"add", "sub"}:
            alpha = float(step.named("alpha", 1.0)) * (-1.0 if step.name == "sub" else 1.0)
            return one + [(second.number, alpha)] * isinstance(second, TapeSlot)
        if step.name in {"mul", "div"} and third is None and not step.named("rounding_mode", None):
            return self._scaled(step.name, first, second)
        return None

    def _scaled(self, name: str, first: TapeSlot, second: Any) -> list[tuple[int, float]] | None:  # noqa: ANN401
        if not (isinstance(second, TapeSlot) and second.number in self.dependent):
            factor = float(self.tape.values[second.number] if isinstance(second, TapeSlot) else second)
            return [(first.number, factor if name == "mul" else 1 / factor)] if factor else None
        if name == "mul" and first.number not in self.dependent:
            return [(second.number, float(self.tape.values[first.number]))]
        return None

    def _unreduced(self, step: TapeStep, slot: int, c: Coefficient) -> End:
        """Return a loss without its mean or sum."""
        at = LOSSES[step.name]
        given = step.given(at, MEAN)
        x = self.tape.values[step.ins[0]]
        if given not in {MEAN, SUM} or slot != step.outs[0]:
            return End(slot, c)
        single = step.instead(at, NONE)
        if given == SUM:
            return End(slot, c, single)
        weighted = step.name.startswith("nll")
        return End(slot, c / (self.tape.values[step.outs[1] or 0] if weighted else x.numel()), single)
