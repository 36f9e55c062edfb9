"""An equilibrium and a linear solve, in float64: what JAX would go through step by step has an adjoint instead."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import lax

from models import Fault
from models.jaxes import by_autograd, by_hand, drawn, normal

WIDTH, STEPS = 6, 60


def equilibrium(W, u):
    """Return z = tanh(z W + u), by iteration: W shrinks, by a half or more."""
    return lax.scan(lambda z, _: (jnp.tanh(z @ W + u), None), jnp.zeros_like(u), length=STEPS)[0]


def adjoint(slope, W, dz):
    """Return v = dz + (v slope) W.T, for each example."""
    A = jnp.eye(WIDTH) - slope[:, :, None] * W.T
    return jnp.linalg.solve(A.mT, dz[..., None])[..., 0]


def equilibrium_back(args, dz, adjoint=adjoint):
    W, u = args
    z = equilibrium(W, u)
    da = adjoint(1 - z**2, W, dz) * (1 - z**2)
    return z.T @ da, da


def untransposed(args, dz):
    return equilibrium_back(args, dz, lambda slope, W, dz: adjoint(slope, W.T, dz))


def last_iteration_alone(args, dz):
    return equilibrium_back(args, dz, lambda slope, W, dz: dz)


def stopped_early(args, dz):
    def iterated(slope, W, dz):
        return lax.fori_loop(0, 4, lambda _, v: dz + (v * slope) @ W.T, dz)

    return equilibrium_back(args, dz, iterated)


def solve(A, b):
    return jnp.linalg.solve(A, b.T).T


def solve_back(args, dy):
    A, b = args
    db = solve(A.T, dy)
    return -db.T @ solve(A, b), db


def matrix_untransposed(args, dy):
    A, b = args
    db = solve(A, dy)
    return -db.T @ solve(A, b), db


def sign_forgotten(args, dy):
    dA, db = solve_back(args, dy)
    return -dA, db


def solver(ops):
    def apply(params, x):
        W = params["implicit"] / (2 * jnp.linalg.norm(params["implicit"]))
        z = ops["implicit"](W, x @ params["inject"]["W"] + params["inject"]["b"])
        y = ops["diffuse"](2 * jnp.eye(WIDTH) + params["diffuse"], z)
        return y @ params["readout"]["W"] + params["readout"]["b"]

    return apply


OPS = {"implicit": (equilibrium, equilibrium_back), "diffuse": (solve, solve_back)}
SHAPES = {
    "inject": {"W": (3, WIDTH), "b": (WIDTH,)},
    "implicit": (WIDTH, WIDTH),
    "diffuse": (WIDTH, WIDTH),
    "readout": {"W": (WIDTH, 2), "b": (2,)},
}
FIRST = "params.implicit params.inject.* x"
FAULTS = {
    "adjoint untransposed": Fault("implicit", untransposed, FIRST),
    "last iteration alone": Fault("implicit", last_iteration_alone, FIRST),
    "adjoint stopped early": Fault("implicit", stopped_early, FIRST),
    "matrix untransposed": Fault("diffuse", matrix_untransposed, f"params.diffuse {FIRST}"),
    "sign forgotten": Fault("diffuse", sign_forgotten, "params.diffuse"),
}


def args(seed):
    return drawn(seed, SHAPES, np.float64), normal(seed, 3, 3, dtype=np.float64)


def build(seed, fault=None):
    return solver(by_hand(OPS, FAULTS.get(fault))), args(seed)


def plain(seed):
    return solver(by_autograd(OPS)), args(seed)
