"""Functions written by hand, right, or wrong in a way that a plain backward does not show."""

from __future__ import annotations

import torch

from models.torches.cube import Cube


def cube(backward, **methods):
    """Return x^3 with another backward(x, cotangent), under the name Other."""

    def back(ctx, dy):
        return backward(ctx.saved_tensors[0], dy)

    return type("Other", (Cube,), {"backward": staticmethod(back), **{n: staticmethod(m) for n, m in methods.items()}})


def slope(x):
    """Return the derivative of x^3."""
    return 3 * x**2


class Product(torch.autograd.Function):
    """x W^T, of which the backward does no more than it must."""

    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return x @ weight.T

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        first, second = ctx.needs_input_grad
        return (dy @ weight if first else None), (dy.T @ x if second else None)


def product(backward):
    """Return the same with another backward(ctx, cotangent)."""
    return type("Other", (Product,), {"backward": staticmethod(backward)})


class Layer(torch.nn.Linear):
    """A layer whose product is that of a Function."""

    def __init__(self, *sizes, function=Product):
        super().__init__(*sizes, bias=False)
        self.function = function

    def forward(self, x):
        return self.function.apply(x, self.weight)
