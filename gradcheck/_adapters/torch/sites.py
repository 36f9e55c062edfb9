"""Where does a model meet its weights, in z = x W + b? And what does a shift of one pre-activation do to each term?

A model is run once, and what it does is written down; what comes after z is done again with z shifted, many shifts at
once. No code of the user's is called for that, and what comes before z is not computed again.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from gradcheck._adapters.torch.call import TorchCall
from gradcheck._adapters.torch.plan import floats
from gradcheck._adapters.torch.rows import groups
from gradcheck._adapters.torch.tape import CannotReplayError, Recorder, Step, Tape
from gradcheck._adapters.torch.tensors import Tensor, like
from gradcheck._adapters.torch.terms import End, Opening
from gradcheck._adapters.torch.uses import Use, inputs, lies_as, uses
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.site import Floats, Ints, WeightSite
from gradcheck._results.floating import DOUBLE

AT_ONCE = 2**20  # numbers that are worked on at once
GAINS = 2  # evaluations of an entry one by one, of which a site needs at most half
COMPILED = "OptimizedModule"  # by its name, since what it comes from takes seconds to load
SHIFTS = 4  # of each unit
ROUNDINGS = 2.0**10  # of what is added up, by which the same may differ, done in another order


@dataclass(frozen=True, eq=False)
class Sites:
    """The sites of a model."""

    call: TorchCall

    def __call__(self, point: Mapping[str, Array], cotangent: Array) -> Iterator[WeightSite]:
        """Yield where weights are met; nothing of a model that cannot be followed."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield from _found(self.call, point, cotangent)
        except Exception as trouble:  # the user's code may raise anything
            if ends(trouble):
                raise


def _found(call: TorchCall, point: Mapping[str, Array], cotangent: Array) -> list[WeightSite]:
    if any(type(m).__name__ == COMPILED for m in call.modules):
        return []
    variables = call.variables(point)
    call.begin_afresh()
    alone = copy.copy(call)
    alone.hand_back = _nothing  # type: ignore[method-assign]  which is none of the model's doing
    with sdpa_kernel(SDPBackend.MATH), torch.enable_grad(), Recorder() as recorder:
        carry = floats(alone.result(variables))
    tape = recorder.tape
    if any(y.dtype != torch.float64 for y in carry):
        return []
    sizes = [y.numel() for y in carry]
    us = [like(u, y) for u, y in zip(np.split(np.ravel(cotangent), np.cumsum(sizes)[:-1]), carry, strict=True)]
    heads = [(tape.slot(y), u) for y, u in zip(carry, us, strict=True)]
    moved = {variables[m.name].untyped_storage().data_ptr(): (m.paths[0], variables[m.name]) for m in call.moved}
    plain = len(moved) == len(call.moved) and all(m.dense and len(m.paths) == 1 for m in call.moved)
    if not plain or any(tape.storages[slot] in moved for slot, _ in heads):
        return []
    batches = {n for t in (*variables.values(), *carry) for n in t.shape[:2]}
    return [*_sites(tape, heads, moved, batches)]


def _nothing() -> None:
    pass


def _sites(
    tape: Tape, heads: list[tuple[int, Tensor]], moved: Mapping[int, tuple[str, Tensor]], batches: set[int]
) -> Iterator[WeightSite]:
    """Yield the sites that are worth it: of weights all uses, and then of inputs."""
    whole = {path: tensor for path, tensor in moved.values()}
    given = dict(inputs(tape, moved))
    by_weight: dict[str, list[Use]] = {}
    for use in uses(tape, moved):
        by_weight.setdefault(use.weight, []).append(use)
    done: set[str] = set()
    for path, met in by_weight.items():
        share = whole[path].numel() * GAINS // (SHIFTS * len(met))  # units that each use may have
        found = [_of_use(tape, heads, use, batches, share, given if len(met) == 1 else {}) for use in met]
        if all(site is not None for site in found):
            yield from (site for site in found if site is not None)
            done |= {site.given for site in found if site is not None and site.given is not None}
    for path, slot in given.items():
        if path not in done and path not in by_weight:
            site = _of_input(tape, heads, (path, slot), batches)
            if site is not None:
                yield site


