"""A test of long standing, of a gradient that is wrong and small."""

import torch
from torch.autograd import gradcheck


class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return 1e-6 * x**2

    @staticmethod
    def backward(ctx, dy):
        return 1e-6 * ctx.saved_tensors[0] * dy


x = torch.linspace(1, 2, 3, dtype=torch.float64, requires_grad=True)
try:
    print(gradcheck(Scaled.apply, (x,)))
except RuntimeError as error:
    print(error)
