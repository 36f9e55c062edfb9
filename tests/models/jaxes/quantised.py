"""A quantiser, whose codes pass their gradient straight through; clamp and energy have backwards written by hand."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from models import Fault
from models.jaxes import by_autograd, by_hand, drawn, normal

KEYWORDS = {"detached": "codes"}  # whose gradient is not that of the steps they are


def clamp(x):
    return jnp.clip(x, -1, 1)


def clamp_back(args, dy):
    return (dy * (jnp.abs(args[0]) <= 1),)


def mask_forgotten(_, dy):
    return (dy,)


def mask_of_cotangent(_, dy):
    return (dy * (jnp.abs(dy) <= 1),)


def lower_bound_forgotten(args, dy):
    return (dy * (args[0] <= 1),)


def half_square(x):
    return (x**2).sum(1) / 2


def half_square_back(args, dy):
    return (dy[:, None] * args[0],)


def doubled(args, dy):
    return (2 * dy[:, None] * args[0],)


def unheard(args, _):
    return (jnp.zeros_like(args[0]),)


def quantiser(ops):
    def apply(params, x):
        z = ops["clamp"](x @ params["encoder"]["W"] + params["encoder"]["b"])
        codes = z + lax.stop_gradient(jnp.round(4 * z) / 4 - z)
        y = z @ params["decoder"]["W"] + params["decoder"]["b"]
        return {"y": y, "codes": codes, "energy": ops["energy"](z), "signs": jnp.sign(codes).astype(int)}

    return apply


OPS = {"clamp": (clamp, clamp_back), "energy": (half_square, half_square_back)}
SHAPES = {"encoder": {"W": (5, 12), "b": (12,)}, "decoder": {"W": (12, 4), "b": (4,)}}
BELOW = "params.encoder.* x"
FAULTS = {
    "mask forgotten": Fault("clamp", mask_forgotten, BELOW),
    "mask of cotangent": Fault("clamp", mask_of_cotangent, BELOW),
    "lower bound forgotten": Fault("clamp", lower_bound_forgotten, BELOW),
    "doubled": Fault("energy", doubled, BELOW),
}


def args(seed):
    return drawn(seed, SHAPES), 3 * normal(seed, 8, 5)


def build(seed, fault=None):
    return quantiser(by_hand(OPS, FAULTS.get(fault))), args(seed)


def with_unheard_energy(seed):
    return quantiser(by_hand(OPS, Fault("energy", unheard, ""))), args(seed)


def plain(seed):
    return quantiser(by_autograd(OPS)), args(seed)
