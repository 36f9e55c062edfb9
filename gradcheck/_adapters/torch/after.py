"""How do the outputs change when single units of a product's rows are shifted? All later operators are run again."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gradcheck._adapters.on_the_way import needed
from gradcheck._adapters.rows import AT_ONCE, FEWEST, ROUNDINGS, ShiftedRows, groups
from gradcheck._adapters.torch.tape import CannotReplayError, Tape, TapeStep
from gradcheck._adapters.torch.tensors import Tensor, to_array
from gradcheck._adapters.torch.terms import End, Opening
from gradcheck._model.site import Floats, Ints
from gradcheck._results.floating import DOUBLE

REFUSED = (CannotReplayError, RuntimeError, TypeError, ValueError, NotImplementedError)  # by operators that refuse


@dataclass(frozen=True, eq=False)
class Recording:
    """One run of a model, written down."""

    tape: Tape
    heads: list[tuple[int, Tensor]]  # slots of the outputs, and their cotangents
    batches: set[int]  # how many samples there may be


@dataclass(frozen=True, eq=False)
class After(ShiftedRows):
    """What comes after some rows z, for shifts of single units of them."""

    replay: Callable[[Tensor], Tensor]  # shifts (K, Q, O) -> terms (K, T)
    z: Tensor  # (Q, O)

    @classmethod
    def of(cls, run: Recording, start: int, outward: int, units: int, axis: int = -1) -> After | None:
        """Look through what comes after a slot; None where it cannot be done again, or there are more units.

        Its numbers are rows of so many `outward`, which lie along an axis.
        """
        tape = run.tape
        try:
            steps, dependent = tape.dependents(start)
            found = Opening(tape, dependent).ends(run.heads)
            if not found:
                return None
            steps = needed(steps, [n for end in found for n in ([end.slot] if end.step is None else end.step.ins)])
            laid = tape.values[start].movedim(axis, -1)
            z = laid.reshape(-1, outward)

            def replay(dz: Tensor) -> Tensor:
                lies = dz.reshape(len(dz), *laid.shape).movedim(-1, axis if axis < 0 else axis + 1)
                return _replay(tape, steps, start, found, lies)

            base = replay(torch.zeros((2, *z.shape), dtype=z.dtype, device=z.device))[0]
            if not _agree(base, _terms(tape, found, {})):
                return None
            changes = lambda dz: to_array(replay(torch.from_numpy(dz).to(z.device)) - base)  # noqa: E731
            grouped = groups(changes, to_array(z), to_array(base.abs()), run.batches, units // outward)
        except REFUSED:
            return None
        if grouped is None:
            return None
        width = max([z.numel(), *(tape.values[n].numel() for s in steps for n in s.outs if n is not None)])
        return cls(grouped, to_array(base), max(FEWEST, AT_ONCE // width), replay, z)

    @functools.cached_property
    def members(self) -> Tensor:
        """The rows (R, P) of each group."""
        return torch.from_numpy(self.groups.members)

    @functools.cached_property
    def before(self) -> Floats:
        """The units (R, P O) of each group."""
        return to_array(self.z[self.members].reshape(len(self.members), -1))

    def shifted(self, units: Ints, shifts: Floats) -> Floats:
        """Return what the terms of each group (K, R) change by, where each of some units (K,) is shifted in all."""
        width = self.z.shape[1]
        position, column = torch.from_numpy(units // width), torch.from_numpy(units % width)
        dz = torch.zeros((len(units), *self.z.shape), dtype=self.z.dtype)
        which = torch.arange(len(units)).unsqueeze(1)
        dz[which, self.members.T[position], column.unsqueeze(1)] = torch.from_numpy(np.array(shifts))
        return self.groups.added(to_array(self.replay(dz.to(self.z.device))) - self.base)


def _replay(tape: Tape, steps: list[TapeStep], start: int, found: list[End], dz: Tensor) -> Tensor:
    """Return the terms (K, T) for K shifts of what is in a slot."""
    z = tape.values[start]

    def one(shift: Tensor) -> Tensor:
        return _terms(tape, found, tape.again(steps, start, z + shift))

    with _quick():
        made: Any = torch.func.vmap(one)(dz)
        return made


def _terms(tape: Tape, found: list[End], now: Mapping[int, Tensor]) -> Tensor:
    """Return what adds up to the scalar, where some slots hold other numbers than they did."""

    def value(slot: int) -> Tensor:
        return now[slot] if slot in now else tape.values[slot]

    made = [value(end.slot) if end.step is None else end.step.call(value)[0] for end in found]
    return torch.cat([(y * end.coefficient).reshape(-1) for y, end in zip(made, found, strict=True)])


def _agree(some: Tensor, other: Tensor) -> bool:
    """Whether terms are the same, and finite."""
    size = other.abs()
    return bool(((some - other).abs() <= ROUNDINGS * DOUBLE * (size + size.mean())).all())


@contextlib.contextmanager
def _quick() -> Iterator[None]:
    """Disable graphs, and refuse vmap's fallback to one call after the other."""
    before = torch._C._functorch._is_vmap_fallback_enabled()  # noqa: SLF001
    torch._C._functorch._set_vmap_fallback_enabled(False)  # noqa: FBT003, SLF001
    try:
        with torch.no_grad():
            yield
    finally:
        torch._C._functorch._set_vmap_fallback_enabled(before)  # noqa: SLF001
