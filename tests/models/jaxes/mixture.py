"""A classifier in training mode: batch norm and dropout, with its key, have backwards written by hand."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax, nn

from models import Fault
from models.jaxes import by_autograd, by_hand, drawn, normal

RATE, EPS = 0.4, 1e-5


def standardised(x):
    s = lax.rsqrt(x.var(0) + EPS)
    return (x - x.mean(0)) * s, s


def batch_norm(x, gamma, beta):
    return standardised(x)[0] * gamma + beta


def batch_norm_back(args, dy):
    x, gamma, _ = args
    xhat, s = standardised(x)
    dxhat = dy * gamma
    dx = s * (dxhat - dxhat.mean(0) - xhat * (dxhat * xhat).mean(0))
    return dx, (dy * xhat).sum(0), dy.sum(0)


def statistics_constant(args, dy):
    x, gamma, _ = args
    return dy * gamma * standardised(x)[1], *batch_norm_back(args, dy)[1:]


def mean_constant(args, dy):
    x, gamma, _ = args
    xhat, s = standardised(x)
    dxhat = dy * gamma
    return s * (dxhat - xhat * (dxhat * xhat).mean(0)), *batch_norm_back(args, dy)[1:]


def kept(x, key):
    return jax.random.bernoulli(key, jnp.float32(1 - RATE), x.shape)


def dropout(x, key):
    return x * kept(x, key) / (1 - RATE)


def dropout_back(args, dy):
    return dropout(dy, args[1]), None


def not_scaled(args, dy):
    return dy * kept(*args), None


def mask_forgotten(_, dy):
    return dy / (1 - RATE), None


def mask_drawn_anew(args, dy):
    return dropout(dy, jax.random.split(args[1])[0]), None


def classifier(ops):
    def apply(params, x, key):
        h = x @ params["first"]["W"] + params["first"]["b"]
        seen = {"mean": h.mean(0), "var": h.var(0)}
        h = jnp.tanh(ops["norm1"](h, params["norm1"]["gamma"], params["norm1"]["beta"]))
        h = h @ params["second"]["W"] + params["second"]["b"]
        h = nn.relu(ops["norm2"](h, params["norm2"]["gamma"], params["norm2"]["beta"]))
        return ops["dropout"](h, key) @ params["head"]["W"] + params["head"]["b"], seen

    return apply


OPS = dict.fromkeys(("norm1", "norm2"), (batch_norm, batch_norm_back)) | {"dropout": (dropout, dropout_back)}
SHAPES = {"first": {"W": (4, 8), "b": (8,)}, "second": {"W": (8, 8), "b": (8,)}, "head": {"W": (8, 3), "b": (3,)}}
SHAPES |= {name: {"gamma": (8,), "beta": (8,)} for name in ("norm1", "norm2")}

# A bias that a norm follows moves only what is seen of it: its pull through the norm is zero, if the norm's is right.
FIRST = "params.first.W x"
BELOW = f"{FIRST} params.norm1.*"
FAULTS = {
    "statistics constant": Fault("norm1", statistics_constant, f"{FIRST} params.first.b"),
    "mean constant": Fault("norm2", mean_constant, f"{BELOW} params.second.*"),
    "not scaled": Fault("dropout", not_scaled, f"{BELOW} params.second.W params.norm2.*"),
    "mask forgotten": Fault("dropout", mask_forgotten, f"{BELOW} params.second.W params.norm2.*"),
    "mask drawn anew": Fault("dropout", mask_drawn_anew, f"{BELOW} params.second.W params.norm2.*"),
}


def args(seed):
    return drawn(seed, SHAPES), normal(seed, 8, 4), jax.random.key(seed)


def build(seed, fault=None):
    return classifier(by_hand(OPS, FAULTS.get(fault))), args(seed)


def plain(seed):
    return classifier(by_autograd(OPS)), args(seed)
