"""The gradient of each example, without running any of them by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import (
    FAULTS,
    GELU,
    BatchNorm,
    Chain,
    Conv1d,
    Conv2d,
    ConvTranspose1d,
    ConvTranspose2d,
    Cost,
    CrossEntropy,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePool,
    GroupNorm,
    Highway,
    InstanceNorm,
    LayerNorm,
    MeanSquaredError,
    MixtureOfExperts,
    Parallel,
    Pointwise,
    Recurrent,
    ReLU,
    Repeat,
    Reshape,
    Residual,
    RMSNorm,
    Running,
    SelfAttention,
    SimpleCell,
    Tanh,
    convnet,
    mlp,
    parameters,
    per_example,
    rebuild,
    transformer_block,
)
from networks import apart as module
from networks.apart import apart
from networks.layer import transform, walk

RNG = np.random.default_rng(5)
N, I = 6, 4  # noqa: E741 (as in the shapes)
X = RNG.normal(size=(N, I))
LABELS = np.array([2, 0, 1, 1, 2, 0])


def dense(n_in=I, n_out=I):
    return Dense(W=RNG.normal(size=(n_in, n_out)), b=RNG.normal(size=n_out))


def stirred(network):
    """Return the network with no parameter at 0 or 1, where mistakes may hide."""
    return rebuild(network, {p: a + RNG.normal(size=a.shape) / 3 for p, a in parameters(network).items()})


SEEN = Running(RNG.normal(size=3), RNG.uniform(0.5, 2, size=3))

# Reached without running any example by itself:
TOGETHER = {
    "dense": (dense(n_out=3), X),
    "mlp": (mlp((I, 5, 3), Tanh(), RNG), X),
    "deeper, with dropout": (
        Chain((dense(), Dropout.random((N, I), 0.3, RNG), ReLU(), mlp((I, 5, 3), Tanh(), RNG))),
        X,
    ),
    "residual": (Chain((Residual(Chain((dense(), Tanh()))), dense(n_out=3))), X),
    "parallel": (Parallel((dense(n_out=2), dense(n_out=1))), X),
    "highway": (Chain((Highway.random(I, Tanh(), RNG), dense(n_out=3))), X),
    "experts": (MixtureOfExperts((dense(n_out=3), dense(n_out=3)), dense(n_out=2)), X),
    "layer norm": (Chain((dense(), LayerNorm.plain(I), dense(n_out=3))), X),
    "layer norm of two axes": (
        Chain((Reshape((2, 2, 6)), LayerNorm.plain((2, 6)), Flatten(), dense(24, 3))),
        RNG.normal(size=(N, 24)),
    ),
    "rms norm in sequences": (
        Chain((RMSNorm.plain(I), LayerNorm(np.ones(I)), Flatten(), dense(12, 3))),
        RNG.normal(size=(N, 3, I)),
    ),
    "everywhere the same": (Chain((Pointwise(dense(n_out=2)), Flatten(), dense(6, 3))), RNG.normal(size=(N, 3, I))),
    "everywhere the same chain": (
        Chain((Pointwise(Chain((LayerNorm.plain(I), dense(n_out=2), GELU()))), Flatten(), dense(6, 3))),
        RNG.normal(size=(N, 3, I)),
    ),
    "convolution": (
        Chain((Conv1d.random(2, 4, 3, RNG, groups=2, padding=1, stride=2), GlobalAveragePool(), dense(4, 3))),
        RNG.normal(size=(N, 2, 7)),
    ),
    "convolution of pictures": (
        Chain((Conv2d.random(2, 3, (2, 3), RNG, dilation=(1, 2)), ReLU(), GlobalAveragePool())),
        RNG.normal(size=(N, 2, 6, 7)),
    ),
    "transposed convolution": (
        Chain((ConvTranspose1d.random(2, 4, 3, RNG, groups=2, stride=2), Tanh(), GlobalAveragePool(), dense(4, 3))),
        RNG.normal(size=(N, 2, 4)),
    ),
    "transposed convolution of pictures": (
        Chain((ConvTranspose2d.random(2, 3, 2, RNG, stride=2, bias=False), Tanh(), GlobalAveragePool())),
        RNG.normal(size=(N, 2, 3, 3)),
    ),
    "channel norms": (
        Chain(
            (
                BatchNorm(np.ones(3), np.zeros(3), SEEN),
                Tanh(),
                GroupNorm.plain(3, 3),
                Tanh(),
                InstanceNorm(None, np.ones(3)),
                Tanh(),
                InstanceNorm(np.ones(3), None),
                Tanh(),
                Flatten(),
                dense(12, 3),
            )
        ),
        RNG.normal(size=(N, 3, 2, 2)),
    ),
    "a convnet for digits": (convnet(RNG, channels=(2, 4)), RNG.uniform(size=(N, 64))),
}
# For want of a rule, one by one:
ONE_BY_ONE = {
    "repeated": (Chain((Repeat(Chain((dense(), Tanh())), 3), dense(n_out=3))), X),
    "recurrent": (
        Chain((Recurrent(SimpleCell.random(I, 3, RNG)), Flatten(), dense(9, 3))),
        RNG.normal(size=(N, 3, I)),
    ),
    "self-attention": (
        Chain((SelfAttention.random(I, 2, RNG), Flatten(), dense(12, 3))),
        RNG.normal(size=(N, 3, I)),
    ),
    "transformer": (
        Chain((Embedding.random(5, I, RNG), transformer_block(I, 2, 6, RNG), Flatten(), dense(12, 3))),
        RNG.integers(5, size=(N, 3)),
    ),
}
CASES = {name: (stirred(network), x) for name, (network, x) in (TOGETHER | ONE_BY_ONE).items()}
every = pytest.mark.parametrize(("network", "x"), CASES.values(), ids=CASES)


def batch_gradient(network, x, loss):
    _, backward = Cost(network, loss).forward(x)
    return parameters(backward()[1].network)


def first_only(network, n):
    """Return the network as it treats example n alone: a mask belongs to its example."""
    return transform(network, lambda _, p: replace(p, mask=p.mask[n : n + 1]) if isinstance(p, Dropout) else p)


def disagreements(network, x, labels, gradients):
    """Name each parameter of which some example's own gradient, run by itself, is not the one claimed."""
    claims = parameters(gradients)
    assert claims.keys() == parameters(network).keys()
    alone = [
        batch_gradient(first_only(network, n), x[n : n + 1], CrossEntropy(labels[n : n + 1])) for n in range(len(x))
    ]
    truth = {path: np.stack([grads[path] for grads in alone]) for path in claims}
    return [
        path
        for path, g in truth.items()
        if claims[path].shape != g.shape or np.max(np.abs(claims[path] - g)) > 1e-12 * (1 + np.max(np.abs(g)))
    ]


