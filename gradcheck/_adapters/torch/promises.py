"""What does PyTorch promise of a backward besides? Outputs without a cotangent, and many cotangents at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from gradcheck._adapters.torch.call import Outputs, pulled
from gradcheck._adapters.torch.tensors import Tensor
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

STACK = 3  # cotangents at once
ROUNDINGS = 2.0**17  # by which two ways to the same gradient may differ


def one_alone(variables: Mapping[str, Tensor], carry: Outputs, us: Mapping[str, Tensor]) -> list[Problem]:
    """Ask for the gradient of each output alone, for which PyTorch gives no cotangent of the others at all."""
    for name, y in carry.items():
        zeros = {other: us[name] if other == name else torch.zeros_like(us[other]) for other in carry}
        expected = pulled(carry, variables, zeros, retain_graph=True)
        try:
            got = pulled({name: y}, variables, us, retain_graph=True)
        except Exception as error:  # noqa: BLE001  the user's backward may raise anything
            text = f"the backward raised {type(error).__name__} where only {name} has a cotangent: {error}"
            return [Problem(Verdict.BROKEN, text + "; a cotangent may be None, or materialise them as zeros")]
        for variable in variables:
            if _differ(got[variable], expected[variable]):
                text = f"the gradient of {variable} is another where the other outputs have no cotangent, not zeros"
                return [Problem(Verdict.WRONG, text, variable)]
    return []


def at_once(variables: Mapping[str, Tensor], carry: Outputs, us: Mapping[str, Tensor]) -> list[Problem]:
    """Ask for the gradients of several cotangents at once, and hold them against one after the other."""
    stacks = {name: torch.stack([u * (1 - 2 * k / STACK) for k in range(STACK)]) for name, u in us.items()}
    try:
        together = pulled(carry, variables, stacks, retain_graph=True, is_grads_batched=True)
    except Exception as error:  # noqa: BLE001  the user's backward may raise anything
        text = f"the gradients of several cotangents at once (vmap) raised {type(error).__name__}: {error}"
        return [Problem(Verdict.BROKEN, text)]
    for k in range(STACK):
        one = pulled(carry, variables, {name: stack[k] for name, stack in stacks.items()}, retain_graph=True)
        for name, expected in one.items():
            got = together[name]
            if _differ(None if got is None else got[k], expected):
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
    except Exception:  # noqa: BLE001  autograd.grad inside vmap is no promise of PyTorch's
        return []
    one = pulled(carry, variables, {name: stack[-1] for name, stack in stacks.items()}, retain_graph=True)
    for (name, expected), got in zip(one.items(), together, strict=True):
        if expected is not None and _differ(got[-1], expected):
            text = f"the gradient of {name} for several cotangents at once (vmap) is not that of each"
            return [Problem(Verdict.WRONG, text, name)]
    return []


def _differ(got: Tensor | None, expected: Tensor | None) -> bool:
    a, b = (
        None if t is None else t.detach().to_dense() if t.layout != torch.strided else t.detach()
        for t in (got, expected)
    )
    if a is None or b is None:
        return any(t is not None and bool(t.any()) for t in (a, b))
    eps = torch.finfo(b.dtype).eps
    size = float(torch.maximum(a.abs().max(), b.abs().max())) if b.numel() else 0.0
    off = float((a - b).abs().max()) if b.numel() else 0.0
    return bool(np.isfinite(size)) and not off <= min(ROUNDINGS * eps, 0.1) * size
