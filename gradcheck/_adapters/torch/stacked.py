"""What are the values of a model at many points that differ in one tensor? By `torch.func.vmap`, where that works.

Many models do not allow it: they change state, draw random numbers, or use an operator without a rule. Callers compare
the results with values taken one by one.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping

import numpy as np
import torch

from gradcheck._adapters.torch.plan import Plan, floats
from gradcheck._adapters.torch.quick import Quick
from gradcheck._adapters.torch.tensors import Moved, Tensor, to_array
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array

REFUSALS = 2  # tensors of which no stack could be taken, after which no more is asked


class Stacked:
    """Values of a model for a stack of one of its tensors, None where there is no way to them."""

    def __init__(self, quick: Quick) -> None:
        """Take a model of which values can be had without a graph."""
        self.quick = quick
        self.refused = 0

    def __call__(self, point: Mapping[str, Array], path: str, stack: Array) -> Array | None:
        """Return the floats of the outputs, a row for each of the stack."""
        quick, call = self.quick, self.quick.call
        plan = quick.plan
        ready = quick.proved and plan is not None and plan.point is point and not (quick.draws or call.changes)
        if not ready or self.refused >= REFUSALS:
            return None
        moved = next(m for m in call.moved if path in m.paths)
        copied = moved.tensor.device.type != "cpu"  # to there at each call
        if not (moved.dense and len(moved.paths) == 1 and (copied or call.lies_in(moved, point))):
            return None
        assert plan is not None  # noqa: S101  or it would not be ready
        try:
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # an operator that is done one by one within says so
                return _rows(plan, moved, torch.from_numpy(stack).to(moved.tensor.device))
        except Exception as error:  # an operator without a rule, or the user's code, may raise anything
            if ends(error):
                raise
            self.refused += 1
            return None


def _rows(plan: Plan, moved: Moved, stack: Tensor) -> Array:
    plan.begin()

    def one(tensor: Tensor) -> tuple[Tensor, ...]:
        with _in_place(plan, moved, tensor):
            return tuple(floats(plan.run({id(moved.tensor): tensor})))

    found = torch.func.vmap(one, randomness="error")(stack)
    return np.concatenate([to_array(y).reshape(len(stack), -1) for y in found], axis=1)


@contextlib.contextmanager
def _in_place(plan: Plan, moved: Moved, tensor: Tensor) -> Iterator[None]:
    """Put a tensor in the place of a parameter, or a buffer, for a while."""
    places = [(held, name) for m in plan.call.modules for held in (m._parameters, m._buffers) for name in held]  # noqa: SLF001
    places = [(held, name) for held, name in places if held[name] is moved.tensor]
    try:
        for held, name in places:
            held[name] = tensor
        yield
    finally:
        for held, name in places:
            held[name] = moved.tensor
