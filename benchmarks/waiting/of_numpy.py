"""Which small checks of NumPy are timed? Three numbers, and a dense layer, put to PyTorch's checker as its own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.questions import Array
from benchmarks.waiting.contest import Contest, contest
from benchmarks.waiting.figure import WaitingRow
from gradcheck import check_gradients
from networks import Dense
from networks.faults.planting import Met, planted, spoiled

PEER = "torch slow"


def rows() -> list[WaitingRow]:
    """Return the contests."""
    return [
        contest("NumPy, three numbers", PEER, 2, three_numbers, needs="torch"),
        contest("NumPy, Dense(3, 8), a batch of 5", PEER, 2, dense, needs="torch"),
    ]


def three_numbers(factor: float = 1.0) -> Contest:
    """Return a function of three numbers; its gradient is right if the factor is 1."""
    x = np.array([0.3, -0.7, 1.1])

    def f(x: Array) -> float:
        return float(np.sum(np.sin(x) * x))

    def grad(x: Array) -> Array:
        return factor * (np.cos(x) * x + np.sin(x))

    def forward(x: Array) -> tuple[Any, Callable[[Array], Sequence[Array]]]:
        return f(x), lambda dy: (dy * grad(x),)

    return of(forward, (x,), functools.partial(check_gradients, f, x, grad=grad), lambda: (np.asarray(f(x)), grad(x)))


def dense(factor: float = 1.0) -> Contest:
    """Return a dense layer and its batch; the gradient of W is right if the factor is 1."""
    rng = np.random.default_rng(0)
    layer, x = Dense.random(3, 8, rng), rng.normal(size=(5, 3))
    if factor != 1:
        layer = planted(layer, Dense, spoiled(Dense, scaled(factor)), 0)

    def forward(x: Array, W: Array, b: Array) -> tuple[Any, Callable[[Array], Sequence[Array]]]:
        y, way_back = type(layer)(W, b).forward(x)

        def back(dy: Array) -> Sequence[Array]:
            dx, grad = way_back(dy)
            return dx, grad.W, grad.b

        return y, back

    def numbers() -> Sequence[Array]:
        y, way_back = layer.forward(x)
        dx, grad = way_back(np.ones_like(y))
        return y, dx, grad.W, grad.b

    return of(forward, (x, layer.W, layer.b), functools.partial(check_gradients, layer, x), numbers)


def scaled(factor: float | Array) -> Callable[[Met], tuple[Any, ...]]:
    """Return what multiplies the gradient of the weights of a dense layer."""
    return lambda met: (met.dx, Dense(factor * met.grad.W, met.grad.b))


def of(
    forward: Callable[..., tuple[Any, Callable[[Array], Sequence[Array]]]],
    arrays: tuple[Array, ...],
    ours: Callable[[], Any],
    numbers: Callable[[], Sequence[Array]],
) -> Contest:
    """Return a contest with PyTorch's checker, which is given `forward(*arrays) -> (value, way back)`."""

    def peer() -> bool:
        import torch

        return bool(torch.autograd.gradcheck(wrapped(forward), tensors(arrays)))

    return Contest(
        ours, peer, sum(array.size for array in arrays), lambda: (numbers(), as_torch(wrapped(forward), arrays))
    )


@functools.cache
def wrapped(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Return a NumPy function as one of PyTorch, at the least price: nothing is copied, or computed twice."""
    import torch

    class Wrapped(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, *given: Any) -> Any:  # noqa: ANN401
            value, ctx.back = forward(*(tensor.detach().numpy() for tensor in given))
            return torch.as_tensor(value, dtype=torch.float64)

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:  # noqa: ANN401
            return tuple(map(torch.from_numpy, ctx.back(dy.numpy())))

    return Wrapped.apply  # type: ignore[no-any-return]


def tensors(arrays: tuple[Array, ...]) -> tuple[Any, ...]:
    """Return the point as tensors that require gradients."""
    import torch

    return tuple(torch.tensor(array, requires_grad=True) for array in arrays)


def as_torch(function: Callable[..., Any], arrays: tuple[Array, ...]) -> Sequence[Array]:
    """Return the value and the gradients of its sum, as PyTorch has them."""
    given = tensors(arrays)
    value = function(*given)
    value.sum().backward()
    return value.detach().numpy(), *(tensor.grad.numpy() for tensor in given)
