"""gradcheck: is the derivative that somebody wrote by hand the derivative of the function?

The public names, loaded on first use (PEP 562): `import gradcheck` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck._check import assert_gradients as assert_gradients
    from gradcheck._check import check_gradients as check_gradients
    from gradcheck._fuzz_gradients import fuzz_gradients as fuzz_gradients
    from gradcheck._oracle import Oracle as Oracle
    from gradcheck._report import BiasMismatch as BiasMismatch
    from gradcheck._report import Entry as Entry
    from gradcheck._report import Estimate as Estimate
    from gradcheck._report import GradientError as GradientError
    from gradcheck._report import InputError as InputError
    from gradcheck._report import InputMismatch as InputMismatch
    from gradcheck._report import Report as Report
    from gradcheck._report import TensorResult as TensorResult
    from gradcheck._report import UndecidedWarning as UndecidedWarning
    from gradcheck._report import Verdict as Verdict
    from gradcheck._report import WeightMismatch as WeightMismatch
    from gradcheck._run import Check as Check
    from gradcheck._run import Run as Run

__version__ = "0.1.0"

_HOME = {
    "assert_gradients": "_check",
    "check_gradients": "_check",
    "Oracle": "_oracle",
    "BiasMismatch": "_report",
    "Check": "_run",
    "Entry": "_report",
    "Estimate": "_report",
    "GradientError": "_report",
    "InputError": "_report",
    "InputMismatch": "_report",
    "Report": "_report",
    "Run": "_run",
    "TensorResult": "_report",
    "UndecidedWarning": "_report",
    "Verdict": "_report",
    "WeightMismatch": "_report",
    "fuzz_gradients": "_fuzz_gradients",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:  # noqa: ANN401  a module attribute is of any type
    """Load a public name from the private module that defines it."""
    if name not in _HOME:
        msg = f"module 'gradcheck' has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"gradcheck.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(set(globals()) | set(__all__))
