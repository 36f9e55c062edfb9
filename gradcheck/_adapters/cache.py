"""Does a function return what it keeps for the way back beside its output, as in (out, cache)?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck._model.ending import ends
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.names import without_locals

FIRST = (
    "the function returned a {kind} of {count}, and each is an output with a cotangent of its own; if the first alone "
    "is the output, and the rest a cache, write check_gradients(lambda *args: {call}(*args)[0], {args}, vjp=...)"
)


def pulled(pullback: Callable[..., Any], args: tuple[Any, ...], cotangent: Any, call: str, names: list[str]) -> Any:  # noqa: ANN401
    """Return the gradients of a pullback; if it fails on a tuple of cotangents, say that f may return its cache too.

    Raises CallError, caused by the user's own exception, where it fails on several cotangents, and InputError
    where it has made an array of them.
    """
    if not isinstance(cotangent, (tuple, list)) or len(cotangent) == 1:
        return pullback(*args, cotangent)
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
