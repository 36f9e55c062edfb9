"""A classifier in training mode: one batch norm, one dropout and a tanh have backwards written by hand."""

from __future__ import annotations

import torch
from torch import nn

from models import Fault
from models.torches import ByHand, by_autograd, drawn, normal, planted

RATE, EPS = 0.4, 1e-5


def standardised(x):
    s = (x.var(0, correction=0) + EPS).rsqrt()
    return (x - x.mean(0)) * s, s


class BatchNorm(ByHand):
    @staticmethod
    def forward(x, gamma, beta, running_var):
        return standardised(x)[0] * gamma + beta

    @staticmethod
    def backward(ctx, dy):
        x, gamma, _, _ = ctx.saved_tensors
        xhat, s = standardised(x)
        dxhat = dy * gamma
        dx = s * (dxhat - dxhat.mean(0) - xhat * (dxhat * xhat).mean(0))
        return dx, (dy * xhat).sum(0), dy.sum(0), None


class StatisticsConstant(BatchNorm):
    @staticmethod
    def backward(ctx, dy):
        x, gamma, _, _ = ctx.saved_tensors
        return dy * gamma * standardised(x)[1], *BatchNorm.backward(ctx, dy)[1:]


class RunningVariance(BatchNorm):
    @staticmethod
    def backward(ctx, dy):
        x, _, _, running_var = ctx.saved_tensors
        dx, *others = BatchNorm.backward(ctx, dy)
        return dx / standardised(x)[1] * (running_var + EPS).rsqrt(), *others


class Tanh(ByHand):
    @staticmethod
    def forward(x):
        return x.tanh().clone()  # the dropout above works in place, and autograd would keep what it changes

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (1 - x.tanh() ** 2)


class OutputKeptByReference(Tanh):
    """The dropout above changes what was kept: save_for_backward would have noticed."""

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.y = output

    @staticmethod
    def backward(ctx, dy):
        return dy * (1 - ctx.y.detach() ** 2)


class Masked(ByHand):
    @staticmethod
    def forward(x, mask):
        return x * mask / (1 - RATE)

    @staticmethod
    def backward(ctx, dy):
        return dy * ctx.saved_tensors[1] / (1 - RATE), None


class NotScaled(Masked):
    @staticmethod
    def backward(ctx, dy):
        return dy * ctx.saved_tensors[1], None


class MaskForgotten(Masked):
    @staticmethod
    def backward(ctx, dy):
        return dy / (1 - RATE), None


class MaskDrawnAnew(Masked):
    @staticmethod
    def backward(ctx, dy):
        return dy * (torch.rand(dy.shape) >= RATE) / (1 - RATE), None


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.op = BatchNorm
        self.gamma, self.beta = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
        self.register_buffer("running_var", torch.ones(width))

    def forward(self, x):
        with torch.no_grad():
            self.running_var.lerp_(x.var(0), 0.1)
        return self.op.apply(x, self.gamma, self.beta, self.running_var.clone())


class Activation(nn.Module):
    def __init__(self):
        super().__init__()
        self.op = Tanh

    def forward(self, x):
        return self.op.apply(x)


class Dropout(nn.Module):
    def __init__(self):
        super().__init__()
        self.op = Masked

    def forward(self, x):
        return self.op.apply(x, torch.rand(x.shape) >= RATE)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm1, self.tanh = nn.Linear(4, 8), Norm(8), Activation()
        self.dropout1 = nn.Dropout(0.3, inplace=True)
        self.second, self.norm2, self.dropout2 = nn.Linear(8, 8), nn.BatchNorm1d(8), Dropout()
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        h = self.dropout1(self.tanh(self.norm1(self.first(x))))
        return self.head(self.dropout2(self.norm2(self.second(h)).relu()))


# A bias that a norm follows moves nothing: its gradient is zero, and stays so where the norm's own backward is right.
FIRST = "first.weight x"
BELOW = f"second.weight norm2.* norm1.* {FIRST}"
FAULTS = {
    "statistics constant": Fault("norm1", StatisticsConstant, "first.* x"),
    "running variance": Fault("norm1", RunningVariance, FIRST),
    "output kept by reference": Fault("tanh", OutputKeptByReference, f"norm1.* {FIRST}"),
    "not scaled": Fault("dropout2", NotScaled, BELOW),
    "mask forgotten": Fault("dropout2", MaskForgotten, BELOW),
    "mask drawn anew": Fault("dropout2", MaskDrawnAnew, BELOW),
}


def build(seed, fault=None):
    return planted(drawn(Classifier, seed), FAULTS.get(fault)).train(), (normal(seed, 8, 4),)


def plain(seed):
    model, args = build(seed)
    return by_autograd(model), args
