"""The two sides of a dot test, and how far rounding may put them apart."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._jacobian.dots import Both, dots, length
from gradcheck._model.questions import LinearMap

A = np.random.default_rng(0).normal(size=(6, 4))


def both(back=A.T, here=None):
    ask = LinearMap("A", lambda v: A @ v, lambda u: back @ u, np.zeros(4) if here is None else here, ("A", "At"))
    return Both(ask, 2.0**-52)


def test_the_sides_agree_but_for_rounding():
    """And not where one entry is another."""
    rng = np.random.default_rng(0)
    assert dots(both(), rng).agrees
    wrong = A.T.copy()
    wrong[1, 2] += 1e-9
    assert not dots(both(wrong), rng).agrees


def test_calls_are_counted_and_vectors_as_real_as_the_map():
    """A real map is never given complex numbers."""
    asked = both()
    test = dots(asked, np.random.default_rng(0))
    assert (asked.forwards, asked.adjoints, asked.height) == (1, 1, 6)
    assert not test.v.imag.any()
    assert dots(both(here=np.zeros(4, dtype=complex)), np.random.default_rng(0)).v.imag.all()


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_lengths_of_every_order(scale):
    """Whose squares may be no numbers."""
    assert length(scale * np.array([3.0, 4.0])) == pytest.approx(5 * scale)
    assert length(np.zeros(2)) == 0
