"""Does a rule with symbolic zeros give the same gradient when only some arguments are differentiated?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import jax
import numpy as np

from gradcheck._adapters.jax.derivatives import Derivatives
from gradcheck._adapters.jax.precision import Arrays
from gradcheck._model.contents import DEPTH, reachable
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.rng import MANY
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

MOST = 24  # choices of arguments that are asked for
ROUNDINGS = 2.0**12  # relative to the largest gradient: how far two ways to compute it may differ
LOOK = "look at how the rule handles symbolic zeros"


def is_told(f: Any) -> bool:  # noqa: ANN401
    """Whether a function has, within reach, a rule of the user's that takes symbolic zeros."""
    rules = (jax.custom_vjp, jax.custom_jvp)
    within = islice(reachable(_unwrapped(f)), MANY)
    return any(isinstance(t, rules) and getattr(t, "symbolic_zeros", False) for t in within)


def _unwrapped(f: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield a function, and those that JAX has wrapped in it: jax.vmap and its like."""
    for _ in range(DEPTH):
        yield f
        f = getattr(f, "__wrapped__", None)
        if f is None:
            return


@dataclass(frozen=True, eq=False)
class RuleCall:
    """A function, what it is called with, and the cotangents of its outputs."""

    run: Derivatives
    names: Sequence[str]  # of the arrays
    arrays: Arrays
    us: Arrays
    asked: Callable[[int], object]  # is told how many gradients are asked for

    def alone(self, wanted: list[int], expected: list[Array]) -> Problem | None:
        """Ask for some arguments, the others being constants."""
        mine = [self.names[k] for k in wanted]
        only = f"only {mine[0]}" if len(mine) == 1 else f"all but {next(n for n in self.names if n not in mine)}"
        right = [expected[k] for k in wanted]
        return self._compared(
            lambda: self.run.pulled_for(self.arrays, self.us, wanted), right, mine, f"with {only} differentiated"
        )

    def of_output(self, k: int) -> Problem | None:
        """Ask for one output, the others being of no use."""
        zeros = [u if n == k else np.zeros_like(u) for n, u in enumerate(self.us)]
        right = self.run.pulled(self.arrays, zeros)
        return self._compared(
            lambda: self.run.pulled_of(self.arrays, self.us, k), right, self.names, f"where only output {k} is used"
        )

    def _compared(
        self, ask: Callable[[], list[Array]], expected: list[Array], names: Sequence[str], where: str
    ) -> Problem | None:
        self.asked(1)
        try:
            got = ask()
        except Exception as error:  # the user's rule may raise anything
            if ends(error):
                raise
            return Problem(Verdict.BROKEN, f"{where} the backward raises {type(error).__name__}: {error}; {LOOK}")
        for name, one, other in zip(names, got, expected, strict=True):
            slack = ROUNDINGS * np.finfo(other.dtype).eps * np.abs(other).max(initial=0.0)
            if not np.abs(one - other).max(initial=0.0) <= slack:
                return Problem(Verdict.WRONG, f"{where}, the gradient of {name} differs; {LOOK}", name)
        return None


def examine(call: RuleCall) -> list[Problem]:
    """Ask for each argument alone, for all but each, and for each output alone; return the first problem."""
    call.asked(1)
    expected = call.run.pulled(call.arrays, call.us)
    found = [call.alone(wanted, expected) for wanted in islice(choices(len(call.names)), MOST)]
    found += [call.of_output(k) for k in range(len(call.us)) if len(call.us) > 1]
    return [problem for problem in found if problem is not None][:1]


def choices(count: int) -> Iterator[list[int]]:
    """Yield each of so many arguments alone, and all but each."""
    if count > 1:
        yield from ([k] for k in range(count))
    if count > 2:
        yield from ([k for k in range(count) if k != left] for left in range(count))
