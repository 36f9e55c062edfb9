"""What must be restored? Parameters, buffers, attributes, gradients and random generators of a model."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import torch

from gradcheck._adapters.torch.tensors import DOUBLE, Tensor, is_floating
from gradcheck._model.contents import is_a, is_known, reachable
from gradcheck._model.restore import Kept
from gradcheck._model.rng import MANY, Source

Module = Any  # torch.nn.Module


def found(roots: Iterable[object]) -> tuple[list[Module], list[Tensor], list[Any]]:
    """Return the modules, the tensors and the random generators that some things can reach, each once."""
    modules: dict[int, Module] = {}
    tensors: dict[int, Tensor] = {}
    generators: dict[int, Any] = {}
    for thing in islice(reachable(roots), MANY):
        if is_a(thing, torch.nn.Module):
            modules |= {id(m): m for m in thing.modules()}
        elif is_a(thing, torch.Tensor):
            tensors[id(thing)] = thing
        elif is_a(thing, torch.Generator):
            generators[id(thing)] = thing
    for module in modules.values():
        held = [*module._parameters.values(), *module._buffers.values(), *vars(module).values()]  # noqa: SLF001
        tensors |= {id(t): t for t in held if isinstance(t, torch.Tensor)}
    return [*modules.values()], [*tensors.values()], [*generators.values()]


def sources(generators: Iterable[Any], tensors: Iterable[Tensor]) -> tuple[Source, ...]:
    """Return the random generators of PyTorch: of the CPU, of the devices that tensors live on, and the user's own."""
    every = [torch.default_generator, *generators]
    devices = sorted({t.device.index for t in tensors if t.device.type == "cuda"})
    every += [torch.cuda.default_generators[index] for index in devices]
    return tuple(_source(g) for g in {id(g): g for g in every}.values())


def _source(generator: Any) -> Source:  # noqa: ANN401
    return Source(
        lambda: generator.get_state().numpy(),
        lambda state: generator.set_state(torch.from_numpy(state)),
        "a generator of PyTorch",
    )


class Constants:
    """Floating-point tensors that a model sees and that are not moved: in the precision of the point, put back after.

    While the model is called they hold numbers of their own, so that what a call does to them is forgotten.
    """

    def __init__(self, tensors: Iterable[Tensor]) -> None:
        """Remember the tensors and the memory that they are in."""
        self.tensors = [t for t in tensors if is_floating(t) and t.grad_fn is None and t.layout == torch.strided]
        self.kept = [t.data for t in self.tensors]
        self.changing: list[int] = []  # which of them a call changes: running statistics
        self.wide: bool | None = None

    def load(self, *, wide: bool) -> None:
        """Give them memory of their own, in double or in their own precision; or what a call changed, back."""
        if self.wide != wide:
            self.wide, self.changing = wide, []
            for tensor, kept in zip(self.tensors, self.kept, strict=True):
                own = kept if isinstance(tensor, torch.nn.Parameter) else kept.clone()
                tensor.data = kept.to(DOUBLE[kept.is_complex()]) if wide else own
            return
        for k in self.changing:
            _without_graph(self.tensors[k]).data.copy_(self.kept[k])

    def notice(self) -> None:
        """Find out which of them a call has changed: running statistics."""
        for k, (tensor, kept) in enumerate(zip(self.tensors, self.kept, strict=True)):
            same = tensor.shape == kept.shape and torch.equal(tensor.data, kept.to(tensor.dtype))
            if k not in self.changing and not same and not bool(tensor.isnan().any()):
                self.changing.append(k)

    def restore(self) -> None:
        """Put all of them back into the memory that they were in."""
        for tensor, kept in zip(self.tensors, self.kept, strict=True):
            _without_graph(tensor).data = kept
        self.wide = None


def _without_graph(tensor: Tensor) -> Tensor:
    """Remove the graph that a tensor got by an in-place change."""
    return tensor if tensor.grad_fn is None else tensor.detach_()


@contextlib.contextmanager
def preserved(modules: Iterable[Module], tensors: Iterable[Tensor]) -> Iterator[Kept]:
    """Put back the attributes of modules, integer buffers and the gradients of tensors, whatever happens."""
    kept = Kept()
    for module in modules:
        kept.contents(module.__dict__, type(module).__name__)
        for name, part in module.__dict__.items():
            if is_a(part, dict, list) and is_known(type(part)):
                kept.contents(part, f"{type(module).__name__}.{name}")
    for tensor in {id(t): t for t in tensors}.values():
        if is_floating(tensor) and tensor.is_leaf:
            kept.also("a gradient", functools.partial(_mark, tensor, tensor.grad, flag=tensor.requires_grad))
            tensor.grad = None  # so that nothing is added to the user's
        elif not is_floating(tensor) and tensor.numel() < COUNTERS:
            kept.also("a counter", functools.partial(_count, tensor, tensor.clone()))
    try:
        yield kept
    finally:
        kept.put_back()


def _mark(tensor: Tensor, gradient: Tensor | None, *, flag: bool) -> None:
    tensor.requires_grad_(flag)
    if tensor.grad is not gradient:
        tensor.grad = gradient


def _count(tensor: Tensor, count: Tensor) -> None:
    if not torch.equal(tensor, count):
        tensor.copy_(count)


COUNTERS = 4096  # entries above which an integer tensor is data, not the counter of a running statistic
