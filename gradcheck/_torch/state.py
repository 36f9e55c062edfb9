"""What must be as it was? Parameters, buffers, attributes, gradients and random generators of a model."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import torch

from gradcheck._state import MANY, Source, reachable
from gradcheck._torch.tensors import DOUBLE, Tensor, is_floating

Module = Any  # torch.nn.Module


def found(roots: Iterable[object]) -> tuple[list[Module], list[Tensor], list[Any]]:
    """Return the modules, the tensors and the random generators that some things can reach, each once."""
    modules: dict[int, Module] = {}
    tensors: dict[int, Tensor] = {}
    generators: dict[int, Any] = {}
    for thing in islice(reachable(roots), MANY):
        if isinstance(thing, torch.nn.Module):
            modules |= {id(m): m for m in thing.modules()}
        elif isinstance(thing, torch.Tensor):
            tensors[id(thing)] = thing
        elif isinstance(thing, torch.Generator):
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
    return Source(lambda: generator.get_state().numpy(), lambda state: generator.set_state(torch.from_numpy(state)))


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
            self.tensors[k].data.copy_(self.kept[k])

    def notice(self) -> None:
        """Find out which of them a call has changed: running statistics."""
        for k, (tensor, kept) in enumerate(zip(self.tensors, self.kept, strict=True)):
            same = tensor.shape == kept.shape and torch.equal(tensor.data, kept.to(tensor.dtype))
            if k not in self.changing and not same and not bool(tensor.isnan().any()):
                self.changing.append(k)

    def restore(self) -> None:
        """Put all of them back into the memory that they were in."""
        for tensor, kept in zip(self.tensors, self.kept, strict=True):
            tensor.data = kept
        self.wide = None


@contextlib.contextmanager
def preserved(modules: Iterable[Module], tensors: Iterable[Tensor]) -> Iterator[None]:
    """Put back the attributes of modules, integer buffers and the gradients of tensors, whatever happens."""
    attributes: list[tuple[dict[str, Any], dict[str, Any]]] = [(m.__dict__, {**m.__dict__}) for m in modules]
    inner = [
        (part, copy.copy(part)) for _, old in attributes for part in old.values() if isinstance(part, (dict, list))
    ]
    counts = [(t, t.clone()) for t in tensors if not is_floating(t) and t.numel() < COUNTERS]
    flags = [(t, t.requires_grad, t.grad) for t in tensors if is_floating(t) and t.is_leaf]
    try:
        yield
    finally:
        for now, old in attributes:
            now.clear()
            now.update(old)
        for part, whole in inner:
            _refilled(part, whole)
        for tensor, count in counts:
            if not torch.equal(tensor, count):
                tensor.copy_(count)
        for tensor, flag, gradient in flags:
            tensor.requires_grad_(flag)
            if tensor.grad is not gradient:
                tensor.grad = gradient


COUNTERS = 4096  # entries above which an integer tensor is data, not the counter of a running statistic


def _refilled(part: Any, old: Any) -> None:  # noqa: ANN401
    if isinstance(part, dict):
        if [*part] != [*old] or any(part[key] is not old[key] for key in old):
            part.clear()
            part.update(old)
    elif len(part) != len(old) or any(a is not b for a, b in zip(part, old, strict=True)):
        part[:] = old
