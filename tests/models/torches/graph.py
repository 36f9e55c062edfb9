"""A graph convolution network, in float64: neighbours are gathered along edges, and the way back is written by hand."""

from __future__ import annotations

import torch
from torch import nn

from models import Fault
from models.torches import ByHand, by_autograd, drawn, normal, planted

NODES, FEATURES, HIDDEN, CLASSES = 7, 4, 16, 3
SOURCES = (0, 1, 2, 3, 4, 5, 6, 0, 2, 4, 6, 1, 3, 5)
TARGETS = (1, 2, 0, 4, 5, 3, 0, 3, 5, 1, 2, 6, 1, 2)


def gathered(h, sources, targets, weights):
    """Return, for each node, the sum over the edges that lead to it of weight times the features at their start."""
    return torch.zeros_like(h).index_add(0, targets, weights[:, None] * h[sources])


class Aggregation(ByHand):
    @staticmethod
    def forward(h, sources, targets, weights):
        return gathered(h, sources, targets, weights)

    @staticmethod
    def backward(ctx, dy):
        h, sources, targets, weights = ctx.saved_tensors
        return gathered(dy, targets, sources, weights), None, None, (dy[targets] * h[sources]).sum(1)


class WeightsForgotten(Aggregation):
    @staticmethod
    def backward(ctx, dy):
        _, sources, targets, weights = ctx.saved_tensors
        return gathered(dy, targets, sources, torch.ones_like(weights)), *Aggregation.backward(ctx, dy)[1:]


class EdgesNotReversed(Aggregation):
    @staticmethod
    def backward(ctx, dy):
        _, sources, targets, weights = ctx.saved_tensors
        return gathered(dy, sources, targets, weights), *Aggregation.backward(ctx, dy)[1:]


class LastEdgeAlone(Aggregation):
    @staticmethod
    def backward(ctx, dy):
        _, sources, targets, weights = ctx.saved_tensors
        dh = torch.zeros_like(dy)
        for source, target, weight in zip(sources.tolist(), targets.tolist(), weights, strict=True):
            dh[source] = weight * dy[target]
        return dh, *Aggregation.backward(ctx, dy)[1:]


class FeaturesOfTheTarget(Aggregation):
    @staticmethod
    def backward(ctx, dy):
        h, _, targets, _ = ctx.saved_tensors
        return *Aggregation.backward(ctx, dy)[:3], (dy[targets] * h[targets]).sum(1)


class Convolution(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.op = Aggregation
        self.linear = nn.Linear(n_in, n_out, bias=False)
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, x, edges, weights):
        return self.op.apply(self.linear(x), *edges, weights) + self.bias


class GraphNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = Convolution(FEATURES, HIDDEN), Convolution(HIDDEN, CLASSES)

    def forward(self, x, edges, weights):
        return self.conv2(self.conv1(x, edges, weights).relu(), edges, weights)


def normalised(edges):
    """Return the weight of each edge: one over the root of the product of the degrees of its ends."""
    outward, inward = (torch.bincount(ends, minlength=NODES).double() for ends in edges)
    return (outward[edges[0]] * inward[edges[1]]).rsqrt()


FIRST = "conv1.* x"
FAULTS = {
    "weights forgotten": Fault("conv1", WeightsForgotten, "conv1.linear.weight x"),
    "edges not reversed": Fault("conv2", EdgesNotReversed, f"conv2.linear.weight {FIRST} weights"),
    "last edge alone": Fault("conv2", LastEdgeAlone, f"conv2.linear.weight {FIRST} weights"),
    "features of the target": Fault("conv2", FeaturesOfTheTarget, "weights"),
}


def build(seed, fault=None):
    edges = torch.tensor([SOURCES, TARGETS])
    x = normal(seed, NODES, FEATURES, dtype=torch.float64)
    return planted(drawn(GraphNet, seed, torch.float64), FAULTS.get(fault)), (x, edges, normalised(edges))


def plain(seed):
    model, args = build(seed)
    return by_autograd(model), args
