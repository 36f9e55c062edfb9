"""Which models are there in JAX, and what do those have in common whose derivative is written by hand?"""

from __future__ import annotations

from importlib import import_module

import jax
import numpy as np

NAMES = ("convnet", "transformer", "lstm", "graph", "language", "mixture", "solver", "quantised")


def custom(formula, back):
    """Give a formula a derivative of its own: `back(args, dy)` returns the pull on each argument."""
    op = jax.custom_vjp(formula)
    op.defvjp(lambda *args: (formula(*args), args), back)
    return op


def by_hand(ops, fault=None):
    """Return the operation of each layer, with a fault planted in one of them, None for none."""
    backs = {layer: back for layer, (_, back) in ops.items()} | ({fault.layer: fault.op} if fault else {})
    return {layer: custom(formula, backs[layer]) for layer, (formula, _) in ops.items()}


def by_autograd(ops):
    """Return the operation of each layer, its derivative left to JAX."""
    return {layer: formula for layer, (formula, _) in ops.items()}


def drawn(seed, shapes, dtype=np.float32):
    """Draw a nested dict of arrays, small enough for saturation to be rare and large enough for all to matter."""
    rng = np.random.default_rng(seed)
    return jax.tree.map(
        lambda shape: rng.normal(scale=0.7 / max(np.prod(shape[1:]), 1) ** 0.5, size=shape).astype(dtype),
        shapes,
        is_leaf=lambda shape: isinstance(shape, tuple),
    )


def normal(seed, *shape, dtype=np.float32):
    """Draw an array of standard normal numbers."""
    return np.random.default_rng(seed + 1).normal(size=shape).astype(dtype)


def models():
    """Return the models, by name."""
    return {name: import_module(f"{__name__}.{name}") for name in NAMES}
