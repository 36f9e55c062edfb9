"""Where is what?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import Attention, PositionalEncoding, PositionEmbedding, RotaryEncoding

LAYERS = [PositionalEncoding(), RotaryEncoding(), PositionEmbedding(np.arange(24.0).reshape(6, 4) / 24)]


class TurnedOn(RotaryEncoding):
    """Wrong: backward it turns on, not back."""

    def forward(self, x):
        y, _ = super().forward(x)
        return y, lambda dy: (super(TurnedOn, self).forward(dy)[0], self)


def test_a_turn_the_wrong_way_is_seen(disagreements, rng):
    """From place 1 on, that is: place 0 is not turned."""
    assert disagreements(TurnedOn(), rng.normal(size=(2, 3, 4))) == ["x"]
    assert disagreements(TurnedOn(), rng.normal(size=(2, 1, 4))) == []


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
@pytest.mark.parametrize("lead", [(), (1,), (3,), (2, 2)], ids=str)
def test_every_gradient_is_the_slope(layer, lead, rng):
    """On any number of leading axes."""
    report = check_gradients(layer, rng.normal(size=(*lead, 5, 4)))
    fine = {Verdict.CORRECT, Verdict.UNTESTED}  # untested: the row of the table that no sequence reached
    assert report.verdict in fine
    assert report.tensors["x"].verdict is Verdict.CORRECT


def test_the_sinusoids_by_hand():
    """Sines and cosines by turns, of 1 and of 1 / 100 at place 1; of 100 dimensions, slower ones."""
    y, _ = PositionalEncoding().forward(np.zeros((2, 4)))
    np.testing.assert_allclose(y, [[0, 1, 0, 1], [np.sin(1), np.cos(1), np.sin(0.01), np.cos(0.01)]])
    y, _ = PositionalEncoding().forward(np.zeros((2, 3)))
    np.testing.assert_allclose(y[1], [np.sin(1), np.cos(1), np.sin(10000 ** (-2 / 3))])


def test_the_turn_by_hand():
    """The first pair turns by one radian for each step, and keeps its length."""
    x = np.tile([1.0, 2.0], (3, 1))
    np.testing.assert_allclose(
        RotaryEncoding().forward(x)[0][1], [np.cos(1) - 2 * np.sin(1), 2 * np.cos(1) + np.sin(1)]
    )
    assert np.hypot(*RotaryEncoding().forward(x)[0][2]) == pytest.approx(np.sqrt(5))


def test_turned_agreements_know_the_distance_only(rng):
    """The same query and key, three places on, agree as much as before."""
    q, k = np.tile(rng.normal(size=4), (8, 1)), np.tile(rng.normal(size=4), (8, 1))
    agree = RotaryEncoding().forward(q)[0] @ RotaryEncoding().forward(k)[0].T
    np.testing.assert_allclose(agree[:5, :5], agree[3:, 3:], rtol=1e-12)
    assert not np.allclose(agree[0], agree[0, 0])


def test_attention_alone_does_not_know_what_came_first(rng):
    """With the places turned round, so are the answers; told the places, it does."""
    x = rng.normal(size=(1, 5, 4))
    told, _ = PositionalEncoding().forward(x)
    told_turned, _ = PositionalEncoding().forward(x[:, ::-1])
    alone, turned, knowing, otherwise = (Attention().forward(a, a, a)[0] for a in (x, x[:, ::-1], told, told_turned))
    np.testing.assert_allclose(turned, alone[:, ::-1], rtol=1e-12)
    assert not np.allclose(otherwise, knowing[:, ::-1])


def test_a_table_by_hand():
    """Each row is pulled by its place in every example, and the row beyond the end by nobody."""
    layer = PositionEmbedding(np.array([[1.0], [2.0], [3.0]]))
    y, backward = layer.forward(np.array([[[10.0], [20.0]], [[30.0], [40.0]]]))
    dx, grad = backward(np.array([[[1.0], [2.0]], [[3.0], [4.0]]]))
    np.testing.assert_array_equal(y[..., 0], [[11, 22], [31, 42]])
    np.testing.assert_array_equal(dx[..., 0], [[1, 2], [3, 4]])
    np.testing.assert_array_equal(grad.P, [[4], [6], [0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_random_table(dtype, rng):
    """Small numbers, in the dtype asked for."""
    layer = PositionEmbedding.random(100, 50, rng, dtype=dtype)
    assert (layer.P.shape, layer.P.dtype) == ((100, 50), dtype)
    assert layer.P.std() == pytest.approx(0.02, rel=0.03)


@pytest.mark.parametrize("x", [(2, 7, 4), (2, 3, 5), (4,), (2, 3, 1)], ids=str)
def test_sequences_that_do_not_fit_the_table_are_refused(x):
    """Too long, too wide, or no sequence at all."""
    with pytest.raises(ValueError, match=r"P of shape \(6, 4\), \(longest, D\), takes x of shape \(..., T, D\)"):
        LAYERS[2].forward(np.ones(x))


@pytest.mark.parametrize("layer", LAYERS[:2])
def test_what_is_no_sequence_is_refused(layer):
    """One vector has no places."""
    with pytest.raises(ValueError, match=r"takes x of shape \(..., T, D\), not \(4,\)"):
        layer.forward(np.ones(4))


def test_an_odd_number_of_features_cannot_be_paired():
    """The message says that it must be even."""
    with pytest.raises(ValueError, match=r"D must be even; x has shape \(2, 3\)"):
        RotaryEncoding().forward(np.ones((2, 3)))
