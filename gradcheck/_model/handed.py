"""What is the function given at each call? New containers, around the arrays that are moved.

Whatever it does to a dict or list, to the fields of a record or to the shape of an array does not affect the next call.
Changes of the numbers themselves are detected in the arrays afterwards. A function that keeps a reference to an array,
as one does that caches its last point, is given copies.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradcheck._model import trees
from gradcheck._model.computed import computed
from gradcheck._model.contents import attributes
from gradcheck._model.forms import Plain
from gradcheck._model.leaf import Leaf
from gradcheck._model.oracle import Array, Tree
from gradcheck._model.references import OWN, references

Make = Callable[[], Any]


@dataclass(frozen=True)
class Piece:
    """A part of the point: how it is made at each call, or that it is the same at all of them."""

    make: Make
    same: bool = False


class Handed:
    """Makes the point as the user's functions are given it."""

    def __init__(self, point: Tree, leaves: Mapping[str, Leaf], *, shared: bool = False) -> None:
        """Look through the point once; a `shared` one is our own, and the same at all calls."""
        self._point, self._leaves, self._shared = point, leaves, shared
        self._last: dict[str, Any] = {}  # what was handed out last of what is made again at each call
        self._lent: dict[str, int] = {}  # references to arrays that are too large for a copy, while a view is out
        self._keeps = False  # whether the function was seen to keep one of those

    @cached_property
    def tree(self) -> Make:
        """Return the point, around the arrays that are moved."""
        make = _part(self._point, "", self._leaf).make
        if not self._shared:
            return make
        whole = make()
        return lambda: whole

    @cached_property
    def copied(self) -> Make:
        """Return the point around copies of the arrays, which may be reshaped, frozen or made longer."""
        return self.tree if self._shared else _part(self._point, "", self._copied).make

    @property
    def kept(self) -> bool:
        """Whether somebody holds on to an array that was handed out last, to know it again or to look into it later."""
        lent = any(self._references(path) > before for path, before in self._lent.items())
        return lent or any(references(self._last, path) > OWN for path in self._last)

    @property
    def place(self) -> float:
        """A number that is another one wherever the arrays hold other numbers, except for chance."""
        with np.errstate(all="ignore"):
            return float(sum(np.add.reduce(leaf.array, axis=None) for leaf in self._leaves.values()))

    def reshaped(self) -> dict[str, str]:
        """Return which arrays did not keep their shape in a call that was given copies, and what changed.

        What it did to the numbers in them is done to the arrays themselves, where it will be seen.
        """
        changed = {}
        for path, thing in self._last.items():
            leaf = self._leaves[path]
            if not isinstance(leaf.form, Plain):
                continue
            if what := _changed(thing, leaf.array):
                changed[path] = what
            elif path not in self._lent:
                leaf.array[...] = thing
        return changed

    def forget(self, *, kept: bool) -> None:
        """Let go of the copies that were handed out last: they were looked at.

        If some are `kept`, whoever keeps an array of which a view was lent has it, and another is moved from now on.
        """
        for path in [path for path in self._last if isinstance(self._leaves[path].form, Plain)]:
            del self._last[path]
        if kept and self._lent:
            self._keeps = True
            for path in self._lent:
                self._leaves[path].leave_behind()
            for made in ("tree", "copied"):
                self.__dict__.pop(made, None)
        self._lent.clear()

    def rewritten(self) -> list[str]:
        """Return the leaves that were made for the last call and do not hold their numbers any more."""
        made = [(path, thing, self._leaves[path]) for path, thing in self._last.items()]
        self._last.clear()
        return [path for path, thing, leaf in made if not (isinstance(leaf.form, Plain) or _holds(leaf, thing))]

    def _leaf(self, path: str, old: Any) -> Piece:  # noqa: ANN401
        leaf = self._leaves.get(path)
        if leaf is None:
            return Piece(lambda: old, same=True)
        if isinstance(leaf.form, Plain):
            return Piece(lambda: leaf.array, same=True)
        if leaf.scalar:
            return Piece(lambda: leaf.handed(leaf.array))
        return Piece(lambda: self._noted(path, leaf.handed(leaf.array)))

    def _copied(self, path: str, old: Any) -> Piece:  # noqa: ANN401
        leaf = self._leaves.get(path)
        if leaf is None or not isinstance(leaf.form, Plain):
            return self._leaf(path, old)
        return Piece(lambda: self._noted(path, self._copy(path, leaf)))

    def _copy(self, path: str, leaf: Leaf) -> Array:
        """Return a copy of an array; of a vast one a view, which may be reshaped as well, until one is kept."""
        if not leaf.vast or self._keeps:
            return leaf.array.copy(order="K")
        view = leaf.array.view()
        self._lent[path] = self._references(path)
        return view

    def _references(self, path: str) -> int:
        return sys.getrefcount(self._leaves[path].array)

    def _noted(self, path: str, thing: Any) -> Any:  # noqa: ANN401
        self._last[path] = thing
        return thing


def _changed(thing: Array, array: Array) -> str:
    """Return what changed about an array other than its numbers."""
    for what in ("shape", "dtype", "strides"):
        if getattr(thing, what) != getattr(array, what) and array.size:
            return "size" if what == "shape" and thing.size != array.size else what
    return "" if thing.flags.writeable else "flags"


def _holds(leaf: Leaf, thing: Any) -> bool:  # noqa: ANN401
    try:
        return np.array_equal(leaf.form.taken(thing), leaf.array, equal_nan=True)
    except Exception:  # noqa: BLE001  it was made into something else
        return False


def _part(tree: Tree, path: str, leaf: Callable[[str, Any], Piece]) -> Piece:
    below = trees.children(tree, numbers=True)
    if below is None:
        return leaf(path, tree)
    parts = [_part(child, trees.join(path, step), leaf) for step, child in below]
    same = all(part.same for part in parts)
    old = all(part.same and part.make() is child for part, (_, child) in zip(parts, below, strict=True))
    if same and _is_fixed(tree):
        whole = tree if old else trees.remade(tree, [part.make() for part in parts], [step for step, _ in below])
        return Piece(lambda: whole, same=True)
    if type(tree) is dict:
        return _dict([*tree], parts)
    if type(tree) is list and same:
        return Piece([part.make() for part in parts].copy)
    if type(tree) in (list, tuple):
        kind = type(tree)
        return Piece(lambda: kind([part.make() for part in parts]))
    steps = [step for step, _ in below]
    return Piece(lambda: trees.remade(tree, [part.make() for part in parts], steps))


def _dict(keys: list[Any], parts: list[Piece]) -> Piece:
    whole = {key: part.make() if part.same else None for key, part in zip(keys, parts, strict=True)}
    moving = [(key, part.make) for key, part in zip(keys, parts, strict=True) if not part.same]

    def make() -> dict[Any, Any]:
        made = whole.copy()
        for key, part in moving:
            made[key] = part()
        return made

    return Piece(make)


def _is_fixed(tree: Tree) -> bool:
    """Return whether a container cannot be given other contents, so that one serves for all calls."""
    if isinstance(tree, tuple):
        return not attributes(tree)  # which its class may compute of its parts
    if not trees.is_record(tree) or not type(tree).__dataclass_params__.frozen or computed(tree):
        return False
    held = getattr(type(tree), "__mro__", ())
    return not any(isinstance(member, cached_property) for cls in held for member in vars(cls).values())