def _of_use(  # noqa: PLR0913, PLR0917
    tape: Tape,
    heads: list[tuple[int, Tensor]],
    use: Use,
    batches: set[int],
    units: int,
    given: Mapping[str, int],
) -> WeightSite | None:
    outward = use.matrix.shape[1]
    after = _After.of(tape, heads, use.start, outward, batches, units // outward)
    if after is None:
        return None
    name = None
    if after.in_order:
        name = next((p for p, n in given.items() if _only(tape, n, use) and lies_as(tape, n, use.rows)), None)
    rows = use.rows[after.members].numpy()
    return after.site((use.weight, use.bias, name), use.matrix.numpy(), rows, turned=use.turned)


def _only(tape: Tape, slot: int, use: Use) -> bool:
    """Whether a slot is read by one product alone, by way of views."""
    while slot != use.x:
        readers = tape.readers(slot)
        if len(readers) != 1 or readers[0].name not in {"view", "clone", "_unsafe_view"}:
            return False
        slot = readers[0].outs[0]
    return len(tape.readers(slot)) == 1


def _of_input(
    tape: Tape, heads: list[tuple[int, Tensor]], given: tuple[str, int], batches: set[int]
) -> WeightSite | None:
    path, slot = given
    value = tape.values[slot]
    if value.ndim < 2:  # noqa: PLR2004  rows and columns
        return None
    after = _After.of(tape, heads, slot, value.shape[-1], batches, len(value.reshape(-1, value.shape[-1])) // SHIFTS)
    return after.site((None, None, path), None, after.before, turned=False) if after and after.in_order else None


@dataclass(frozen=True, eq=False)
class _After:
    """What comes after some rows z, for shifts of single units of them."""

    replay: Callable[[Tensor], Tensor]  # shifts (K, Q, O) -> terms (K, T)
    z: Tensor  # (Q, O)
    base: Tensor  # (T,)
    members: Tensor  # (R, P)
    groups: Tensor  # (T,)
    at_once: int

    @classmethod
    def of(  # noqa: PLR0913, PLR0917
        cls,
        tape: Tape,
        heads: list[tuple[int, Tensor]],
        start: int,
        outward: int,
        batches: Iterable[int],
        most: int,
    ) -> _After | None:
        """Look through what comes after a slot; None where that cannot be done again, or needs too many shifts."""
        try:
            steps, hearing = tape.heard(start)
            found = Opening(tape, hearing).ends(heads)
            if not found:
                return None
            replay = functools.partial(_replay, tape, _needed(steps, found), start, found)
            z = tape.values[start].reshape(-1, outward)
            with _quick():
                base = replay(torch.zeros((2, *z.shape), dtype=z.dtype))[0]
                if not _is_the_same(base, heads, tape):
                    return None
                grouped = groups(lambda dz: replay(dz) - base, z, base.abs(), batches, most)
        except (CannotReplayError, RuntimeError, TypeError, ValueError, NotImplementedError):
            return None
        if grouped is None:
            return None
        width = max([z.numel(), *(tape.values[n].numel() for s in steps for n in s.outs if n is not None)])
        return cls(replay, z, base, grouped.members, grouped.terms, max(8, AT_ONCE // width))

    @property
    def in_order(self) -> bool:
        """Whether the rows of each group come one after the other."""
        return bool((self.members.ravel() == torch.arange(self.members.numel())).all())

    @functools.cached_property
    def before(self) -> Array:
        """The units (R, P O) of each group."""
        found: Array = self.z[self.members].reshape(len(self.members), -1).numpy()
        return found

    def site(
        self, paths: tuple[str | None, str | None, str | None], matrix: Array | None, rows: Array, *, turned: bool
    ) -> WeightSite:
        """Return it as a site."""
        terms = self._by_group(self.base.unsqueeze(0))[0]
        return WeightSite(
            *paths,
            matrix,
            rows,
            self.before,
            terms,
            turned=turned,
            at_once=self.at_once,
            shifted=self.shifted,
        )

    def shifted(self, units: Ints, shifts: Floats) -> Floats:
        """Return what the terms of each group (K, R) change by, where each of some units (K,) is shifted in all."""
        width = self.z.shape[1]
        position, column = torch.from_numpy(units // width), torch.from_numpy(units % width)
        dz = torch.zeros((len(units), *self.z.shape), dtype=self.z.dtype)
        which = torch.arange(len(units)).unsqueeze(1)
        dz[which, self.members.T[position], column.unsqueeze(1)] = torch.from_numpy(np.array(shifts))
        with _quick():
            return self._by_group(self.replay(dz) - self.base)

    def _by_group(self, terms: Tensor) -> Floats:
        made = torch.zeros((len(terms), len(self.members)), dtype=terms.dtype)
        found: Floats = made.index_add_(1, self.groups, terms).numpy()
        return found


def _needed(steps: list[Step], found: list[End]) -> list[Step]:
    """Return the steps on the way to some ends."""
    wanted = {n for end in found for n in ([end.slot] if end.step is None else end.step.ins)}
    kept: list[Step] = []
    for step in reversed(steps):
        if any(n in wanted for n in step.outs):
            kept.insert(0, step)
            wanted |= {*step.ins}
    return kept


def _replay(tape: Tape, steps: list[Step], start: int, found: list[End], dz: Tensor) -> Tensor:
    """Return the terms (K, T) for shifts (K, Q, O) of what is in a slot."""
    z = tape.values[start]

    def one(shift: Tensor) -> Tensor:
        now = tape.again(steps, start, z + shift.reshape(z.shape))
        return torch.cat([(_value(end, now, tape) * end.coefficient).reshape(-1) for end in found])

    made: Any = torch.func.vmap(one)(dz)
    return made


def _value(end: End, now: Mapping[int, Tensor], tape: Tape) -> Tensor:
    if end.step is None:
        return now[end.slot]
    return end.step.call(lambda n: now[n] if n in now else tape.values[n])[0]


def _is_the_same(base: Tensor, heads: list[tuple[int, Tensor]], tape: Tape) -> bool:
    """Whether the terms are finite numbers; what they do not hear of is a constant."""
    return bool(base.isfinite().all()) and bool(heads) and bool(tape.steps)


@contextlib.contextmanager
def _quick() -> Iterator[None]:
    """Do without graphs, and without operators that can only be done one by one."""
    before = torch._C._functorch._is_vmap_fallback_enabled()  # noqa: SLF001
    torch._C._functorch._set_vmap_fallback_enabled(False)  # noqa: SLF001
    try:
        with torch.no_grad():
            yield
    finally:
        torch._C._functorch._set_vmap_fallback_enabled(before)  # noqa: SLF001
