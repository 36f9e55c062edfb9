"""Does an object hold what can be checked, or make it when it is called?"""

from __future__ import annotations

import functools
import inspect


def is_recipe(value: object) -> bool:
    """Return whether this is a function, a method, a partial ... that wants no arguments."""
    if not (inspect.isroutine(value) or isinstance(value, functools.partial)):
        return False
    try:
        inspect.signature(value).bind()
    except (TypeError, ValueError):
        return False
    return True


def is_case(value: object) -> bool:
    """Return whether this looks like a model with its inputs, or several such."""
    if isinstance(value, (tuple, list)):
        return bool(value)
    return isinstance(value, dict) and ("model" in value or (bool(value) and all(map(is_case, value.values()))))
