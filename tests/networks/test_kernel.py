"""With which weights a kernel begins; what it refuses stands with the convolutions."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import glorot, he
from networks.kernel import bias_gradient, per_group, plus_bias, random_kernel


@pytest.mark.parametrize(("init", "rule"), [("glorot", glorot), ("he", he)])
def test_the_rules_are_those_of_dense_layers(init, rule, rng):
    """A kernel that hears 300 numbers and is heard in 100 begins like a matrix of 300 by 100."""
    W = random_kernel((200, 50), (2, 5), rng, heard=(30, 10), init=init)
    assert W.shape == (200, 50, 2, 5)
    expected = rule(300, 100, rng)
    assert W.var() == pytest.approx(expected.var(), rel=0.05)
    assert np.abs(W).max() == pytest.approx(np.abs(expected).max(), rel=0.01 if init == "glorot" else 0.3)


def test_a_bias_speaks_at_every_place():
    """And hears all of them; without one, nothing is added and nothing heard."""
    y = np.arange(12.0).reshape(1, 2, 2, 3)
    np.testing.assert_array_equal(plus_bias(y, np.array([10.0, 20]))[0, 1], [[26, 27, 28], [29, 30, 31]])
    np.testing.assert_array_equal(bias_gradient(y, np.zeros(2)), [15, 51])
    assert plus_bias(y, None) is y
    assert bias_gradient(y, None) is None


def test_channels_are_dealt_out_evenly():
    """Or not at all."""
    assert per_group("Conv1d", 6, 4, 2) == (3, 2)
    for n_in, n_out, groups in ((5, 4, 2), (4, 5, 2), (4, 4, 0), (0, 4, 1)):
        with pytest.raises(ValueError, match=r"must be multiples of groups"):
            per_group("Conv1d", n_in, n_out, groups)
