"""What adds up to the scalar? The outputs, each times its cotangent; of a loss, what its mean or sum is taken of."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax.numpy as jnp

from gradcheck._adapters.jax.equations import Equation, Equations

There = Callable[[int], Any]  # what is in a slot
SAME = {"reshape", "squeeze", "transpose", "broadcast_in_dim", "convert_element_type", "copy", "stop_gradient"}
SIGNS = {"add": (1.0, 1.0), "add_any": (1.0, 1.0), "sub": (1.0, -1.0), "neg": (-1.0,)}


@dataclass(frozen=True, eq=False)
class JaxEnd:
    """Numbers made of what is in slots, all of which add to the scalar."""

    reads: tuple[int, ...]
    make: Callable[[There], Any]


@dataclass(frozen=True, eq=False)
class Factor:
    """What numbers are multiplied by before they are added up, made of what is in slots that depend on none."""

    reads: tuple[int, ...]
    make: Callable[[There], Any]

    def times(self, slot: int, change: Callable[[Any, Any], Any]) -> Factor:
        """Return what it becomes by what is in a slot."""
        return Factor((*self.reads, slot), lambda there: change(self.make(there), there(slot)))

    def then(self, change: Callable[[Any], Any]) -> Factor:
        """Return what it becomes by something else."""
        return Factor(self.reads, lambda there: change(self.make(there)))

    def end(self, slot: int) -> JaxEnd:
        """Return the numbers of a slot, so multiplied."""
        return JaxEnd((*self.reads, slot), lambda there: there(slot) * self.make(there))


@dataclass(frozen=True, eq=False)
class JaxOpening:
    """How far back a scalar is a sum, of what depends on some place."""

    equations: Equations
    dependent: set[int]

    def ends(self, cotangents: list[Any]) -> list[JaxEnd]:
        """Return what adds up to the scalar and depends on the place, given the cotangents of the outputs."""
        makers = {n: step for step in self.equations.steps for n in step.outs}
        outputs = zip(self.equations.outs, cotangents, strict=True)
        return [end for slot, u in outputs for end in self._opened(makers, slot, _constant(u))]

    def _opened(self, makers: dict[int, Equation], slot: int, c: Factor) -> Iterator[JaxEnd]:
        if slot not in self.dependent:
            return
        step = makers.get(slot)
        parts = None if step is None else self._parts(step, c, lone=self.equations.size(slot) == 1)
        if parts is None:
            yield c.end(slot)
            return
        for part in parts:
            if isinstance(part, JaxEnd):
                yield part
            else:
                yield from self._opened(makers, *part)

    def _parts(self, step: Equation, c: Factor, *, lone: bool) -> list[tuple[int, Factor] | JaxEnd] | None:
        """Return the slots whose numbers add up to those of a step, and their factors; None where they do not."""
        first, second = step.ins[0], step.ins[-1]
        c = c.then(_single) if lone else c
        if step.name == "reduce_sum":
            axes = tuple(step.params["axes"])
            return [(first, c.then(lambda u: jnp.expand_dims(u, axes) if jnp.ndim(u) else u))]
        if step.name in SIGNS and (lone or len(step.ins) == 1):
            signed = zip(step.ins, SIGNS[step.name], strict=True)
            return [(n, c.then(partial(operator.mul, sign))) for n, sign in signed]
        if step.name in {"mul", "div"}:
            return self._scaled(step.name, first, second, c)
        if lone and step.name in SAME:
            return [(first, c)]
        return [_inner(step, c)] if lone and step.name == "dot_general" else None

    def _scaled(self, name: str, first: int, second: int, c: Factor) -> list[tuple[int, Factor] | JaxEnd] | None:
        if second not in self.dependent:
            return [(first, c.times(second, jnp.divide if name == "div" else jnp.multiply))]
        return [(second, c.times(first, jnp.multiply))] if name == "mul" and first not in self.dependent else None


def _constant(u: Any) -> Factor:  # noqa: ANN401
    return Factor((), lambda _: u if u.size > 1 else _single(u))


def _single(u: Any) -> Any:  # noqa: ANN401
    return jnp.reshape(u, ())


def _inner(step: Equation, c: Factor) -> JaxEnd:
    """Return the products that an inner product is the sum of."""
    first, second = step.ins
    (left, right), batch = step.params["dimension_numbers"]
    axes = ((*batch[0], *left), (*batch[1], *right))

    def products(there: There) -> Any:  # noqa: ANN401
        x, y = (jnp.transpose(_bare(there(n), used), _order(used)) for n, used in zip(step.ins, axes, strict=True))
        return x * y * c.make(there)

    return JaxEnd((*c.reads, first, second), products)


def _bare(x: Any, used: tuple[int, ...]) -> Any:  # noqa: ANN401
    """Return an array without its other axes, which are of length one."""
    return jnp.squeeze(x, tuple(k for k in range(x.ndim) if k not in used))


def _order(used: tuple[int, ...]) -> tuple[int, ...]:
    left = sorted(used)
    return tuple(left.index(k) for k in used)
