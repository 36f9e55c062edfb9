"""Which part of a claimed gradient belongs to which part of the point, and what is it as an array?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from gradcheck._model import forms, trees, units
from gradcheck._model.leaf import Leaf
from gradcheck._model.movable import is_masked
from gradcheck._model.oracle import Array, Tree
from gradcheck._model.point import as_array, described, more_digits
from gradcheck._results.errors import InputError, ShapeError

COPIED = 100_000  # size of a gradient of our own above which a protective copy costs too much
NO_DERIVATIVE = "V"  # kind of JAX's float0
BESIDE = ("d{}", "d_{}", "grad_{}", "{}_grad")  # what a gradient is called, by the name of what it belongs to


def matched(
    point: Tree,
    gradient: Tree,
    leaves: Mapping[str, Leaf],
    *,
    ours: bool = False,
    free: Collection[int] = (),
    unit: Any = None,  # noqa: ANN401
    known: Collection[str] | None = None,
) -> dict[str, Array]:
    """Return the arrays of a gradient under the names of the point's; one that is `ours` is taken apart meanwhile.

    Of large arrays no copy is made if that is so, or if they are `free`, by their identity: nobody else holds them.
    `unit` is that of the value; `known` is what is moved or known to be held fixed: nothing may be claimed for anything
    else. Raises InputError for missing and surplus names and for wrong shapes and types.
    """
    found = dict(paired(point, gradient))
    missing = [leaf.name for path, leaf in leaves.items() if found.get(path) is None]
    if missing:
        have = ", ".join(repr(p or "x") for p, v in found.items() if v is not None) or "nothing"
        msg = (
            f"the gradient has nothing for {', '.join(map(repr, missing))} (it has {have}); "
            "return an array of the same shape for each, zeros where the derivative is zero, or leave it out with wrt="
        )
        raise InputError(msg)
    if ours:
        gradient.clear()  # so that no more than one array is there twice
    elif known is not None and len(found) > len(known):
        _check_others(point, found, known)
    return {
        path: _fitting(leaf, claim := found.pop(path), ours=ours, free=ours or id(claim) in free, unit=unit)
        for path, leaf in leaves.items()
    }


def _check_others(point: Tree, found: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse a claim for a leaf that is not moved, such as a text; returning the leaf itself claims nothing."""
    given = dict(trees.leaves(point, numbers=True))
    for path, claim in found.items():
        if path not in known and not (is_nothing(claim) or claim is given.get(path) or is_zero(claim)):
            name, thing = path or "x", given.get(path)
            msg = f"the gradient has {described(claim)} for {name}, which is {described(thing)} and is not moved; "
            raise InputError(msg + "return None for it, or give it as a float")


def is_nothing(claim: Any) -> bool:  # noqa: ANN401
    """Return whether a gradient says nothing of a leaf: it is None, or JAX's word for what has no derivative."""
    return claim is None or getattr(getattr(claim, "dtype", None), "kind", "") == NO_DERIVATIVE


def is_zero(claim: Any) -> bool:  # noqa: ANN401
    """Return whether a claim is of zeros alone."""
    array = as_array(dense(units.bare(claim)))
    return array.dtype.kind in "fiub" and not array.any()


