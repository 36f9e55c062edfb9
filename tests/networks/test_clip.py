"""A gradient that is too long is shortened, and keeps its direction."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import (
    SGD,
    Adam,
    Clipped,
    Cost,
    CrossEntropy,
    LinearDecay,
    Scheduled,
    Tanh,
    clipped,
    global_norm,
    learn,
    mlp,
    parameters,
)


@pytest.fixture
def grads(rng):
    return {"layers[0].W": rng.normal(size=(3, 4)), "layers[0].b": 5 * rng.normal(size=4), "none": np.zeros((0, 2))}


def joined(grads):
    return np.concatenate([g.ravel() for g in grads.values()])


def test_the_norm_is_that_of_all_entries_in_one_row(grads):
    """Not the largest of the tensors' norms, nor their sum."""
    assert global_norm(grads) == pytest.approx(np.linalg.norm(joined(grads)), rel=1e-14)
    assert global_norm({}) == global_norm({"W": np.zeros((2, 2))}) == 0


@pytest.mark.parametrize(("size", "dtype"), [(1e200, np.float64), (1e-200, np.float64), (1e30, np.float32)])
def test_the_norm_neither_overflows_nor_vanishes(size, dtype):
    """Where the squares would."""
    g = np.array([3, 4], dtype) * dtype(size)
    with np.errstate(all="raise"):
        assert global_norm({"g": g}) == pytest.approx(5 * size, rel=1e-6)


def test_a_long_gradient_gets_the_length_and_keeps_its_direction(grads):
    """All tensors by the same factor."""
    short = clipped(grads, most=0.5)
    assert global_norm(short) == pytest.approx(0.5, rel=1e-14)
    np.testing.assert_allclose(joined(short) * global_norm(grads) / 0.5, joined(grads), rtol=1e-13)
    assert {path: g.shape for path, g in short.items()} == {path: g.shape for path, g in grads.items()}


def test_each_tensor_by_itself_would_be_another_direction(grads):
    """The test above would see it."""
    apart = {path: g for path, one in grads.items() for g in clipped({path: one}, most=0.5).values()}
    cosine = joined(apart) @ joined(grads) / global_norm(apart) / global_norm(grads)
    assert cosine < 0.95


@pytest.mark.parametrize("most", [1e3, np.inf])
def test_a_short_gradient_stays_as_it_is(most, grads):
    """Bit for bit; a gradient of exactly that length as well."""
    assert clipped(grads, most) is grads
    assert clipped(grads, global_norm(grads)) is grads


def test_nothing_given_is_changed_and_float32_stays(grads):
    """Arrays that cannot be written to will do."""
    given = {path: g.astype(np.float32) for path, g in grads.items()}
    for g in given.values():
        g.flags.writeable = False
    assert {g.dtype for g in clipped(given, 0.5).values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_gradient_without_a_direction_is_refused(bad, grads):
    """By name: shortened it would be nan, or nothing."""
    grads["layers[0].b"][2] = bad
    with pytest.raises(FloatingPointError, match=r"the gradient of layers\[0\].b is not finite"):
        clipped(grads, 1.0)


@pytest.mark.parametrize("most", [0, -1, np.nan])
def test_a_length_that_cannot_be_is_refused(most, grads):
    """A gradient of length 0 teaches nothing."""
    with pytest.raises(ValueError, match=r"clipped\(most=.*\): write the largest length"):
        clipped(grads, most)


def test_a_step_is_no_longer_than_the_rate_times_that(rng):
    """With plain descent, however wild the gradient; and a schedule may be within."""
    cost = Cost(mlp((4, 3), Tanh(), rng), CrossEntropy(np.array([0, 1])))
    x = 1e6 * rng.normal(size=(2, 4))
    for optimiser in (Clipped(SGD(0.5), 2.0), Clipped(Scheduled(SGD(0.5), LinearDecay(9)), 2.0)):
        after, _, _ = learn(cost, x, optimiser)
        moved = {path: p - parameters(cost.network)[path] for path, p in parameters(after).items()}
        assert global_norm(moved) == pytest.approx(1.0, rel=1e-9)


def test_the_optimiser_is_given_what_is_left():
    """Its state is its own, step after step."""
    params, (state, other) = {"w": np.ones(2)}, (None, None)
    for g in ([3.0, 4.0], [0.1, 0.2]):
        one, state = Clipped(Adam(), 1.0).step(params, {"w": np.array(g)}, state)
        two, other = Adam().step(params, clipped({"w": np.array(g)}, 1.0), other)
    assert one["w"].tobytes() == two["w"].tobytes()
    assert state.t == other.t == 2
