"""Which outputs and inputs of a function does PyTorch's own checker test? Those that require a gradient."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch

from gradcheck._adapters.torch.tensors import with_entries
from gradcheck._model import trees

Function = Callable[..., Any]
Tensor = Any  # torch.Tensor
Given = tuple[Any, ...]


def tupled(inputs: Any) -> Given:  # noqa: ANN401
    """Return the inputs as a tuple: one tensor may come alone."""
    return tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)


def tensors_of(tree: Any) -> list[Tensor]:  # noqa: ANN401
    """Return the tensors in anything nested."""
    return [v for _, v in trees.leaves(tree) if isinstance(v, torch.Tensor)]


def required(given: Given) -> list[Tensor]:
    """Return the inputs that require a gradient; raises ValueError if there are none."""
    found = [t for t in tensors_of(given) if t.requires_grad]
    if not found:
        msg = "no input requires a gradient, so there is nothing to check; write x.requires_grad_()"
        raise ValueError(msg)
    return found


def of_outputs(func: Function, given: Given) -> Function | None:
    """Return the function with only those outputs that carry a gradient; None if nothing depends on anything.

    Where no output requires a gradient, all of them stay: none of them may move. Raises ValueError for a sparse one.
    """
    with torch.random.fork_rng():
        outputs = tensors_of(func(*given))
    for y in outputs:
        if y.layout != torch.strided:
            msg = f"the function returned a tensor of layout {y.layout}; write .to_dense() behind it"
            raise ValueError(msg)
    floating = [k for k, y in enumerate(outputs) if (y.is_floating_point() or y.is_complex()) and y.numel()]
    kept = [k for k in floating if outputs[k].requires_grad] or floating
    if not kept or not any(t.numel() for t in required(given)):
        return None
    if len(kept) == len(outputs) and not isinstance(func, torch.nn.Module):
        return func

    @functools.wraps(func if hasattr(func, "__name__") else type(func))
    def selected(*args: Any) -> Any:  # noqa: ANN401
        found = tensors_of(func(*args))
        return found[kept[0]] if len(kept) == 1 else tuple(found[k] for k in kept)

    return selected


class _Whole(torch.autograd.Function):  # type: ignore[misc]
    """A dense tensor as a sparse one like another; its gradient is dense."""

    @staticmethod
    def forward(ctx: Any, dense: Tensor, like: Tensor) -> Tensor:  # noqa: ANN401
        """Return the other itself where the numbers are its own, else every entry, zeros too."""
        del ctx
        if torch.equal(dense, like.to_dense()):
            return like.clone()
        return _every_entry(dense, like)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        """Return the gradient with all its entries."""
        del ctx
        return gradient.to_dense(), None


def _every_entry(dense: Tensor, like: Tensor) -> Tensor:
    """Return a tensor of the layout of another that stores every entry."""
    places = torch.arange(1.0, dense.numel() + 1).reshape(dense.shape)
    how: dict[str, Any] = {"layout": like.layout, "dense_dim": like.dense_dim()}
    if like.layout in (torch.sparse_bsr, torch.sparse_bsc):
        how |= {"blocksize": like.values().shape[1:3]}
    stored = places.to_sparse(**how)
    return with_entries(stored, dense.flatten()[stored.values().long() - 1])


def densified(func: Function, given: Given) -> tuple[Function, Given]:
    """Return the function of dense tensors in the places of sparse ones: their zeros are moved as well."""
    likes = {k: t.detach() for k, t in enumerate(given) if _is_sparse(t) and t.requires_grad}
    if not likes:
        return func, given

    @functools.wraps(func)
    def of_dense(*args: Any) -> Any:  # noqa: ANN401
        return func(*(_Whole.apply(a, likes[k]) if k in likes else a for k, a in enumerate(args)))

    return of_dense, tuple(t.detach().to_dense().requires_grad_() if k in likes else t for k, t in enumerate(given))


def _is_sparse(thing: object) -> bool:
    return isinstance(thing, torch.Tensor) and thing.layout != torch.strided
