"""What if a test suite calls `scipy.optimize.check_grad`? The same names and arguments, answered by gradcheck.

They return a number that tests compare with a bound, as SciPy's do; here it is 0 unless something is wrong, however
noisy the function. Where something is, it is the larger of SciPy's number and the largest relative error of a wrong
entry: the errors of small gradients are small, and half of one of 1e-8 must not pass `assert check_grad(...) < 1e-6`.
It is shown with the entry that is wrong, and `.report` has all of the rest. What the function raises comes through as
it is.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck._check import call as door
from gradcheck._render.failure import failure_message
from gradcheck._results.errors import CallError, GradientError, InputError
from gradcheck._results.report import Report
from gradcheck.compat import _acceptance

__all__ = ["Discrepancy", "check_derivative", "check_grad"]

DIRECTIONS = ("all", "random")  # as SciPy has them


class Discrepancy(float):
    """The size of the error of a derivative: a float, printed with the entry that is wrong."""

    report: Report

    @classmethod
    def of(cls, size: float, report: Report) -> Discrepancy:
        """Return a float with its report as an attribute."""
        found = cls(size)
        found.report = report
        return found

    def __repr__(self) -> str:
        """The number, and the error if there is one."""
        number = float.__repr__(self)
        if not self.report.wrong:
            return number
        return f"{number}, {failure_message(self.report)}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Support pickling between processes."""
        return _again, (float(self), self.report)


def _again(size: float, report: Report) -> Discrepancy:
    return Discrepancy.of(size, report)


def check_grad(
    func: Callable[..., Any],
    grad: Callable[..., Any],
    x0: Any,  # noqa: ANN401  an array, or what becomes one
    *args: Any,  # noqa: ANN401
    epsilon: float | None = None,
    direction: object = "all",
    rng: Any = None,  # noqa: ANN401
    seed: Any = None,  # noqa: ANN401
) -> Discrepancy:
    """Return the norm of the errors of a gradient, or its largest relative error if that is more; 0 if none is wrong.

    So a gradient that is half of what it should be gives 0.5 at least, however small it is. `epsilon`, `direction`,
    `rng` and `seed` are accepted, without effect: the step comes from the measured noise, and every entry is measured.

    Raises:
        GradientError: Nothing could be compared.
        InputError: `direction` is neither "all" nor "random".
    """
    if not (isinstance(direction, str) and direction in DIRECTIONS):
        msg = f"direction={direction!r}: write direction='all' or direction='random'; every entry is measured"
        raise InputError(msg)
    del epsilon, direction, rng, seed
    x = np.asarray(x0, dtype=np.float64)
    if np.ndim(_asked(func, x, *args)):
        report = _checked(func, x, jac=grad, args=args or None)
    else:
        report = _checked(_number(func), x, grad=grad, args=args or None)
    norm = float(np.linalg.norm([_off(e.claim, e.estimate) for e in report.wrong] or [0.0]))
    return Discrepancy.of(max(norm, _relative(report)), report)


def check_derivative(  # noqa: PLR0917  the arguments of SciPy's own
    fun: Callable[..., Any],
    jac: Callable[..., Any],
    x0: Any,  # noqa: ANN401  an array, or what becomes one
    bounds: Any = None,  # noqa: ANN401
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
) -> Discrepancy:
    """Return the largest relative error of a Jacobian (m, n) or a gradient (n,), 0 if no entry is wrong.

    The Jacobian is dense, sparse or a LinearOperator. Of entries less than 1 the relative error counts as well, where
    SciPy takes the absolute one alone. `bounds` are accepted, without effect: only the given point and what is close to
    it is measured.

    Raises:
        GradientError: Nothing could be compared.
    """
    del bounds
    x = np.atleast_1d(np.asarray(x0, dtype=np.float64))
    fun, jac = (functools.partial(f, **(kwargs or {})) for f in (fun, jac))
    report = _checked(lambda x, *more: np.asarray(fun(x, *more)), x, jac=jac, args=args or None)
    errors = [_off(e.claim, e.estimate) / max(1.0, abs(e.estimate)) for e in report.wrong]
    return Discrepancy.of(max(*errors, _relative(report), 0.0), report)


def _number(func: Callable[..., Any]) -> Callable[..., float]:
    """Return a function of one number, under its own name."""

    @functools.wraps(func)
    def number(x: Any, *more: Any) -> float:  # noqa: ANN401
        return float(np.squeeze(func(x, *more)))

    return number


def _asked(f: Callable[..., Any], x: Any, *args: Any) -> Any:  # noqa: ANN401
    return np.squeeze(np.asarray(f(x.copy(), *args)))


def _checked(*call: Any, **keywords: Any) -> Report:  # noqa: ANN401
    try:
        report = door.check_gradients(*call, **keywords, neighbours=0, progress=False)
    except CallError as error:
        raise error.__cause__ or error from None
    if _acceptance.fails(report) and not report.wrong:
        raise GradientError(failure_message(report), report)
    _acceptance.warn(report)
    return report


def _relative(report: Report) -> float:
    """Return the largest relative error of what is wrong: of the claim, where that is larger than what was measured."""
    sizes = [(_off(e.claim, e.estimate), max(abs(e.claim), abs(e.estimate))) for e in report.wrong]
    return max((off / size if np.isfinite(off) else np.inf for off, size in sizes), default=0.0)


def _off(claim: float, estimate: float) -> float:
    return abs(claim - estimate) if np.isfinite(claim) and np.isfinite(estimate) else np.inf
