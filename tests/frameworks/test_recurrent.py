"""Recurrent cells, alone and over time, say what PyTorch and JAX say, in float64, to ten digits."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from agreement import assert_equal, generators, tensor
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.networks import GRUCell, LSTMCell, Recurrent, SimpleCell, Unroll, parameters, within

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
jnp = jax.numpy

NAMES = ("W_ih", "W_hh", "b_ih", "b_hh")
CELLS = {
    "simple": (SimpleCell, torch.nn.RNNCell, torch.nn.RNN),
    "gru": (GRUCell, torch.nn.GRUCell, torch.nn.GRU),
    "lstm": (LSTMCell, torch.nn.LSTMCell, torch.nn.LSTM),
}
sizes = st.integers(1, 5)


def in_torch(module, cell, suffix=""):
    """Give a module of PyTorch the parameters of a cell, the matrices turned over."""
    module = module.double()
    with torch.no_grad():
        for name in NAMES:
            getattr(module, theirs_of(name, suffix)).copy_(torch.tensor(getattr(cell, name).T))
    return module


def theirs_of(name, suffix=""):
    return name.replace("W", "weight").replace("b_", "bias_") + suffix


def assert_same_parameters(grad, module, suffix=""):
    for name in NAMES:
        assert_equal(getattr(grad, name), getattr(module, theirs_of(name, suffix)).grad.numpy().T)


def as_tuple(state):
    return state if isinstance(state, tuple) else (state,)


def alone(states):
    return states if len(states) > 1 else states[0]


@pytest.mark.parametrize(("ours", "theirs", "_"), CELLS.values(), ids=CELLS)
@given(rng=generators, n=sizes, n_in=sizes, width=sizes)
@settings(max_examples=25)
def test_a_cell_is_that_of_pytorch(ours, theirs, _, rng, n, n_in, width):
    """Every state after, and the gradients of the input, of every state and of every parameter."""
    cell = ours.random(n_in, width, rng)
    module = in_torch(theirs(n_in, width), cell)
    x, *state = rng.normal(size=(n, n_in)), *(rng.normal(size=s.shape) for s in cell.rest(n))
    given_to_them = [tensor(a) for a in (x, *state)]
    after_theirs = as_tuple(module(given_to_them[0], alone(tuple(given_to_them[1:]))))
    *after, backward = cell.forward(x, *state)
    dafter = [rng.normal(size=s.shape) for s in after]
    torch.autograd.backward(after_theirs, [torch.tensor(d) for d in dafter])
    *gradients, grad = backward(*dafter)
    for one, other in zip([*after, *gradients], [*after_theirs, *(t.grad for t in given_to_them)], strict=True):
        assert_equal(one, other)
    assert_same_parameters(grad, module)


@pytest.mark.parametrize(("ours", "_", "theirs"), CELLS.values(), ids=CELLS)
@given(rng=generators, n=sizes, t=sizes, n_in=sizes, width=sizes, data=st.data())
@settings(max_examples=25)
def test_ragged_sequences_are_packed_sequences_of_pytorch(ours, _, theirs, rng, n, t, n_in, width, data):
    """Outputs, last states, and every gradient; a sequence that ended keeps its state."""
    lengths = np.array(data.draw(st.lists(st.integers(1, t), min_size=n, max_size=n)))
    cell = ours.random(n_in, width, rng)
    module = in_torch(theirs(n_in, width), cell, "_l0")
    x, *state = rng.normal(size=(t, n, n_in)), *(rng.normal(size=s.shape) for s in cell.rest(n))
    x_theirs, *state_theirs = (tensor(a) for a in (x, *state))
    packed = torch.nn.utils.rnn.pack_padded_sequence(x_theirs, torch.tensor(lengths), enforce_sorted=False)
    y_theirs, last_theirs = module(packed, alone(tuple(s[None] for s in state_theirs)))
    y_theirs, _ = torch.nn.utils.rnn.pad_packed_sequence(y_theirs, total_length=t)
    last_theirs = [s[0] for s in as_tuple(last_theirs)]
    y, *last, backward = Unroll(cell).forward(x, *state, mask=within(lengths, t))
    dout = [rng.normal(size=s.shape) for s in (y, *last)]
    torch.autograd.backward([y_theirs, *last_theirs], [torch.tensor(d) for d in dout])
    *gradients, grad = backward(*dout)
    found = [y, *last, *gradients]
    for one, other in zip(found, [y_theirs, *last_theirs, x_theirs.grad, *(s.grad for s in state_theirs)], strict=True):
        assert_equal(one, other)
    assert_same_parameters(grad.cell, module, "_l0")


@pytest.mark.parametrize(("ours", "_", "theirs"), CELLS.values(), ids=CELLS)
@given(rng=generators, n=sizes, t=sizes, n_in=sizes, width=sizes)
@settings(max_examples=15)
def test_both_ways_is_bidirectional(ours, _, theirs, rng, n, t, n_in, width):
    """From the front and, with `reverse`, from the end: the two halves of PyTorch's output."""
    cells = [ours.random(n_in, width, rng) for _ in range(2)]
    module = theirs(n_in, width, bidirectional=True, batch_first=True)
    for cell, suffix in zip(cells, ("_l0", "_l0_reverse"), strict=True):
        in_torch(module, cell, suffix)
    x, dy = rng.normal(size=(n, t, n_in)), rng.normal(size=(n, t, 2 * width))
    x_theirs = tensor(x)
    y_theirs, _ = module(x_theirs)
    y_theirs.backward(torch.tensor(dy))
    dx = np.zeros_like(x)
    for k, (cell, suffix) in enumerate(zip(cells, ("_l0", "_l0_reverse"), strict=True)):
        half = slice(k * width, (k + 1) * width)
        y, backward = Recurrent(cell, reverse=bool(k)).forward(x)
        dx_half, grad = backward(dy[..., half])
        dx += dx_half
        assert_equal(y, y_theirs[..., half])
        assert_same_parameters(grad.cell, module, suffix)
    assert_equal(dx, x_theirs.grad)


