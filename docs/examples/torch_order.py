"""A right backward that cannot be differentiated again."""

import torch

from gradcheck import check_gradients


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return 3 * x.detach() ** 2 * dy


x = torch.linspace(-1, 1, 4)
print(check_gradients(Cube, x).verdict.name)
report = check_gradients(Cube, x, order=2)
print(report.verdict.name, *report.diagnosis)
