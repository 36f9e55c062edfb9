"""What comes of a product's rows when single units of them are shifted? All that comes after is done again."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradcheck._adapters.jax.equations import CannotFollowError, Equation, Equations
from gradcheck._adapters.jax.terms import JaxEnd, JaxOpening
from gradcheck._adapters.on_the_way import needed
from gradcheck._adapters.rows import AT_ONCE, FEWEST, ShiftedRows, groups
from gradcheck._model.oracle import Array
from gradcheck._model.site import SHIFTS, Floats, Ints

Precisely = Callable[[], Any]  # what lets JAX compute in the precision of the program, for a while


@dataclass(frozen=True, eq=False)
class Suffix:
    """What comes after a slot: the equations, what adds up to the scalar, and what they read besides."""

    equations: Equations
    start: int
    steps: list[Equation]
    ends: list[JaxEnd]

    @classmethod
    def of(cls, equations: Equations, start: int, cotangents: list[Any]) -> Suffix | None:
        """Follow what depends on a slot; None where the scalar does not, or not in double precision."""
        try:
            steps, dependent = equations.dependents(start)
        except CannotFollowError:
            return None
        ends = JaxOpening(equations, dependent).ends(cotangents)
        wanted = {n for end in ends for n in end.reads}
        return cls(equations, start, needed(steps, wanted), ends) if ends else None

    @property
    def reads(self) -> list[int]:
        """The slots whose values it needs, that of the start among them."""
        made = {n for step in self.steps for n in step.outs}
        read = {n for step in self.steps for n in step.ins} | {n for end in self.ends for n in end.reads}
        return sorted((read | {self.start}) - made - self.equations.literals)

    @property
    def width(self) -> int:
        """How many numbers there are at once, at the most."""
        slots = [self.start, *(n for step in self.steps for n in step.outs)]
        return max(self.equations.size(n) for n in slots)

    def terms(self, dz: Any, values: Mapping[int, Any]) -> Any:  # noqa: ANN401
        """Return what adds up to the scalar, where what is in the start is shifted."""
        there = self.equations.again(self.steps, {**values, self.start: values[self.start] + dz})
        return jnp.concatenate([jnp.ravel(end.make(there)) for end in self.ends])


@dataclass(frozen=True, eq=False)
class Replay:
    """What comes after some rows z, compiled for so many shifts at once."""

    run: Callable[..., Any]  # (K, ...) in the layout of the start -> (K, T)
    values: Mapping[int, Any]
    place: Ints  # (Q, O): where each number of the rows lies in the start
    shape: tuple[int, ...]  # of the start
    at_once: int
    precisely: Precisely

    @classmethod
    def of(cls, suffix: Suffix, values: Mapping[int, Any], place: Ints, precisely: Precisely) -> Replay:
        """Compile it when it is called first."""
        at_once = int(np.clip(AT_ONCE // suffix.width, FEWEST, max(FEWEST, SHIFTS * place.shape[1])))
        run = jax.jit(jax.vmap(suffix.terms, in_axes=(0, None)))
        shape = suffix.equations.avals[suffix.start].shape
        return cls(run, {n: values[n] for n in suffix.reads}, place, shape, at_once, precisely)

    def of_rows(self, dz: Floats) -> Floats:
        """Return the terms (K, T) for shifts (K, Q, O) of the rows."""
        laid = np.zeros((len(dz), self.place.size))
        laid[:, self.place.ravel()] = dz.reshape(len(dz), -1)
        return self(laid)

    def __call__(self, laid: Floats) -> Floats:
        """Return the terms for shifts as they lie in the start, so many at once, the last ones filled up with none."""
        found = []
        with self.precisely():
            for at in range(0, len(laid), self.at_once):
                part = laid[at : at + self.at_once]
                full = np.zeros((self.at_once, laid.shape[1]))
                full[: len(part)] = part
                made = self.run(full.reshape(-1, *self.shape), self.values)
                found.append(np.array(made, dtype=np.float64)[: len(part)])
        return np.concatenate(found)


@dataclass(frozen=True, eq=False)
class JaxAfter(ShiftedRows):
    """What comes after some rows z, for shifts of single units of them."""

    replay: Replay
    z: Floats  # (Q, O)

    @classmethod
    def of(cls, replay: Replay, z: Array, batches: set[int], units: int) -> JaxAfter | None:
        """Find out which rows depend on one another; None where that makes more units in a group, or nothing finite."""
        rows = np.ravel(z)[replay.place]
        base = replay(np.zeros((1, rows.size)))[0]
        if not np.isfinite(base).all():
            return None
        found = groups(lambda dz: replay.of_rows(dz) - base, rows, np.abs(base), batches, units // rows.shape[1])
        return None if found is None else cls(found, base, replay.at_once, replay, rows)

    @functools.cached_property
    def before(self) -> Floats:
        """The units (R, P O) of each group."""
        members = self.groups.members
        return np.asarray(self.z[members].reshape(len(members), -1))

    def shifted(self, units: Ints, shifts: Floats) -> Floats:
        """Return what the terms of each group (K, R) change by, where each of some units (K,) is shifted in all."""
        position, column = np.divmod(units, self.z.shape[1])
        laid = np.zeros((len(units), self.z.size))
        rows = self.groups.members.T[position]
        laid[np.arange(len(units))[:, np.newaxis], self.replay.place[rows, column[:, np.newaxis]]] = shifts
        return self.groups.added(self.replay(laid) - self.base)
