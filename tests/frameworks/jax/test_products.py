"""Is each product that can be one of rows and a matrix divided so? The slopes that shifts make are those of JAX."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from gradcheck._adapters.jax.after import JaxAfter, Replay, Suffix  # noqa: E402
from gradcheck._adapters.jax.equations import Equations  # noqa: E402
from gradcheck._adapters.jax.precision import double  # noqa: E402
from gradcheck._adapters.jax.uses import uses  # noqa: E402
from gradcheck._adapters.jax.views import Views  # noqa: E402
from gradcheck._entries.sites.probe import probed  # noqa: E402
from gradcheck._entries.sites.slopes import of_site, together  # noqa: E402


def data(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def scalar(y):
    return jnp.sum(jnp.sin(y) * jnp.cos(jnp.arange(y.size, dtype=y.dtype).reshape(y.shape)))


def slopes(f, W, x, b):
    """Return what shifts say of W, x and b, as far as they say something, and the gradients."""
    with double(wanted=True):
        equations = Equations.of(jax.make_jaxpr(lambda *given: [f(*given)])(W, x, b))
        given = dict(zip(equations.given, "Wxb", strict=True))
        values = {}
        met = {}
        for use in uses(equations, Views.of(equations, given), "x".__contains__):
            suffix = Suffix.of(equations, use.start, [np.ones(())])
            wanted = [*suffix.reads, use.x]
            values |= zip(wanted, equations.values(wanted, [W, x, b]), strict=True)
            replay = Replay.of(suffix, values, use.place, lambda: double(wanted=True))
            after = JaxAfter.of(replay, np.asarray(values[use.start]), {len(x)}, 10_000)
            rows = use.product.laid(np.asarray(values[use.x]))[after.groups.members]
            paths = (use.weight, use.bias, use.given if after.in_order else None)
            site = after.site(
                paths, use.product.matrix({"W": W, "x": x, "b": b}[use.weight]), rows, turned=use.product.turned
            )
            for part in of_site(site, probed(site)):
                met.setdefault(part.path, []).append(part)
        found = {path: together(parts) for path, parts in met.items()}
        made = {
            path: np.concatenate([one.some(rows)[0].ravel() for rows, _ in one.blocks()]) for path, one in found.items()
        }
        grads = jax.grad(f, argnums=(0, 1, 2))(W, x, b)
        return made, {name: np.ravel(g) for name, g in zip("Wxb", grads, strict=True)}


def product(spec):
    return lambda W, x, b: scalar(jnp.tanh(jnp.einsum(spec, x, W) + b))


def convolution(names, **keywords):
    moves = {"window_strides": (1, 1), "padding": "SAME", "dimension_numbers": names, **keywords}
    return lambda W, x, b: scalar(jnp.tanh(jax.lax.conv_general_dilated(x, W, **moves) + b))


IMAGES, LAST = ("NCHW", "OIHW", "NCHW"), ("NHWC", "HWIO", "NHWC")
CASES = {
    "bi,ij->bj": (product("bi,ij->bj"), (7, 5), (6, 7), (5,), "Wxb"),
    "bi,ji->bj": (product("bi,ji->bj"), (5, 7), (6, 7), (5,), "Wxb"),
    "bsd,dhk->bshk": (product("bsd,dhk->bshk"), (7, 2, 5), (3, 4, 7), (2, 5), "Wxb"),
    "bsd,hdk->bhsk": (product("bsd,hdk->bhsk"), (3, 7, 5), (2, 4, 7), (), "W"),
    "bhsk,hkd->bsd": (product("bhsk,hkd->bsd"), (2, 5, 7), (3, 2, 4, 5), (7,), "Wb"),
    "bshk,dhk->bsd": (product("bshk,dhk->bsd"), (7, 2, 5), (3, 4, 2, 5), (7,), "Wxb"),
    "ecd,edf->ecf": (product("ecd,edf->ecf"), (2, 5, 7), (2, 4, 5), (7,), "Wb"),
    "ced,dfe->cef": (product("ced,dfe->cef"), (5, 7, 2), (4, 2, 5), (), "Wb"),
    "bi,i->b": (product("bi,i->b"), (7,), (6, 7), (1,), "Wxb"),
    "bi,ik->bik": (product("bi,ik->bik"), (7, 3), (6, 7), (3,), "Wb"),
    "columns": (lambda W, x, b: scalar(jnp.tanh(W @ x + b)), (5, 7), (7, 6), (5, 1), "Wb"),
    "a single sample": (lambda W, x, b: scalar(jnp.tanh(W @ x + b)), (5, 7), (7,), (5,), "Wxb"),
    "mapped": (lambda W, x, b: scalar(jax.vmap(lambda r: jnp.tanh(W @ r + b))(x)), (5, 7), (6, 7), (5,), "Wxb"),
    "laid otherwise": (
        lambda W, x, b: scalar(jnp.tanh((x @ W.reshape(6, 7).T)[:, None].transpose(2, 0, 1) + b[:, None, None])),
        (3, 2, 7),
        (4, 7),
        (6,),
        "Wxb",
    ),
    "channels first": (convolution(IMAGES), (4, 3, 3, 2), (2, 3, 5, 6), (4, 1, 1), "Wb"),
    "channels last": (convolution(LAST), (3, 2, 3, 4), (2, 5, 6, 3), (4,), "Wb"),
    "strides and dilation": (
        convolution(IMAGES, window_strides=(2, 1), padding=((1, 2), (0, -1)), rhs_dilation=(1, 2)),
        (4, 3, 3, 2),
        (2, 3, 5, 6),
        (4, 1, 1),
        "Wb",
    ),
    "groups": (convolution(LAST, feature_group_count=2), (3, 2, 2, 6), (2, 5, 6, 4), (6,), "W"),
    "depthwise": (convolution(LAST, feature_group_count=3), (3, 2, 1, 6), (2, 5, 6, 3), (6,), "W"),
    "transposed": (
        convolution(LAST, padding=((2, 2), (1, 2)), lhs_dilation=(2, 3)),
        (3, 2, 3, 4),
        (2, 5, 6, 3),
        (4,),
        "Wb",
    ),
    "a signal": (
        convolution(("NWC", "WIO", "NWC"), window_strides=(1,)),
        (3, 3, 4),
        (2, 5, 3),
        (4,),
        "Wb",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_slopes_are_those_of_the_gradient(name):
    """Of every number of the weight, and of the bias and the input where they can be told from it."""
    f, weight, inputs, bias, told = CASES[name]
    found, expected = slopes(f, data(*weight), data(*inputs, seed=1), data(*bias, seed=2))
    assert {*found} == {*told}
    for path, slope in found.items():
        assert slope == pytest.approx(expected[path], abs=1e-9 * np.abs(expected[path]).max())


@pytest.mark.parametrize(
    ("f", "weight", "inputs"),
    [
        (convolution(IMAGES, batch_group_count=2, padding="VALID"), (4, 3, 3, 2), (2, 3, 5, 6)),
        (lambda W, x, b: scalar(x @ W[::-1] + b), (7, 5), (6, 7)),
        (lambda W, x, b: scalar(x @ (W * W) + b), (7, 5), (6, 7)),
        (lambda W, x, b: scalar(x @ W + b) + W[0, 0], (7, 5), (6, 7)),
        (lambda W, x, b: scalar(W @ W.T + b) + x.sum(), (7, 5), (6, 7)),
    ],
    ids=["groups of samples", "backwards", "squared", "read elsewhere", "by itself"],
)
def test_what_is_no_such_product_is_none(f, weight, inputs):
    """And its weight is moved entry by entry."""
    assert "W" not in slopes(f, data(*weight), data(*inputs, seed=1), np.zeros(()))[0]
