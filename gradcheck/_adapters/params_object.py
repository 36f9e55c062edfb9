"""How is an object with a dict `params` and loss(...) -> (loss, grads) checked? Or one with gradient(...) -> grads?"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from gradcheck._adapters.arguments import arrays_beside, pair
from gradcheck._adapters.cotangent import is_float
from gradcheck._adapters.introspect import argument_names, arrays, sizes
from gradcheck._adapters.layer_parameters import HeldNumbers, Parameter, left_out, outputs
from gradcheck._adapters.layer_places import LayerState, held_by, objects_in
from gradcheck._adapters.leading import asked
from gradcheck._adapters.signatures import takes
from gradcheck._adapters.ways import BACK, methods
from gradcheck._model import trees
from gradcheck._model.contents import container, elements
from gradcheck._model.ending import forgiven
from gradcheck._model.oracle import Array, Oracle, Tree
from gradcheck._model.restore import Kept, preserved
from gradcheck._results.errors import CallError, InputError

BESIDE_PARAMS = "held fixed, as they are not in params"  # what the loss depends on
WATCHED = 3  # calls that show whether a call changes the arrays of params


def params_object(net: Any, args: tuple[Any, ...]) -> Oracle:  # noqa: ANN401
    """An object with `params`, a dict of arrays, and loss(*args) -> (loss, grads), a dict of the same names.

    The loss may come alone where gradient(*args) returns these.
    """
    name = type(net).__name__
    _check_params(net)
    names = argument_names(net.loss, len(args))
    data = arrays_beside(names, args, every=True) | arrays((net.loss,), dict(net.params))

    guard = functools.partial(preserved, *objects_in(net), dict(net.params), dict(zip(names, args, strict=True)))
    first = net.params
    kept = first is net.params
    structure, own = _structure(first), dict(trees.leaves(first))
    watched = 0

    def load(point: Mapping[str, Any]) -> None:
        if kept and net.params is not first:  # the call before put another dict there
            net.params = first
        structure.put_back()  # an entry that was replaced, taken out or added
        params = net.params
        _write(params, point)
        if net.params is not params and not _tree_equal(net.params, point):  # built again: nothing was kept
            raise InputError(_lost(name))

    beside = getattr(net, "gradient", None)

    def run(point: Mapping[str, Array], way: int) -> Any:  # noqa: ANN401
        nonlocal watched
        load(point)
        result = net.loss(*args)
        if callable(beside) and not isinstance(result, (tuple, list)):
            result = beside(*args) if way else result
        elif not isinstance(result, (tuple, list)) and np.ndim(result) == 0:
            raise InputError(_number_alone(net, names))
        else:
            result = pair(result, f"{name}.loss")[way]
        if watched < WATCHED:
            watched += not _shown(own, point)
        return result

    return Oracle(
        point=dict(net.params),
        value=lambda p: run(p, 0),
        gradient=lambda p: run(p, 1),
        name=name,
        sizes=sizes(dict(zip(names, args, strict=True)), data),
        data=data,
        reach=(net, *args),
        guard=guard,
        notes=_held_fixed(net, args, guard),
    )


def _held_fixed(net: Any, args: tuple[Any, ...], guard: Callable[[], AbstractContextManager[Any]]) -> tuple[str, ...]:  # noqa: ANN401
    """Return a note on the arrays that the loss depends on, and that are not in params."""
    mine = [leaf for _, leaf in trees.leaves(net.params) if isinstance(leaf, np.ndarray)]
    own = [Parameter("", HeldNumbers(net, (), leaf), leaf, lambda: None) for leaf in mine]
    names: list[str] = []
    with forgiven():  # what is within reach may answer anything
        layers = [LayerState.of(path, layer) for path, layer in held_by(net)]
        held = [thing for state in layers for thing in state.things.values() if isinstance(thing, np.ndarray)]
        if any(not any(np.may_share_memory(thing, leaf) for leaf in mine) for thing in held):
            with guard():
                names = left_out(outputs(lambda *given: _number(net.loss(*given)), args), layers, own)
    names = [name for name in names if not name.startswith("params")]
    return (f"{BESIDE_PARAMS}: {', '.join(names)}",) if names else ()


def _number(result: Any) -> Any:  # noqa: ANN401
    """Return the loss, which may come in a pair with its gradients."""
    return result[0] if isinstance(result, (tuple, list)) else result


def brings_all(net: Any, args: tuple[Any, ...]) -> bool:  # noqa: ANN401
    """Return whether an object returns a dict of gradients by the names in params, as far as one call tells."""
    if callable(getattr(net, "gradient", None)):
        found = _asked(net, net.gradient, args)
        return found is None or isinstance(found, Mapping)
    if not methods(net, BACK):
        return True
    return np.ndim(_asked(net, net.loss, args)) != 0


def _asked(net: Any, f: Any, args: tuple[Any, ...]) -> Any:  # noqa: ANN401
    """Return what a method returns, None if it raises, which it will again; the object is left as it was."""
    try:
        with preserved(*objects_in(net), *args):
            return asked(f, args, (net,))
    except CallError:
        return None


def _structure(params: Any) -> Kept:  # noqa: ANN401
    """Remember what stands in the containers of params, but not what is in the arrays."""
    kept, queue = Kept(), [params]
    while queue:
        thing = queue.pop()
        kept.contents(thing, "params")
        queue += [part for part in elements(thing) if container(part) is not None]
    return kept


def _shown(own: Mapping[str, Any], point: Tree) -> bool:
    """Let what a call did to the arrays of params be seen in those of the point; return whether it did anything.

    They get their shape back, so that they can be written to.
    """
    changed = False
    for path, there in trees.leaves(point):
        array: Any = own.get(path)
        if not _stands_for(array, there) or (array.shape == there.shape and _equal(array, there)):
            continue
        changed = True
        there[...] = array.reshape(there.shape)
        before, now = there.shape, array.shape
        _reshape(there, now)
        _reshape(array, before)
    return changed


def _reshape(array: Array, shape: tuple[int, ...]) -> None:
    """Give an array itself another shape, as somebody did who holds it; NumPy 2.5 would have a view taken."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        array.shape = shape


