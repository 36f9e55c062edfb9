"""What does JAX make of a function of arrays? Values, gradients and tangents, in the precision it is given."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import jax
import numpy as np

from gradcheck._adapters.jax.constants import SeenArrays
from gradcheck._adapters.jax.precision import EXPLICIT, Arrays, double, double_where_asked, is_wide
from gradcheck._adapters.jax.programs import Function
from gradcheck._adapters.jax.rounds import counting, seen
from gradcheck._adapters.jax.rules import refuse_other_shape, refuse_other_value, refused
from gradcheck._adapters.jax.run import Runner, alike
from gradcheck._model.ending import ends, forgiven
from gradcheck._model.oracle import Array

ALIKE = 0.02  # relative: values of a function in two precisions
GLANCES, GLANCE = 4, 1  # calls expected in a precision that is not used for measuring: values, derivatives


class Derivatives:
    """A function of a list of real arrays, with what JAX makes of it backward and forward."""

    def __init__(
        self,
        f: Function,
        coarsest: float,
        *,
        pure: bool,
        few: bool = False,
        glanced: bool = False,
        derived: bool = False,
        frozen: Callable[[], bool] = lambda: True,
        constants: SeenArrays | None = None,
    ) -> None:
        """Take a function that returns a list of real arrays, and how coarsely its numbers are rounded.

        `few`: it is called a few hundred times only; `glanced`: hardly called in the user's own precision. One that
        is `derived` from another is slow without tracing. `frozen` holds what it reads besides its arguments, for a
        while in which earlier traces are not valid; `constants` are the arrays of NumPy that it sees.
        """
        self.constants = constants or SeenArrays()
        self.f, self.glanced, self.frozen = f, glanced, frozen
        self._values = Runner(f, coarsest, pure=pure, few=few, stepwise=derived or pure)
        self._pull, self._push, self._pull_many = (
            Runner(made, coarsest, before=self._values, pure=pure, few=few)
            for made in (self._pulled, self._pushed, self._pulled_many)
        )
        self._mode = ""  # of the last call: "given", "double" or "double where asked"
        self._double = "double"
        self._counted: tuple[Any, Function | None] | None = None  # a program, and what counts the rounds of its loops
        self._given: list[Array] | None = None  # the first value in the user's own precision
        self._last: tuple[list[Array], list[Array]] | None = None  # a point and the value there, until a rule was tried
        self._tried = False  # whether the value is the same where it is differentiated

    @property
    def why(self) -> str:
        """Why it is not compiled, "" if it is."""
        return self._values.why

    def values(self, arrays: Arrays) -> list[Array]:
        """Return f."""
        result = self._drawn(arrays, self._run(self._values, arrays))
        if not self._tried:
            self._last = [np.array(a) for a in arrays], result
        return result

    def _drawn(self, arrays: Arrays, result: list[Array]) -> list[Array]:
        """Return f with the random numbers that it draws in the user's own precision."""
        if not is_wide(arrays):
            self._given = self._given or result
        elif self._given is not None:
            given, self._given = self._given, None
            return self._as_drawn(arrays, given, result)
        return result

    def _as_drawn(self, arrays: Arrays, given: list[Array], result: list[Array]) -> list[Array]:
        """Return f in float64, with the random numbers that it draws in the user's precision if that explains it."""
        if alike(given, result, lambda _: ALIKE) or not hasattr(jax.config, EXPLICIT):
            return result
        self._double = "double where asked"
        other = self._run(self._values, arrays)
        if alike(given, other, lambda _: ALIKE):
            return other
        self._double = "double"
        return result

    def pulled(self, arrays: Arrays, u: Arrays) -> list[Array]:
        """Return J^T u; raises RuleError where a rule breaks what every rule must keep."""
        try:
            both = self._run(self._pull, arrays, u)
        except Exception as error:
            if ends(error):
                raise
            self._explain(error, arrays)
            raise
        self._try(arrays, both[len(arrays) :])
        return both[: len(arrays)]

    def _explain(self, error: Exception, arrays: Arrays) -> None:
        """Raise RuleError where JAX cannot go back since a rule breaks what every rule must keep."""
        told = seen = None
        with forgiven(), self.precision():
            told, seen = jax.vjp(self.f, _taken(arrays))[0], self.f(_taken(arrays))
        if told is not None and seen is not None:
            refuse_other_shape(told, seen)
        why = refused(error, self.pushed, arrays)
        if why is not None:
            raise why from error

    def _try(self, arrays: Arrays, told: list[Array]) -> None:
        """Compare what f returns where it is differentiated with what it returned at the same point before."""
        last, self._last = self._last, None
        if last is not None and alike([np.array(a) for a in arrays], last[0], lambda _: 0.0):
            refuse_other_value(told, last[1])
            self._tried = True

    def pushed(self, arrays: Arrays, v: Arrays) -> list[Array]:
        """Return J v."""
        return self._run(self._push, arrays, v)

    def pulled_many(self, arrays: Arrays, many: Arrays) -> list[Array]:
        """Return J^T u for many u at once, along a first axis."""
        return self._run(self._pull_many, arrays, many)

    def _run(self, runner: Runner, *lists: Arrays) -> list[Array]:
        mode = self._double if is_wide(*lists) else "given"
        if mode != self._mode:
            self._mode = mode
            self._forget()
            with self.precision():
                self.constants.forget()
        with self.precision():
            stepwise = jax.config.jax_disable_jit or not self.frozen()
            return runner.eagerly(*lists) if stepwise else runner(*lists)

    def program(self, arrays: Arrays) -> Any:  # noqa: ANN401
        """Return what f was traced to, for such arrays; None where it is run as it stands."""
        self.values(arrays)
        return self._traced

    def program_anew(self, arrays: Arrays) -> Any:  # noqa: ANN401
        """Return it, or what f is traced to now, if it is not known that it cannot be."""
        known = self.program(arrays)
        if known is not None or not self._may_be_traced:
            return known
        with self.precision():
            return jax.make_jaxpr(self.f)(_taken(arrays))

    @property
    def _may_be_traced(self) -> bool:
        return not (self.why or jax.config.jax_disable_jit or not self.frozen())

    @property
    def _traced(self) -> Any:  # noqa: ANN401
        if not self._may_be_traced or self._values.met is None:
            return None
        return self._values.met.program.closed

    def rounds(self, arrays: Arrays) -> int | None:
        """Return how often the loops of f go round; None where it is run as it stands, or cannot be followed."""
        closed = self._traced
        if closed is None or not seen(closed):
            return None
        with self.precision(), forgiven():
            if self._counted is None or self._counted[0] is not closed:
                self._counted = closed, counting(closed)
            count = self._counted[1]
            return 0 if count is None else int(count(*_taken(arrays)))
        return None

    def precision(self) -> AbstractContextManager[Any]:
        """Let JAX compute as in the last call, for a while."""
        return double_where_asked() if self._mode == "double where asked" else double(self._mode == "double")

    def pulled_for(self, arrays: Arrays, u: Arrays, wanted: list[int]) -> list[Array]:
        """Return J^T u for some of the arrays, the others being constants; in the precision of the last call."""
        with self.precision():
            every = _taken(arrays)

            def some(chosen: Arrays) -> Any:  # noqa: ANN401
                return self.f([chosen[wanted.index(k)] if k in wanted else a for k, a in enumerate(every)])

            return [np.array(g) for g in jax.vjp(some, [every[k] for k in wanted])[1](_taken(u))[0]]

    def pulled_of(self, arrays: Arrays, u: Arrays, output: int) -> list[Array]:
        """Return J^T u of one of the outputs, the others being of no use; in the precision of the last call."""
        with self.precision():
            back = jax.vjp(lambda own: self.f(own)[output], _taken(arrays))[1]
            return [np.array(g) for g in back(_taken(u)[output])[0]]

    def end(self) -> None:
        """Drop what was traced, so that the user's own calls take the arrays of NumPy for what they are."""
        self._mode = ""
        self._forget()
        self.constants.forget()

    def _forget(self) -> None:
        """Drop what was compiled in another precision: JAX 0.10 would take the constants of NumPy in it for its own.

        An array of int64 that a compiled function holds as int32 is int32 for all functions, in float64 too.
        """
        self._counted = None
        glance = self.glanced and self._mode == "given"
        self._values.forget(GLANCES * (glance and self._values.few))
        for runner in (self._pull, self._push, self._pull_many):
            runner.forget(GLANCE * glance)

    def _pulled(self, arrays: Arrays, u: Arrays) -> Any:  # noqa: ANN401
        y, back = jax.vjp(self.f, arrays)
        return [*back(u)[0], *y]

    def _pushed(self, arrays: Arrays, v: Arrays) -> Any:  # noqa: ANN401
        return jax.jvp(self.f, (arrays,), (v,))[1]

    def _pulled_many(self, arrays: Arrays, many: Arrays) -> Any:  # noqa: ANN401
        back = jax.vjp(self.f, arrays)[1]
        return jax.vmap(lambda u: back(u)[0])(many)

    def gradient(self, arrays: Arrays) -> Any:  # noqa: ANN401
        """Return the gradient of <u, f>, of which u is the last array, flat."""
        *given, flat = arrays
        y, back = jax.vjp(self.f, given)
        cotangents, at = [], 0
        for part in y:
            cotangents.append(flat[at : at + part.size].reshape(part.shape).astype(part.dtype))
            at += part.size
        return back(cotangents)[0]


def _taken(arrays: Arrays) -> list[Any]:
    return [jax.numpy.asarray(a) for a in arrays]
