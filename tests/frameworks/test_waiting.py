"""Is a peer timed on the very function that ours is, and on one that both find right?"""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("jax")

from benchmarks.waiting import clock, contest, doors, of_jax, of_numpy, of_torch, red
from benchmarks.waiting.figure import NotAsExpected, right, wrong
from gradcheck.compat.torch import GradcheckError

pytestmark = pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")

CONTESTS = {
    "three numbers": of_numpy.three_numbers,
    "dense": of_numpy.dense,
    "JAX": of_jax.five_numbers,
    "JAX, new": functools.partial(of_jax.five_numbers, fresh=True),
    **{name: functools.partial(of_torch.slow, make) for name, (make, _) in of_torch.MAKERS.items()},
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(clock, "IN_A_HURRY", 1)


@pytest.mark.parametrize("make", CONTESTS.values(), ids=CONTESTS.keys())
def test_both_are_given_the_same_function(make):
    """Value and gradients agree, right or wrong; the wrong ones are those of the right one times the factor."""
    contest.agreed(make())
    contest.agreed(make(2.0))
    here, there = make().numbers()[0], make(2.0).numbers()[0]
    assert np.allclose(here[0], there[0])
    assert any(np.allclose(2 * a, b) and np.any(a) for a, b in zip(here[1:], there[1:], strict=True))


@pytest.mark.parametrize("make", CONTESTS.values(), ids=CONTESTS.keys())
def test_a_wrong_gradient_is_not_timed(make):
    """The right one is."""
    figure = contest.raced(make(), quick=True)
    assert figure.evaluations > 0
    assert figure.low <= figure.middle <= figure.high
    with pytest.raises(NotAsExpected, match="WRONG"):
        contest.raced(make(2.0), quick=True)


def test_a_peer_that_is_given_another_function_is_noticed():
    """A wrapper that loses a factor is not the same function."""
    one, two = of_numpy.three_numbers(), of_numpy.three_numbers(2.0)
    mixed = replace(one, numbers=lambda: (one.numbers()[0], two.numbers()[1]))
    with pytest.raises(NotAsExpected, match="for the peer"):
        contest.raced(mixed, quick=True)


def test_the_peers_accuse_the_wrong_gradients():
    """As they are wrapped, they do their work too."""
    for make in CONTESTS.values():
        with pytest.raises((RuntimeError, AssertionError)):
            make(2.0).peer()


def test_a_module_is_accused_by_name():
    """The one that doubles the gradient of its weights."""
    fork = red.module(quick=True)
    right(fork.green())
    wrong(fork.red(), fork.accused)


@pytest.mark.parametrize("fast", [False, True])
def test_a_sample_is_timed_if_both_pass_it(fast):
    """Once what is wrong is put to them, there is no time."""
    import torch

    from benchmarks.samples import OperatorSample

    x = torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)
    sample = OperatorSample("exp", 0, "", torch.exp, (x,), 0.0, marked=False)
    found = doors.timed(sample, fast=fast)
    assert found.entries == 2
    assert min(found.calls, found.ours_ms, found.other_ms) > 0
    assert doors.timed(replace(sample, function=of_torch.function_of_ten(2.0)[0]), fast=fast) is None


def test_the_fast_door_names_what_is_wrong():
    """And a wrong gradient has no ratio."""
    doors.refuses_when_red()
    assert doors.of_model(of_torch.function_of_ten, quick=True).middle > 0
    with pytest.raises(GradcheckError):
        doors.of_model(lambda _: of_torch.function_of_ten(2.0), quick=True)