def _stands_for(array: Any, there: Any) -> bool:  # noqa: ANN401
    """Return whether an array of params is written to where one of the point is given."""
    plain = type(array) is np.ndarray and type(there) is np.ndarray and array is not there
    return plain and array.dtype == there.dtype and array.size == there.size and bool(there.flags.writeable)


def _equal(a: Array, b: Array) -> bool:
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _write(old: Any, new: Any) -> Any:  # noqa: ANN401
    """Write arrays into those of a tree, in place: the model may hold them under another name too.

    Returns what must stand in the place of the old: itself if it could be written to.
    """
    if _same_kind(old, new) and old.flags.writeable and old.dtype == new.dtype:
        old[...] = new
        return old
    if isinstance(old, (Mapping, list)):
        for key in new if isinstance(old, Mapping) else range(len(new)):
            part = _write(old[key], new[key])
            if part is not old[key]:
                old[key] = part  # type: ignore[index]
        return old
    if isinstance(old, tuple):
        return old if all([_write(a, b) is a for a, b in zip(old, new, strict=True)]) else new  # noqa: C419
    return new


def _same_kind(old: Any, new: Any) -> bool:  # noqa: ANN401
    """Whether both are arrays, of which the new one is nothing that would be lost: an array that is recorded."""
    return isinstance(old, np.ndarray) and isinstance(new, np.ndarray) and type(new) in (np.ndarray, type(old))


def _tree_equal(a: Tree, b: Tree) -> bool:
    pairs = zip(trees.leaves(a), trees.leaves(b), strict=True)
    return all(x is y or not is_float(x) or np.array_equal(x, y, equal_nan=True) for (_, x), (_, y) in pairs)


def _check_params(net: Any) -> None:  # noqa: ANN401
    """Refuse params that cannot be moved one by one: copies, and arrays that share memory."""
    first = [(path, v) for path, v in trees.leaves(net.params) if is_float(v)]
    again = dict(trees.leaves(net.params))
    kept = net.params is net.params
    for k, (path, value) in enumerate(first):
        if not isinstance(value, np.ndarray) or not value.size:
            lost = not kept
        else:
            lost = not np.may_share_memory(value, again.get(path, ())) or not (kept or value.flags.writeable)
        if lost:
            raise InputError(_lost(type(net).__name__))
        for other, theirs in first[:k]:
            if isinstance(theirs, np.ndarray) and np.shares_memory(value, theirs):
                msg = (
                    f"params has {other} and {path} in the same memory, so neither can be moved without the other; "
                    "keep the array under one name, with the gradient of all its uses, or make one of them a copy"
                )
                raise InputError(msg)


def _number_alone(net: Any, names: list[str]) -> str:  # noqa: ANN401
    """Say where the gradients are looked for, where the loss comes without them."""
    given = ", ".join(names)
    kept = "self.grads" if hasattr(net, "grads") else "grads"
    back = "self.backward(); " if takes(getattr(net, "backward", None), 0) is True else ""
    return (
        f"{type(net).__name__}.loss returned a number alone; let it return (loss, grads), a dict of the names in "
        f"params, or write def gradient(self, {given}): self.loss({given}); {back}return {kept}"
    )


def _lost(name: str) -> str:
    return (
        f"params of {name} is made new whenever it is read, so what is written to it is lost; "
        "let it be a dict of the very arrays that loss() reads"
    )
