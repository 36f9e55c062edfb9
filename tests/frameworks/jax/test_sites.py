"""Is every weight of a function of JAX judged by shifts where it is met in products alone, for few calls?"""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402

SHIFTS = "shifts of pre-activations"
LABELS = np.arange(16) % 12


def data(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def weights(*widths, seed=0):
    pairs = itertools.pairwise(widths)
    return [
        {"W": data(i, o, seed=seed + k) / i**0.5, "b": data(o, seed=seed + k + 100) / 2}
        for k, (i, o) in enumerate(pairs)
    ]


PARAMS, X = weights(20, 30, 12), data(16, 20)


def net(p, x, between=jnp.tanh):
    return between(x @ p[0]["W"] + p[0]["b"]) @ p[1]["W"] + p[1]["b"]


def entropy(z, labels=LABELS):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), np.resize(labels, len(z))[:, None], 1))


def loss(p, x, between=jnp.tanh):
    return entropy(net(p, x, between))


def by_shifts(report):
    return {tensor.name for tensor in report.tensors.values() if tensor.means == SHIFTS}


EVERY = {"p[0].W", "p[0].b", "p[1].W", "p[1].b", "x"}


def dense(spoil):
    """Return a dense layer whose backward does something to the gradients of its weight and its bias."""

    @jax.custom_vjp
    def layer(x, W, b):
        return x @ W + b

    def backward(kept, dy):
        x, W = kept
        return dy @ W.T, *spoil(x.T @ dy, dy)

    layer.defvjp(lambda x, W, b: (layer(x, W, b), (x, W)), backward)
    return lambda p, x: entropy(jnp.tanh(layer(x, p[0]["W"], p[0]["b"])) @ p[1]["W"] + p[1]["b"])


SPOILS = {
    "one entry": (lambda G, dy: (G.at[3, 7].multiply(1 + 1e-4), dy.sum(0)), "p[0].W", [(3, 7)]),
    "a column": (lambda G, dy: (G.at[:, 7].multiply(1.01), dy.sum(0)), "p[0].W", [(i, 7) for i in range(20)]),
    "doubled": (lambda G, dy: (2 * G, dy.sum(0)), "p[0].W", [*np.ndindex(20, 30)]),
    "mean of the bias": (lambda G, dy: (G, dy.mean(0)), "p[0].b", [(j,) for j in range(30)]),
}


@pytest.mark.parametrize("name", SPOILS)
def test_what_is_wrong_in_a_hand_written_layer_is_found_by_name_and_index(name):
    """And nothing else is accused; its rule is no hindrance, for its forward is what is followed."""
    spoil, tensor, wrong = SPOILS[name]
    report = check_gradients(dense(spoil), PARAMS, X, neighbours=0)
    assert [t.name for t in report.tensors.values() if t.wrong] == [tensor]
    assert {tuple(found.index) for found in report.wrong} <= set(wrong)
    assert report.tensors[tensor].wrong == len(wrong)
    assert report.tensors[tensor].means == SHIFTS


def test_a_right_one_takes_few_calls():
    """One by one they are 1,322 entries, and twice as many evaluations."""
    report = check_gradients(dense(lambda G, dy: (G, dy.sum(0))), PARAMS, X, neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) == EVERY
    assert report.evaluations < 100


def test_a_model_is_given_in_any_form():
    """Arrays by themselves, in JAX's own precision; a vector of weights; a weight that comes first."""

    def model(x, W, b, v):
        return jnp.tanh(x @ W + b) @ v

    def turned(x, W):
        return jax.vmap(lambda row: jnp.sin(W @ row))(x)

    arrays = [jnp.asarray(a) for a in (data(16, 20), data(20, 40), data(40), data(40))]
    report = check_gradients(model, *arrays, neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) == {"x", "W", "b"}
    report = check_gradients(turned, data(16, 20), data(30, 20), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) == {"x", "W"}


