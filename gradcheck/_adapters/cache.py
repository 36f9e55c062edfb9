"""Is what was given as a pullback one of what the function returns? It may return its cache too, or be a Jacobian."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck._model.ending import ends
from gradcheck._results.errors import CallError, InputError, RuleError
from gradcheck._results.names import without_locals

FIRST = (
    "the function returned a {kind} of {count}, and each is an output with a cotangent of its own; if the first alone "
    "is the output, and the rest a cache, write check_gradients(lambda *args: {call}(*args)[0], {args}, vjp=...)"
)
JACOBIAN = (
    "vjp= returned an array of shape {}, which is that of the Jacobian: an output of shape {} by an input of shape {}; "
    "a pullback returns the product with the cotangent, J.T @ v, summed over the outputs; for the Jacobian itself "
    "write jac="
)


def pulled(pullback: Callable[..., Any], args: tuple[Any, ...], cotangent: Any, call: str, names: list[str]) -> Any:  # noqa: ANN401
    """Return the gradients of a pullback; if it fails on a tuple of cotangents, say that f may return its cache too.

    Raises CallError, caused by the user's own exception, where it fails on several cotangents, and InputError
    where it has made an array of them.
    """
    if not isinstance(cotangent, (tuple, list)) or len(cotangent) == 1:
        gradient = pullback(*args, cotangent)
        _refuse_jacobian(gradient, args, cotangent)
        return gradient
    said = FIRST.format(kind=type(cotangent).__name__, count=len(cotangent), call=call, args=", ".join(names))
    try:
        gradient = pullback(*args, cotangent)
    except Exception as error:
        if ends(error) or isinstance(error, (InputError, CallError)):
            raise
        raised = without_locals(f"{type(error).__name__}: {error}").removesuffix(": ")
        msg = f"{said} (given all of them, the gradient function raised {raised})"
        raise CallError(msg) from error
    if len(args) == 1 and isinstance(gradient, np.ndarray) and gradient.shape == (len(cotangent), *np.shape(args[0])):
        msg = f"{said} (given all of them, the gradient function returned an array of shape {gradient.shape})"
        raise InputError(msg)
    return gradient


def _refuse_jacobian(gradient: Any, args: tuple[Any, ...], cotangent: Any) -> None:  # noqa: ANN401
    """Raise RuleError for what has an entry for each output and input: it is wrong as a gradient."""
    parts = gradient if isinstance(gradient, tuple) and len(gradient) == len(args) else (gradient,)
    for part, arg in zip(parts, args, strict=False):
        if isinstance(part, np.ndarray) and isinstance(cotangent, np.ndarray) and isinstance(arg, np.ndarray):
            shapes = part.shape, cotangent.shape, arg.shape
            if cotangent.ndim and arg.ndim and part.shape == cotangent.shape + arg.shape:
                raise RuleError(JACOBIAN.format(*shapes), "")
