"""The rate of a step, and how it changes while the network learns."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradcheck.networks import (
    SGD,
    Adam,
    AdamW,
    Clipped,
    CosineDecay,
    ExponentialDecay,
    InverseRootDecay,
    LinearDecay,
    Scheduled,
    StepDecay,
    Tanh,
    Warmup,
    mlp,
    train,
)

FORMS = {  # a schedule, and its closed form
    "step": (StepDecay(3, 0.5), lambda t: 0.5 ** math.floor(t / 3)),
    "exponential": (ExponentialDecay(0.9), lambda t: math.exp(t * math.log(0.9))),
    "linear": (LinearDecay(8, 0.2), lambda t: np.interp(t, [0, 8], [1, 0.2])),
    "linear, to nothing": (LinearDecay(5), lambda t: max(0, 1 - t / 5)),
    "cosine": (CosineDecay(8, 0.2), lambda t: 0.2 + 0.8 * math.cos(math.pi * min(t, 8) / 16) ** 2),
    "cosine, to nothing": (CosineDecay(5), lambda t: math.cos(math.pi * min(t, 5) / 10) ** 2),
    "inverse root": (InverseRootDecay(4), lambda t: math.sqrt(4 / (4 + t))),
    "warm-up": (Warmup(4), lambda t: min(1, (t + 1) / 4)),
    "warm-up of one step": (Warmup(1, LinearDecay(2)), lambda t: [1, 1, 0.5, 0][min(t, 3)]),
    "as attention has it": (
        Warmup(6, InverseRootDecay(6)),
        lambda t: math.sqrt(6) * min((t + 1) * 6**-1.5, max(t, 1) ** -0.5),
    ),
}

every = pytest.mark.parametrize(("schedule", "form"), FORMS.values(), ids=FORMS)


def rates(optimiser, n):
    """Return the rate of each of n steps: how far SGD goes where the gradient is -1."""
    w, state, found = {"w": np.zeros(1)}, None, []
    for _ in range(n):
        moved, state = optimiser.step(w, {"w": -np.ones(1)}, state)
        found.append(moved["w"].item())
    return found


@every
def test_a_schedule_is_its_closed_form(schedule, form):
    """From the first step on, and long after the last that it tells of."""
    times = range(25)
    np.testing.assert_allclose([schedule(t) for t in times], [form(t) for t in times], rtol=1e-13, atol=1e-15)


@every
def test_the_optimiser_goes_at_that_rate(schedule, form):
    """The factor times its own, the first step being number 0."""
    np.testing.assert_allclose(rates(Scheduled(SGD(0.5), schedule), 12), [0.5 * form(t) for t in range(12)], atol=1e-15)


def test_a_schedule_that_is_late_is_seen():
    """What all else is compared with tells a step too late from the right one."""
    late = Scheduled(SGD(0.5), lambda t: StepDecay(3, 0.5)(t - 1))
    assert rates(late, 12) != [0.5 * FORMS["step"][1](t) for t in range(12)]


def test_the_optimiser_remembers_what_it_remembered():
    """Under a schedule that changes nothing Adam is Adam, and momentum momentum."""
    for optimiser in (Adam(0.1), AdamW(0.1), SGD(0.1, momentum=0.9)):
        (plain, state), (other, counted) = ({"w": np.ones(2)}, None), ({"w": np.ones(2)}, None)
        for g in (1.0, -3.0, 0.5):
            plain, state = optimiser.step(plain, {"w": np.full(2, g)}, state)
            other, counted = Scheduled(optimiser, lambda _: 1.0).step(other, {"w": np.full(2, g)}, counted)
        assert plain["w"].tobytes() == other["w"].tobytes()
        assert counted.t == 3


def test_a_step_can_be_taken_again():
    """The count is in the state, not in the optimiser."""
    optimiser = Scheduled(SGD(0.5), LinearDecay(2))
    assert rates(optimiser, 3) == rates(optimiser, 3) == [0.5, 0.25, 0.0]


def test_float32_stays_float32():
    """Whatever kind of number the schedule returns."""
    optimiser = Scheduled(Adam(0.1), lambda _: np.float64(0.5))
    moved, _ = optimiser.step({"w": np.ones(2, np.float32)}, {"w": np.ones(2, np.float32)})
    assert moved["w"].dtype == np.float32


def test_a_network_is_trained_by_it(rng):
    """Once the schedule has come to nothing, so has the learning."""
    x, labels = rng.normal(size=(40, 2)), np.arange(40) % 2
    optimiser = Scheduled(SGD(0.5), LinearDecay(8))
    _, history = train(mlp((2, 4, 2), Tanh(), rng), x, labels, epochs=6, batch_size=10, optimiser=optimiser)
    assert len(history.costs) == 24
    assert history.train_costs[0] != history.train_costs[1] == history.train_costs[-1]


@pytest.mark.parametrize("optimiser", [Clipped(SGD(0.1), 1.0), Scheduled(SGD(0.1), LinearDecay(3)), object()])
def test_an_optimiser_without_a_rate_is_refused(optimiser):
    """The message says in which order the two are put together."""
    with pytest.raises(ValueError, match=r"takes an optimiser with a rate, .* Clipped\(Scheduled\("):
        Scheduled(optimiser, LinearDecay(3)).step({}, {})


@pytest.mark.parametrize("kind", [StepDecay, LinearDecay, CosineDecay, InverseRootDecay, Warmup])
def test_no_steps_are_refused(kind):
    """There is no way of that length."""
    with pytest.raises(ValueError, match=rf"{kind.__name__}\((every|steps)=0\): write a number of steps"):
        kind(0)(0)
