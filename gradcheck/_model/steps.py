"""How many steps does a function take, and to which tolerance? An iteration takes more at some points than at others.

A step is any function call made in it. The tolerance is the largest that any of the calls is given, except those of a
function that is given another one every time: such is the forcing term of an inexact Newton method, which falls as the
method converges, and says nothing of how far it does.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from gradcheck._model.patience import RINGING

CALLS = ("call", "c_call")  # events of a profile: of functions of Python, and of others
TOLERANCES = frozenset(("rtol", "tol", "xtol", "gtol", "epsrel", "tolerance"))  # relative ones, as solvers call them
OPTIONS = "options"  # in which solvers hand them on
SEVERAL = 3  # tolerances of one function: a call of f with two solves may have two
COARSEST = 0.1  # a larger number is not a tolerance, nor is what is larger at some calls
NO_SOLVERS = ("numpy", "torch", "jax", "pandas", "gradcheck")  # compare numbers to a tolerance


@dataclass
class Steps:
    """What was counted in one call."""

    number: int = 0
    own: int = 0  # steps of functions that are given a tolerance, often a small part of all
    told: dict[CodeType, set[float]] = field(default_factory=dict)  # by function

    @property
    def tolerance(self) -> float:
        """That to which it iterates, as far as it is told; 0 if it is not."""
        told = (max(given) for given in self.told.values() if len(given) < SEVERAL)
        return max((number for number in told if number <= COARSEST), default=0.0)

    def count(self, frame: FrameType, event: str, _argument: Any) -> None:  # noqa: ANN401  as sys.setprofile calls it
        """Take note of one event of a profile."""
        if event not in CALLS or frame.f_code in RINGING:
            return
        self.number += 1
        caller = frame.f_back if event == "call" else frame
        self.own += caller is not None and caller.f_code in self.told
        if event == "call" and _named(frame.f_code) and not _compares(frame):
            found = [*_told(frame.f_locals), *_told(_of_the_file(frame))]
            if found:
                likely = [number for number in found if number <= COARSEST]
                self.told.setdefault(frame.f_code, set()).add(max(likely or found))


def _named(code: CodeType) -> bool:
    """Whether a function is given a tolerance, or takes one from around it."""
    given = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    around = any(name.lower() in TOLERANCES for name in (*code.co_freevars, *code.co_names))
    return around or not TOLERANCES.isdisjoint(given) or OPTIONS in code.co_varnames


def _of_the_file(frame: FrameType) -> dict[str, Any]:
    """Return the tolerances among the names that a function takes from its file."""
    names = [name for name in frame.f_code.co_names if name.lower() in TOLERANCES and name in frame.f_globals]
    return {name.lower(): frame.f_globals[name] for name in names}


def _compares(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in NO_SOLVERS


def _told(given: Mapping[str, Any]) -> list[float]:
    """Return the tolerances among what a function is given, and in its options."""
    options = given.get(OPTIONS)
    every = [*given.items(), *(options.items() if isinstance(options, dict) else ())]
    return [value for name, value in every if name in TOLERANCES and isinstance(value, float) and value > 0]


def counted(call: Callable[[], object]) -> Steps:
    """Make a call, and return what was counted in it; what is called as memory is tidied up is no step.

    Nothing is counted while a profiler listens that could not be put back, as that of `cProfile`.
    """
    steps, before, tidies = Steps(), sys.getprofile(), gc.isenabled()
    if before is not None and not callable(before):
        call()
        return steps
    with in_python():
        gc.disable()
        sys.setprofile(steps.count)
        try:
            call()
        finally:
            sys.setprofile(before)
            if tidies:
                gc.enable()
    return steps


def in_python() -> contextlib.AbstractContextManager[Any]:
    """Return a context in which JAX, if it is there, takes its loops step by step."""
    switch = getattr(sys.modules.get("jax"), "disable_jit", None)
    return switch() if switch is not None else contextlib.nullcontext()
