"""Which numbers of a call to JAX can be moved, what are they called, and how does JAX get them back?"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradcheck._adapters.introspect import parameters_of
from gradcheck._model import trees
from gradcheck._model.oracle import Array
from gradcheck._results.errors import InputError

ARRAYS = (jax.Array, np.ndarray, np.generic)
NUMBERS = (float, complex)
WIDER = np.dtype(np.float32)  # holds what NumPy has no dtype for


@dataclass(frozen=True)
class JaxCall:
    """A function of JAX, what it is called with, and what its arguments are called."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    inputs: Mapping[str, Any]
    names: tuple[str, ...]  # one for each argument, "" for one that brings its own
    model: bool = False  # whether the first argument holds the parameters of a model
    held: tuple[Any, ...] = ()  # further arguments, behind the others, of which nothing is moved
    held_names: tuple[str, ...] = ()
    stateful: bool = False  # whether it returns (outputs, state)
    static: frozenset[int | str] = frozenset()  # settings, by place and by name, which must not be traced


@dataclass(frozen=True)
class Slot:
    """One leaf that can be moved: an array of the point, or two where it is complex."""

    at: int  # among all leaves of the call
    name: str
    dtype: np.dtype[Any]  # in which JAX computes with it
    value: Any

    @property
    def number(self) -> bool:
        """Whether it is a Python number, which takes the dtype of the arrays it is combined with."""
        return isinstance(self.value, NUMBERS) and not isinstance(self.value, np.generic)

    @property
    def coarse(self) -> bool:
        """Whether NumPy has no dtype for it."""
        return is_coarse(self.value)

    @property
    def entries(self) -> tuple[str, ...]:
        """The names of its arrays in the point."""
        return (f"{self.name}.real", f"{self.name}.imag") if self.dtype.kind == "c" else (self.name,)

    def arrays(self) -> list[Array]:
        """Return its arrays in the point, which share no memory with the user's."""
        with np.errstate(over="ignore"):
            array = np.asarray(self.value).astype(WIDER if self.coarse else self.dtype)
        return [np.array(array.real), np.array(array.imag)] if self.dtype.kind == "c" else [array]

    @property
    def finite(self) -> bool:
        """Whether all its entries are."""
        return bool(np.isfinite(np.asarray(self.value).astype(WIDER if self.coarse else self.dtype)).all())

    def promoted(self, part: Any) -> bool:  # noqa: ANN401
        """Whether it is replaced by a float64 array although the user's is not one."""
        return self.dtype.name not in ("float64", "complex128") and getattr(part, "dtype", None) == np.float64

    def made(self, parts: Sequence[Any]) -> Any:  # noqa: ANN401
        """Return the leaf as the user's function takes it, from arrays of JAX in the places of the point's."""
        if self.dtype.kind == "c":
            return parts[0] + 1j * parts[1] if self.number else jax.lax.complex(*parts)
        return parts[0].astype(self.dtype) if self.coarse and parts[0].dtype == WIDER else parts[0]


