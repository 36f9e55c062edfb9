"""How far each weight moves."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import SGD, Adam

OPTIMISERS = {"sgd": SGD(0.1), "momentum": SGD(0.1, momentum=0.9), "adam": Adam(0.1)}

every = pytest.mark.parametrize("optimiser", OPTIMISERS.values(), ids=OPTIMISERS)


def walk(optimiser, grads):
    """Take a step with each gradient, from 1."""
    params, state, path = {"w": np.array([1.0])}, None, []
    for g in grads:
        params, state = optimiser.step(params, {"w": np.array([g])}, state)
        path.append(params["w"].item())
    return path


def test_sgd_goes_against_the_gradient():
    """By the rate times the gradient, whatever went before."""
    assert walk(SGD(0.5), [1.0, -2.0]) == [0.5, 1.5]


def test_momentum_remembers_where_it_was_going():
    """V is 1, then 1.5, then 0.75: it rolls on where there is no gradient."""
    assert walk(SGD(1.0, momentum=0.5), [1.0, 1.0, 0.0]) == [0, -1.5, -2.25]


def test_adam_by_hand():
    """The first step is the rate whatever the gradient; the second, as the formula says."""
    one, two = walk(Adam(rate=0.1, beta1=0.5, beta2=0.75, eps=0.0), [4.0, -2.0])
    m, v = (0.5 * 0.5 * 4 - 0.5 * 2) / (1 - 0.5**2), (0.75 * 0.25 * 16 + 0.25 * 4) / (1 - 0.75**2)
    assert one == pytest.approx(0.9, abs=1e-15)
    assert two == pytest.approx(0.9 - 0.1 * m / np.sqrt(v), abs=1e-15)


def test_adam_stands_still_where_there_is_no_gradient():
    """Nought divided by nought, were it not for eps."""
    assert walk(Adam(), [0.0, 0.0]) == [1, 1]


@every
def test_a_bowl_is_left_at_its_bottom(optimiser):
    """Of cost w²/2, the gradient of which is w."""
    params, state = {"w": np.array([3.0, -2.0])}, None
    for _ in range(500):
        params, state = optimiser.step(params, params, state)
    np.testing.assert_allclose(params["w"], 0, atol=1e-3)


@every
def test_nothing_given_is_changed(optimiser):
    """Parameters, gradients and state stay what they were; a step can be taken again."""
    params, grads = {"w": np.array([1.0, 2.0])}, {"w": np.array([3.0, -4.0])}
    params["w"].flags.writeable = grads["w"].flags.writeable = False
    moved, state = optimiser.step(params, grads)
    once, _ = optimiser.step(moved, grads, state)
    again, _ = optimiser.step(moved, grads, state)
    assert once["w"].tobytes() == again["w"].tobytes()
    assert params["w"].tolist() == [1, 2]
    assert grads["w"].tolist() == [3, -4]


@every
def test_float32_stays_float32(optimiser):
    """In the parameters, step after step."""
    params, state = {"w": np.ones(2, dtype=np.float32)}, None
    for _ in range(3):
        params, state = optimiser.step(params, {"w": np.ones(2, dtype=np.float32)}, state)
    assert params["w"].dtype == np.float32
