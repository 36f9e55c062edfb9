"""What does a program of JAX do, equation by equation? So that what comes after a place in it can be done again.

Calls of functions are opened, whatever rule they bring for their derivatives; loops and branches stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from gradcheck._adapters.jax.precision import whole
from gradcheck._adapters.jax.programs import nested
from gradcheck._adapters.on_the_way import needed

OPENED = {  # names of primitives that call a function, and what they call it
    **dict.fromkeys(("jit", "pjit", "closed_call", "remat2", "remat", "checkpoint"), "jaxpr"),
    **dict.fromkeys(("core_call", "custom_jvp_call", "custom_vjp_call"), "call_jaxpr"),
    "custom_vjp_call_jaxpr": "fun_jaxpr",
    "custom_vmap_call": "call",
}
PYTHON = "callback"  # in the name of a primitive that calls Python


class CannotFollowError(Exception):
    """What a function does cannot be done again by itself."""


@dataclass(frozen=True, eq=False)
class Equation:
    """One primitive, with the slots that it reads and fills."""

    primitive: Any
    params: Mapping[str, Any]
    ins: list[int]
    outs: list[int]
    source: Any = None  # where it was traced

    @property
    def name(self) -> str:
        """What JAX calls it."""
        return str(self.primitive.name)

    def call(self, taken: Sequence[Any]) -> list[Any]:
        """Do it with other numbers."""
        return bound(self.primitive, self.params, taken)


def bound(primitive: Any, params: Mapping[str, Any], taken: Sequence[Any]) -> list[Any]:  # noqa: ANN401
    """Apply a primitive."""
    made = primitive.get_bind_params(dict(params))
    functions, parameters = made if isinstance(made, tuple) else ((), made)  # as JAX has it, older and newer
    result = primitive.bind(*functions, *taken, **parameters)
    return list(result) if primitive.multiple_results else [result]


@dataclass(frozen=True, eq=False)
class Equations:
    """A program, written down with a number for each array in it: its slot."""

    avals: list[Any] = field(default_factory=list)  # by slot: shape and dtype
    held: dict[int, Any] = field(default_factory=dict)  # slot -> constants
    literals: set[int] = field(default_factory=set)  # those of them that are single numbers of the program's text
    given: list[int] = field(default_factory=list)  # slots of its arguments
    steps: list[Equation] = field(default_factory=list)
    outs: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, closed: Any) -> Equations:  # noqa: ANN401
        """Open a program; raises CannotFollowError for one that does more than to compute."""
        if closed.effects:
            msg = "effects"
            raise CannotFollowError(msg)
        made = cls()
        made.given.extend(made._slot(v.aval) for v in closed.jaxpr.invars)
        made.outs.extend(made._opened(closed.jaxpr, closed.consts, made.given))
        made.steps[:] = needed(made.steps, made.outs)
        if any(PYTHON in step.name for step in made.steps):
            raise CannotFollowError(PYTHON)
        return made

    def _slot(self, aval: Any, value: Any = None) -> int:  # noqa: ANN401
        self.avals.append(aval)
        if value is not None:
            self.held[len(self.avals) - 1] = value
        return len(self.avals) - 1

    def _opened(self, jaxpr: Any, consts: Sequence[Any], given: Sequence[int]) -> list[int]:  # noqa: ANN401
        """Write down the equations of a program whose arguments are in slots; return those of its outputs."""
        known: dict[Any, int] = dict(zip(jaxpr.invars, given, strict=True))
        known |= {v: self._slot(v.aval, _owned(v.aval, c)) for v, c in zip(jaxpr.constvars, consts, strict=True)}

        def at(variable: Any) -> int:  # noqa: ANN401
            if not hasattr(variable, "val"):
                return known[variable]
            slot = self._slot(variable.aval, variable.val)
            self.literals.add(slot)
            return slot

        for equation in jaxpr.eqns:
            ins = [at(v) for v in equation.invars]
            inner = equation.params.get(OPENED.get(equation.primitive.name, ""))
            if inner is None:
                outs = [self._slot(v.aval) for v in equation.outvars]
                traced = equation.source_info.traceback
                self.steps.append(Equation(equation.primitive, equation.params, ins, outs, traced))
            else:
                outs = self._opened(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), ins)
            known |= zip(equation.outvars, outs, strict=True)
        return [at(v) for v in jaxpr.outvars]

    def size(self, slot: int) -> int:
        """How many numbers there are in a slot."""
        return int(np.prod(self.avals[slot].shape))

    def readers(self, slot: int) -> list[Equation]:
        """Return the equations that read a slot."""
        return [step for step in self.steps if slot in step.ins]

    def dependents(self, start: int) -> tuple[list[Equation], set[int]]:
        """Return the equations that depend on a slot, and the slots that change with it.

        Raises CannotFollowError where one of them is not in double precision.
        """
        dependent, steps = {start}, []
        for step in self.steps:
            if dependent.isdisjoint(step.ins):
                continue
            if not _in_double(step.params) or any(coarse(self.avals[n]) for n in step.outs):
                raise CannotFollowError(step.name)
            dependent |= {*step.outs}
            steps.append(step)
        return steps, dependent

    def values(self, wanted: Sequence[int], arrays: Sequence[Any]) -> list[Any]:
        """Return what is in some slots, given the arguments."""
        steps = needed(self.steps, wanted)
        fixed = {n: v for n, v in self.held.items() if n not in self.literals}

        def run(given: Sequence[Any], fixed: dict[int, Any]) -> list[Any]:
            known = self.again(steps, dict(zip(self.given, given, strict=True)) | fixed)
            return [known(n) for n in wanted]

        return [*jax.jit(run)(list(arrays), fixed)]

    def again(self, steps: Iterable[Equation], known: dict[int, Any]) -> Callable[[int], Any]:
        """Do some equations, given what is in the slots that they read; return what says what is in a slot."""

        def there(slot: int) -> Any:  # noqa: ANN401
            return known[slot] if slot in known else self.held[slot]

        for step in steps:
            known |= zip(step.outs, step.call([there(n) for n in step.ins]), strict=True)
        return there


def coarse(aval: Any) -> bool:  # noqa: ANN401
    """Whether numbers are floats, but not of double precision."""
    dtype = getattr(aval, "dtype", np.dtype(bool))
    return bool(jax.dtypes.issubdtype(dtype, np.inexact)) and dtype not in (np.float64, np.complex128)


def _owned(aval: Any, constant: Any) -> Any:  # noqa: ANN401
    """Return a constant that is nobody else's: those of NumPy that are in use JAX 0.10 takes as they are elsewhere."""
    return constant if isinstance(constant, jax.Array) else whole(np.asarray(constant, dtype=aval.dtype))


def _in_double(params: Mapping[str, Any]) -> bool:
    """Whether the programs within an equation, such as the body of a loop, compute with doubles, and in JAX alone."""
    for inner in nested(params):
        for equation in inner.eqns:
            off = PYTHON in equation.primitive.name or any(coarse(v.aval) for v in equation.outvars)
            if off or not _in_double(equation.params):
                return False
    return True
