"""Backpropagation through time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck import Verdict, check_gradients
from gradcheck.networks import (
    Adam,
    Chain,
    Dense,
    GRUCell,
    LastStep,
    LSTMCell,
    Parallel,
    Recurrent,
    SimpleCell,
    Unroll,
    accuracy,
    parameters,
    train,
    within,
)

CELLS = [SimpleCell, GRUCell, LSTMCell]


class LastUseOnly(Unroll):
    """Wrong: of the gradients of the cell, that of the last step alone."""

    def forward(self, x, *state):
        *out, right = super().forward(x, *state)
        before = Unroll(self.cell).forward(x[:-1], *state)[1:-1]
        *_, last = self.cell.forward(x[-1], *before)

        def backward(dy, *dlast):
            *dx, _ = right(dy, *dlast)
            return *dx, LastUseOnly(last(dy[-1] + dlast[0], *dlast[1:])[-1])

        return *out, backward


class Truncated(Unroll):
    """Wrong: no step hears of the future."""

    def forward(self, x, *state):
        *out, _ = super().forward(x, *state)

        def backward(dy, *dlast):
            gradients, h = [], state
            for x_t, dy_t in zip(x, dy, strict=True):
                *h, back = self.cell.forward(x_t, *h)
                gradients.append(back(dy_t, *(0 * d for d in dlast[1:])))
            *_, right = Unroll(self.cell).forward(x, *state)
            *_, dstate, grad = right(dy, *dlast)
            return np.stack([g[0] for g in gradients]), dstate, grad

        return *out, backward


def sequence(cell, rng, t=4, n=3, n_in=2):
    cell = cell.random(n_in, 3, rng)
    return cell, rng.normal(size=(t, n, n_in)), [rng.normal(size=s.shape) for s in cell.rest(n)]


def test_a_way_back_that_forgets_is_seen(rng):
    """The last use only accuses the weights; what ignores the future accuses what was shown before."""
    cell, x, state = sequence(GRUCell, rng, t=3, n=2)
    weights = check_gradients(LastUseOnly(cell), x, *state)
    assert {e.tensor for e in weights.wrong} == {"cell.W_ih", "cell.W_hh", "cell.b_ih", "cell.b_hh"}
    inputs = check_gradients(Truncated(cell), x, *state)
    assert {e.tensor for e in inputs.wrong} == {"x0"}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("given_state", [True, False])
def test_every_gradient_is_the_slope(cell, given_state, rng):
    """Of every input and state, and of the weights, over all steps together."""
    cell, x, state = sequence(cell, rng)
    assert check_gradients(Unroll(cell), x, *(state if given_state else ())).verdict is Verdict.CORRECT


@pytest.mark.parametrize("cell", CELLS)
def test_it_is_the_cell_again_and_again(cell, rng):
    """One output after the other, and the last one is the last state."""
    cell, x, state = sequence(cell, rng)
    y, *last, _ = Unroll(cell).forward(x, *state)
    for x_t, y_t in zip(x, y, strict=True):
        *state, _ = cell.forward(x_t, *state)
        np.testing.assert_array_equal(y_t, state[0])
    for one, other in zip(last, state, strict=True):
        np.testing.assert_array_equal(one, other)


def test_by_hand():
    """H = tanh(w h + x) with w = 1, twice: dw is the sum over both steps."""
    one, zero = np.ones((1, 1)), np.zeros(1)
    y, h, backward = Unroll(SimpleCell(one, one, zero, zero)).forward(np.array([[[0.5]], [[0.25]]]))
    h1 = np.tanh(0.5)
    h2 = np.tanh(h1 + 0.25)
    np.testing.assert_allclose(y.ravel(), [h1, h2])
    assert h.item() == y[-1].item()
    dx, grad = backward(np.array([[[0.0]], [[1.0]]]))
    da2 = 1 - h2**2
    da1 = da2 * (1 - h1**2)
    np.testing.assert_allclose(dx.ravel(), [da1, da2])
    np.testing.assert_allclose(grad.cell.W_ih.item(), da1 * 0.5 + da2 * 0.25)
    np.testing.assert_allclose(grad.cell.W_hh.item(), da1 * 0 + da2 * h1)
    np.testing.assert_allclose(grad.cell.b_ih.item(), da1 + da2)


@pytest.mark.parametrize("cell", CELLS)
def test_from_rest_is_from_zeros(cell, rng):
    """And then backward does not speak of states; nor need the last state be pulled."""
    cell, x, _ = sequence(cell, rng)
    y, *last, backward = Unroll(cell).forward(x)
    y_zeros, *last_zeros, backward_zeros = Unroll(cell).forward(x, *cell.rest(3))
    dy = rng.normal(size=y.shape)
    dx, grad = backward(dy)
    dx_zeros, *_, grad_zeros = backward_zeros(dy, *map(np.zeros_like, last_zeros))
    for one, other in zip([y, *last, dx], [y_zeros, *last_zeros, dx_zeros], strict=True):
        np.testing.assert_array_equal(one, other)
    assert all(np.array_equal(g, parameters(grad_zeros)[path]) for path, g in parameters(grad).items())


@given(data=st.data(), cell=st.sampled_from(CELLS))
def test_a_ragged_batch_is_each_sequence_alone(data, cell):
    """Outputs, last states and gradients; what stands behind the end does not matter, be it nan."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    lengths = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=4))
    cell, x, state = sequence(cell, rng, t=5, n=len(lengths))
    mask = within(lengths, 5)
    y, *last, backward = Unroll(cell).forward(np.where(mask[..., np.newaxis], x, np.nan), *state, mask=mask)
    dy, *dlast = (rng.normal(size=a.shape) for a in (y, *last))
    dx, *dstate, grad = backward(dy, *dlast)
    together = dict.fromkeys(parameters(grad), 0)
    for n, length in enumerate(lengths):
        one = slice(n, n + 1)
        y_n, *last_n, back = Unroll(cell).forward(x[:length, one], *(s[one] for s in state))
        dx_n, *dstate_n, grad_n = back(dy[:length, one], *(d[one] for d in dlast))
        found = [y[:length, one], dx[:length, one], *(a[one] for a in (*last, *dstate))]
        for whole, alone in zip(found, [y_n, dx_n, *last_n, *dstate_n], strict=True):
            np.testing.assert_allclose(whole, alone, rtol=1e-10, atol=1e-13)
        assert not np.any(y[length:, n])
        assert not np.any(dx[length:, n])
        together = {path: together[path] + g for path, g in parameters(grad_n).items()}
    for path, g in parameters(grad).items():
        np.testing.assert_allclose(g, together[path], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_steps_leave_the_state_as_it_is(cell, dtype, rng):
    """A sequence of length zero: no outputs, and the pull on the last state is that on the first."""
    cell = cell.random(2, 3, rng, dtype=dtype)
    state = [rng.normal(size=(4, 3)).astype(dtype) for _ in cell.rest(4)]
    y, *last, backward = Unroll(cell).forward(np.zeros((0, 4, 2), dtype), *state)
    dx, *dstate, grad = backward(np.zeros_like(y), *(2 * s for s in state))
    assert (y.shape, y.dtype, dx.shape, dx.dtype) == ((0, 4, 3), dtype, (0, 4, 2), dtype)
    for before, after, pull in zip(state, last, dstate, strict=True):
        np.testing.assert_array_equal(after, before)
        np.testing.assert_array_equal(pull, 2 * before)
    assert not any(map(np.any, parameters(grad).values()))


@pytest.mark.parametrize("reverse", [False, True])
def test_recurrent_is_unroll_with_examples_first(reverse, rng):
    """And with `reverse` it reads from the end."""
    cell, x, _ = sequence(LSTMCell, rng)
    y, _ = Recurrent(cell, reverse).forward(x.swapaxes(0, 1))
    turned = slice(None, None, -1 if reverse else 1)
    np.testing.assert_array_equal(y.swapaxes(0, 1)[turned], Unroll(cell).forward(x[turned])[0])


def test_the_last_step_by_hand():
    """It alone is used, and it alone is pulled."""
    y, backward = LastStep().forward(np.arange(6.0).reshape(1, 3, 2))
    dx, _ = backward(np.array([[7.0, 8.0]]))
    np.testing.assert_array_equal(y, [[4, 5]])
    np.testing.assert_array_equal(dx, [[[0, 0], [0, 0], [7, 8]]])


def test_in_a_chain_every_gradient_is_the_slope(disagreements, rng):
    """Two layers, the second of both directions, and the last step into a dense layer."""
    both = Parallel((Recurrent(GRUCell.random(3, 2, rng)), Recurrent(SimpleCell.random(3, 2, rng), reverse=True)))
    network = Chain((Recurrent(LSTMCell.random(2, 3, rng)), both, LastStep(), Dense.random(4, 2, rng)))
    assert disagreements(network, rng.normal(size=(2, 4, 2))) == []


def test_it_learns_to_remember_the_first_of_eight_steps():
    """The answer was shown at the beginning; the rest is noise."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 8, 1)) * np.array([1, *7 * [0.3]])[:, np.newaxis]
    network = Chain((Recurrent(LSTMCell.random(1, 8, rng)), LastStep(), Dense.random(8, 2, rng)))
    labels = (x[:, 0, 0] > 0).astype(int)
    network, _ = train(network, x[:200], labels[:200], epochs=30, optimiser=Adam(0.02))
    assert accuracy(network, x[200:], labels[200:]) > 0.9


@pytest.mark.parametrize(
    ("x", "message"),
    [((4, 2), r"takes x of shape \(T, N, I\), time first, not \(4, 2\)"), ((2,), r"or Recurrent\(cell\)")],
    ids=str,
)
def test_inputs_that_do_not_fit_are_refused(x, message, rng):
    """The message says which axis is which."""
    with pytest.raises(ValueError, match=message):
        Unroll(GRUCell.random(2, 3, rng)).forward(np.ones(x))
    with pytest.raises(ValueError, match=r"Recurrent takes x of shape \(N, T, I\)"):
        Recurrent(GRUCell.random(2, 3, rng)).forward(np.ones(x))


@pytest.mark.parametrize(
    "mask", [np.ones((3, 4), bool), np.ones((4, 3)), np.ones((4, 3, 1), bool), np.array([4, 2, 1])]
)
def test_masks_that_do_not_fit_are_refused(mask, rng):
    """Lengths are no mask, and numbers are no booleans."""
    with pytest.raises(ValueError, match=r"a mask of booleans.*of shape \(4, 3\), not .*within\(lengths, 4\)"):
        Unroll(GRUCell.random(2, 3, rng)).forward(np.ones((4, 3, 2)), mask=mask)


@pytest.mark.parametrize("lengths", [[5], [-1], [1.0], 3, [[1]]])
def test_lengths_that_do_not_fit_are_refused(lengths):
    """Whole numbers from 0 to T, one for each sequence."""
    with pytest.raises(ValueError, match="one whole number from 0 to T = 4 for each sequence"):
        within(lengths, 4)


def test_a_wrong_number_of_states_is_refused(rng):
    """An LSTM has two."""
    with pytest.raises(ValueError, match=r"Unroll\(LSTMCell\) takes 2 initial state\(s\) or none, not 1"):
        Unroll(LSTMCell.random(2, 3, rng)).forward(np.ones((4, 1, 2)), np.ones((1, 3)))


@pytest.mark.parametrize("x", [(2, 3), (2, 0, 3)], ids=str)
def test_no_last_step_is_refused(x):
    """Of no steps, none is the last."""
    with pytest.raises(ValueError, match="with at least one step"):
        LastStep().forward(np.ones(x))