LOSSES = {
    "cross entropy": entropy,
    "one hot": lambda z: -jnp.sum(jax.nn.one_hot(LABELS, 12) * jax.nn.log_softmax(z)) / len(z),
    "weighted": lambda z: jnp.average(jax.nn.logsumexp(z, axis=1), weights=jnp.arange(1.0, 17.0)),
    "mean square": lambda z: jnp.mean((z - 1) ** 2),
    "of columns first": lambda z: jnp.sum(jnp.mean(jnp.square(z), axis=0) / 3),
    "inner product": lambda z: jnp.vdot(z, jnp.cos(z)) / 7 - 2 * jnp.dot(jnp.arange(16.0), jnp.sin(z[:, 0])),
    "of two": lambda z: 0.5 * (z**2).mean() - z.sum() / 3 + 1,
    "rows": jax.nn.softmax,
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_opened(name):
    """Into what each sample adds; within a function or on top of it."""
    report = check_gradients(net, PARAMS, X, loss=LOSSES[name], neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) == EVERY
    assert report.evaluations < 200


def spoilt(p, x):
    """Return a function that reads a weight at a place where no product is."""
    return loss(p, x) + 0.01 * jnp.sum(p[0]["W"] ** 2)


def normed(z):
    return jnp.tanh((z - z.mean(0)) / jnp.sqrt(z.var(0) + 1e-3))


def contrastive(p, x):
    z = net(p, x)
    return entropy(z @ z.T, np.arange(len(z)))


def called_back(p, x):
    @jax.custom_jvp
    def sine(z):
        return jax.pure_callback(np.sin, jax.ShapeDtypeStruct(z.shape, z.dtype), z, vmap_method="sequential")

    sine.defjvp(lambda primals, tangents: (sine(*primals), jnp.cos(*primals) * tangents[0]))
    return entropy(sine(net(p, x)))


def printed(p, x):
    jax.debug.callback(lambda _: None, x[0, 0])
    return loss(p, x)


def looped(p, x):
    for_each = lambda h, _: (jnp.tanh(h @ p[0]["W"][:, :20] + p[0]["b"][:20]), None)  # noqa: E731
    return jnp.sum(jax.lax.scan(for_each, x, length=3)[0] ** 2) + jnp.sum(p[1]["W"]) + jnp.sum(p[1]["b"])


def branched(p, x):
    first = jax.lax.cond(x.sum() > -99, lambda W: x @ W, lambda W: 2 * x @ W, p[0]["W"])
    return entropy(jnp.tanh(first + p[0]["b"]) @ p[1]["W"] + p[1]["b"])


def in_parts(p, x):
    left, right = jnp.split(p[0]["W"], 2, axis=1)
    return entropy(jnp.tanh(jnp.concatenate([x @ left, x @ right], 1) + p[0]["b"]) @ p[1]["W"] + p[1]["b"])


def single(p, x):
    half = jax.tree_util.tree_map(lambda a: a.astype(jnp.float32), (p, x))
    return loss(*half)


REFUSED = {
    "weight decay": (spoilt, {"p[0].W"}, {"p[1].W", "p[1].b"}),
    "callback": (called_back, EVERY, set()),
    "effect": (printed, EVERY, set()),
    "loop": (looped, {"p[0].W", "p[0].b", "p[1].W"}, set()),
    "branch": (branched, {"p[0].W"}, {"p[1].W", "p[1].b"}),
    "in parts": (in_parts, {"p[0].W"}, {"p[1].W", "p[1].b"}),
    "spectral norm": (
        lambda p, x: loss([{"W": p[0]["W"] / jnp.linalg.norm(p[0]["W"]), "b": p[0]["b"]}, p[1]], x),
        {"p[0].W"},
        {"p[1].W", "p[1].b"},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_where_that_does_not_hold_it_is_measured_otherwise(name):
    """And is right all the same, as are the weights beside it."""
    f, refused, others = REFUSED[name]
    report = check_gradients(f, PARAMS, X, neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert not refused & by_shifts(report)
    assert others <= by_shifts(report)


HEARING = {
    "batch norm": (functools.partial(loss, between=normed), {"p[0].W", "x"}),
    "contrastive": (contrastive, {"p[0].W", "p[0].b", "p[1].W", "p[1].b", "x"}),
}


@pytest.mark.parametrize("name", HEARING)
def test_rows_that_hear_of_one_another_are_shifted_one_by_one_if_that_pays(name):
    """As those of few samples do; where there are many, entries are moved instead."""
    f, tensors = HEARING[name]
    report = check_gradients(f, PARAMS, X, neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert tensors <= by_shifts(report)
    many = check_gradients(f, weights(20, 12, 12), data(400, 20), wrt="p*", neighbours=0)
    assert many.verdict is Verdict.CORRECT
    assert "p[0].W" not in by_shifts(many)


def test_single_precision_is_no_ground_for_shifts():
    """The function computes in it whatever it is given."""
    report = check_gradients(single, PARAMS, X, neighbours=0)
    assert not report.wrong
    assert not by_shifts(report)


def test_what_is_not_finite_is_not_judged():
    """By shifts as little as otherwise."""
    report = check_gradients(lambda p, x: loss(p, x) + jnp.log(-jnp.abs(x)).sum(), PARAMS, X, neighbours=0)
    assert report.verdict is not Verdict.CORRECT
    assert not by_shifts(report)


def test_a_function_that_is_not_traced_is_not_followed():
    """Its user runs it step by step."""
    with jax.disable_jit():
        report = check_gradients(loss, [weights(10, 20)[0], weights(20, 4)[0]], data(4, 10), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert not by_shifts(report)


def test_weights_that_are_met_twice_have_the_sum_of_their_slopes():
    """Tied layers, of which one turns the weight, and share a bias."""
    p, x = weights(24, 24), data(8, 24)

    def tied(p, x):
        h = jnp.tanh(x @ p[0]["W"] + p[0]["b"])
        return jnp.sin(h @ p[0]["W"].T + p[0]["b"])

    report = check_gradients(tied, p, x, neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) >= {"p[0].W", "p[0].b"}


def test_a_bias_that_is_met_elsewhere_too_is_measured_otherwise():
    """In a product whose weight is refused."""

    def shared(p, x):
        return entropy(jnp.tanh(x @ p["W"] + p["b"]) + x @ jnp.tanh(p["V"]) + p["b"])

    p = {"W": data(40, 12), "V": data(40, 12, seed=1), "b": data(12, seed=2)}
    report = check_gradients(shared, p, data(16, 40), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert "p.W" in by_shifts(report)
    assert not {"p.V", "p.b"} & by_shifts(report)


def test_few_entries_are_measured_one_by_one():
    """For them it is not worth it to compile anything."""
    report = check_gradients(lambda W, x: jnp.tanh(x @ W), data(5, 4), data(3, 5), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert not by_shifts(report)


def test_kinks_and_masks_are_followed():
    """Dropout by a key draws the same each time; a unit of relu that stands at its kink is looked at by itself."""

    def f(p, x, key):
        mask = jax.random.bernoulli(key, 0.5, (16, 30))
        return loss(p, x, lambda z: jnp.where(mask, jax.nn.relu(z), 0))

    report = check_gradients(f, PARAMS, X, jax.random.key(0), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) >= {"p[0].W", "p[1].W"}
    assert report.tensors["p[0].W"].resolution < 1e-5


def test_what_is_called_within_is_opened():
    """Compiled, checkpointed, mapped, or with a derivative of its own."""

    @jax.jit
    def first(p, x):
        return jax.checkpoint(lambda x: jax.nn.silu(x @ p["W"] + p["b"]))(x)

    def f(p, x):
        return entropy(jax.vmap(lambda h: p[1]["W"].T @ h + p[1]["b"])(first(p[0], x)))

    report = check_gradients(f, PARAMS, X, neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert by_shifts(report) == EVERY


def test_only_what_is_asked_for_is_measured():
    """By shifts as well."""
    report = check_gradients(loss, PARAMS, X, wrt="p[0]*", neighbours=0)
    assert {*(t.name for t in report.tensors.values())} == by_shifts(report) == {"p[0].W", "p[0].b"}


def pictures(spoil):
    """Return a network of two convolutions, of which the second has many weights; its backward may be spoiled."""

    @jax.custom_vjp
    def spoiled(W):
        return W

    spoiled.defvjp(lambda W: (W, None), lambda _, G: (spoil(G),))

    def f(p, x):
        lies = ("NHWC", "HWIO", "NHWC")
        h = jnp.tanh(jax.lax.conv_general_dilated(x, p["K"], (2, 2), "VALID", dimension_numbers=lies) + p["b"])
        h = jnp.tanh(jax.lax.conv_general_dilated(h, spoiled(p["W"]), (1, 1), "VALID", dimension_numbers=lies))
        return jnp.mean(jnp.sin(h.sum((1, 2)) @ p["V"]))

    shapes = {"K": (3, 3, 2, 16), "b": (16,), "W": (3, 3, 16, 32), "V": (32, 3)}
    return f, {name: data(*shape, seed=k) / 6 for k, (name, shape) in enumerate(shapes.items())}


@pytest.mark.parametrize("by", [1.0, 1.001], ids=["right", "wrong"])
def test_a_wrong_tap_of_a_convolution_is_named(by):
    """And none of a right one."""
    f, p = pictures(lambda G: G.at[1, 2, 5, 7].multiply(by))
    report = check_gradients(f, p, data(3, 7, 7, 2), wrt="p*", neighbours=0)
    assert [(found.tensor, tuple(found.index)) for found in report.wrong] == [("p.W", (1, 2, 5, 7))] * (by != 1)
    assert report.tensors["p.W"].means == SHIFTS


@pytest.mark.parametrize("by", [1.0, 1.001], ids=["right", "wrong"])
def test_models_of_flax_and_equinox_are_followed(by):
    """Each of their weights by its path."""
    eqx, nnx = pytest.importorskip("equinox"), pytest.importorskip("flax.nnx")
    linen = pytest.importorskip("flax.linen")

    @jax.custom_vjp
    def spoiled(W):
        return W

    spoiled.defvjp(lambda W: (W, None), lambda _, G: (G.at[3, 5].multiply(by),))

    class Own(linen.Module):
        @linen.compact
        def __call__(self, x):
            W = self.param("W", linen.initializers.lecun_normal(), (20, 40))
            return linen.Dense(12)(jnp.tanh(x @ spoiled(W)))

    x, keys = jnp.asarray(X), jax.random.split(jax.random.key(0), 2)
    module = Own()
    report = check_gradients(module, module.init(keys[0], x), x, neighbours=0)
    assert [(found.tensor, tuple(found.index)) for found in report.wrong] == [("W", (3, 5))] * (by != 1)
    assert report.tensors["W"].means == SHIFTS
    if by == 1:
        mlp = eqx.nn.MLP(20, 12, 32, 1, key=keys[1])
        report = check_gradients(lambda m, x: jax.vmap(m)(x), mlp, x, neighbours=0)
        assert report.verdict is Verdict.CORRECT
        assert len(by_shifts(report)) >= 3
        linear = nnx.Linear(20, 40, rngs=nnx.Rngs(0))
        report = check_gradients(linear, x, neighbours=0)
        assert report.verdict is Verdict.CORRECT
        assert len(by_shifts(report)) >= 2
