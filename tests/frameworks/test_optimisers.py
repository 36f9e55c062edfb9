"""Optimisers, schedules and clipping lead where those of PyTorch lead, in float64, to ten digits."""

from __future__ import annotations

import numpy as np
import pytest
from agreement import assert_equal, generators, tensor
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.networks import (
    SGD,
    AdamW,
    Clipped,
    CosineDecay,
    ExponentialDecay,
    InverseRootDecay,
    LinearDecay,
    Scheduled,
    StepDecay,
    Warmup,
    clipped,
    global_norm,
)

torch = pytest.importorskip("torch")
rates = torch.optim.lr_scheduler

SHAPES = {"W": (3, 2), "b": (2,)}
RATE, STEPS = 0.05, 12
SCHEDULES = {
    "step": (StepDecay(3, 0.5), lambda o: rates.StepLR(o, 3, 0.5)),
    "exponential": (ExponentialDecay(0.9), lambda o: rates.ExponentialLR(o, 0.9)),
    "linear": (LinearDecay(8, 0.25), lambda o: rates.LinearLR(o, 1.0, 0.25, 8)),
    "cosine": (CosineDecay(STEPS, 0.2), lambda o: rates.CosineAnnealingLR(o, STEPS, 0.2 * RATE)),
    "inverse root": (InverseRootDecay(4), lambda o: rates.LambdaLR(o, lambda t: (1 + t / 4) ** -0.5)),
    "warm-up": (
        Warmup(4, CosineDecay(9)),
        lambda o: rates.SequentialLR(
            o, [rates.LinearLR(o, 1 / 4, 1.0, 3), rates.CosineAnnealingLR(o, 9)], milestones=[4]
        ),
    ),
}


def drawn(rng):
    return {path: rng.normal(size=shape) for path, shape in SHAPES.items()}


def assert_same_way(rng, ours, theirs, schedule=None, most=None):
    """From the same place, with the same gradients, both are in the same place after every step."""
    params, state = drawn(rng), None
    tensors = {path: tensor(a) for path, a in params.items()}
    optimiser = theirs(tensors.values())
    scheduler = schedule(optimiser) if schedule else None
    for _ in range(STEPS):
        grads = drawn(rng)
        params, state = ours.step(params, grads, state)
        for path, one in tensors.items():
            one.grad = torch.tensor(grads[path])
        if most:
            long = [one.grad for one in tensors.values()]
            torch._foreach_mul_(long, min(1.0, most / float(torch.nn.utils.get_total_norm(long))))
        optimiser.step()
        if scheduler:
            scheduler.step()
        for path, one in tensors.items():
            assert_equal(params[path], one)


@given(rng=generators, decay=st.sampled_from([0.0, 0.01, 0.5]), beta=st.sampled_from([0.5, 0.9]))
@settings(max_examples=15)
def test_adamw(rng, decay, beta):
    """With the decay beside the gradient, biases included."""
    assert_same_way(
        rng,
        AdamW(RATE, beta, decay=decay),
        lambda p: torch.optim.AdamW(p, RATE, (beta, 0.999), weight_decay=decay),
    )


@pytest.mark.parametrize(("ours", "theirs"), SCHEDULES.values(), ids=SCHEDULES)
@pytest.mark.parametrize("adam", [False, True], ids=["momentum", "adamw"])
@given(rng=generators)
@settings(max_examples=5)
def test_schedules(adam, ours, theirs, rng):
    """Twelve steps, each at the rate that PyTorch's scheduler has by then."""
    if adam:
        assert_same_way(rng, Scheduled(AdamW(RATE), ours), lambda p: torch.optim.AdamW(p, RATE), theirs)
    else:
        ours = Scheduled(SGD(RATE, momentum=0.9), ours)
        assert_same_way(rng, ours, lambda p: torch.optim.SGD(p, RATE, momentum=0.9), theirs)


@given(rng=generators, most=st.sampled_from([0.1, 1.0, 3.0, 100.0]))
@settings(max_examples=15)
def test_clipping(rng, most):
    """The norm and, but for the 1e-6 that PyTorch adds to it, every gradient."""
    grads = drawn(rng)
    theirs = [tensor(np.zeros_like(g)) for g in grads.values()]
    for one, g in zip(theirs, grads.values(), strict=True):
        one.grad = torch.tensor(g)
    norm = torch.nn.utils.clip_grad_norm_(theirs, most)
    assert_equal(global_norm(grads), norm)
    added = (global_norm(grads) + 1e-6) / global_norm(grads) if global_norm(grads) + 1e-6 > most else 1.0
    for one, g in zip(theirs, clipped(grads, most).values(), strict=True):
        assert_equal(g, added * one.grad)


@given(rng=generators)
@settings(max_examples=10)
def test_clipping_before_adamw_under_a_schedule(rng):
    """All three at once."""
    ours, theirs = SCHEDULES["warm-up"]
    ours = Clipped(Scheduled(AdamW(RATE, decay=0.1), ours), 1.0)
    assert_same_way(rng, ours, lambda p: torch.optim.AdamW(p, RATE, weight_decay=0.1), theirs, most=1.0)
