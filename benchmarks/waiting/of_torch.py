"""Which small checks of PyTorch are timed? A Function, a linear layer, an LSTM, an encoder layer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.questions import Array
from benchmarks.waiting.contest import Contest, contest
from benchmarks.waiting.figure import WaitingRow
from gradcheck import check_gradients

PEER, FAST = "torch slow", "torch fast"
Make = Callable[..., "tuple[Any, tuple[Any, ...]]"]  # (factor of the gradient) -> a module or function, its inputs


def rows() -> list[WaitingRow]:
    """Return the contests."""
    return [
        contest(f"PyTorch, {name}", PEER, reach, functools.partial(slow, make), needs="torch")
        for name, (make, reach) in MAKERS.items()
    ]


def slow(make: Make, factor: float = 1.0) -> Contest:
    """Return the contest with PyTorch's checker, entry by entry; the gradient is right if the factor is 1."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, inputs = make(factor)
    function, tensors = as_function(model, inputs)
    return Contest(
        functools.partial(check_gradients, model, *inputs),
        lambda: torch.autograd.gradcheck(function, tensors),
        sum(tensor.numel() for tensor in tensors),
        lambda: (_numbers(model, inputs, _leaves(model, inputs)), _numbers(function, tensors, tensors)),
    )


def function_of_ten(factor: float = 1.0) -> tuple[Any, tuple[Any, ...]]:
    """Return the cube, written as a Function, of ten numbers."""
    import torch

    class Cube(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:  # noqa: ANN401
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:  # noqa: ANN401
            (x,) = ctx.saved_tensors
            return factor * 3 * x * x * dy

    return Cube.apply, (_normal(10),)


def linear(factor: float = 1.0) -> tuple[Any, tuple[Any, ...]]:
    """Return a linear layer, and a batch of five."""
    import torch

    return scaled(torch.nn.Linear(4, 3).double(), factor), (_normal(5, 4),)


def lstm(factor: float = 1.0) -> tuple[Any, tuple[Any, ...]]:
    """Return an LSTM of 144 weights with a cost, and two sequences of five."""
    import torch

    model = torch.nn.LSTM(3, 4).double()
    return scaled(model, factor, lambda output: output[0].square().mean()), (_normal(5, 2, 3),)


def encoder(factor: float = 1.0) -> tuple[Any, tuple[Any, ...]]:
    """Return an encoder layer of 600 weights with a cost, and two sequences of three."""
    import torch

    layer = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True).double()
    return scaled(layer, factor, lambda output: output.sin().sum()), (_normal(2, 3, 8),)


MAKERS: dict[str, tuple[Make, float]] = {  # what is made, and how far it should reach
    "a Function of ten numbers": (function_of_ten, 2),
    "nn.Linear(4, 3), a batch of 5": (linear, 2),
    "nn.LSTM(3, 4) and a cost": (lstm, 1),
    "nn.TransformerEncoderLayer(8, 2, 16) and a cost": (encoder, 1),
}


def _normal(*shape: int) -> Any:  # noqa: ANN401  a tensor
    import torch

    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def scaled(module: Any, factor: float, cost: Callable[[Any], Any] | None = None) -> Any:  # noqa: ANN401
    """Return a module with a cost; the gradients are multiplied by the factor, unless it is 1."""
    import torch

    class Scaled(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(_: Any, y: Any) -> Any:  # noqa: ANN401
            return y.clone()

        @staticmethod
        def backward(_: Any, dy: Any) -> Any:  # noqa: ANN401
            return factor * dy

    class Costly(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = module

        def forward(self, *inputs: Any) -> Any:  # noqa: ANN401
            y = self.inner(*inputs)
            y = y if cost is None else cost(y)
            return y if factor == 1 else Scaled.apply(y)

    return module if cost is None and factor == 1 else Costly()


def function_with_weights(inputs: int, outputs: int, factor: float) -> Any:  # noqa: ANN401  a module
    """Return a linear layer with a way back of its own; the gradient of its weights is right if the factor is 1."""
    import torch

    class Linear(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any, weight: Any, bias: Any) -> Any:  # noqa: ANN401
            ctx.save_for_backward(x, weight)
            return x @ weight.T + bias

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:  # noqa: ANN401
            x, weight = ctx.saved_tensors
            return dy @ weight, factor * dy.T @ x, dy.sum(0)

    class Layer(torch.nn.Linear):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:  # noqa: ANN401
            return Linear.apply(x, self.weight, self.bias)

    return Layer(inputs, outputs)


def as_function(model: Any, inputs: tuple[Any, ...]) -> tuple[Callable[..., Any], tuple[Any, ...]]:  # noqa: ANN401
    """Return a module as a function of its inputs and its parameters, which is what PyTorch's checker takes."""
    import torch

    if not isinstance(model, torch.nn.Module):
        return model, inputs
    names = [name for name, _ in model.named_parameters()]

    def function(*tensors: Any) -> Any:  # noqa: ANN401
        given = dict(zip(names, tensors[len(inputs) :], strict=True))
        return torch.func.functional_call(model, given, tensors[: len(inputs)])

    return function, (*inputs, *(p.detach().clone().requires_grad_() for p in model.parameters()))


def _leaves(model: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:  # noqa: ANN401
    return (*inputs, *(model.parameters() if hasattr(model, "parameters") else ()))


def _numbers(function: Callable[..., Any], given: Sequence[Any], leaves: Sequence[Any]) -> Sequence[Array]:
    import torch

    value = function(*given)
    gradients = torch.autograd.grad(value.sum(), leaves)
    return [tensor.detach().numpy() for tensor in (value, *gradients)]
