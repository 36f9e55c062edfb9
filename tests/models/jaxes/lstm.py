"""An LSTM over a sequence, gone back through in time by hand, under a linear readout."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax, nn

from models import Fault
from models.jaxes import by_autograd, by_hand, drawn, normal

INPUTS, HIDDEN = 3, 6


class Step(NamedTuple):
    """What a step saw, and what it made of it."""

    x: Any
    h: Any
    c: Any
    i: Any
    f: Any
    g: Any
    o: Any
    t: Any  # tanh of the new cell state


def steps(x, W, U, b):
    def step(state, x_t):
        h, c = state
        i, f, g, o = jnp.split(x_t @ W + h @ U + b, 4, 1)
        i, f, g, o = nn.sigmoid(i), nn.sigmoid(f), jnp.tanh(g), nn.sigmoid(o)
        new = f * c + i * g
        t = jnp.tanh(new)
        return (o * t, new), Step(x_t, h, c, i, f, g, o, t)

    zero = jnp.zeros((len(x), HIDDEN), x.dtype)
    return lax.scan(step, (zero, zero), x.swapaxes(0, 1))[1]


def lstm(x, W, U, b):
    done = steps(x, W, U, b)
    return (done.o * done.t).swapaxes(0, 1)


def step_back(s, dh, dc):
    """Return the pull on the four gates before their nonlinearities, and on the old cell state."""
    dc = dc + dh * s.o * (1 - s.t**2)
    di, df, dg, do = dc * s.g, dc * s.c, dc * s.i, dh * s.t
    slopes = (s.i * (1 - s.i), s.f * (1 - s.f), 1 - s.g**2, s.o * (1 - s.o))
    return jnp.concatenate([d * slope for d, slope in zip((di, df, dg, do), slopes, strict=True)], 1), dc * s.f


def through_time(args, dhs, step_back=step_back, gather=jnp.sum):
    x, W, U, b = args

    def back(pulls, at):
        s, above = at
        da, dc = step_back(s, pulls[0] + above, pulls[1])
        return (da @ U.T, dc), (da @ W.T, s.x.T @ da, s.h.T @ da, da.sum(0))

    zero = jnp.zeros_like(dhs[:, 0])
    _, (dx, dW, dU, db) = lax.scan(back, (zero, zero), (steps(x, W, U, b), dhs.swapaxes(0, 1)), reverse=True)
    return dx.swapaxes(0, 1), gather(dW, 0), gather(dU, 0), gather(db, 0)


def last_step_alone(args, dhs):
    return through_time(args, dhs, gather=lambda pulls, _: pulls[-1])


def carry_dropped(args, dhs):
    return through_time(args, dhs, step_back=lambda s, dh, dc: step_back(s, dh, jnp.zeros_like(dc)))


def new_state_for_old(args, dhs):
    return through_time(args, dhs, step_back=lambda s, *d: step_back(s._replace(c=s.f * s.c + s.i * s.g), *d))


def output_gate_slope_forgotten(args, dhs):
    def slopeless(s, dh, dc):
        da, dc = step_back(s, dh, dc)
        return jnp.concatenate([da[:, : 3 * HIDDEN], dh * s.t], 1), dc

    return through_time(args, dhs, step_back=slopeless)


def bias_averaged(args, dhs):
    dx, dW, dU, db = through_time(args, dhs)
    return dx, dW, dU, db / len(dhs)


def forecast(ops):
    def apply(params, x):
        h = ops["lstm"](x, *(params["lstm"][name] for name in ("W", "U", "b")))
        return h @ params["readout"]["W"] + params["readout"]["b"]

    return apply


OPS = {"lstm": (lstm, through_time)}
SHAPES = {
    "lstm": {"W": (INPUTS, 4 * HIDDEN), "U": (HIDDEN, 4 * HIDDEN), "b": (4 * HIDDEN,)},
    "readout": {"W": (HIDDEN, 2), "b": (2,)},
}
EVERY = "params.lstm.* x"
FAULTS = {
    "last step alone": Fault("lstm", last_step_alone, "params.lstm.*"),
    "carry dropped": Fault("lstm", carry_dropped, EVERY),
    "new state for old": Fault("lstm", new_state_for_old, EVERY),
    "output gate slope forgotten": Fault("lstm", output_gate_slope_forgotten, EVERY),
    "bias averaged": Fault("lstm", bias_averaged, "params.lstm.b"),
}


def args(seed):
    return drawn(seed, SHAPES), normal(seed, 2, 4, INPUTS)


def build(seed, fault=None):
    return forecast(by_hand(OPS, FAULTS.get(fault))), args(seed)


def plain(seed):
    return forecast(by_autograd(OPS)), args(seed)
