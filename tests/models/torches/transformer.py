"""A transformer block, pre-norm and causal: attention, layer norm and GELU have backwards written by hand."""

from __future__ import annotations

import math

import torch
from torch import nn

from models import Fault
from models.torches import ByHand, by_autograd, drawn, normal, planted

WIDTH, HEADS, HIDDEN, EPS = 8, 2, 16, 1e-5


def shares(q, k):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).triu(1)
    return scores.masked_fill(later, -math.inf).softmax(-1)


class SoftmaxAttention(ByHand):
    @staticmethod
    def forward(q, k, v):
        return shares(q, k) @ v

    @staticmethod
    def backward(ctx, dy):
        q, k, v = ctx.saved_tensors
        p, dp = shares(q, k), dy @ v.mT
        ds = p * (dp - (dp * p).sum(-1, keepdim=True)) / math.sqrt(q.shape[-1])
        return ds @ k, ds.mT @ q, p.mT @ dy


class ScaleForgotten(SoftmaxAttention):
    @staticmethod
    def backward(ctx, dy):
        dq, dk, dv = SoftmaxAttention.backward(ctx, dy)
        d = math.sqrt(dq.shape[-1])
        return dq * d, dk * d, dv


class DiagonalAlone(SoftmaxAttention):
    @staticmethod
    def backward(ctx, dy):
        q, k, v = ctx.saved_tensors
        p = shares(q, k)
        ds = p * (1 - p) * (dy @ v.mT) / math.sqrt(q.shape[-1])
        return ds @ k, ds.mT @ q, p.mT @ dy


class SharesUntransposed(SoftmaxAttention):
    @staticmethod
    def backward(ctx, dy):
        q, k, _ = ctx.saved_tensors
        return *SoftmaxAttention.backward(ctx, dy)[:2], shares(q, k) @ dy


def standardised(x):
    s = (x.var(-1, correction=0, keepdim=True) + EPS).rsqrt()
    return (x - x.mean(-1, keepdim=True)) * s, s


class LayerNorm(ByHand):
    @staticmethod
    def forward(x, gamma, beta):
        return standardised(x)[0] * gamma + beta

    @staticmethod
    def backward(ctx, dy):
        x, gamma, _ = ctx.saved_tensors
        xhat, s = standardised(x)
        dxhat = dy * gamma
        dx = s * (dxhat - dxhat.mean(-1, keepdim=True) - xhat * (dxhat * xhat).mean(-1, keepdim=True))
        return dx, (dy * xhat).sum((0, 1)), dy.sum((0, 1))


class VarianceConstant(LayerNorm):
    @staticmethod
    def backward(ctx, dy):
        x, gamma, _ = ctx.saved_tensors
        dxhat = dy * gamma
        dx = standardised(x)[1] * (dxhat - dxhat.mean(-1, keepdim=True))
        return dx, *LayerNorm.backward(ctx, dy)[1:]


class GammaOfInput(LayerNorm):
    @staticmethod
    def backward(ctx, dy):
        x, _, _ = ctx.saved_tensors
        dx, _, dbeta = LayerNorm.backward(ctx, dy)
        return dx, (dy * x).sum((0, 1)), dbeta


def phi(x):
    return torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


class Gelu(ByHand):
    @staticmethod
    def forward(x):
        return x * torch.special.ndtr(x)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (torch.special.ndtr(x) + x * phi(x))


class FirstTermAlone(Gelu):
    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * torch.special.ndtr(x)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.op = SoftmaxAttention
        self.query, self.key, self.value, self.output = (nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def forward(self, x):
        q, k, v = (cut(x).unflatten(-1, (HEADS, -1)).transpose(1, 2) for cut in (self.query, self.key, self.value))
        return self.output(self.op.apply(q, k, v).transpose(1, 2).flatten(2))


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.op = LayerNorm
        self.gamma, self.beta = nn.Parameter(torch.ones(WIDTH)), nn.Parameter(torch.zeros(WIDTH))

    def forward(self, x):
        return self.op.apply(x, self.gamma, self.beta)


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.op = Gelu
        self.up, self.down = nn.Linear(WIDTH, HIDDEN), nn.Linear(HIDDEN, WIDTH)

    def forward(self, x):
        return self.down(self.op.apply(self.up(x)))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attention = Norm(), Attention()
        self.norm2, self.mlp = Norm(), MLP()

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


LISTENING = "attention.query.* attention.key.weight norm1.* x"
BELOW = "attention.query.* attention.key.weight attention.value.* attention.output.* norm1.* x"
FAULTS = {
    "scale forgotten": Fault("attention", ScaleForgotten, LISTENING),
    "diagonal alone": Fault("attention", DiagonalAlone, f"{LISTENING} attention.key.bias"),
    "shares untransposed": Fault("attention", SharesUntransposed, "attention.value.* norm1.* x"),
    "variance constant": Fault("norm2", VarianceConstant, BELOW),
    "gamma of input": Fault("norm1", GammaOfInput, "norm1.gamma"),
    "first term alone": Fault("mlp", FirstTermAlone, f"mlp.up.* norm2.* {BELOW}"),
}


def build(seed, fault=None):
    return planted(drawn(Transformer, seed), FAULTS.get(fault)), (normal(seed, 2, 4, WIDTH),)


def plain(seed):
    model, args = build(seed)
    return by_autograd(model), args
