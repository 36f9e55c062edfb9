"""How far each weight moves."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import SGD, Adam, AdamW

OPTIMISERS = {"sgd": SGD(0.1), "momentum": SGD(0.1, momentum=0.9), "adam": Adam(0.1), "adamw": AdamW(0.1)}

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


def test_adamw_without_decay_is_adam():
    """Bit for bit."""
    grads = [4.0, -2.0, 1e-3]
    assert walk(AdamW(0.1, 0.5, 0.75, 0.25, decay=0.0), grads) == walk(Adam(0.1, 0.5, 0.75, 0.25), grads)


def test_adamw_shrinks_what_has_no_gradient():
    """By the same share at each step: 1 - 0.1 · 0.5, to the power of t."""
    assert walk(AdamW(rate=0.1, decay=0.5), [0.0] * 5) == pytest.approx(0.95 ** np.arange(1, 6), rel=1e-15)


def test_adamw_by_hand():
    """What is taken off is a share of the weight before the step, beside what Adam does."""
    one, two = walk(AdamW(rate=0.1, beta1=0.5, beta2=0.75, eps=0.0, decay=0.5), [4.0, -2.0])
    m, v = (0.5 * 0.5 * 4 - 0.5 * 2) / (1 - 0.5**2), (0.75 * 0.25 * 16 + 0.25 * 4) / (1 - 0.75**2)
    assert one == pytest.approx(1 - 0.05 - 0.1, abs=1e-15)
    assert two == pytest.approx(0.95 * one - 0.1 * m / np.sqrt(v), abs=1e-15)


def test_decay_in_the_gradient_is_something_else():
    """Adam divides it by the size of the gradients: of two weights alike, the one they pull at shrinks less."""
    noise = [4.0, -4.0] * 50
    beside, within = walk(AdamW(0.01, decay=0.1), noise)[-1], walk_decayed(Adam(0.01), noise, 0.1)
    still = walk_decayed(Adam(0.01), [0.0] * 100, 0.1)
    assert beside == pytest.approx(0.999**100, abs=0.02)
    assert still < 0.3
    assert within > 0.9


def walk_decayed(optimiser, grads, decay):
    """Return where it ends if each gradient has the decay in it."""
    params, state = {"w": np.array([1.0])}, None
    for g in grads:
        params, state = optimiser.step(params, {"w": g + decay * params["w"]}, state)
    return params["w"].item()


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