class Arguments:
    """The arguments of a call, of which the floats are taken out and can be put back as other numbers."""

    def __init__(self, call: JaxCall) -> None:
        """Find the floats; raises InputError where two have one name."""
        found, self.treedef = jax.tree_util.tree_flatten_with_path((call.args, dict(call.inputs), call.held))
        self.leaves = [_settled(leaf) for _, leaf in found]
        self.names = [_argument(path, call) for path, _ in found]
        modules = _modules((call.args, dict(call.inputs)))
        self.slots = [
            Slot(at, self.names[at], jax.dtypes.canonicalize_dtype(_dtype(leaf)), leaf)
            for at, (path, leaf) in enumerate(found)
            if is_float(leaf) and path[0].idx < 2 and not _held(path, leaf, modules) and not _static(path, call.static)
        ]
        finite = [slot for slot in self.slots if slot.finite]
        self.slots = finite or self.slots  # a mask of -inf is no variable
        moved = {slot.at for slot in self.slots}
        floats = [at for at, leaf in enumerate(self.leaves) if is_float(leaf) and isinstance(leaf, ARRAYS)]
        self.still = [at for at in floats if at not in moved]  # those that are held where they are
        arrays = [(name, leaf) for name, leaf in zip(self.names, self.leaves, strict=True) if isinstance(leaf, ARRAYS)]
        self.empty = [name for name, leaf in arrays if not leaf.size and jnp.issubdtype(leaf.dtype, jnp.inexact)]
        self.entries = [entry for slot in self.slots for entry in slot.entries]
        twice = sorted({entry for entry in self.entries if self.entries.count(entry) > 1})
        if twice:
            msg = f"two arrays are both called {twice[0]}; give one of them another name"
            raise InputError(msg)

    def point(self) -> dict[str, Array]:
        """Return the arrays to be moved, by name."""
        return dict(zip(self.entries, (array for slot in self.slots for array in slot.arrays()), strict=True))

    def taken(self, p: Mapping[str, Array]) -> list[Any]:
        """Return the arrays of a point in order, numbers of Python as such."""
        numbers = {entry for slot in self.slots if slot.number for entry in slot.entries}
        return [float(p[entry]) if entry in numbers else p[entry] for entry in self.entries]

    def restored(self, arrays: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments and keyword arguments with arrays of JAX in the places of the floats.

        Where these are promoted, so are the floats that are held: running means are updated in their own dtype.
        """
        leaves, rest, promoted = list(self.leaves), list(arrays), False
        for slot in self.slots:
            parts = [rest.pop(0) for _ in slot.entries]
            promoted |= slot.promoted(parts[0])
            leaves[slot.at] = slot.made(parts)
        for at in self.still if promoted else ():
            leaves[at] = jnp.asarray(leaves[at], dtype=np.complex128 if jnp.iscomplexobj(leaves[at]) else np.float64)
        args, inputs, held = jax.tree_util.tree_unflatten(self.treedef, leaves)
        return (*args, *held), inputs

    def others(self) -> dict[str, Array]:
        """Return the arrays of integers, by name."""
        return {n: np.asarray(leaf) for n, leaf in zip(self.names, self.leaves, strict=True) if is_integer(leaf)}


def _settled(leaf: Any) -> Any:  # noqa: ANN401
    """Return a NumPy array of integers in the dtype that JAX uses now, which enabling float64 would change."""
    if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "iu":
        return leaf.astype(jax.dtypes.canonicalize_dtype(leaf.dtype), copy=False)
    return leaf


def is_float(leaf: object) -> bool:
    """Whether a leaf can be moved: an array of real or complex floats that is not empty, or such a number."""
    if isinstance(leaf, ARRAYS):
        return bool(jnp.issubdtype(leaf.dtype, jnp.inexact)) and leaf.size > 0
    return isinstance(leaf, NUMBERS)


def is_coarse(leaf: object) -> bool:
    """Whether a float is of a dtype that NumPy lacks."""
    return isinstance(leaf, ARRAYS) and leaf.dtype.kind not in "fc"


def is_integer(leaf: object) -> bool:
    """Whether a leaf is an array of integers or booleans, and no key: keys are left alone."""
    return isinstance(leaf, ARRAYS) and getattr(leaf.dtype, "kind", "") in ("i", "b")


def real(leaf: Any) -> Any:  # noqa: ANN401
    """Return an output as real numbers that NumPy knows: complex ones with a last axis of two."""
    array = leaf if isinstance(leaf, jax.Array) else jnp.asarray(leaf)
    if jnp.iscomplexobj(array):
        return jnp.stack([array.real, array.imag], axis=-1)
    return array if array.dtype.kind == "f" else array.astype(WIDER)


def path_name(path: Sequence[Any]) -> str:
    """Return what the user would write for a leaf: `enc.w`, `layers[0].weight`."""
    name = ""
    for key in path:
        if isinstance(key, jax.tree_util.GetAttrKey):
            step = f".{key.name}"
        else:
            inner = getattr(key, "key", getattr(key, "idx", key))
            step = f".{inner}" if isinstance(inner, str) else f"[{inner!r}]"
        name = trees.join(name, step)
    return name


def _argument(path: Sequence[Any], call: JaxCall) -> str:
    """Return the name of a leaf of (args, inputs, held)."""
    names = {0: call.names, 2: call.held_names}.get(path[0].idx)
    first = path[1].key if names is None else names[path[1].idx]
    rest = path_name(path[2:])
    return trees.join(first, rest if rest.startswith("[") or not rest else f".{rest}")


def _dtype(leaf: Any) -> np.dtype[Any]:  # noqa: ANN401
    return leaf.dtype if isinstance(leaf, ARRAYS) else np.dtype(type(leaf))


def _modules(tree: object) -> dict[tuple[Any, ...], object]:
    """Return the modules and states of equinox in a tree, by their paths."""
    equinox: Any = sys.modules.get("equinox")
    if equinox is None:
        return {}

    def is_module(thing: object) -> bool:
        return isinstance(thing, (equinox.Module, equinox.nn.State))

    found = jax.tree_util.tree_flatten_with_path(tree, is_leaf=is_module)[0]
    return {path: thing for path, thing in found if is_module(thing)}


def static_arguments(function: Any) -> frozenset[int | str]:  # noqa: ANN401
    """Return which arguments a rule takes for settings (nondiff_argnums), or a compiled function (static_argnums).

    By place, and by name, as they may be given by keyword.
    """
    compiled = getattr(function, "_jit_info", None)
    numbers = [*(getattr(function, "nondiff_argnums", None) or ()), *(getattr(compiled, "static_argnums", None) or ())]
    names = [parameter.name for parameter in parameters_of(function)]
    named = [*(getattr(compiled, "static_argnames", None) or ()), *(names[n] for n in numbers if n < len(names))]
    return frozenset([*map(int, numbers), *named])


def _static(path: tuple[Any, ...], static: frozenset[int | str]) -> bool:
    return bool((path[0].idx == 0 and path[1].idx in static) or (path[0].idx == 1 and path[1].key in static))


def _held(path: tuple[Any, ...], leaf: object, modules: Mapping[tuple[Any, ...], object]) -> bool:
    """Whether a leaf is a setting of a module, such as the rate of a dropout, or lies in its state."""
    within = [thing for at, thing in modules.items() if path[: len(at)] == at]
    return any(not dataclasses.is_dataclass(thing) or not isinstance(leaf, ARRAYS) for thing in within)
