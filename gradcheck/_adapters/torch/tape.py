"""Which operators does a model run? Recorded, so that those after some place can be run again by themselves.

Operators are recorded below autograd, where modules, functions and hand-written Functions look alike. What is
done in place is recorded as if it had made a new tensor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_unflatten

from gradcheck._adapters.torch.tensors import Tensor, is_floating

Key = tuple[Any, ...]
KINDS = (torch.Tensor, torch.nn.Parameter)
UNFILLED = {  # operators that read a shape only
    *("empty_like", "zeros_like", "ones_like", "full_like", "rand_like", "randn_like"),
    *("new_empty", "new_zeros", "new_ones", "new_full", "new_empty_strided"),
}
LARGE = 2**20  # size of memory above which in-place changes of parts are not tracked


class CannotReplayError(Exception):
    """The operators of a model cannot be replayed by themselves."""


@dataclass(frozen=True)
class TapeSlot:
    """A place in the arguments of an operator that takes a tensor: which one of the tape."""

    number: int


@dataclass(frozen=True, eq=False)
class TapeStep:
    """One operator, as it was called."""

    name: str  # such as addmm
    run: Callable[..., Any] | None  # it, or what makes again what it makes in place; None where there is no such thing
    args: list[Any]  # flat, with slots in the places of tensors
    spec: Any
    outs: list[int | None]  # the slots of its outputs, flat
    seeded: bool  # whether it draws random numbers

    @property
    def ins(self) -> list[int]:
        """The slots that it reads."""
        return [arg.number for arg in self.args if isinstance(arg, TapeSlot)]

    def call(self, values: Callable[[int], Tensor]) -> list[Any]:
        """Call it with other values; return its outputs, flat."""
        if self.run is None or self.seeded:
            raise CannotReplayError(self.name)
        flat = [values(arg.number) if isinstance(arg, TapeSlot) else arg for arg in self.args]
        args, keywords = tree_unflatten(flat, self.spec)
        return list(tree_flatten(self.run(*args, **keywords))[0])

    def given(self, at: int, default: Any = None) -> Any:  # noqa: ANN401
        """Return a positional argument, or what stands for it where it was not given."""
        args, _ = tree_unflatten(self.args, self.spec)
        return args[at] if at < len(args) else default

    def named(self, name: str, default: Any) -> Any:  # noqa: ANN401
        """Return a keyword argument, or what stands for it where it was not given."""
        return tree_unflatten(self.args, self.spec)[1].get(name, default)

    def instead(self, at: int, value: Any) -> TapeStep:  # noqa: ANN401
        """Return the step with another positional argument."""
        args, keywords = tree_unflatten(self.args, self.spec)
        args = [*args, *[None] * (at + 1 - len(args))]
        args[at] = value
        flat, spec = tree_flatten((tuple(args), keywords))
        return replace(self, args=flat, spec=spec)


@dataclass(eq=False)
class Tape:
    """What a model did: its operators in order, and what each tensor was."""

    steps: list[TapeStep] = field(default_factory=list)
    values: list[Tensor] = field(default_factory=list)  # by slot
    storages: list[int] = field(default_factory=list)  # by slot: where it lies
    doubtful: set[int] = field(default_factory=set)  # slots that share memory with others, nobody knows how
    where: dict[Key, int] = field(default_factory=dict)
    within: dict[int, list[int]] = field(default_factory=dict)  # storage -> slots
    changed: set[int] = field(default_factory=set)  # storages in which something was done in place
    kept: list[Tensor] = field(default_factory=list)  # so that no memory is used again

    def slot(self, tensor: Tensor) -> int:
        """Return the slot of a tensor, a new one where it was not met before."""
        known = self.where.get(_key(tensor))
        return self.add(tensor, shared=True) if known is None else known

    def add(self, tensor: Tensor, *, shared: bool = False) -> int:
        """Give a tensor a new slot."""
        if type(tensor) not in KINDS or tensor.layout != torch.strided:
            raise CannotReplayError(type(tensor).__name__)
        storage, number = _storage(tensor), len(self.values)
        if shared and storage in self.within:
            self.doubtful.add(number)
        self.values.append(tensor.detach())
        self.storages.append(storage)
        self.kept.append(tensor)
        self.within.setdefault(storage, []).append(number)
        self.where[_key(tensor)] = number
        return number

    def about_to_change(self, tensor: Tensor) -> None:
        """Keep what is going to be overwritten, and forget where that lay."""
        storage = _storage(tensor)
        self.changed.add(storage)
        for number in self.within.get(storage, ()):
            self.values[number] = self.values[number].clone()
        size = tensor.untyped_storage().nbytes() // tensor.element_size()
        if size > LARGE:
            msg = "large memory changed in place"
            raise CannotReplayError(msg)
        touched = torch.zeros(size, dtype=torch.bool)
        touched.as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())[...] = True
        for key in [key for key in self.where if key[0] == storage]:
            _, shape, stride, offset, _ = key
            if bool(touched.as_strided(shape, stride, offset).any()):
                del self.where[key]

    def dependents(self, start: int) -> tuple[list[TapeStep], set[int]]:
        """Return the operators that depend on a slot, and the slots that change with it.

        Raises CannotReplayError where that cannot be told.
        """
        dependent, places, steps = {start}, {self.storages[start]}, []
        for step in self.steps:
            ins = [n for n in step.ins if n in dependent or (n in self.doubtful and self.storages[n] in places)]
            if not ins or step.name in UNFILLED or start in step.outs:
                continue
            if any(n in self.doubtful and n not in dependent for n in ins) or not self._in_double(step):
                raise CannotReplayError(step.name)
            if step.name in {"_local_scalar_dense", "equal", "is_nonzero"}:
                raise CannotReplayError(step.name)
            outs = {n for n in step.outs if n is not None}
            dependent |= outs
            places |= {self.storages[n] for n in outs}
            steps.append(step)
        return steps, dependent

    def _in_double(self, step: TapeStep) -> bool:
        outs = [self.values[n] for n in step.outs if n is not None]
        return all(t.dtype == torch.float64 for t in outs if is_floating(t))

    def again(self, steps: Iterable[TapeStep], start: int, value: Tensor) -> dict[int, Tensor]:
        """Run some operators again with another value in a slot; return the slots that they fill."""
        now = {start: value}

        def there(slot: int) -> Tensor:
            return now[slot] if slot in now else self.values[slot]

        for step in steps:
            made = step.call(there)
            now |= {n: v for n, v in zip(step.outs, made, strict=True) if n is not None}
        return now

    def readers(self, number: int) -> list[TapeStep]:
        """Return the operators that read a slot."""
        return [step for step in self.steps if number in step.ins]


class Recorder(TorchDispatchMode):  # type: ignore[misc]
    """Writes a tape while it is entered."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.tape = Tape()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Tell PyTorch not to involve its compiler, which takes seconds to load."""
        return False

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401
        _: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Call an operator, and write down what it was given and what it made."""
        tape, keywords = self.tape, dict(kwargs or {})
        flat, spec = tree_flatten((args, keywords))
        held = [TapeSlot(tape.slot(arg)) if isinstance(arg, torch.Tensor) else arg for arg in flat]
        in_place = func._schema.is_mutable  # noqa: SLF001
        if in_place:
            changed = [a for a, s in zip(args, func._schema.arguments, strict=False) if _written(s)]  # noqa: SLF001
            for tensor in changed:
                tape.about_to_change(tensor)
        result = func(*args, **keywords)
        made = tree_flatten(result)[0]
        known = [_key(t) in tape.where if isinstance(t, torch.Tensor) else True for t in made]
        outs = [tape.slot(t) if isinstance(t, torch.Tensor) and k else None for t, k in zip(made, known, strict=True)]
        outs = [tape.add(t) if not k else n for t, k, n in zip(made, known, outs, strict=True)]
        if all(known) and not in_place and any(n is not None for n in outs):
            return result  # the same memory under another name
        name = func._schema.name.removeprefix("aten::")  # noqa: SLF001
        seeded = torch.Tag.nondeterministic_seeded in func.tags
        tape.steps.append(TapeStep(name.rstrip("_"), _anew(func) if in_place else func, held, spec, outs, seeded))
        return result


def _anew(func: Any) -> Any:  # noqa: ANN401
    """Return the operator that makes again what one makes in place."""
    name = func._schema.name.removeprefix("aten::")  # noqa: SLF001
    packet = getattr(torch.ops.aten, name[:-1], None) if name.endswith("_") else None
    return getattr(packet, func._overloadname, packet)  # noqa: SLF001  which finds the one that fits by itself


def _written(argument: Any) -> bool:  # noqa: ANN401
    return argument.alias_info is not None and bool(argument.alias_info.is_write)


def _storage(tensor: Tensor) -> int:
    return int(tensor.untyped_storage().data_ptr())


def _key(tensor: Tensor) -> Key:
    if type(tensor) not in KINDS or tensor.layout != torch.strided:
        raise CannotReplayError(type(tensor).__name__)
    return (
        _storage(tensor),
        tuple(tensor.shape),
        tuple(tensor.stride()),
        tensor.storage_offset(),
        tensor.dtype,
    )
