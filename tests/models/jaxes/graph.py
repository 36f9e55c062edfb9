"""A graph convolution network, in float64: neighbours are gathered along edges, and the way back is written by hand."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import nn

from models import Fault
from models.jaxes import by_autograd, by_hand, drawn, normal

NODES, FEATURES, HIDDEN, CLASSES = 7, 4, 16, 3
SOURCES = (0, 1, 2, 3, 4, 5, 6, 0, 2, 4, 6, 1, 3, 5)
TARGETS = (1, 2, 0, 4, 5, 3, 0, 3, 5, 1, 2, 6, 1, 2)


def gathered(h, sources, targets, weights):
    """Return, for each node, the sum over the edges that lead to it of weight times the features at their start."""
    return jnp.zeros_like(h).at[targets].add(weights[:, None] * h[sources])


def gathered_back(args, dy):
    h, sources, targets, weights = args
    return gathered(dy, targets, sources, weights), None, None, (dy[targets] * h[sources]).sum(1)


def weights_forgotten(args, dy):
    _, sources, targets, weights = args
    return gathered(dy, targets, sources, jnp.ones_like(weights)), *gathered_back(args, dy)[1:]


def edges_not_reversed(args, dy):
    _, sources, targets, weights = args
    return gathered(dy, sources, targets, weights), *gathered_back(args, dy)[1:]


def last_edge_alone(args, dy):
    _, sources, targets, weights = args
    return jnp.zeros_like(dy).at[sources].set(weights[:, None] * dy[targets]), *gathered_back(args, dy)[1:]


def features_of_the_target(args, dy):
    h, _, targets, _ = args
    return *gathered_back(args, dy)[:3], (dy[targets] * h[targets]).sum(1)


def graph_net(ops):
    def apply(params, x, edges, weights):
        def conv(name, x):
            return ops[name](x @ params[name]["W"], *edges, weights) + params[name]["b"]

        return conv("conv2", nn.relu(conv("conv1", x)))

    return apply


OPS = dict.fromkeys(("conv1", "conv2"), (gathered, gathered_back))
SHAPES = {
    "conv1": {"W": (FEATURES, HIDDEN), "b": (HIDDEN,)},
    "conv2": {"W": (HIDDEN, CLASSES), "b": (CLASSES,)},
}
BELOW = "params.conv2.W params.conv1.* x weights"
FAULTS = {
    "weights forgotten": Fault("conv1", weights_forgotten, "params.conv1.W x"),
    "edges not reversed": Fault("conv2", edges_not_reversed, BELOW),
    "last edge alone": Fault("conv2", last_edge_alone, BELOW),
    "features of the target": Fault("conv2", features_of_the_target, "weights"),
}


def args(seed):
    edges = np.array([SOURCES, TARGETS])
    outward, inward = (np.bincount(ends, minlength=NODES) for ends in edges)
    weights = 1 / np.sqrt(outward[edges[0]] * inward[edges[1]])
    return drawn(seed, SHAPES, np.float64), normal(seed, NODES, FEATURES, dtype=np.float64), edges, weights


def build(seed, fault=None):
    return graph_net(by_hand(OPS, FAULTS.get(fault))), args(seed)


def plain(seed):
    return graph_net(by_autograd(OPS)), args(seed)