@dataclass(frozen=True)
class Reunited:
    """A network whose gradient is the sum of what its examples ask for, each by itself."""

    network: Any

    def forward(self, x):
        y, way_back = apart(self.network).forward(x)

        def backward(dy):
            dx, gradients = way_back(dy)
            sums = {path: g.sum(axis=0) for path, g in parameters(gradients).items()}
            return dx, replace(self, network=transform(gradients, sums.get))

        return y, backward


def mixed_up(layer, x, dy):
    """Wrong: each example speaks, but another is heard."""
    return replace(layer, W=np.einsum("ni,no->nio", x[::-1], dy), b=dy)


def with_rule(monkeypatch, kind, rule):
    monkeypatch.setattr(module, "_RULES", {**module._RULES, kind: rule})


def test_a_wrong_gradient_of_an_example_is_seen(monkeypatch):
    """Weights paired with the wrong example, a gradient divided by N: both are named."""
    network, x = CASES["mlp"]
    with_rule(monkeypatch, Dense, mixed_up)
    assert disagreements(network, x, LABELS, per_example(network, x, LABELS)) == ["layers[0].W", "layers[2].W"]
    monkeypatch.undo()
    right = per_example(network, x, LABELS)
    halved = rebuild(network, {p: a / N for p, a in batch_gradient(network, x, CrossEntropy(LABELS)).items()})
    assert disagreements(network, x, LABELS, halved) == list(parameters(network))
    wrong = right.layers[2].b.copy()
    wrong[3, 1] *= 1 + 1e-9
    spoiled = transform(right, {"layers[2].b": wrong}.get)
    assert disagreements(network, x, LABELS, spoiled) == ["layers[2].b"]


def test_the_checker_sees_a_wrong_sum(monkeypatch):
    """With examples mixed up their sum is no gradient."""
    with_rule(monkeypatch, Dense, mixed_up)
    report = check_gradients(Reunited(CASES["mlp"][0]), X, loss=CrossEntropy(LABELS))
    assert report.verdict is Verdict.WRONG
    assert {entry.tensor for entry in report.wrong} == {"network.layers[0].W", "network.layers[2].W"}


@every
def test_each_gradient_is_that_of_the_example_alone(network, x):
    """As if each had been run by itself."""
    assert disagreements(network, x, LABELS, per_example(network, x, LABELS)) == []


@every
def test_the_mean_is_the_gradient_of_the_mini_batch(network, x):
    """To 1e-12, for every weight and bias."""
    whole = batch_gradient(network, x, CrossEntropy(LABELS))
    for path, g in parameters(per_example(network, x, LABELS)).items():
        np.testing.assert_allclose(g.mean(axis=0), whole[path], rtol=1e-12, atol=1e-12)


@every
def test_the_checker_confirms_the_sum(network, x):
    """The gradients of the examples, added up, are the slopes."""
    labels = CrossEntropy(LABELS)
    report = check_gradients(Reunited(network), x, loss=labels, neighbours=0, entries=20)
    assert report.verdict is Verdict.CORRECT


