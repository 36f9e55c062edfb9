"""A torch.autograd.Function, and what more may be asked of it."""

import torch

from gradcheck import check_gradients


class Huber(torch.autograd.Function):
    @staticmethod
    def forward(ctx, r, delta):
        ctx.save_for_backward(r, delta)
        return torch.where(r.abs() <= delta, r**2 / 2, delta * (r.abs() - delta / 2))

    @staticmethod
    def backward(ctx, dy):
        r, delta = ctx.saved_tensors
        ddelta = torch.where(r.abs() > delta, r.abs() - delta, 0)
        return dy * r.clamp(-delta, delta), (dy * ddelta).mean()  # delta is used by every entry: a sum


r, delta = torch.linspace(-3, 3, 8), torch.tensor(1.0)
report = check_gradients(Huber, r, delta)
print(report.verdict.name, *report.diagnosis)
print("r alone:", check_gradients(Huber, r, delta, wrt="r").verdict.name)
print("and its second derivative:", check_gradients(Huber, r, delta, wrt="r", order=2).verdict.name)
