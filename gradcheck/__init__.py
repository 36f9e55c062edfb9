"""gradcheck: is a hand-written derivative the derivative of its function?

The public names, loaded on first use (PEP 562): `import gradcheck` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradcheck._results.door import DOOR

if TYPE_CHECKING:
    from gradcheck._check.call import assert_gradients as assert_gradients
    from gradcheck._check.call import check_adjoint as check_adjoint
    from gradcheck._check.call import check_gradients as check_gradients
    from gradcheck._fuzz.user import fuzz_gradients as fuzz_gradients
    from gradcheck._model.oracle import Oracle as Oracle
    from gradcheck._plugin.fixture import Gradcheck as Gradcheck
    from gradcheck._results.errors import BiasMismatch as BiasMismatch
    from gradcheck._results.errors import GradientError as GradientError
    from gradcheck._results.errors import InputError as InputError
    from gradcheck._results.errors import InputMismatch as InputMismatch
    from gradcheck._results.errors import UndecidedWarning as UndecidedWarning
    from gradcheck._results.errors import WeightMismatch as WeightMismatch
    from gradcheck._results.estimate import Entry as Entry
    from gradcheck._results.estimate import Estimate as Estimate
    from gradcheck._results.report import Report as Report
    from gradcheck._results.report import TensorResult as TensorResult
    from gradcheck._results.run import Check as Check
    from gradcheck._results.run import Run as Run
    from gradcheck._results.verdict import Verdict as Verdict

__version__ = "0.1.0"

_HOME = {
    "assert_gradients": "_check.call",
    "check_adjoint": "_check.call",
    "check_gradients": "_check.call",
    "Oracle": "_model.oracle",
    "BiasMismatch": "_results.errors",
    "Check": "_results.run",
    "Entry": "_results.estimate",
    "Estimate": "_results.estimate",
    "Gradcheck": "_plugin.fixture",
    "GradientError": "_results.errors",
    "InputError": "_results.errors",
    "InputMismatch": "_results.errors",
    "Report": "_results.report",
    "Run": "_results.run",
    "TensorResult": "_results.report",
    "UndecidedWarning": "_results.errors",
    "Verdict": "_results.verdict",
    "WeightMismatch": "_results.errors",
    "fuzz_gradients": "_fuzz.user",
}

__all__ = sorted(_HOME)


def _renderers() -> Any:  # noqa: ANN401  a module
    return import_module("gradcheck._render.faces")


DOOR.open = _renderers  # so that results can be shown without importing a renderer


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
