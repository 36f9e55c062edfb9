"""A transformer block, pre-norm and causal: attention, layer norm and GELU have backwards written by hand."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import lax, nn
from jax.scipy.stats import norm as gauss

from models import Fault
from models.jaxes import by_autograd, by_hand, drawn, normal

WIDTH, HEADS, HIDDEN, EPS = 8, 2, 16, 1e-5


def shares(q, k):
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    return nn.softmax(jnp.where(jnp.tri(q.shape[-2], dtype=bool), scores, -jnp.inf))


def attention(q, k, v):
    return shares(q, k) @ v


def attention_back(args, dy):
    q, k, v = args
    p, dp = shares(q, k), dy @ v.mT
    ds = p * (dp - (dp * p).sum(-1, keepdims=True)) / math.sqrt(q.shape[-1])
    return ds @ k, ds.mT @ q, p.mT @ dy


def scale_forgotten(args, dy):
    dq, dk, dv = attention_back(args, dy)
    d = math.sqrt(dq.shape[-1])
    return dq * d, dk * d, dv


def diagonal_alone(args, dy):
    q, k, v = args
    p = shares(q, k)
    ds = p * (1 - p) * (dy @ v.mT) / math.sqrt(q.shape[-1])
    return ds @ k, ds.mT @ q, p.mT @ dy


def shares_untransposed(args, dy):
    return *attention_back(args, dy)[:2], shares(*args[:2]) @ dy


def standardised(x):
    s = lax.rsqrt(x.var(-1, keepdims=True) + EPS)
    return (x - x.mean(-1, keepdims=True)) * s, s


def layer_norm(x, gamma, beta):
    return standardised(x)[0] * gamma + beta


def layer_norm_back(args, dy):
    x, gamma, _ = args
    xhat, s = standardised(x)
    dxhat = dy * gamma
    dx = s * (dxhat - dxhat.mean(-1, keepdims=True) - xhat * (dxhat * xhat).mean(-1, keepdims=True))
    return dx, (dy * xhat).sum((0, 1)), dy.sum((0, 1))


def variance_constant(args, dy):
    x, gamma, _ = args
    dxhat = dy * gamma
    return standardised(x)[1] * (dxhat - dxhat.mean(-1, keepdims=True)), *layer_norm_back(args, dy)[1:]


def gamma_of_input(args, dy):
    dx, _, dbeta = layer_norm_back(args, dy)
    return dx, (dy * args[0]).sum((0, 1)), dbeta


def gelu(x):
    return x * gauss.cdf(x)


def gelu_back(args, dy):
    (x,) = args
    return (dy * (gauss.cdf(x) + x * gauss.pdf(x)),)


def first_term_alone(args, dy):
    return (dy * gauss.cdf(args[0]),)


def transformer(ops):
    def listened(params, x):
        def cut(name):
            z = x @ params[name]["W"] + params[name]["b"]
            return z.reshape(*x.shape[:2], HEADS, -1).swapaxes(1, 2)

        heads = ops["attention"](cut("query"), cut("key"), cut("value")).swapaxes(1, 2).reshape(x.shape)
        return heads @ params["output"]["W"] + params["output"]["b"]

    def apply(params, x):
        x = x + listened(params, ops["norm1"](x, params["norm1"]["gamma"], params["norm1"]["beta"]))
        h = ops["norm2"](x, params["norm2"]["gamma"], params["norm2"]["beta"])
        h = ops["gelu"](h @ params["up"]["W"] + params["up"]["b"])
        return x + h @ params["down"]["W"] + params["down"]["b"]

    return apply


OPS = {
    "attention": (attention, attention_back),
    "norm1": (layer_norm, layer_norm_back),
    "norm2": (layer_norm, layer_norm_back),
    "gelu": (gelu, gelu_back),
}
SHAPES = {name: {"W": (WIDTH, WIDTH), "b": (WIDTH,)} for name in ("query", "key", "value", "output")}
SHAPES |= {name: {"gamma": (WIDTH,), "beta": (WIDTH,)} for name in ("norm1", "norm2")}
SHAPES |= {"up": {"W": (WIDTH, HIDDEN), "b": (HIDDEN,)}, "down": {"W": (HIDDEN, WIDTH), "b": (WIDTH,)}}

LISTENING = "params.query.* params.key.W params.norm1.* x"
BELOW = f"{LISTENING} params.value.* params.output.*"
FAULTS = {
    "scale forgotten": Fault("attention", scale_forgotten, LISTENING),
    "diagonal alone": Fault("attention", diagonal_alone, f"{LISTENING} params.key.b"),
    "shares untransposed": Fault("attention", shares_untransposed, "params.value.* params.norm1.* x"),
    "variance constant": Fault("norm2", variance_constant, BELOW),
    "gamma of input": Fault("norm1", gamma_of_input, "params.norm1.gamma"),
    "first term alone": Fault("gelu", first_term_alone, f"params.up.* params.norm2.* {BELOW}"),
}


def args(seed):
    return drawn(seed, SHAPES), normal(seed, 2, 4, WIDTH)


def build(seed, fault=None):
    return transformer(by_hand(OPS, FAULTS.get(fault))), args(seed)


def plain(seed):
    return transformer(by_autograd(OPS)), args(seed)
