"""How is a value made again, of which JSON and arrays tell?"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck._cases.json.names import found, is_named_tuple, is_ordinary, spelled
from gradcheck._model.trees import join

Json = Any


class Maker:
    """Makes again what was told; what was shared is shared again."""

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        """Begin with nothing made."""
        self._arrays = arrays
        self._made: dict[str, Any] = {}

    def make(self, told: Json, path: str) -> Any:  # noqa: ANN401  whatever was told
        """Return the value that was told under this path.

        Raises whatever importing the modules of its names does, and ValueError, KeyError or TypeError for nonsense.
        """
        if not isinstance(told, dict):
            return told
        word, path = next(iter(told), ""), spelled(path)
        ways: dict[str, Callable[[dict[str, Any], str], Any]] = {
            "same": lambda told, _: self._made[told["same"]],
            "name": lambda told, _: lookup(told["name"]),
            "float": lambda told, _: float(told["float"]),
            "complex": lambda told, _: complex(*(self.make(part, path) for part in told["complex"])),
            "dtype": lambda told, _: np.dtype(told["dtype"]),
            "scalar": lambda told, _: self._arrays[told["scalar"]][()],
            "array": self._array,
            "dict": self._dict,
            "pairs": self._dict,
            "list": self._list,
            "tuple": lambda told, path: tuple(self._items(told["tuple"], path)),
            "partial": self._partial,
            "attribute": lambda told, path: getattr(self.make(told["of"], path), told["attribute"]),
            "of": self._object,
        }
        if word not in ways:
            msg = f"it was not told ({word!r})"
            raise ValueError(msg)
        return ways[word](told, path)

    def _array(self, told: Json, _path: str) -> Any:  # noqa: ANN401
        path = told["array"]
        return self._made.setdefault(path, np.array(self._arrays[path]))

    def _items(self, told: list[Json], path: str) -> list[Any]:
        return [self.make(item, f"{path}[{n}]") for n, item in enumerate(told)]

    def _list(self, told: Json, path: str) -> list[Any]:
        made: list[Any] = []
        self._made[path] = made
        made += self._items(told["list"], path)
        return made

    def _dict(self, told: Json, path: str) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        self._made[path] = made
        for key, item in told.get("dict", {}).items():
            made[key] = self.make(item, join(path, f".{key}"))
        for n, (said, item) in enumerate(told.get("pairs", [])):
            key = self.make(said, f"{path}.keys[{n}]")
            made[key] = self.make(item, f"{path}[{n}]")
        return made

    def _partial(self, told: Json, path: str) -> Any:  # noqa: ANN401
        args, keywords = self.make(told["args"], f"{path}.args"), self.make(told["keywords"], f"{path}.keywords")
        return functools.partial(self.make(told["partial"], path), *args, **keywords)

    def _object(self, told: Json, path: str) -> Any:  # noqa: ANN401
        kind = self.make(told["of"], path)
        fits = is_named_tuple if "items" in told else is_ordinary
        if not (isinstance(kind, type) and fits(kind)):  # the file may be hand-written: nothing is called for it
            msg = f"{kind!r} is not a class whose objects are saved by their parts"
            raise ValueError(msg)
        if "items" in told:
            return tuple.__new__(kind, self._items(told["items"], path))
        made: Any = object.__new__(kind)
        self._made[path] = made
        for name, state in told["state"].items():
            vars(made)[name] = self.make(state, join(path, f".{name}"))  # frozen or not
        return made


def lookup(name: str) -> Any:  # noqa: ANN401
    """Import what is called `module:qualname`."""
    module, _, path = name.partition(":")
    named = found(importlib.import_module(module), path)
    if named is None:
        msg = f"{module} has no {path}"
        raise ValueError(msg)
    return named
