"""How the outputs are evaluated: once at each point, and with the random generators as they were."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._jacobian.probe import Probe, noise, scales, steps
from gradcheck._model.questions import Entries, Matrix
from gradcheck._model.tally import Tally
from gradcheck._results.errors import CallError

X = np.array([0.0, 2.0, -5.0])


def probe(f):
    return Probe(Matrix("J", "f", f, lambda _: Entries.full(np.eye(3)), X, (3,), (3,), ("f", "x")), Tally())


def test_a_point_is_evaluated_once():
    """What was seen is remembered, unless it is asked for afresh."""
    ask = probe(np.sin)
    assert ask(X) is ask(X.copy())
    assert ask.tally.evaluations == 1
    ask.afresh(X)
    assert ask.tally.evaluations == 2


def test_what_raises_is_said_by_whom_or_is_not_finite():
    """At the given point it is an error, elsewhere the edge of the domain."""
    ask = probe(lambda x: 1 / 0)
    with pytest.raises(CallError, match="the function raised ZeroDivisionError"):
        ask(X)
    assert np.isnan(ask.tried(X)).all()


def test_random_numbers_are_the_same_at_every_call():
    """A generator that the function holds is put back."""
    rng = np.random.default_rng(0)
    ask = probe(lambda x: x + rng.normal(size=3))
    np.testing.assert_array_equal(ask.afresh(X), ask.afresh(X))


def test_steps_are_in_proportion_to_the_entries():
    """Of one that is zero, to a typical one."""
    np.testing.assert_array_equal(scales(X), [3.5, 3.5, 5.0])
    assert (steps(X, 2.0**-52) < 1e-4 * scales(X)).all()
    assert len(steps(X, 2.0**-23, np.array([1]))) == 1


def test_noise_is_measured():
    """Of a smooth function there is next to none."""
    rough = probe(lambda x: np.sin(x) + 1e-8 * np.sin(1e13 * x.sum() * np.array([1.0, 1.7, 2.9])))
    found = noise(rough, np.random.default_rng(0))
    assert ((found > 1e-9) & (found < 1e-7)).all()
    assert (noise(probe(np.sin), np.random.default_rng(0)) < 1e-14).all()
