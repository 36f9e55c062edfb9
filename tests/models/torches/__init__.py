"""Which models are there in PyTorch, and what do those have in common whose derivative is written by hand?"""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import torch
from torch.autograd import Function

NAMES = ("convnet", "transformer", "lstm", "graph", "language", "mixture", "solver", "quantised")


class ByHand(Function):
    """A function whose backward is our own, from what it was given; modules hold one as `op`, and call `op.apply`."""

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)


def drawn(make, seed, dtype=torch.float32):
    """Make a module from its seed, with no parameter left at zero or one; the global generator is not touched."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        module = make().to(dtype)
        for parameter in module.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.3)
    return module


def normal(seed, *shape, dtype=torch.float32):
    """Draw a tensor of standard normal numbers."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def planted(model, fault):
    """Put a fault into its layer, None for none."""
    if fault is not None:
        model.get_submodule(fault.layer).op = fault.op
    return model


def by_autograd(model):
    """Leave every derivative to autograd."""
    for module in model.modules():
        if hasattr(module, "op"):
            module.op = SimpleNamespace(apply=module.op.forward)
    return model


def models():
    """Return the models, by name."""
    return {name: import_module(f"{__name__}.{name}") for name in NAMES}