@every
def test_the_gradients_are_a_network_of_the_same_kind(network, x):
    """Same kinds, same paths; each parameter has one axis more, and its dtype."""
    gradients = per_example(network, x, LABELS)
    shapes = {path: (N, *array.shape) for path, array in parameters(network).items()}
    assert type(gradients) is type(network)
    assert {path: array.shape for path, array in parameters(gradients).items()} == shapes
    kinds = [type(part) for _, part in walk(network) if not isinstance(part, np.ndarray)]
    assert [type(part) for _, part in walk(gradients) if not isinstance(part, np.ndarray)] == kinds


@pytest.mark.parametrize(("network", "x"), [CASES[name] for name in TOGETHER], ids=TOGETHER)
def test_no_example_is_run_by_itself(network, x, monkeypatch):
    """For these there are rules."""

    def refuse(layer, x, dy):
        raise AssertionError(layer)

    monkeypatch.setattr(module, "_one_by_one", refuse)
    per_example(network, x, LABELS)


@every
def test_float32_stays(network, x):
    """Also in what is asked of each example."""
    small = rebuild(network, {p: a.astype(np.float32) for p, a in parameters(network).items()})
    small = transform(small, lambda _, p: in_float32(p) if isinstance(p, BatchNorm) else p)
    x = x.astype(np.float32) if x.dtype == np.float64 else x
    arrays = parameters(per_example(small, x, LABELS))
    assert {a.dtype for a in arrays.values()} == {np.dtype(np.float32)}


def in_float32(norm):
    if norm.running.mean.dtype == np.float32:
        return norm
    return replace(norm, running=Running(norm.running.mean.astype(np.float32), norm.running.var.astype(np.float32)))


@every
def test_one_example_is_a_mini_batch(network, x):
    """Its own gradient is that of the batch."""
    network = first_only(network, 0)
    whole = batch_gradient(network, x[:1], CrossEntropy(LABELS[:1]))
    for path, g in parameters(per_example(network, x[:1], LABELS[:1])).items():
        np.testing.assert_allclose(g[0], whole[path], rtol=1e-12, atol=1e-14)


def test_no_example_has_no_cost():
    """The loss refuses it, as ever."""
    with pytest.raises(ValueError, match="empty, and has no mean"):
        per_example(CASES["mlp"][0], X[:0], LABELS[:0])


def test_nothing_is_changed():
    """Arrays that cannot be written to will do."""
    network, x = CASES["mlp"]
    x, arrays = x.copy(), {path: a.copy() for path, a in parameters(network).items()}
    for array in (x, *arrays.values()):
        array.flags.writeable = False
    per_example(rebuild(network, arrays), x, LABELS)


def test_any_loss_will_do():
    """A mean over several numbers of each example is their mean in the cost of each."""
    network, target = CASES["mlp"][0], RNG.normal(size=(N, 3))
    gradients = per_example(network, X, MeanSquaredError(target))
    for n in range(N):
        own = batch_gradient(network, X[n : n + 1], MeanSquaredError(target[n : n + 1]))
        for path, g in parameters(gradients).items():
            np.testing.assert_allclose(g[n], own[path], rtol=1e-12, atol=1e-14)


def test_labels_may_be_a_list():
    """They mean the cross-entropy."""
    network, x = CASES["mlp"]
    for path, g in parameters(per_example(network, x, LABELS.tolist())).items():
        np.testing.assert_array_equal(g, parameters(per_example(network, x, CrossEntropy(LABELS)))[path])


@dataclass(frozen=True)
class Clipped(Chain):
    """A chain that asks for no more than 0.1 of anything."""

    def forward(self, x):
        y, way_back = super().forward(x)

        def backward(dy):
            dx, grad = way_back(dy)
            return dx, transform(grad, {p: np.clip(g, -0.1, 0.1) for p, g in parameters(grad).items()}.get)

        return y, backward


@pytest.mark.parametrize(
    "network",
    [FAULTS["transposed_gradient"].apply(CASES["mlp"][0]), Chain((Clipped((CASES["dense"][0],)), Tanh()))],
    ids=["dense", "chain"],
)
def test_a_kind_derived_from_another_is_asked_itself(network, monkeypatch):
    """A rule is for the very kind: what is derived from it may have another formula, or a fault."""
    asked = []
    monkeypatch.setattr(module, "_one_by_one", lambda layer, *_: asked.append(type(layer)) or layer)
    per_example(network, X, LABELS)
    derived = [type(p) for _, p in walk(network) if type(p).__mro__[1] in {Dense, Chain}]
    assert asked == derived != []
    monkeypatch.undo()
    for n in range(N):
        whole = batch_gradient(network, X[n : n + 1], CrossEntropy(LABELS[n : n + 1]))
        for path, g in parameters(per_example(network, X, LABELS)).items():
            np.testing.assert_allclose(g[n], whole[path], rtol=1e-12, atol=1e-14)


def test_batch_normalisation_in_training_is_refused():
    """There no example is by itself."""
    network = Chain((dense(), BatchNorm.plain(I), dense(n_out=3)))
    with pytest.raises(
        ValueError, match=r"in layers\[1\], a BatchNorm in training, .* replace\(norm, running=running\)"
    ):
        per_example(network, X, LABELS)
