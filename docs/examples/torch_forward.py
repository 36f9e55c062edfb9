"""A right backward, and a forward mode that is wrong."""

import torch

from gradcheck import check_gradients


class Sine(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)
        return x.sin()

    @staticmethod
    def backward(ctx, dy):
        return dy * ctx.saved_tensors[0].cos()

    @staticmethod
    def jvp(ctx, dx):
        return -dx * ctx.saved_tensors[0].cos()


x = torch.linspace(-1, 1, 4)
print(check_gradients(Sine, x).verdict.name)
report = check_gradients(Sine, x, jvp=True)
print(report.verdict.name, *[problem.sentence for problem in report.problems])
