"""An equilibrium and a linear solve, in float64: what autograd would go through step by step has an adjoint instead."""

from __future__ import annotations

import torch
from torch import nn

from models import Fault
from models.torches import ByHand, by_autograd, drawn, normal, planted

WIDTH, STEPS = 6, 60


def equilibrium(W, u):
    """Return z = tanh(z W + u), by iteration: W shrinks, by a half or more."""
    z = torch.zeros_like(u)
    for _ in range(STEPS):
        z = torch.tanh(z @ W + u)
    return z


def adjoint(slope, W, dz):
    """Return v = dz + (v slope) W.T, for each example."""
    A = torch.eye(WIDTH, dtype=W.dtype, device=W.device) - slope[:, :, None] * W.T
    return torch.linalg.solve(A.mT, dz[..., None])[..., 0]


class Equilibrium(ByHand):
    @staticmethod
    def forward(W, u):
        return equilibrium(W, u)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs, output)

    @staticmethod
    def backward(ctx, dz, adjoint=adjoint):
        W, _, z = ctx.saved_tensors
        da = adjoint(1 - z**2, W, dz) * (1 - z**2)
        return z.T @ da, da


class Untransposed(Equilibrium):
    @staticmethod
    def backward(ctx, dz):
        return Equilibrium.backward(ctx, dz, lambda slope, W, dz: adjoint(slope, W.T, dz))


class LastIterationAlone(Equilibrium):
    @staticmethod
    def backward(ctx, dz):
        return Equilibrium.backward(ctx, dz, lambda slope, W, dz: dz)


class StoppedEarly(Equilibrium):
    @staticmethod
    def backward(ctx, dz):
        def iterated(slope, W, dz):
            v = dz
            for _ in range(4):
                v = dz + (v * slope) @ W.T
            return v

        return Equilibrium.backward(ctx, dz, iterated)


class Solve(ByHand):
    @staticmethod
    def forward(A, b):
        return torch.linalg.solve(A, b.T).T

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs, output)

    @staticmethod
    def backward(ctx, dy):
        A, _, y = ctx.saved_tensors
        db = torch.linalg.solve(A.T, dy.T).T
        return -db.T @ y, db


class MatrixUntransposed(Solve):
    @staticmethod
    def backward(ctx, dy):
        A, _, y = ctx.saved_tensors
        db = torch.linalg.solve(A, dy.T).T
        return -db.T @ y, db


class SignForgotten(Solve):
    @staticmethod
    def backward(ctx, dy):
        dA, db = Solve.backward(ctx, dy)
        return -dA, db


class Implicit(nn.Module):
    def __init__(self):
        super().__init__()
        self.op = Equilibrium
        self.weight = nn.Parameter(torch.randn(WIDTH, WIDTH))

    def forward(self, u):
        return self.op.apply(self.weight / (2 * torch.linalg.matrix_norm(self.weight)), u)


class Diffusion(nn.Module):
    def __init__(self):
        super().__init__()
        self.op = Solve
        self.weight = nn.Parameter(torch.randn(WIDTH, WIDTH) / 8)

    def forward(self, b):
        return self.op.apply(2 * torch.eye(WIDTH, dtype=b.dtype, device=b.device) + self.weight, b)


class Solver(nn.Module):
    def __init__(self):
        super().__init__()
        self.inject, self.implicit = nn.Linear(3, WIDTH), Implicit()
        self.diffuse, self.readout = Diffusion(), nn.Linear(WIDTH, 2)

    def forward(self, x):
        return self.readout(self.diffuse(self.implicit(self.inject(x))))


FIRST = "implicit.weight inject.* x"
FAULTS = {
    "adjoint untransposed": Fault("implicit", Untransposed, FIRST),
    "last iteration alone": Fault("implicit", LastIterationAlone, FIRST),
    "adjoint stopped early": Fault("implicit", StoppedEarly, FIRST),
    "matrix untransposed": Fault("diffuse", MatrixUntransposed, f"diffuse.weight {FIRST}"),
    "sign forgotten": Fault("diffuse", SignForgotten, "diffuse.weight"),
}


def build(seed, fault=None):
    model = drawn(Solver, seed, torch.float64)
    return planted(model, FAULTS.get(fault)), (normal(seed, 3, 3, dtype=torch.float64),)


def plain(seed):
    model, args = build(seed)
    return by_autograd(model), args
