"""Which functions does PyTorch's database of operators hold? Its samples, as PyTorch's own tests call them."""

from __future__ import annotations

import random
import unittest
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

MOST, LARGEST = 3, 450  # samples of an operator, entries of a sample


@dataclass(frozen=True)
class OperatorSample:
    """A sample of an operator, as a function of those of its tensors that require a gradient."""

    operator: str
    sample: int
    what: str
    function: Callable[..., Any]
    tensors: tuple[Any, ...]
    nondet: float
    marked: bool  # PyTorch's own tests of it are skipped, or expected to fail

    @property
    def entries(self) -> int:
        """How many numbers are differentiated."""
        return sum(t.numel() for t in self.tensors)


def cases(most: int = MOST, largest: int = LARGEST) -> Iterator[OperatorSample]:
    """Yield the bounded samples of every operator, evenly chosen where there are too many."""
    import torch
    from torch.testing._internal.common_methods_invocations import op_db

    for operator in op_db:
        if operator.supports_autograd and operator.supports_dtype(torch.float64, "cpu"):
            torch.manual_seed(0)
            random.seed(0)
            np.random.seed(0)  # noqa: NPY002  some samples draw from it
            samples = enumerate(operator.sample_inputs("cpu", torch.float64, requires_grad=True))
            found = [case_of(operator, k, sample) for k, sample in samples]
            small = [case for case in found if all(t.numel() for t in case.tensors) and 0 < case.entries <= largest]
            for k in np.unique(np.linspace(0, len(small) - 1, min(most, len(small))).astype(int)):
                yield small[k]


def case_of(operator: Any, number: int, sample: Any) -> OperatorSample:  # noqa: ANN401
    """Return a sample as a function of tensors, whatever else it is called with."""
    arguments = [sample.input, *sample.args, *sample.kwargs.values()]
    keywords = [*sample.kwargs]

    def function(*given: Any) -> Any:  # noqa: ANN401
        left = list(given)
        filled = [_filled(argument, left) for argument in arguments]
        positional, named = filled[: len(filled) - len(keywords)], filled[len(filled) - len(keywords) :]
        output = operator.gradcheck_wrapper(operator.op, *positional, **dict(zip(keywords, named, strict=True)))
        return output if sample.output_process_fn_grad is None else sample.output_process_fn_grad(output)

    name = operator.name + f".{operator.variant_test_name}" * bool(operator.variant_test_name)
    function.__qualname__ = name
    return OperatorSample(
        operator=name,
        sample=number,
        what=_shown(arguments),
        function=function,
        tensors=tuple(t for argument in arguments for t in _tensors(argument) if t.requires_grad),
        nondet=operator.gradcheck_nondet_tol,
        marked=is_marked(operator),
    )


def _tensors(argument: Any) -> list[Any]:  # noqa: ANN401
    import torch

    listed = argument if isinstance(argument, (list, tuple)) else [argument]
    return [t for t in listed if isinstance(t, torch.Tensor)]


def _filled(argument: Any, left: list[Any]) -> Any:  # noqa: ANN401
    """Put the tensors that are given in the places of those that require a gradient."""
    if isinstance(argument, (list, tuple)) and _tensors(argument):
        return [left.pop(0) if getattr(t, "requires_grad", False) else t for t in argument]
    return left.pop(0) if getattr(argument, "requires_grad", False) else argument


def _shown(arguments: list[Any]) -> str:
    shapes = [tuple(t.shape) for argument in arguments for t in _tensors(argument)]
    settings = [str(a) for a in arguments if not _tensors(a) and isinstance(a, (int, float, str, bool))]
    return " ".join([*map(str, shapes), *settings]).replace("|", "\\|")


def is_marked(operator: Any) -> bool:  # noqa: ANN401
    """Whether PyTorch's own test of the gradient is skipped or expected to fail: its decorators are tried on."""
    import torch

    decorators = operator.get_decorators("TestBwdGradients", "test_fn_grad", "cpu", torch.float64, {})
    for decorator in decorators:

        def test(_: object = None) -> None:
            """Nothing; what the decorator makes of it is the question."""

        try:
            made = decorator(test)
        except Exception:  # noqa: BLE001, S112  it wants a real test
            continue
        if getattr(made, "__unittest_skip__", False) or getattr(made, "__unittest_expecting_failure__", False):
            return True
        try:
            made(unittest.TestCase())
        except unittest.SkipTest:
            return True
        except Exception:  # noqa: BLE001, S112  it wants a real test
            continue
    return False
