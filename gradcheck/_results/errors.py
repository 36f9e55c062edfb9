"""What is raised? A gradient that is wrong, a call that cannot be checked, a function that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck._results.report import Report


class GradientError(AssertionError):
    """A gradient is wrong, or could not be checked; `.report` is the whole report, if there is one."""

    def __init__(self, message: str, report: Report | None = None) -> None:
        """Keep the report beside the message."""
        super().__init__(message)
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        """Support pickling, from a worker process to its controller."""
        return type(self), (str(self), self.report)


class WeightMismatch(GradientError):
    """A gradient is wrong; the worst entry is that of a weight or parameter."""


class BiasMismatch(GradientError):
    """A gradient is wrong; the worst entry is that of a bias."""


class InputMismatch(GradientError):
    """A gradient is wrong; the worst entry is that of an input."""


class InputError(ValueError):
    """A call cannot be checked as written; the message says what to write instead."""


class SeveralError(InputError):
    """A function returned several numbers where the gradient of one is claimed."""


class HereAloneError(InputError):
    """A gradient is claimed at the given point alone, and was asked for elsewhere: nobody's mistake."""


class RuleError(InputError):
    """A gradient breaks a rule that every gradient keeps: it is wrong, whatever its numbers are."""

    def __init__(self, message: str, tensor: str) -> None:
        """Keep the name of the tensor."""
        super().__init__(message)
        self.tensor = tensor

    def __reduce__(self) -> tuple[Any, ...]:
        """Support pickling, from a worker process to its controller."""
        return type(self), (str(self), self.tensor)


class ShapeError(RuleError):
    """A gradient has another shape than the tensor that it belongs to, but one that fits it by broadcasting."""


class UndecidedWarning(UserWarning):
    """Some entries could not be decided, and nothing is said about them."""


class CallError(GradientError):
    """The user's function or gradient raised at a point where it must not; its own traceback is the cause."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Support pickling from a worker process, although the class is not a public name."""
        return _call_error, (str(self), self.report)


def _call_error(message: str, report: Report | None) -> CallError:
    return CallError(message, report)


for _public in (GradientError, WeightMismatch, BiasMismatch, InputMismatch, CallError, InputError, UndecidedWarning):
    _public.__module__ = "gradcheck"  # where users import it from, and what a traceback should show
