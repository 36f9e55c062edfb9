"""What is checked of public packages, as they come? Layers, losses, solvers, and derivatives written by hand.

Every file of this folder is one package: its `CASES` are calls of `check_gradients` as somebody who uses the package
would write them. A package that is not installed is left out, and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Derivative:
    """A call of `check_gradients(model, *args, **keywords)`, and what is true where its answer is not plain."""

    name: str
    model: Any
    args: tuple[Any, ...]
    keywords: Mapping[str, Any]
    truth: str = ""  # worked out by hand: why the answer is neither CORRECT nor KINK
    package: str = ""  # the file it stands in


def derivative(name: str, model: Any, *args: Any, truth: str = "", **keywords: Any) -> Derivative:
    """Write a call down."""
    return Derivative(name, model, args, keywords, truth)


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    """Draw an array of standard normal numbers."""
    return np.random.default_rng(seed).standard_normal(shape)


def collect() -> tuple[list[Derivative], list[str]]:
    """Return the calls of all packages that are installed, and the names of those that are not."""
    found, missing = [], []
    for module in iter_modules(__path__):
        try:
            cases = import_module(f"{__name__}.{module.name}").CASES
        except ModuleNotFoundError as error:
            missing.append(error.name or module.name)
            continue
        found += [replace(case, package=module.name) for case in cases]
    return found, missing
