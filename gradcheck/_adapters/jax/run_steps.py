"""What does a function of JAX do, step by step? The equations of its program, told in arrays of NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import jax
import numpy as np

from gradcheck._adapters.jax.derivatives import Derivatives
from gradcheck._adapters.jax.equations import CannotFollowError, Equation, Equations, coarse
from gradcheck._adapters.jax.leaves import Arguments
from gradcheck._adapters.jax.precision import owned
from gradcheck._adapters.jax.rounds import may_not_end
from gradcheck._model.oracle import OURS, Array
from gradcheck._model.run_listener import RunListener
from gradcheck._model.run_step import Calls, Place, RunStep, StepFunction

LIBRARIES = tuple(str(module.__file__).rpartition("__init__")[0] for module in (jax, np))  # no code of the user's
NAMES = {  # of primitives, as NumPy calls what they do
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "add_any": "add",
    "integer_pow": "power",
    "pow": "power",
    **dict.fromkeys(("slice", "dynamic_slice", "gather"), "getitem"),
    **dict.fromkeys(("squeeze", "broadcast_in_dim", "expand_dims"), "reshape"),
    "reduce_sum": "sum",
    "reduce_max": "max",
    "reduce_min": "min",
}
PLAIN_PRODUCTS = ((((1,), (0,)), ((), ())), (((0,), (0,)), ((), ())))  # x @ W; and v @ W, of which x is a vector
BY_ENTRY = {  # primitives that work entry by entry
    *("add", "add_any", "sub", "mul", "div", "max", "min", "pow", "integer_pow", "square", "sqrt", "rsqrt", "cbrt"),
    *("exp", "exp2", "log", "expm1", "log1p", "tanh", "logistic", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
    *("sinh", "cosh", "asinh", "acosh", "atanh", "erf", "erfc", "erf_inv", "lgamma", "digamma", "neg", "abs", "sign"),
    *("select_n", "clamp", "convert_element_type", "copy"),
}
PROGRAMS = 64  # that are compiled for it, at the most: about two seconds
POWER = "integer_pow"  # whose exponent is no operand


class StepwiseCall(Protocol):
    """A call to JAX, whose program is known."""

    derivatives: Derivatives
    given: Arguments


@dataclass(frozen=True, eq=False)
class JaxSteps:
    """The steps of a function."""

    called: StepwiseCall

    def __call__(self, point: Mapping[str, Array], listener: RunListener) -> Array:
        """Return the value at a point, flat, and tell a listener each step.

        Raises CannotFollowError where a program is none of doubles, or is not known.
        """
        arrays, derivatives = self.called.given.taken(point), self.called.derivatives
        closed = derivatives.program_anew(arrays)
        if closed is None:
            msg = "no program"
            raise CannotFollowError(msg)
        if may_not_end(closed.jaxpr):
            msg = "a step of it, taken with other numbers, might not come to an end"
            raise CannotFollowError(msg)
        with derivatives.precision():
            equations = Equations.of(closed)
            if len({_kind(equations, step) for step in equations.steps}) > PROGRAMS:
                msg = "each step is compiled by itself"
                raise CannotFollowError(msg)
            values = dict(zip(equations.given, owned([arrays])[0], strict=True)) | equations.held
            numbers = {n: listener.kept(point[path]) for path, n in zip(point, equations.given, strict=True)}
            telling = _Telling(listener, equations, values, numbers, derivatives.precision)
            for step in equations.steps:
                telling.tell(step)
            return np.concatenate([np.ravel(np.asarray(values[n], dtype=np.float64)) for n in equations.outs])


@dataclass(frozen=True, eq=False)
class _Telling:
    """A program as it is told, with what is in its slots, and what the listener calls that."""

    listener: RunListener
    equations: Equations
    values: dict[int, Any]
    numbers: dict[int, int]
    precision: Callable[[], AbstractContextManager[object]]

    def tell(self, step: Equation) -> None:
        """Do a step, and tell of each of its outputs that is made of doubles."""
        if any(coarse(self.equations.avals[n]) for n in step.outs):
            raise CannotFollowError(step.name)
        made = step.call([self.values[n] for n in step.ins])
        self.values.update(zip(step.outs, made, strict=True))
        literals = {n: a for n, a in self._literals(step) if step.name in BY_ENTRY}
        arrays = [n for n in range(len(step.ins)) if n not in literals]
        for k, slot in enumerate(step.outs):
            if self.equations.avals[slot].dtype != np.float64:
                continue
            told = RunStep(
                _name(step),
                tuple(self._number(step.ins[n]) for n in arrays),
                tuple(arrays),
                partial(self._called, step, k, literals),
                _calls(step.source),
                by_entry=step.name in BY_ENTRY,
                numbers=literals,
                otherwise=partial(self._otherwise, step, k, literals),
            )
            self.numbers[slot] = self.listener.seen(told, np.asarray(made[k]))

    def _literals(self, step: Equation) -> Iterator[tuple[int, float]]:
        """Yield the numbers that stand in the program itself, by their places among the arguments."""
        for n, slot in enumerate(step.ins):
            if slot in self.equations.literals and np.ndim(self.values[slot]) == 0:
                yield n, float(self.values[slot])
        if step.name == POWER:
            yield 1, float(step.params["y"])

    def _number(self, slot: int) -> int:
        if slot not in self.numbers:
            self.numbers[slot] = self.listener.kept(np.asarray(self.values[slot]))
        return self.numbers[slot]

    def _otherwise(
        self, step: Equation, k: int, literals: Mapping[int, float], place: Place, number: float
    ) -> StepFunction:
        return partial(self._called, step, k, {**literals, int(place): number})

    def _called(self, step: Equation, k: int, literals: Mapping[int, float], arrays: Sequence[Array]) -> Array:
        """Do a step with other arrays."""
        if step.name == POWER:
            power: Array = np.power(arrays[0], literals[1])
            return power
        given = iter(arrays)
        with self.precision():
            taken = [np.float64(literals[n]) if n in literals else next(given) for n in range(len(step.ins))]
            return np.asarray(step.call(owned([taken])[0])[k])


def _kind(equations: Equations, step: Equation) -> tuple[str, ...]:
    """Return what tells a step from others that JAX compiles by themselves."""
    return step.name, str(step.params), *(str(equations.avals[n]) for n in step.ins)


def _name(step: Equation) -> str:
    if step.name == "dot_general" and step.params["dimension_numbers"] in PLAIN_PRODUCTS:
        return "matmul"
    return NAMES.get(step.name, step.name)


def _calls(traceback: Any) -> Calls:  # noqa: ANN401
    """Return the user's calls that led to an equation."""
    found: list[Any] = []
    for code, at in zip(*traceback.raw_frames(), strict=True) if traceback is not None else ():
        if code.co_filename.startswith(OURS):
            if found:
                break
        elif not code.co_filename.startswith(LIBRARIES):
            found.append((code, at))
    return tuple(reversed(found))
