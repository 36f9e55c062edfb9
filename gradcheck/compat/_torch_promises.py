"""What else does PyTorch's own checker test? Undefined gradients, batches, dtypes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch._vmap_internals import _vmap  # that of torch.vmap has no rule for dual numbers
from torch.autograd import forward_ad

from gradcheck._adapters.torch.modes import dual_numbers
from gradcheck._model import trees
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict
from gradcheck.compat._torch_inputs import Function, Given, Tensor, required, tensors_of

BATCH = 3  # cotangents or tangents at once

Promise = Callable[[Function, Given], Iterator[Problem]]


class _Undefined(torch.autograd.Function):  # type: ignore[misc]
    """The identity, through which no gradient comes back: not even zeros."""

    @staticmethod
    def forward(ctx: Any, y: Tensor) -> Tensor:  # noqa: ANN401
        """Return y."""
        del ctx
        return y.view_as(y)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> None:  # noqa: ANN401
        """Return nothing."""
        del ctx, gradient


def undefined_gradients(func: Function, given: Given) -> Iterator[Problem]:
    """Go back with the gradients of all outputs undefined, and of each by itself, the others' being zero."""
    inputs = required(given)
    count = len(_carrying(func, given))
    every = [range(count), *([k] for k in range(count))] if count > 1 else [range(count)]
    for hidden in every:
        outputs = _carrying(func, given)
        ends = [_Undefined.apply(y) if k in hidden else y for k, y in enumerate(outputs)]
        try:
            found = torch.autograd.grad(ends, inputs, [torch.zeros_like(y) for y in ends], allow_unused=True)
        except Exception as error:  # noqa: BLE001  the user's backward may raise anything
            text = f"the backward raised {type(error).__name__} where an output has no gradient: {error}"
            yield Problem(Verdict.BROKEN, text + "; a gradient may be None, or materialise it as zeros")
            return
        if any(g is not None and bool(g.to_dense().any()) for g in found):
            text = "the gradient is not zero where those of the outputs are undefined, or zero"
            yield Problem(Verdict.WRONG, text)
            return


def batched_gradients(func: Function, given: Given) -> Iterator[Problem]:
    """Run the backward for several gradients of each output at once, and compare with one after the other."""
    inputs = required(given)
    for y in _carrying(func, given):

        def pulled(u: Tensor, y: Tensor = y, **how: Any) -> list[Tensor]:  # noqa: ANN401
            found = torch.autograd.grad(y, inputs, u, retain_graph=True, allow_unused=True, **how)
            return [g for g in found if g is not None]

        yield from _alike(lambda u: pulled(u, is_grads_batched=True), pulled, [_drawn(y)], "gradients")


def batched_tangents(func: Function, given: Given) -> Iterator[Problem]:
    """Push several tangents forward at once, and compare with one after the other."""

    def pushed(*tangents: Tensor) -> tuple[Tensor, ...]:
        return tuple(t for _, t in _pushed(func, given, tangents))

    yield from _alike(_vmap(pushed), pushed, [_drawn(x) for x in required(given)], "tangents")


def _alike(together: Function, alone: Function, stacks: list[Tensor], what: str) -> Iterator[Problem]:
    expected = [torch.stack(each) for each in zip(*(alone(*one) for one in zip(*stacks, strict=True)), strict=True)]
    try:
        found = together(*stacks)
    except Exception as error:  # noqa: BLE001  the user's code may raise anything
        yield Problem(Verdict.BROKEN, f"several {what} at once (vmap) raised {type(error).__name__}: {error}")
        return
    if not all(torch.allclose(a, b) for a, b in zip(found, expected, strict=True)):
        yield Problem(Verdict.WRONG, f"several {what} at once (vmap) give others than one after the other")


def try_forward_mode(func: Function, given: Given) -> None:
    """Push tangents forward once: what raises there raises as it is."""
    inputs = required(given)
    if all(x.layout == torch.strided for x in inputs):
        _pushed(func, given, [torch.ones_like(x) for x in inputs])


def tangent_dtypes(func: Function, given: Given) -> Iterator[Problem]:
    """Compare the dtype of every tangent with that of its output."""
    for y, tangent in _pushed(func, given, [torch.ones_like(x) for x in required(given)]):
        if tangent.dtype != y.dtype:
            yield Problem(Verdict.BROKEN, f"the tangent of an output of {y.dtype} is of {tangent.dtype}")


def _drawn(like: Tensor) -> Tensor:
    """Draw several tensors like one, without changing any global random state."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn((BATCH, *like.shape), generator=generator, dtype=like.dtype).to(like.device)


def _carrying(func: Function, given: Given) -> list[Tensor]:
    with torch.random.fork_rng():  # so that every call draws the same
        return [y for y in tensors_of(func(*given)) if y.requires_grad]


def _pushed(func: Function, given: Given, tangents: Any) -> list[tuple[Tensor, Tensor]]:  # noqa: ANN401
    """Return the outputs and their tangents, zeros where there is none."""
    moved = iter(tangents)

    def dual(_: str, value: Any) -> Any:  # noqa: ANN401
        wanted = isinstance(value, torch.Tensor) and value.requires_grad
        return forward_ad.make_dual(value.detach(), next(moved)) if wanted else value

    with torch.random.fork_rng(), dual_numbers():
        found = [forward_ad.unpack_dual(y) for y in tensors_of(func(*trees.rebuild(given, dual)))]
        floating = [(y, t) for y, t in found if y.is_floating_point() or y.is_complex()]
        return [(y, torch.zeros_like(y) if t is None else t) for y, t in floating]
