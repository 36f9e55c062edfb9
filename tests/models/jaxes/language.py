"""A language model whose embedding is its output projection too: both uses and the loss have hand-written backwards."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import nn

from models import Fault
from models.jaxes import by_autograd, by_hand, drawn

WORDS, WIDTH = 7, 6


def lookup(tokens, E):
    return E[tokens]


def lookup_back(args, dy):
    tokens, E = args
    return None, jnp.zeros_like(E).at[tokens].add(dy)


def repeated_overwritten(args, dy):
    tokens, E = args
    return None, jnp.zeros_like(E).at[tokens].set(dy)


def projection(h, E):
    return h @ E.T


def projection_back(args, dy):
    h, E = args
    return dy @ E, jnp.einsum("ntv,ntd->vd", dy, h)


def second_use_forgotten(args, dy):
    return projection_back(args, dy)[0], jnp.zeros_like(args[1])


def first_use_forgotten(args, dy):
    return jnp.zeros_like(args[0]), projection_back(args, dy)[1]


def cross_entropy(logits, targets):
    return -jnp.take_along_axis(nn.log_softmax(logits), targets[..., None], -1).mean()


def cross_entropy_back(args, dy):
    logits, targets = args
    return dy * (nn.softmax(logits) - nn.one_hot(targets, logits.shape[-1])) / targets.size, None


def sum_for_mean(args, dy):
    return cross_entropy_back(args, dy)[0] * args[1].size, None


def truth_forgotten(args, dy):
    return dy * nn.softmax(args[0]) / args[1].size, None


def language(ops):
    def apply(params, tokens, targets):
        h = ops["embedding"](tokens, params["E"])
        count = jnp.arange(1, h.shape[1] + 1)[:, None]
        mixed = jnp.concatenate([h, h.cumsum(1) / count], -1) @ params["mix"]["W"] + params["mix"]["b"]
        h = jnp.tanh(mixed) @ params["body"]["W"] + params["body"]["b"]
        return ops["loss"](ops["head"](h, params["E"]), targets)

    return apply


OPS = {
    "embedding": (lookup, lookup_back),
    "head": (projection, projection_back),
    "loss": (cross_entropy, cross_entropy_back),
}
SHAPES = {
    "E": (WORDS, WIDTH),
    "mix": {"W": (2 * WIDTH, 10), "b": (10,)},
    "body": {"W": (10, WIDTH), "b": (WIDTH,)},
}
FAULTS = {
    "repeated overwritten": Fault("embedding", repeated_overwritten, "params.E"),
    "second use forgotten": Fault("head", second_use_forgotten, "params.E"),
    "first use forgotten": Fault("head", first_use_forgotten, "params.*"),
    "sum for mean": Fault("loss", sum_for_mean, "params.*"),
    "truth forgotten": Fault("loss", truth_forgotten, "params.*"),
}


def args(seed):
    tokens = np.random.default_rng(seed).integers(WORDS, size=(3, 6))
    return drawn(seed, SHAPES), tokens[:, :-1], tokens[:, 1:]


def build(seed, fault=None):
    return language(by_hand(OPS, FAULTS.get(fault))), args(seed)


def plain(seed):
    return language(by_autograd(OPS)), args(seed)
