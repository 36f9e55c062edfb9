"""A small residual network: convolutions, group norms and the join of the two paths have backwards written by hand."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax, nn

from models import Fault
from models.jaxes import by_autograd, by_hand, drawn, normal

GROUPS, EPS = 2, 1e-5


def slid(x, W):
    return lax.conv_general_dilated(x, W, (1, 1), [(1, 1), (1, 1)])


def convolution(x, W, b):
    return slid(x, W) + b[:, None, None]


def to_weight(x, dy):
    return slid(x.swapaxes(0, 1), dy.swapaxes(0, 1)).swapaxes(0, 1)


def convolution_back(args, dy):
    x, W, _ = args
    return slid(dy, W.swapaxes(0, 1)[:, :, ::-1, ::-1]), to_weight(x, dy), dy.sum((0, 2, 3))


def kernel_not_turned(args, dy):
    return slid(dy, args[1].swapaxes(0, 1)), *convolution_back(args, dy)[1:]


def first_example_alone(args, dy):
    dx, _, db = convolution_back(args, dy)
    return dx, to_weight(args[0][:1], dy[:1]), db


def bias_averaged(args, dy):
    return *convolution_back(args, dy)[:2], dy.mean((0, 2, 3))


def channels_exchanged(args, dy):
    dx, dW, db = convolution_back(args, dy)
    return dx, dW.swapaxes(0, 1), db


def grouped(x):
    return x.reshape(len(x), GROUPS, -1)


def standardised(x):
    z = grouped(x)
    s = lax.rsqrt(z.var(2, keepdims=True) + EPS)
    return ((z - z.mean(2, keepdims=True)) * s).reshape(x.shape), s


def group_norm(x, gamma, beta):
    return standardised(x)[0] * gamma[:, None, None] + beta[:, None, None]


def group_norm_back(args, dy):
    x, gamma, _ = args
    xhat, s = standardised(x)
    dxhat, z = grouped(dy * gamma[:, None, None]), grouped(xhat)
    dx = s * (dxhat - dxhat.mean(2, keepdims=True) - z * (dxhat * z).mean(2, keepdims=True))
    return dx.reshape(x.shape), (dy * xhat).sum((0, 2, 3)), dy.sum((0, 2, 3))


def statistics_constant(args, dy):
    x, gamma, _ = args
    dx = standardised(x)[1] * grouped(dy * gamma[:, None, None])
    return dx.reshape(x.shape), *group_norm_back(args, dy)[1:]


def total(x, y):
    return x + y


def total_back(_, dy):
    return dy, dy


def skip_path_forgotten(_, dy):
    return jnp.zeros_like(dy), dy


def convnet(ops):
    def apply(params, x):
        def conv(name, x):
            return ops[name](x, params[name]["W"], params[name]["b"])

        def norm(name, x):
            return ops[name](x, params[name]["gamma"], params[name]["beta"])

        y = nn.relu(norm("norm", conv("stem", x)))
        y = lax.reduce_window(y, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
        z = norm("norm2", conv("conv2", nn.relu(norm("norm1", conv("conv1", y)))))
        pooled = nn.relu(ops["join"](y, z)).mean((2, 3))
        return pooled @ params["head"]["W"] + params["head"]["b"]

    return apply


CONV, NORM = (convolution, convolution_back), (group_norm, group_norm_back)
OPS = {"stem": CONV, "norm": NORM, "conv1": CONV, "norm1": NORM, "conv2": CONV, "norm2": NORM}
OPS["join"] = (total, total_back)
SHAPES = {name: {"W": (4, 4, 3, 3), "b": (4,)} for name in ("conv1", "conv2")}
SHAPES |= {name: {"gamma": (4,), "beta": (4,)} for name in ("norm", "norm1", "norm2")}
SHAPES |= {"stem": {"W": (4, 2, 3, 3), "b": (4,)}, "head": {"W": (4, 3), "b": (3,)}}

BELOW = "params.stem.* params.norm.* x"
FAULTS = {
    "kernel not turned": Fault("conv2", kernel_not_turned, f"params.conv1.* params.norm1.* {BELOW}"),
    "first example alone": Fault("conv1", first_example_alone, "params.conv1.W"),
    "bias averaged": Fault("stem", bias_averaged, "params.stem.b"),
    "channels exchanged": Fault("conv2", channels_exchanged, "params.conv2.W"),
    "statistics constant": Fault("norm1", statistics_constant, f"params.conv1.* {BELOW}"),
    "skip path forgotten": Fault("join", skip_path_forgotten, BELOW),
}


def args(seed):
    return drawn(seed, SHAPES), normal(seed, 3, 2, 6, 6)


def build(seed, fault=None):
    return convnet(by_hand(OPS, FAULTS.get(fault))), args(seed)


def plain(seed):
    return convnet(by_autograd(OPS)), args(seed)
