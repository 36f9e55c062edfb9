"""A quantiser, whose codes pass their gradient straight through; clamp and energy have backwards written by hand."""

from __future__ import annotations

from torch import nn

from models import Fault
from models.torches import ByHand, by_autograd, drawn, normal, planted

KEYWORDS = {"detached": "codes"}  # whose gradient is not that of the steps they are


class Clamp(ByHand):
    @staticmethod
    def forward(x):
        return x.clamp(-1, 1)

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return dy * (x.abs() <= 1)


class MaskForgotten(Clamp):
    @staticmethod
    def backward(ctx, dy):
        return dy.clone()


class MaskOfCotangent(Clamp):
    @staticmethod
    def backward(ctx, dy):
        return dy * (dy.abs() <= 1)


class LowerBoundForgotten(Clamp):
    @staticmethod
    def backward(ctx, dy):
        return dy * (ctx.saved_tensors[0] <= 1)


class Quarters(ByHand):
    @staticmethod
    def forward(x):
        return (4 * x).round() / 4

    @staticmethod
    def backward(ctx, dy):
        return dy.clone()


class HalfSquare(ByHand):
    @staticmethod
    def forward(x):
        return (x**2).sum(1) / 2

    @staticmethod
    def backward(ctx, dy):
        return dy[:, None] * ctx.saved_tensors[0]


class Doubled(HalfSquare):
    @staticmethod
    def backward(ctx, dy):
        return 2 * dy[:, None] * ctx.saved_tensors[0]


class Unheard(HalfSquare):
    @staticmethod
    def backward(ctx, dy):
        return None


class Applied(nn.Module):
    def __init__(self, op):
        super().__init__()
        self.op = op

    def forward(self, x):
        return self.op.apply(x)


class Quantiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(5, 12), nn.Linear(12, 4)
        self.clamp, self.codes, self.energy = Applied(Clamp), Applied(Quarters), Applied(HalfSquare)

    def forward(self, x):
        z = self.clamp(self.encoder(x))
        codes = self.codes(z)
        energy = self.energy(z)
        return {"y": self.decoder(z), "codes": codes, "energy": energy, "signs": codes.sign().int()}


BELOW = "encoder.* x"
FAULTS = {
    "mask forgotten": Fault("clamp", MaskForgotten, BELOW),
    "mask of cotangent": Fault("clamp", MaskOfCotangent, BELOW),
    "lower bound forgotten": Fault("clamp", LowerBoundForgotten, BELOW),
    "doubled": Fault("energy", Doubled, BELOW),
}


def build(seed, fault=None):
    return planted(drawn(Quantiser, seed), FAULTS.get(fault)), (3 * normal(seed, 8, 5),)


def with_unheard_energy(seed):
    model, args = build(seed)
    model.energy.op = Unheard
    return model, args


def plain(seed):
    model, args = build(seed)
    return by_autograd(model), args
