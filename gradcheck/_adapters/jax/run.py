"""How is a function of JAX called many times? Traced and compiled, where that is safe and pays; else as it stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from gradcheck._adapters.jax.precision import Arrays, owned, placed
from gradcheck._adapters.jax.programs import Flat, Function, Meeting, Program, met
from gradcheck._model.ending import ends, forgiven
from gradcheck._model.oracle import Array

SLOW = 5e-3  # seconds for the first call, above which compiling pays
SHORT = 64  # steps of a program that takes less time for a hundred calls, step by step, than to compile it
LONGEST = 1000  # likewise, of one that is called a dozen times, as those are that are made of another
SAME = 64.0  # roundings by which two equal calls may differ: threads add in any order


class Runner:
    """A function of lists of arrays that takes and gives arrays of NumPy, traced where that changes nothing.

    Tracing freezes what a function reads besides its arguments. So a function that returns something else when called
    again, or when traced, is run untraced, so that its faults show. So is a short one that is seldom called: it would
    take longer to compile it.
    """

    def __init__(
        self,
        f: Function,
        coarsest: float,
        *,
        before: Runner | None = None,
        pure: bool = False,
        few: bool = False,
        stepwise: bool = True,
    ) -> None:
        """Take a function, and how coarsely its numbers are rounded; if `before` cannot be traced, this cannot either.

        One that is `pure` by the rules of its library is trusted if two traces give the same program:
        to run a large model as it stands takes longer than to compile it. Where `few` calls are expected, a short
        program is not compiled: it is run `stepwise`, or as it stands.
        """
        self.f = f
        self.coarsest = coarsest
        self.before = before
        self.pure, self.few, self.stepwise = pure, few, stepwise
        self.why = ""  # it is not traced
        self.safe = False  # to trace it
        self.slow: bool | None = None  # the first call; None before it
        self.program: Flat | None
        self.steps: Flat | None
        self.forget()

    def forget(self, glances: int = 0) -> None:
        """Drop what was traced; so many calls are then made untraced, before it is decided how to make more."""
        self.glances = glances
        self.decided = False
        self.program = self.steps = None  # what is run, None for the function as it stands; and what was traced
        self.compiled = False
        self.met: Meeting | None = None

    def __call__(self, *lists: Arrays) -> list[Array]:
        """Return copies of what the function returns: the arrays it was given may be changed afterwards."""
        self.why = self.why or (self.before.why if self.before else "")
        if self.why:
            return self.eagerly(*lists)
        if self.glances > 0:
            self.glances -= 1
            return self._glanced(*lists)
        if not self.decided:
            return self._first(*lists)
        if self.program is None:
            return self.eagerly(*lists)
        try:
            return self._run(*lists)
        except Exception as error:  # the user's own shows in the next line
            if ends(error):
                raise
            result = self.eagerly(*lists)
            self.why = _untraceable(error)
            return result

    @property
    def _is_slow(self) -> bool:
        """Whether the very first call took long: the function does, or JAX had to compile each of its steps."""
        return bool(self.before.slow if self.before else self.slow)

    @property
    def _plain(self) -> bool:
        """Whether it is made of a function that is safe to trace and says all of its derivatives."""
        above = self.before
        return above is not None and above.safe and above.met is not None and above.met.program.plain

    def _glanced(self, *lists: Arrays) -> list[Array]:
        """Call it untraced; if the first call takes long, find out whether it can be traced."""
        if self.slow is not None or self.before:
            return self.eagerly(*lists)
        result = self._clocked(*lists)
        if self.slow and not self.safe:
            self._proved(result, *lists)
            self.decided, self.program = False, None
        return result

    def _clocked(self, *lists: Arrays) -> list[Array]:
        start = time.thread_time()
        result = self.eagerly(*lists)
        if self.slow is None:
            self.slow = time.thread_time() - start > SLOW
        return result

    def _first(self, *lists: Arrays) -> list[Array]:
        """Call, and decide how further calls are made."""
        known = self.before.met.derivatives if self._plain and self.before and self.before.met else {}
        key = self._key(lists)
        if key in known:
            self._choose(known[key])
            return self(*lists)
        if not (self.safe or self._plain or self._steady(*lists)):
            result = self._clocked(*lists)  # first, so that what the user's own function raises is raised as its own
            traced = self._proved(result, *lists)
            return result if traced is None or self.program is None else traced
        try:
            program = Program.of(self.f, lists)
        except Exception as error:  # as above
            if ends(error):
                raise
            result = self.eagerly(*lists)
            self.why = _untraceable(error)
            return result
        known[key] = met(program)
        self._choose(known[key])
        return self(*lists)

    def _key(self, lists: Sequence[Arrays]) -> Hashable:
        kinds = tuple((np.shape(a), str(getattr(a, "dtype", type(a)))) for arrays in lists for a in arrays)
        return getattr(self.f, "__name__", ""), kinds

    def _steady(self, *lists: Arrays) -> bool:
        if self.pure and not self.few:
            with forgiven():  # what cannot be traced is tried
                one, other = (Program.of(self.f, lists) for _ in range(2))
                self.safe = one.is_like(other)
        return self.safe

    def _proved(self, result: list[Array], *lists: Arrays) -> list[Array] | None:
        """Find out whether it can be traced; return what the trace gives, None if it cannot."""
        if not alike(result, self.eagerly(*lists), lambda eps: SAME * eps):
            self.why = "it returns something else when it is called again"  # and may keep what it is given: no traces
            return None
        try:
            self._choose(met(Program.of(self.f, lists)))
            traced = self._run(*lists)
        except Exception as error:  # tracing raises many kinds of exceptions, none of them the user's
            if ends(error):
                raise
            self.why = _untraceable(error)
            return None
        if not alike(result, traced, lambda eps: float(np.sqrt(max(eps, self.coarsest)))):
            self.why = "compiled by jax.jit it returns something else"
            return None
        self.safe = True
        return traced

    def _choose(self, known: Meeting) -> None:
        """Decide how it is run from now on."""
        self.decided, self.met = True, known
        above = self.before.met if self.before else None
        often = known.often or (self._plain and above is not None and above.often)
        program, longest = known.program, LONGEST if self.before else SHORT
        glanced = self.glances > 0 and not self.before
        long = not self.few or self._is_slow or program.heavy or program.size > longest
        self.compiled = (long or often or program.is_compiled) and not glanced
        self.steps = program.stepwise
        self.program = program.compiled if self.compiled else program.stepwise if self.stepwise else None

    def _run(self, *lists: Arrays) -> list[Array]:
        taken = placed(lists) if self.compiled else owned(lists)
        run = self.program or self.steps
        assert run is not None  # noqa: S101  it was chosen
        return _copied(run(*(a for arrays in taken for a in arrays)))

    def eagerly(self, *lists: Arrays) -> list[Array]:
        """Call the function as it stands."""
        return _copied(self.f(*owned(lists)))


def _untraceable(error: Exception) -> str:
    return f"jax.jit cannot trace it ({type(error).__name__})"


def _copied(arrays: Arrays) -> list[Array]:
    return [np.array(a) for a in arrays]


def alike(one: Arrays, other: Arrays, tolerance: Callable[[float], float]) -> bool:
    """Whether arrays are the same except for so much of the largest, which may depend on their rounding."""
    pairs = zip(one, other, strict=True)
    return len(one) == len(other) and all(a.shape == b.shape and _near(a, b, tolerance) for a, b in pairs)


def _near(a: Array, b: Array, tolerance: Callable[[float], float]) -> bool:
    slack = float(tolerance(float(np.finfo(a.dtype).eps)))
    with np.errstate(all="ignore"):
        size = float(np.abs(a).max(where=np.isfinite(a), initial=0.0))
        same = (a == b) | ((np.abs(a - b) <= slack * size) & np.isfinite(b)) | (np.isnan(a) & np.isnan(b))
        return bool(same.all())
