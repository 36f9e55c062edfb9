"""An LSTM over a sequence, gone back through in time by hand, under a linear readout."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn

from models import Fault
from models.torches import ByHand, by_autograd, drawn, normal, planted

INPUTS, HIDDEN = 3, 6


class Step(NamedTuple):
    """What a step saw, and what it made of it."""

    x: torch.Tensor
    h: torch.Tensor
    c: torch.Tensor
    i: torch.Tensor
    f: torch.Tensor
    g: torch.Tensor
    o: torch.Tensor
    t: torch.Tensor  # tanh of the new cell state


def steps(x, W, U, b):
    h = c = x.new_zeros(len(x), HIDDEN)
    done = []
    for x_t in x.unbind(1):
        i, f, g, o = (x_t @ W + h @ U + b).chunk(4, 1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        t = (f * c + i * g).tanh()
        done.append(Step(x_t, h, c, i, f, g, o, t))
        h, c = o * t, f * c + i * g
    return done


def step_back(s, dh, dc):
    """Return the pull on the four gates before their nonlinearities, and on the old cell state."""
    dc = dc + dh * s.o * (1 - s.t**2)
    di, df, dg, do = dc * s.g, dc * s.c, dc * s.i, dh * s.t
    slopes = (s.i * (1 - s.i), s.f * (1 - s.f), 1 - s.g**2, s.o * (1 - s.o))
    return torch.cat([d * slope for d, slope in zip((di, df, dg, do), slopes, strict=True)], 1), dc * s.f


def through_time(ctx, dhs, step_back=step_back, gather=sum):
    x, W, U, b = ctx.saved_tensors
    dh = dc = torch.zeros_like(dhs[:, 0])
    pulls = []
    for s, above in zip(reversed(steps(x, W, U, b)), reversed(dhs.unbind(1)), strict=True):
        da, dc = step_back(s, dh + above, dc)
        dh = da @ U.T
        pulls.append((da @ W.T, s.x.T @ da, s.h.T @ da, da.sum(0)))
    dx, dW, dU, db = zip(*pulls, strict=True)
    return torch.stack(dx[::-1], 1), gather(dW), gather(dU), gather(db)


class LSTM(ByHand):
    @staticmethod
    def forward(x, W, U, b):
        return torch.stack([s.o * s.t for s in steps(x, W, U, b)], 1)

    @staticmethod
    def backward(ctx, dhs):
        return through_time(ctx, dhs)


class LastStepAlone(LSTM):
    @staticmethod
    def backward(ctx, dhs):
        return through_time(ctx, dhs, gather=lambda pulls: pulls[0])


class CarryDropped(LSTM):
    @staticmethod
    def backward(ctx, dhs):
        return through_time(ctx, dhs, step_back=lambda s, dh, dc: step_back(s, dh, torch.zeros_like(dc)))


class NewStateForOld(LSTM):
    @staticmethod
    def backward(ctx, dhs):
        return through_time(ctx, dhs, step_back=lambda s, *d: step_back(s._replace(c=s.f * s.c + s.i * s.g), *d))


class OutputGateSlopeForgotten(LSTM):
    @staticmethod
    def backward(ctx, dhs):
        def slopeless(s, dh, dc):
            da, dc = step_back(s, dh, dc)
            return torch.cat([da[:, : 3 * HIDDEN], dh * s.t], 1), dc

        return through_time(ctx, dhs, step_back=slopeless)


class BiasAveraged(LSTM):
    @staticmethod
    def backward(ctx, dhs):
        dx, dW, dU, db = through_time(ctx, dhs)
        return dx, dW, dU, db / len(dhs)


class Recurrence(nn.Module):
    def __init__(self):
        super().__init__()
        self.op = LSTM
        self.weight_ih = nn.Parameter(torch.randn(INPUTS, 4 * HIDDEN) / 2)
        self.weight_hh = nn.Parameter(torch.randn(HIDDEN, 4 * HIDDEN) / 3)
        self.bias = nn.Parameter(torch.zeros(4 * HIDDEN))

    def forward(self, x):
        return self.op.apply(x, self.weight_ih, self.weight_hh, self.bias)


class Forecast(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.readout = Recurrence(), nn.Linear(HIDDEN, 2)

    def forward(self, x):
        return self.readout(self.lstm(x))


EVERY = "lstm.* x"
FAULTS = {
    "last step alone": Fault("lstm", LastStepAlone, "lstm.*"),
    "carry dropped": Fault("lstm", CarryDropped, EVERY),
    "new state for old": Fault("lstm", NewStateForOld, EVERY),
    "output gate slope forgotten": Fault("lstm", OutputGateSlopeForgotten, EVERY),
    "bias averaged": Fault("lstm", BiasAveraged, "lstm.bias"),
}


def build(seed, fault=None):
    return planted(drawn(Forecast, seed), FAULTS.get(fault)), (normal(seed, 2, 4, INPUTS),)


def plain(seed):
    model, args = build(seed)
    return by_autograd(model), args
