"""Recurrent cells: one step, there and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import GRUCell, LSTMCell, SimpleCell

CELLS = [SimpleCell, GRUCell, LSTMCell]


class StateForgotten(LSTMCell):
    """Wrong: h' = o tanh c' is not felt by c'."""

    def forward(self, x, h, c):
        *after, right = super().forward(x, h, c)
        return *after, lambda dh, dc: (*right(0 * dh, dc)[:3], right(dh, dc)[3])


class KeptInVain(GRUCell):
    """Wrong: of what is kept, z h, half the pull is lost."""

    def forward(self, x, h):
        after, right = super().forward(x, h)

        def backward(dh):
            dx, dh_before, grad = right(dh)
            return dx, dh_before - dh / 2, grad

        return after, backward


class OneBias(SimpleCell):
    """Wrong: both biases, but only one is pulled."""

    def forward(self, x, h):
        after, right = super().forward(x, h)

        def backward(dh):
            *gradients, grad = right(dh)
            return *gradients, replace(grad, b_hh=0 * grad.b_hh)

        return after, backward


@pytest.mark.parametrize(
    ("wrong", "names"),
    [(StateForgotten, {"x", "h", "c"}), (KeptInVain, {"h"}), (OneBias, {"b_hh"})],
)
def test_a_wrong_way_back_is_seen(wrong, names, rng):
    """By the name of what it gets wrong, and nothing else."""
    cell = wrong.random(3, 2, rng)
    report = check_gradients(cell, rng.normal(size=(4, 3)), *(rng.normal(size=(4, 2)) for _ in cell.rest(4)))
    assert {name for name, t in report.tensors.items() if t.verdict is Verdict.WRONG} == names


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 3, 2), (5, 2, 4)], ids=str)
def test_every_gradient_is_the_slope(cell, shape, rng):
    """Of the input, of every state, and of every parameter."""
    n, n_in, width = shape
    cell = cell.random(n_in, width, rng)
    report = check_gradients(cell, rng.normal(size=(n, n_in)), *(rng.normal(size=s.shape) for s in cell.rest(n)))
    assert report.verdict is Verdict.CORRECT


def constant_cell(kind, gates, **weights):
    zeros = {"W_ih": (1, gates), "W_hh": (1, gates), "b_ih": (gates,), "b_hh": (gates,)}
    return kind(**{name: np.full(shape, weights.get(name, 0.0)) for name, shape in zeros.items()})


def test_a_simple_cell_by_hand():
    """H' = tanh(2 · 0.5 + 3 · 0.2 + 0.1 + 0.3) = tanh 2."""
    cell = constant_cell(SimpleCell, 1, W_ih=2.0, W_hh=3.0, b_ih=0.1, b_hh=0.3)
    h, backward = cell.forward(np.array([[0.5]]), np.array([[0.2]]))
    dx, dh, grad = backward(np.array([[10.0]]))
    da = 10 * (1 - np.tanh(2) ** 2)
    found = [h, dx, dh, grad.W_ih, grad.W_hh, grad.b_ih, grad.b_hh]
    by_hand = [np.tanh(2), 2 * da, 3 * da, 0.5 * da, 0.2 * da, da, da]
    np.testing.assert_allclose([a.item() for a in found], by_hand, rtol=1e-12)


def test_a_gru_without_weights_by_hand():
    """Every gate is 1/2 and the new thought is 0: half of the state is kept, and half of the pull on it."""
    h, backward = constant_cell(GRUCell, 3).forward(np.ones((1, 1)), np.array([[0.8]]))
    dx, dh, grad = backward(np.array([[1.0]]))
    assert (h.item(), dx.item(), dh.item()) == (0.4, 0, 0.5)
    np.testing.assert_allclose(grad.b_ih, [0, 0.8 / 4, 1 / 2])  # r is not felt, z by h - n, n by 1 - z
    np.testing.assert_allclose(grad.b_hh, [0, 0.8 / 4, 1 / 4])  # n less, by r