def simple(p, x, h):
    return (jnp.tanh(x @ p["W_ih"] + p["b_ih"] + h @ p["W_hh"] + p["b_hh"]),)


def gru(p, x, h):
    x_r, x_z, x_n = jnp.split(x @ p["W_ih"] + p["b_ih"], 3, axis=1)
    h_r, h_z, h_n = jnp.split(h @ p["W_hh"] + p["b_hh"], 3, axis=1)
    z = jax.nn.sigmoid(x_z + h_z)
    return ((1 - z) * jnp.tanh(x_n + jax.nn.sigmoid(x_r + h_r) * h_n) + z * h,)


def lstm(p, x, h, c):
    i, f, g, o = jnp.split(x @ p["W_ih"] + p["b_ih"] + h @ p["W_hh"] + p["b_hh"], 4, axis=1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


@cache
def scanned(step):
    """Return a function of a mask that runs the step over time, and pulls back, compiled."""

    def run(p, x, state, mask):
        def one(before, here):
            x_t, there = here
            after = step(p, x_t, *before)
            kept = tuple(jnp.where(there, a, b) for a, b in zip(after, before, strict=True))
            return kept, jnp.where(there, after[0], 0)

        last, y = jax.lax.scan(one, state, (x, mask[..., None]))
        return y, last

    def both(p, x, state, mask, dout):
        out, pullback = jax.vjp(lambda *args: run(*args, mask), p, x, state)
        return out, pullback(dout)

    return jax.jit(both)


@pytest.mark.parametrize(("ours", "step"), [(SimpleCell, simple), (GRUCell, gru), (LSTMCell, lstm)])
@given(rng=generators, shape=st.sampled_from([(1, 1, 1, 1), (4, 3, 2, 5), (6, 2, 3, 1)]), masked=st.booleans())
@settings(max_examples=8)
def test_over_time_it_is_a_scan_of_jax(ours, step, rng, shape, masked):
    """Any mask, holes and all."""
    t, n, n_in, width = shape
    cell = ours.random(n_in, width, rng)
    x, state = rng.normal(size=(t, n, n_in)), tuple(rng.normal(size=s.shape) for s in cell.rest(n))
    mask = rng.random((t, n)) < (0.6 if masked else 2)
    y, *last, backward = Unroll(cell).forward(x, *state, mask=mask)
    dy, *dlast = (rng.normal(size=s.shape) for s in (y, *last))
    out, (dp, dx_theirs, dstate_theirs) = scanned(step)(parameters(cell), x, state, mask, (dy, tuple(dlast)))
    dx, *dstate, grad = backward(dy, *dlast)
    theirs = [out[0], *out[1], dx_theirs, *dstate_theirs]
    for one, other in zip([y, *last, dx, *dstate], theirs, strict=True):
        assert_equal(one, other)
    for name in NAMES:
        assert_equal(getattr(grad.cell, name), dp[name])
