"""How is a value told? As JSON, beside the arrays in it, each under its path."""

from __future__ import annotations

import dataclasses
import enum
import functools
import sys
from types import BuiltinMethodType, MethodType, MethodWrapperType, ModuleType
from typing import Any

import numpy as np

from gradcheck._cases.json.names import found, is_named_tuple, is_ordinary, spelled
from gradcheck._model.movable import detached
from gradcheck._model.trees import join, leaves
from gradcheck._results.names import without_locals

PLAIN = (str, int, float, bool, type(None))
Json = Any


class Teller:
    """Tells values one by one; keeps their arrays, the modules they need, and what cannot be told."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}
        self.modules: set[str] = set()
        self.untold: list[str] = []
        self._paths: dict[int, str] = {}  # by identity: what is shared is told once
        self._alive: list[object] = []  # so that no identity is used twice

    def tell(self, value: Any, path: str) -> Json:  # noqa: ANN401  whatever a call may be given
        """Return a value in the words of JSON; `path` is what its arrays are called."""
        path = spelled(path)
        if type(value) in PLAIN:
            return _number(value) if type(value) is float else value
        if id(value) in self._paths:
            return {"same": self._paths[id(value)]}
        for way in (self._name, self._array, self._container, self._bound, self._object):
            said = way(value, path)
            if said is not None:
                return said
        return self._unknown(value, path)

    def _keep(self, value: object, path: str) -> None:
        self._paths[id(value)] = path
        self._alive.append(value)

    def _name(self, value: Any, _path: str) -> Json:  # noqa: ANN401
        """Tell what a module has under a name: a function, a class, a ufunc, a member of an enumeration."""
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        if isinstance(value, np.ufunc):
            module, name = "numpy", value.__name__
        if isinstance(value, enum.Enum):
            module, name = type(value).__module__, f"{type(value).__qualname__}.{value.name}"
        if not isinstance(module, str) or not isinstance(name, str) or module == "__main__":
            return None
        if found(sys.modules.get(module), name) is not value:
            return None
        self.modules.add(module)
        return {"name": f"{module}:{name}"}

    def _array(self, value: Any, path: str) -> Json:  # noqa: ANN401
        if type(value) is np.ndarray and not value.dtype.hasobject:
            self._keep(value, path)
            self.arrays[path] = value
            return {"array": path}
        if isinstance(value, np.generic) and not value.dtype.hasobject:
            self.arrays[path] = np.asarray(value)
            return {"scalar": path}
        return {"dtype": value.str} if isinstance(value, np.dtype) and value.isbuiltin == 1 else None

    def _container(self, value: Any, path: str) -> Json:  # noqa: ANN401
        kind = type(value)
        if kind is dict:
            self._keep(value, path)
            if all(type(key) is str for key in value):
                return {"dict": {k: self.tell(v, join(path, f".{k}")) for k, v in value.items()}}
            pairs = enumerate(value.items())
            return {"pairs": [[self.tell(k, f"{path}.keys[{n}]"), self.tell(v, f"{path}[{n}]")] for n, (k, v) in pairs]}
        if kind is complex:
            return {"complex": [_number(value.real), _number(value.imag)]}
        if kind in {list, tuple} or is_named_tuple(kind):
            if kind is list:
                self._keep(value, path)
            items = [self.tell(v, f"{path}[{n}]") for n, v in enumerate(value)]
            return {kind.__name__: items} if kind in {list, tuple} else {"of": self.tell(kind, path), "items": items}
        return None

    def _bound(self, value: Any, path: str) -> Json:  # noqa: ANN401
        """Tell a function with arguments, and a function of an object."""
        if type(value) is functools.partial:
            parts = {"args": list(value.args), "keywords": dict(value.keywords)}
            return {"partial": self.tell(value.func, path)} | {k: self.tell(v, f"{path}.{k}") for k, v in parts.items()}
        owner = getattr(value, "__self__", None)
        methods = (MethodType, BuiltinMethodType, MethodWrapperType)
        if not isinstance(value, methods) or owner is None or isinstance(owner, ModuleType):
            return None
        if getattr(owner, value.__name__, None) != value:
            return None
        return {"attribute": value.__name__, "of": self.tell(owner, path)}

    def _object(self, value: Any, path: str) -> Json:  # noqa: ANN401
        """Tell an object by its attributes, as `copy` would: an instance of a class that has a name."""
        kind = type(value)
        if not is_ordinary(kind) or not hasattr(value, "__dict__"):
            return None
        if found(sys.modules.get(kind.__module__), kind.__qualname__) is not kind:
            return None
        self._keep(value, path)
        state = {name: self.tell(v, join(path, f".{name}")) for name, v in vars(value).items()}
        return {"of": self.tell(kind, path), "state": state}

    def _unknown(self, value: Any, path: str) -> Json:  # noqa: ANN401
        """Say what cannot be told, and keep the arrays in it all the same."""
        name = getattr(value, "__qualname__", type(value).__qualname__)
        self.untold.append(f"{path} is {without_locals(name)}, which cannot be built from a file")
        states = getattr(value, "state_dict", None)
        inside = states() if callable(states) and not isinstance(value, type) else value
        for place, leaf in leaves(inside, path):
            array = _as_array(leaf)
            if array is not None:
                self.arrays[place] = array
        return {"untold": name}


def _number(value: float) -> Json:
    return value if np.isfinite(value) else {"float": str(value)}


def _as_array(leaf: Any) -> np.ndarray[Any, Any] | None:  # noqa: ANN401
    """Return an array of whatever framework as one of NumPy, None for anything else."""
    if dataclasses.is_dataclass(leaf) or not (hasattr(leaf, "shape") and hasattr(leaf, "dtype")):
        return None
    try:
        array = np.asarray(detached(leaf))
    except (TypeError, ValueError, RuntimeError):  # on a device, or of a dtype that NumPy does not know
        return None
    return array if array.dtype.kind in "biufc" else None
