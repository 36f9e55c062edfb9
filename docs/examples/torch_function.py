"""A torch.autograd.Function, one of whose gradients is wrong."""

import torch

from gradcheck import check_gradients


class Affine(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, W, b):
        ctx.save_for_backward(x, W)
        return x @ W + b

    @staticmethod
    def backward(ctx, dy):
        x, W = ctx.saved_tensors
        return dy @ W.T, x.T @ dy, dy.mean(0)


torch.manual_seed(0)
print(check_gradients(Affine, torch.randn(5, 3), torch.randn(3, 2), torch.randn(2)))
