"""What does a module have under a name, and is it a class whose instances are no more than their attributes?"""

from __future__ import annotations

from typing import Any


def found(module: Any, path: str) -> Any:  # noqa: ANN401  anything
    """Return the object at a path of attributes, None if there is none."""
    for name in path.split("."):
        module = getattr(module, name, None)
    return module


def spelled(path: str) -> str:
    r"""Return a path that can be the name of an array in a file: half of a character is spelled out, `\ud800`."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode("utf-8")


def is_ordinary(kind: type[Any]) -> bool:
    """Return whether the attributes of an instance are all there is to it."""
    usual = ("__reduce__", "__reduce_ex__", "__getstate__", "__new__")
    slots = [slot for base in kind.__mro__ for slot in getattr(base, "__slots__", ()) if not slot.startswith("__")]
    as_usual = all(getattr(kind, name) is getattr(object, name) for name in usual)
    return as_usual and not slots and not hasattr(kind, "__setstate__")


def is_named_tuple(kind: type[Any]) -> bool:
    """Return whether an instance is a tuple whose items have names."""
    return issubclass(kind, tuple) and hasattr(kind, "_fields")