def test_an_lstm_without_weights_by_hand():
    """Every gate is 1/2 and nothing is written: c' = c / 2, h' = tanh(c') / 2."""
    h, c, backward = constant_cell(LSTMCell, 4).forward(np.ones((1, 1)), np.ones((1, 1)), np.array([[2.0]]))
    assert (h.item(), c.item()) == (np.tanh(1) / 2, 1)
    *_, dc, grad = backward(np.array([[0.0]]), np.array([[1.0]]))
    assert dc.item() == 0.5
    np.testing.assert_allclose(grad.b_ih, [0, 2 / 4, 1 / 2, 0])  # i has nothing to write, f keeps c, g is let in
    *_, dc, grad = backward(np.array([[1.0]]), np.array([[0.0]]))
    assert dc.item() == pytest.approx((1 - np.tanh(1) ** 2) / 4)
    assert grad.b_ih[3] == pytest.approx(np.tanh(1) / 4)


def test_an_open_gate_keeps_the_pull_over_a_hundred_steps():
    """Where f is open, dc comes back as it was; in a simple cell of weight 1/2 nothing comes back."""
    cell = constant_cell(LSTMCell, 4)
    cell = replace(cell, b_ih=np.array([-50.0, 50.0, 0.0, -50.0]))
    dc = np.ones((1, 1))
    for _ in range(100):
        _, dh, dc, _ = cell.forward(np.zeros((1, 1)), np.zeros((1, 1)), np.ones((1, 1)))[2](np.zeros((1, 1)), dc)
    assert dc.item() == pytest.approx(1, abs=1e-12)
    dh = np.ones((1, 1))
    for _ in range(100):
        _, dh, _ = constant_cell(SimpleCell, 1, W_hh=0.5).forward(np.zeros((1, 1)), np.zeros((1, 1)))[1](dh)
    assert dh.item() == pytest.approx(0.5**100)


@pytest.mark.parametrize(("kind", "gates"), [(SimpleCell, 1), (GRUCell, 3), (LSTMCell, 4)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_random_cell(kind, gates, dtype, rng):
    """Every parameter is uniform up to 1 / √width, and the state at rest is zero, all in the dtype asked for."""
    cell = kind.random(3, 100, rng, dtype=dtype)
    shapes = {"W_ih": (3, gates * 100), "W_hh": (100, gates * 100), "b_ih": (gates * 100,), "b_hh": (gates * 100,)}
    assert {name: array.shape for name, array in vars(cell).items()} == shapes
    for array in (*vars(cell).values(), *cell.rest(2)):
        assert array.dtype == dtype
        assert np.max(np.abs(array)) <= 0.1
    assert cell.W_hh.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.03)
    assert [s.shape for s in cell.rest(2)] == [(2, 100)] * (2 if kind is LSTMCell else 1)
    assert not any(map(np.any, cell.rest(2)))


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize(
    ("x", "h", "message"),
    [
        ((4, 2), (4, 2), r"takes x of shape \(N, 3\), not \(4, 2\)"),
        ((5, 4, 3), (4, 2), r"not \(5, 4, 3\): one row for each example.*write Unroll\(cell\)"),
        ((3,), (1, 2), r"not \(3,\)"),
        ((4, 3), (4, 3), r"with 4 examples, states of shape \(4, 2\), not \(4, 3\).*write \*cell.rest\(4\)"),
        ((4, 3), (1, 2), r"states of shape \(4, 2\), not \(1, 2\)"),
        ((4, 3), (2,), r"states of shape \(4, 2\), not \(2,\)"),
    ],
    ids=str,
)
def test_shapes_that_do_not_fit_are_refused(kind, x, h, message, rng):
    """Nothing is broadcast in silence."""
    cell = kind.random(3, 2, rng)
    with pytest.raises(ValueError, match=message):
        cell.forward(np.ones(x), *[np.ones(h)] * len(cell.rest(1)))


@pytest.mark.parametrize("name", ["W_ih", "W_hh", "b_ih", "b_hh"])
def test_parameters_that_do_not_fit_are_refused(name, rng):
    """The message names all four shapes."""
    cell = GRUCell.random(3, 2, rng)
    odd = replace(cell, **{name: np.ones(5)})
    with pytest.raises(ValueError, match=r"GRUCell takes W_ih \(I, 3H\), W_hh \(H, 3H\), b_ih and b_hh \(3H,\), not"):
        odd.forward(np.ones((1, 3)), np.ones((1, 2)))
