"""How does PyTorch go back? By way of grad(), or as a training step does, by way of backward()."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from gradcheck._adapters.torch.tensors import Tensor


def pulled(
    outputs: Mapping[str, Tensor],
    variables: Mapping[str, Tensor],
    cotangents: Mapping[str, Tensor],
    **how: Any,  # noqa: ANN401
) -> dict[str, Tensor | None]:
    """Return the gradients of <cotangents, outputs> with respect to variables; None where there is no way to one."""
    carry = [name for name, y in outputs.items() if y.requires_grad and name in cotangents]
    if not carry:
        return dict.fromkeys(variables)
    ys, us = [outputs[name] for name in carry], [cotangents[name] for name in carry]
    gradients = torch.autograd.grad(ys, [*variables.values()], us, allow_unused=True, **how)
    return dict(zip(variables, gradients, strict=True))


def accumulated(
    outputs: Mapping[str, Tensor],
    variables: Mapping[str, Tensor],
    cotangents: Mapping[str, Tensor],
    **how: Any,  # noqa: ANN401
) -> dict[str, Tensor | None]:
    """Return what `pulled` does, by way of backward(), as a training step goes."""
    carry = [name for name, y in outputs.items() if y.requires_grad]
    if not carry:
        return dict.fromkeys(variables)
    before = {name: variable.grad for name, variable in variables.items()}
    for variable in variables.values():
        variable.grad = None
    torch.autograd.backward([outputs[name] for name in carry], [cotangents[name] for name in carry], **how)
    gradients = {name: variable.grad for name, variable in variables.items()}
    for name, variable in variables.items():
        variable.grad = before[name] if before[name] is None or before[name].dtype == variable.dtype else None
    return gradients
