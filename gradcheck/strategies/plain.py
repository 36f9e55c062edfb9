"""Layers for rows of numbers: dense ones, activations, normalisations, and what arranges numbers otherwise."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

from gradcheck import networks
from gradcheck.strategies.kinds import NUMERIC, WIDTHS, Form, Layer, Numbers, Site, kind

ROWS = ("row", "sequence")
CHANNELS = ("row", "sound", "image")  # whose first axis, after the batch's, is one of channels
ACTIVATIONS: dict[str, Any] = {
    "identity": networks.Identity, "tanh": networks.Tanh, "sigmoid": networks.Sigmoid, "relu": networks.ReLU,
    "leaky-relu": networks.LeakyReLU, "elu": networks.ELU, "softplus": networks.Softplus, "silu": networks.SiLU,
    "gelu": networks.GELU, "gelu-tanh": networks.GELUTanh, "softmax": networks.Softmax,
    "log-softmax": networks.LogSoftmax,
}  # fmt: skip


def widened(form: Form, n: int) -> Form:
    """Return the form with its last axis of another length."""
    return (*form[:-1], n)


@kind(
    "dense", "dense", ROWS, lambda _: st.tuples(WIDTHS),
    after=widened, same=lambda form: st.just((form[-1],)), rows=True,
)  # fmt: skip
def dense(site: Site, n: int) -> Layer:
    """Every output depends on every input."""
    return networks.Dense.random(site.form[-1], n, site.rng, dtype=site.dtype)


@kind("tied-autoencoder", "tied", ROWS, lambda _: st.tuples(WIDTHS), rows=True)
def tied_autoencoder(site: Site, n: int) -> Layer:
    """One matrix, and its transpose in the decoder."""
    return networks.TiedAutoencoder.random(site.form[-1], n, networks.Tanh(), site.rng, dtype=site.dtype)


def _enter(name: str, activation: type) -> None:
    least = 2 if "softmax" in name else 1  # one number alone has always the share 1

    @kind(name, "activation", NUMERIC, fits=lambda form: form[-1] >= least)
    def build(_: Site) -> Layer:
        return activation()


for _name, _activation in ACTIVATIONS.items():
    _enter(_name, _activation)


@kind("glu", "activation", ROWS, after=lambda form: widened(form, form[-1] // 2), fits=lambda form: form[-1] % 2 == 0)
def glu(_: Site) -> Layer:
    """One half of the outputs gates the other."""
    return networks.GLU()


@kind("swiglu", "dense", ROWS, lambda _: st.tuples(WIDTHS))
def swiglu(site: Site, hidden: int) -> Layer:
    """A small network with a gate in the middle."""
    return networks.SwiGLU.random(site.form[-1], hidden, site.rng, dtype=site.dtype)


@kind("layer-norm", "normalisation", NUMERIC)
def layer_norm(site: Site) -> Layer:
    """Over the last axis of rows, over all of an image."""
    return networks.LayerNorm.plain(_normalised(site.form), dtype=site.dtype)


@kind("rms-norm", "normalisation", NUMERIC)
def rms_norm(site: Site) -> Layer:
    """Likewise, without a mean."""
    return networks.RMSNorm.plain(_normalised(site.form), dtype=site.dtype)


@kind("batch-norm", "normalisation", CHANNELS, lambda _: st.tuples(st.booleans()))
def batch_norm(site: Site, running: bool) -> Layer:  # noqa: FBT001  as it stands in the step
    """By the statistics of the batch, or by running ones."""
    n = site.form[1]
    plain = networks.BatchNorm.plain(n, dtype=site.dtype)
    if not running:
        return plain
    mean, var = site.rng.standard_normal((n,)), site.rng.uniform(0.5, 2, (n,))
    seen = networks.Running(mean.astype(site.dtype), var.astype(site.dtype))
    return networks.BatchNorm(plain.gamma, plain.beta, seen)


def _groups(form: Form) -> st.SearchStrategy[Numbers]:
    return st.tuples(st.sampled_from([g for g in range(1, form[1] + 1) if form[1] % g == 0]))


@kind("group-norm", "normalisation", CHANNELS, _groups)
def group_norm(site: Site, groups: int) -> Layer:
    """Over the channels of a group."""
    return networks.GroupNorm.plain(site.form[1], groups, dtype=site.dtype)


@kind("instance-norm", "normalisation", ("sound", "image"))
def instance_norm(site: Site) -> Layer:
    """Over the pixels of a channel."""
    return networks.InstanceNorm.plain(site.form[1], dtype=site.dtype)


@kind("dropout", "dropout", NUMERIC, lambda _: st.tuples(st.sampled_from([0.0, 0.25, 0.5])))
def dropout(site: Site, rate: float) -> Layer:
    """Some are set to zero, by a mask that was drawn before."""
    return networks.Dropout.random(site.shape, rate, site.rng)


@kind("flatten", "shape", ("sequence", "sound", "image"), after=lambda form: ("row", prod(form[1:])))
def flatten(_: Site) -> Layer:
    """All of an example in one row."""
    return networks.Flatten()


def _pictured(_: Form, *sizes: int) -> Form:
    return ({2: "sound", 3: "image"}[len(sizes)], *sizes)


def _factored(form: Form) -> st.SearchStrategy[Numbers]:
    n = form[1]
    pairs = [(c, n // c) for c in range(1, n + 1) if n % c == 0]
    return st.sampled_from([*pairs, *((c, 1, rest) for c, rest in pairs)])


@kind("reshape", "shape", ("row",), _factored, after=_pictured)
def reshape(_: Site, *sizes: int) -> Layer:
    """A row as a sound or as an image."""
    return networks.Reshape(sizes)


@kind("transpose", "shape", ("sequence",), after=lambda form: ("sound", form[2], form[1]))
def transpose(_: Site) -> Layer:
    """The numbers of a sequence as the channels of a sound."""
    return networks.Transpose((0, 2, 1))


def _normalised(form: Form) -> Any:  # noqa: ANN401  an int, or a shape
    return form[-1] if form[0] in ROWS else tuple(int(n) for n in np.array(form[1:]))
