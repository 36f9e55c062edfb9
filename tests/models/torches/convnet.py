"""A small residual network: convolutions, group norms and the join of the two paths have backwards written by hand."""

from __future__ import annotations

import torch
from torch import nn

from models import Fault
from models.torches import ByHand, by_autograd, drawn, normal, planted

F = nn.functional
GROUPS, EPS = 2, 1e-5


class Convolution(ByHand):
    @staticmethod
    def forward(x, W, b):
        return F.conv2d(x, W, b, padding=1)

    @staticmethod
    def backward(ctx, dy):
        x, W, _ = ctx.saved_tensors
        return to_input(W, dy, x.shape[2:]), to_weight(x, W, dy), dy.sum((0, 2, 3))


def to_input(W, dy, size):
    columns = torch.einsum("ok,nol->nkl", W.flatten(1), dy.flatten(2))
    return F.fold(columns, size, kernel_size=3, padding=1)


def to_weight(x, W, dy):
    columns = F.unfold(x, kernel_size=3, padding=1)
    return torch.einsum("nol,nkl->ok", dy.flatten(2), columns).reshape(W.shape)


class KernelNotTurned(Convolution):
    @staticmethod
    def backward(ctx, dy):
        _, W, _ = ctx.saved_tensors
        return F.conv2d(dy, W.transpose(0, 1), padding=1), *Convolution.backward(ctx, dy)[1:]


class FirstExampleAlone(Convolution):
    @staticmethod
    def backward(ctx, dy):
        x, W, _ = ctx.saved_tensors
        dx, _, db = Convolution.backward(ctx, dy)
        return dx, to_weight(x[:1], W, dy[:1]), db


class BiasAveraged(Convolution):
    @staticmethod
    def backward(ctx, dy):
        return *Convolution.backward(ctx, dy)[:2], dy.mean((0, 2, 3))


class ChannelsExchanged(Convolution):
    @staticmethod
    def backward(ctx, dy):
        dx, dW, db = Convolution.backward(ctx, dy)
        return dx, dW.transpose(0, 1), db


def standardised(x):
    grouped = x.reshape(len(x), GROUPS, -1)
    s = (grouped.var(2, correction=0, keepdim=True) + EPS).rsqrt()
    return ((grouped - grouped.mean(2, keepdim=True)) * s).reshape(x.shape), s


class GroupNorm(ByHand):
    @staticmethod
    def forward(x, gamma, beta):
        return standardised(x)[0] * gamma[:, None, None] + beta[:, None, None]

    @staticmethod
    def backward(ctx, dy):
        x, gamma, _ = ctx.saved_tensors
        xhat, s = standardised(x)
        dxhat, z = (t.reshape(len(x), GROUPS, -1) for t in (dy * gamma[:, None, None], xhat))
        dx = s * (dxhat - dxhat.mean(2, keepdim=True) - z * (dxhat * z).mean(2, keepdim=True))
        return dx.reshape(x.shape), (dy * xhat).sum((0, 2, 3)), dy.sum((0, 2, 3))


class StatisticsConstant(GroupNorm):
    @staticmethod
    def backward(ctx, dy):
        x, gamma, _ = ctx.saved_tensors
        s = standardised(x)[1]
        dx = (dy * gamma[:, None, None]).reshape(len(x), GROUPS, -1) * s
        return dx.reshape(x.shape), *GroupNorm.backward(ctx, dy)[1:]


class Sum(ByHand):
    @staticmethod
    def forward(x, y):
        return x + y

    @staticmethod
    def backward(ctx, dy):
        return dy, dy.clone()


class SkipPathForgotten(Sum):
    @staticmethod
    def backward(ctx, dy):
        return None, dy


class Conv(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.op = Convolution
        self.weight = nn.Parameter(torch.randn(n_out, n_in, 3, 3) / (3 * n_in**0.5))
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return self.op.apply(x, self.weight, self.bias)


class Norm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.op = GroupNorm
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return self.op.apply(x, self.gamma, self.beta)


class Join(nn.Module):
    def __init__(self):
        super().__init__()
        self.op = Sum

    def forward(self, x, y):
        return self.op.apply(x, y)


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1, self.norm1 = Conv(channels, channels), Norm(channels)
        self.conv2, self.norm2 = Conv(channels, channels), Norm(channels)
        self.join = Join()

    def forward(self, x):
        y = self.norm1(self.conv1(x)).relu()
        return self.join(x, self.norm2(self.conv2(y))).relu()


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.norm = Conv(2, 4), Norm(4)
        self.block = Block(4)
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        y = F.max_pool2d(self.norm(self.stem(x)).relu(), 2)
        return self.head(self.block(y).mean((2, 3)))


BELOW = "stem.* norm.* x"
FIRST = "block.conv1.* block.norm1.*"
FAULTS = {
    "kernel not turned": Fault("block.conv2", KernelNotTurned, f"{FIRST} {BELOW}"),
    "first example alone": Fault("block.conv1", FirstExampleAlone, "block.conv1.weight"),
    "bias averaged": Fault("stem", BiasAveraged, "stem.bias"),
    "channels exchanged": Fault("block.conv2", ChannelsExchanged, "block.conv2.weight"),
    "statistics constant": Fault("block.norm1", StatisticsConstant, f"block.conv1.* {BELOW}"),
    "skip path forgotten": Fault("block.join", SkipPathForgotten, BELOW),
}


def build(seed, fault=None):
    return planted(drawn(ConvNet, seed), FAULTS.get(fault)), (normal(seed, 3, 2, 6, 6),)


def plain(seed):
    model, args = build(seed)
    return by_autograd(model), args
