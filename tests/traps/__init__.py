"""What is a trap? A function, a claimed gradient, the truth about the two, and the verdict they must get.

Every file of this folder is one hard case: its docstring says what is hard about it, its `CASES` are the right
gradient that must pass, the wrong one that must be found, and what must not be judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np

from gradcheck import Verdict

FAMILIES = {
    "scale": "scale and offset",
    "precision": "precision",
    "small": "small errors",
    "linalg": "linear algebra",
    "kink": "kinks and jumps",
    "nothing": "nothing tested",
    "finite": "not finite",
    "protocol": "the protocol",
    "infinite": "infinite slopes",
    "nearby": "neighbours",
    "dropped": "dropped in silence",
    "containers": "containers that are changed",
    "outputs": "outputs of different size",
    "magnitudes": "one vector, many magnitudes",
    "sets": "constraint sets",
    "mixed": "mixed precision",
    "solvers": "jumps and solvers",
    "random": "random functions",
    "resolution": "sharper than it is",
}


@dataclass(frozen=True, eq=False)
class Trap:
    """A function and a claimed gradient, handed to `check_gradients(f, *args, **keywords)`."""

    name: str
    truth: str  # "right", "wrong", or "neither" where there is no derivative to be right about
    verdicts: frozenset[Verdict]  # that are true of it
    f: Any
    args: tuple[Any, ...]
    keywords: Mapping[str, Any]
    named: tuple[str, ...] = ()  # the entries that must be named wrong, and no others; empty: not looked at
    flaw: str = ""  # why it gets another verdict for the time being
    case: str = ""  # the file it stands in

    @property
    def id(self) -> str:
        """The file and the name, as the tests and the table show it."""
        return f"{self.case}: {self.name}"

    @property
    def family(self) -> str:
        """What sort of difficulty it is: the first word of its file."""
        return FAMILIES[self.case.split("_")[0]]


def _trap(truth: str, name: str, f: Any, args: tuple[Any, ...], keywords: dict[str, Any], verdict: str) -> Trap:
    own = {key: keywords.pop(key) for key in ("named", "flaw") if key in keywords}
    return Trap(name, truth, frozenset(Verdict[v] for v in verdict.split(" or ")), f, args, keywords, **own)


def right(name: str, f: Any, *args: Any, verdict: str = "CORRECT", **keywords: Any) -> Trap:
    """Make a trap of a right gradient, which must not be accused."""
    return _trap("right", name, f, args, keywords, verdict)


def wrong(name: str, f: Any, *args: Any, verdict: str = "WRONG", **keywords: Any) -> Trap:
    """Make a trap of a wrong gradient, which must not pass."""
    return _trap("wrong", name, f, args, keywords, verdict)


def neither(name: str, f: Any, *args: Any, verdict: str = "KINK", **keywords: Any) -> Trap:
    """Make a trap of something that has no derivative here, and so no right or wrong one."""
    return _trap("neither", name, f, args, keywords, verdict)


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    """Draw an array of standard normal numbers."""
    return np.random.default_rng(seed).standard_normal(shape)


def times(factor: float, gradient: Callable[..., Any]) -> Callable[..., Any]:
    """Return a gradient function whose every entry is off by a factor."""
    return lambda *args: factor * gradient(*args)


def collect() -> list[Trap]:
    """Return all traps, family after family."""
    names = sorted((m.name for m in iter_modules(__path__)), key=lambda n: [*FAMILIES].index(n.split("_")[0]))
    return [replace(trap, case=name) for name in names for trap in import_module(f"{__name__}.{name}").CASES]
