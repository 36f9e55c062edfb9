"""What does JAX make of a function when it traces it? A program, that can be run step by step, or compiled.

Compiling takes as long as hundreds of runs step by step, so it pays only for long programs, for many
runs, and for a program that occurs in one check after another. Its text and its constants tell whether it is the same
one: they include whatever the function reads besides its arguments.
"""

from __future__ import annotations

import functools
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from gradcheck._adapters.jax.precision import Arrays, owned

try:
    from jax.extend.core import jaxpr_as_fun, primitives
except ImportError:  # before JAX 0.4.36
    from jax.core import jaxpr_as_fun

    primitives = None

Function = Callable[..., Any]  # of lists of arrays, to a list of arrays
Flat = Callable[..., list[Any]]  # of arrays, to a list of arrays

KNOWN = vars(primitives).values() if primitives else ()
OWN = frozenset(p for p in KNOWN if hasattr(p, "bind"))  # primitives of JAX, as opposed to those of users
CONTROL = {"scan", "while", "cond"}  # primitives: each of them is compiled whenever it is run by itself
ADDRESS = re.compile(r"0x[0-9a-f]+")  # functions are printed with their addresses
OF_PYTHON = re.compile("callback|0x")  # in the text of a program that calls functions of Python
RULED = ("custom_", "linear_call")  # names of primitives for which somebody wrote a rule begin so
MOST = 64  # programs that are remembered
LARGEST = 10_000  # numbers among the constants of one that is remembered
MEETINGS = 3  # checks in which the same program occurs before it is compiled


@dataclass(frozen=True)
class Program:
    """A function, traced for arrays of some shapes and dtypes."""

    closed: Any
    text: str

    @classmethod
    def of(cls, f: Function, lists: Sequence[Arrays]) -> Program:
        """Trace a function again: what JAX remembers of it is of an earlier call."""
        closed = jax.make_jaxpr(functools.partial(f))(*owned(lists))
        return cls(closed, str(closed.jaxpr))

    @property
    def size(self) -> int:
        """How many steps it has, each of which takes about ten microseconds."""
        return len(self.closed.jaxpr.eqns)

    @functools.cached_property
    def primitives(self) -> list[Any]:
        """Return what its steps do, and those of the functions in them."""
        return [*primitives_of(self.closed.jaxpr)]

    @property
    def heavy(self) -> bool:
        """Whether a step of it is compiled whenever it is run by itself: a loop, a branch, a call of Python."""
        return any(p.name in CONTROL or "callback" in p.name for p in self.primitives)

    def is_like(self, other: Program) -> bool:
        """Whether it does the same as another, except for the functions of Python that it calls."""
        same = ADDRESS.sub("", self.text) == ADDRESS.sub("", other.text)
        return same and _same(self.closed.consts, other.closed.consts)

    @functools.cached_property
    def stepwise(self) -> Flat:
        """What runs it step by step."""
        flat: Flat = jaxpr_as_fun(self.closed)
        return flat

    @property
    def is_compiled(self) -> bool:
        """Whether it was compiled before, so that to run it so costs nothing more."""
        return "compiled" in vars(self)

    @functools.cached_property
    def compiled(self) -> Flat:
        """What runs it compiled."""
        flat: Flat = jax.jit(self.stepwise)
        return flat

    @property
    def plain(self) -> bool:
        """Whether it says all of its derivatives: nobody wrote a rule for any of its steps."""
        return self._own and not any(p.name.startswith(RULED) for p in self.primitives)

    @property
    def lasts(self) -> bool:
        """Whether its text identifies it across checks: it calls back into neither Python nor the user's code.

        Nor does it hold NumPy arrays: JAX 0.10 uses NumPy constants as they are, in
        whatever precision they are asked for.
        """
        held = self.closed.consts
        small = sum(np.size(c) for c in held) <= LARGEST
        return small and self._own and all(isinstance(c, jax.Array) for c in held)

    @property
    def _own(self) -> bool:
        """Whether all its steps are JAX's, and what is called in them is written out."""
        return not OF_PYTHON.search(self.text) and all(p in OWN for p in self.primitives)


@dataclass
class Meeting:
    """A program that was met, in how many checks, and its derivatives."""

    program: Program
    times: int = 0
    derivatives: dict[Hashable, Meeting] = field(default_factory=dict)

    @property
    def often(self) -> bool:
        """Whether it occurs often enough for compiling to pay."""
        return self.times > MEETINGS


_MET: OrderedDict[str, Meeting] = OrderedDict()


def met(program: Program) -> Meeting:
    """Return a program as it was met before, with the checks in which it was, this one among them."""
    if not program.lasts:
        return Meeting(program)
    known = _MET.pop(program.text, None)
    if known is None or not _same(known.program.closed.consts, program.closed.consts):
        known = Meeting(program)
    known.times += 1
    _MET[program.text] = known
    while len(_MET) > MOST:
        _MET.popitem(last=False)
    return known


def forget_all() -> None:
    """Drop all programs that were met."""
    _MET.clear()


def nested(params: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the programs within an equation, such as the body of a loop."""
    for held in params.values():
        for part in held if isinstance(held, (tuple, list)) else (held,):
            inner = getattr(part, "jaxpr", part)
            if hasattr(inner, "eqns"):
                yield inner


def primitives_of(jaxpr: Any) -> Iterator[Any]:  # noqa: ANN401
    for equation in jaxpr.eqns:
        yield equation.primitive
        for inner in nested(equation.params):
            yield from primitives_of(inner)


def _same(one: Arrays, other: Arrays) -> bool:
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(a is b or _equal(a, b) for a, b in pairs)


def _equal(a: Any, b: Any) -> bool:  # noqa: ANN401
    if np.shape(a) != np.shape(b) or getattr(a, "dtype", None) != getattr(b, "dtype", None):
        return False
    return np.array_equal(a, b, equal_nan=True)
