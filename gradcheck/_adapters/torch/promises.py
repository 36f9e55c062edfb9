"""What does PyTorch promise of a backward besides? Outputs without a cotangent, and many cotangents at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch

from gradcheck._adapters.torch.backward import pulled
from gradcheck._adapters.torch.call import Outputs
from gradcheck._adapters.torch.tensors import Tensor
from gradcheck._model.ending import ends
from gradcheck._results.estimate import SMALLEST
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

Back = Callable[..., dict[str, Tensor | None]]

STACK = 3  # cotangents at once
ROUNDINGS = 2.0**17  # how far two ways to compute a gradient may differ, relative to its largest entry
ROUGHEST = 0.1  # likewise, in whatever precision
MATTERS = SMALLEST / 2  # likewise, as between two ways to compute the same kernel
RESIDUE = 256.0  # roundings of the largest gradient that may be left of one that is zero as sums cancel


def one_alone(
    variables: Mapping[str, Tensor], carry: Outputs, us: Mapping[str, Tensor], back: Back = pulled
) -> list[Problem]:
    """Ask for the gradient of each output alone, for which PyTorch gives no cotangent of the others at all."""
    for name, y in carry.items():
        zeros = {other: us[name] if other == name else torch.zeros_like(us[other]) for other in carry}
        expected = back(carry, variables, zeros, retain_graph=True)
        try:
            got = back({name: y}, variables, us, retain_graph=True)
        except Exception as error:  # the user's backward may raise anything
            if ends(error):
                raise
            text = f"the backward raised {type(error).__name__} where only {name} has a cotangent: {error}"
            return [Problem(Verdict.BROKEN, text + "; a cotangent may be None, or materialise them as zeros")]
        for variable in apart(got, expected):
            text = f"the gradient of {variable} differs where the other outputs have no cotangent instead of zeros"
            return [Problem(Verdict.WRONG, text, variable)]
    return []


def at_once(variables: Mapping[str, Tensor], carry: Outputs, us: Mapping[str, Tensor]) -> list[Problem]:
    """Compute the gradients of several cotangents at once, and compare them with one after the other."""
    stacks = {name: torch.stack([u * (1 - 2 * k / STACK) for k in range(STACK)]) for name, u in us.items()}
    try:
        together = pulled(carry, variables, stacks, retain_graph=True, is_grads_batched=True)
    except Exception as error:  # the user's backward may raise anything
        if ends(error):
            raise
        text = f"the gradients of several cotangents at once (vmap) raised {type(error).__name__}: {error}"
        return [Problem(Verdict.BROKEN, text)]
    for k in range(STACK):
        one = pulled(carry, variables, {name: stack[k] for name, stack in stacks.items()}, retain_graph=True)
        for name, expected in one.items():
            got = together[name]
            if differ(None if got is None else got[k], expected):
                text = f"the gradient of {name} for several cotangents at once (vmap) is not that of each"
                return [Problem(Verdict.WRONG, text, name)]
    return _each_under_vmap(variables, carry, us, stacks)


def _each_under_vmap(
    variables: Mapping[str, Tensor], carry: Outputs, us: Mapping[str, Tensor], stacks: Mapping[str, Tensor]
) -> list[Problem]:
    """The same by torch.func.vmap, which asks a Function for its own rule; where it works."""
    order = [*us]

    def pull(*cotangents: Tensor) -> tuple[Tensor, ...]:
        found = pulled(carry, variables, dict(zip(order, cotangents, strict=True)), retain_graph=True)
        return tuple(torch.zeros(()) if g is None else g for g in found.values())

    try:
        together = torch.func.vmap(pull, randomness="same")(*(stacks[name] for name in order))
    except Exception as error:  # PyTorch does not promise autograd.grad inside vmap
        if ends(error):
            raise
        return []
    one = pulled(carry, variables, {name: stack[-1] for name, stack in stacks.items()}, retain_graph=True)
    for (name, expected), got in zip(one.items(), together, strict=True):
        if expected is not None and differ(got[-1], expected):
            text = f"the gradient of {name} for several cotangents at once (vmap) is not that of each"
            return [Problem(Verdict.WRONG, text, name)]
    return []


def apart(got: Mapping[str, Tensor | None], expected: Mapping[str, Tensor | None]) -> list[str]:
    """Return the variables whose gradients are further apart than two ways to the same may be."""
    sizes = [float(_dense(g).abs().max()) for g in expected.values() if g is not None and g.numel()]
    return [name for name in got if differ(got[name], expected[name], max(filter(np.isfinite, sizes), default=0.0))]


def differ(got: Tensor | None, expected: Tensor | None, largest: float = 0.0) -> bool:
    """Whether two gradients are further apart than two ways to the same may be; None is zero.

    One that is zero, as sums cancel, is rounding: of the `largest` of the gradients that were computed with it.
    """
    given = next((t for t in (expected, got) if t is not None), None)
    if given is None or not given.numel():
        return False
    a, b = (_dense(given.new_zeros(()) if t is None else t) for t in (got, expected))
    if not bool(b.isfinite().all()):
        return False
    eps = torch.finfo(given.dtype).eps
    size = max(float(a.abs().max()), float(b.abs().max()))
    slack = max(min(ROUNDINGS * eps, ROUGHEST), MATTERS) * size + RESIDUE * eps * largest
    return not float((a - b).abs().max()) <= slack


def _dense(g: Tensor) -> Tensor:
    return g.detach().to_dense() if g.layout != torch.strided else g.detach()
