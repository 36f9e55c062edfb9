"""A language model whose embedding is its output projection too: both uses and the loss have hand-written backwards."""

from __future__ import annotations

import torch
from torch import nn

from models import Fault
from models.torches import ByHand, by_autograd, drawn, planted

WORDS, WIDTH = 7, 6


class Lookup(ByHand):
    @staticmethod
    def forward(tokens, E):
        return E[tokens]

    @staticmethod
    def backward(ctx, dy):
        tokens, E = ctx.saved_tensors
        return None, torch.zeros_like(E).index_add(0, tokens.flatten(), dy.flatten(0, 1))


class RepeatedOverwritten(Lookup):
    @staticmethod
    def backward(ctx, dy):
        tokens, E = ctx.saved_tensors
        dE = torch.zeros_like(E)
        dE[tokens.flatten()] = dy.flatten(0, 1)
        return None, dE


class Projection(ByHand):
    @staticmethod
    def forward(h, E):
        return h @ E.T

    @staticmethod
    def backward(ctx, dy):
        h, E = ctx.saved_tensors
        return dy @ E, torch.einsum("ntv,ntd->vd", dy, h)


class SecondUseForgotten(Projection):
    @staticmethod
    def backward(ctx, dy):
        return Projection.backward(ctx, dy)[0], None


class FirstUseForgotten(Projection):
    @staticmethod
    def backward(ctx, dy):
        return None, Projection.backward(ctx, dy)[1]


class CrossEntropy(ByHand):
    @staticmethod
    def forward(logits, targets):
        return -logits.log_softmax(-1).gather(-1, targets[..., None]).mean()

    @staticmethod
    def backward(ctx, dy):
        logits, targets = ctx.saved_tensors
        truth = nn.functional.one_hot(targets, logits.shape[-1])
        return dy * (logits.softmax(-1) - truth) / targets.numel(), None


class SumForMean(CrossEntropy):
    @staticmethod
    def backward(ctx, dy):
        return CrossEntropy.backward(ctx, dy)[0] * ctx.saved_tensors[1].numel(), None


class TruthForgotten(CrossEntropy):
    @staticmethod
    def backward(ctx, dy):
        logits, targets = ctx.saved_tensors
        return dy * logits.softmax(-1) / targets.numel(), None


class Embedding(nn.Module):
    def __init__(self):
        super().__init__()
        self.op = Lookup
        self.weight = nn.Parameter(torch.randn(WORDS, WIDTH))

    def forward(self, tokens):
        return self.op.apply(tokens, self.weight)


class Head(nn.Module):
    def __init__(self, weight):
        super().__init__()
        self.op = Projection
        self.weight = weight

    def forward(self, h):
        return self.op.apply(h, self.weight)


class Loss(nn.Module):
    def __init__(self):
        super().__init__()
        self.op = CrossEntropy

    def forward(self, logits, targets):
        return self.op.apply(logits, targets)


class Language(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = Embedding()
        self.mix, self.body = nn.Linear(2 * WIDTH, 10), nn.Linear(10, WIDTH)
        self.head, self.loss = Head(self.embedding.weight), Loss()

    def forward(self, tokens, targets):
        h = self.embedding(tokens)
        count = torch.arange(1, h.shape[1] + 1, device=h.device)[:, None]
        h = self.body(self.mix(torch.cat([h, h.cumsum(1) / count], -1)).tanh())
        return self.loss(self.head(h), targets)


EVERY = "embedding.weight* mix.* body.*"
FAULTS = {
    "repeated overwritten": Fault("embedding", RepeatedOverwritten, "embedding.weight*"),
    "second use forgotten": Fault("head", SecondUseForgotten, "embedding.weight*"),
    "first use forgotten": Fault("head", FirstUseForgotten, EVERY),
    "sum for mean": Fault("loss", SumForMean, EVERY),
    "truth forgotten": Fault("loss", TruthForgotten, EVERY),
}


def build(seed, fault=None):
    tokens = torch.randint(WORDS, (3, 6), generator=torch.Generator().manual_seed(seed))
    return planted(drawn(Language, seed), FAULTS.get(fault)), (tokens[:, :-1], tokens[:, 1:])


def plain(seed):
    model, args = build(seed)
    return by_autograd(model), args