def paired(point: Tree, gradient: Tree, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path of each leaf, and what a gradient has there; raises InputError for surplus names."""
    below = trees.children(point, numbers=True)
    if below is None:
        yield path, gradient
        return
    if gradient is None:
        return
    theirs, ours = _parts_like(point, gradient, path), dict(below)
    surplus = [key for key, claim in theirs.items() if key not in ours and not _setting(point, key, claim)]
    if surplus:
        names = ", ".join(repr(trees.join(path, s)) for s in surplus)
        have = ", ".join(repr(trees.join(path, s)) for s, _ in below)
        msg = f"the gradient has {names}, which the point does not have (it has {have}); return exactly its names"
        raise InputError(msg)
    for step, child in below:
        yield from paired(child, theirs.get(step), trees.join(path, step))


def _setting(point: Tree, step: str, claim: Any) -> bool:  # noqa: ANN401
    """Return whether a surplus name is that of a setting of a record, which its gradient holds as it was."""
    name = step.removeprefix(".")
    return trees.is_record(point) and hasattr(point, name) and (claim is getattr(point, name) or is_zero(claim))


def _parts_like(point: Tree, gradient: Tree, path: str) -> dict[str, Any]:
    """Return the children of a gradient, for which a list may also be an array or a tuple."""
    listed = isinstance(gradient, (list, tuple)) or (isinstance(gradient, np.ndarray) and gradient.ndim > 0)
    if isinstance(point, Mapping) and isinstance(gradient, Mapping):
        gradient = under_names(gradient, point)
    if isinstance(point, (list, tuple)) and listed:
        parts: list[Any] = list(gradient)
        steps = [step for step, _ in trees.children(point) or ()]
        if len(parts) != len(steps):
            msg = f"the gradient of {path or 'the point'} has {len(parts)} parts where there are {len(steps)}"
            raise InputError(msg)
        return dict(zip(steps, parts, strict=True))
    below = trees.children(gradient, numbers=True)
    if below is None:
        msg = (
            f"the gradient of {path or 'the point'} is {described(gradient)} where {described(point)} is needed; "
            "return the same structure as the point"
        )
        raise InputError(msg)
    return dict(below)


def under_names(gradient: Mapping[Any, Any], names: Collection[Any]) -> Mapping[Any, Any]:
    """Return gradients under the names of what they belong to, where a dict calls all of them dW, or grad_W."""
    if not any(name in names for name in gradient):
        for beside in BESIDE:
            found = {name: gradient[key] for name in names if (key := beside.format(name)) in gradient}
            if found and len(found) == len(gradient):
                return found
    return gradient


def dense(claim: Any) -> Any:  # noqa: ANN401
    """Return a sparse gradient with all its entries, anything else as it is."""
    if isinstance(claim, (np.ndarray, np.generic, float)):
        return claim
    for way in ("toarray", "todense"):
        if hasattr(type(claim), way) and hasattr(claim, "shape"):
            return np.asarray(getattr(claim, way)())
    return claim


def _fitting(leaf: Leaf, claim: Any, *, ours: bool, free: bool, unit: Any) -> Array:  # noqa: ANN401
    array: Array = claim if ours else _array(leaf, claim, unit)
    if array.dtype.kind == "O" and (exact := more_digits(array)) is not None:
        array = exact
    shape = leaf.array.shape
    if array.dtype.kind not in "fiub":
        hint = f": {leaf.name} is real, and so is its gradient, mostly g.real" if array.dtype.kind == "c" else ""
        msg = f"the gradient of {leaf.name} is {described(claim)} of dtype {array.dtype}; return real floats{hint}"
        raise InputError(msg)
    if array.shape != shape:
        if leaf.scalar and array.size == 1:
            return array.reshape(())
        raise _misshapen(leaf.name, array.shape, shape)
    itself = free and array is claim and leaf.held is None
    if itself and array.size > COPIED and array.dtype.kind == "f":
        return array
    fitting = np.array(array, dtype=array.dtype if array.dtype.kind == "f" else np.float64)
    if leaf.held is not None:
        fitting[leaf.held] = 0  # what is claimed of entries that are not finite is not looked at
    return fitting


def _array(leaf: Leaf, claim: Any, unit: Any) -> Array:  # noqa: ANN401
    """Return a claim as an array, in the order of the labels of its leaf and in the unit that is expected."""
    if type(claim) is np.ndarray and type(leaf.form) is forms.Plain:
        return claim
    if is_masked(claim):
        msg = f"the gradient of {leaf.name} is a masked array, which says nothing where it is masked; return "
        raise InputError(msg + "g.filled(0) if the derivative is zero there")
    bare = units.gradient_in_unit(claim, unit, units.unit_of(leaf.form.given), leaf.name)
    full = dense(leaf.form.read(bare, leaf.name))
    array = as_array(full)
    if full is not bare and array.ndim == 2 and leaf.array.ndim == 1 and array.size == leaf.array.size:
        return array.ravel()  # a sparse matrix has two axes whatever it stands for
    return array


def _misshapen(name: str, theirs: tuple[int, ...], shape: tuple[int, ...]) -> InputError:
    hint = " (it looks transposed)" if theirs[::-1] == shape else ""
    if len(theirs) > len(shape) and theirs[len(theirs) - len(shape) :] == shape:
        hint = f" (summed over its first {'axis' if len(theirs) == len(shape) + 1 else 'axes'} it would fit)"
    msg = (
        f"the gradient of {name} has shape {theirs} where {name} has {shape}{hint}; "
        "a gradient has the shape of the thing it is the gradient of"
    )
    return ShapeError(msg, name) if is_broadcast(theirs, shape) else InputError(msg)


def is_broadcast(theirs: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Return whether two shapes go together by broadcasting: a mistake that many operations let pass."""
    pairs = zip(reversed(theirs), reversed(shape), strict=False)  # not NumPy's, which takes no more than 32 axes
    return all(one == other or 1 in {one, other} for one, other in pairs)
