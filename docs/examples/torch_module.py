"""A module, one of whose submodules is wrong."""

import torch
from torch import nn

from gradcheck import check_gradients


class Squash(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.tanh(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        return dy * (1 - y)


class Limiter(nn.Module):
    def forward(self, x):
        return Squash.apply(x)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), Limiter())
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.encoder(x))


torch.manual_seed(0)
report = check_gradients(Model(), torch.randn(5, 3))
for name, tensor in report.tensors.items():
    print(f"{tensor.verdict.name:7} {name}")
print(*report.diagnosis, sep="\n")
