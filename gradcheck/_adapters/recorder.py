"""What does each layer receive in its network? Recorders in its place note it, forward and backward."""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array, Tree

IsLayer = Callable[[Any], bool]
Met = TypeVar("Met", bound=Any)  # a use of a layer: its path, and whether it holds no other

MOST = 128  # layers that are taken alone
SHOWN = 3  # of them that are named

INNER, OUTER = "", " (with the layers in it)"


@dataclass
class LayerUse:
    """One use of a layer: what it was given on the way there, and on the way back."""

    path: str
    layer: Any
    args: tuple[Any, ...]
    inner: bool  # whether it holds no other layer
    outputs: tuple[Any, ...] = ()
    back: tuple[Any, ...] | None = None
    returned: tuple[Any, ...] | None = None  # by its backward: (*gradients of the inputs, of the parameters)
    turn: int = 0  # its position in the order of the backward calls, from 1
    number: int = 0  # if it is not the only one of its layer

    @property
    def name(self) -> str:
        """The layer as the report calls it: `layers[2] (Dense)`."""
        number = f", use {self.number}" if self.number else ""
        return f"{self.path} ({title(self.layer)}{number}){INNER if self.inner else OUTER}"

    @property
    def cotangent(self) -> Array | None:
        """The cotangent that reached it, flat; zero for outputs without one."""
        pieces = []
        for y, dy in zip(self.outputs, self.back or (), strict=False):
            for path, part in trees.leaves(y):
                if np.asarray(part).dtype.kind == "f":
                    piece = dict(trees.leaves(dy)).get(path)
                    pieces.append(np.zeros(np.size(part)) if piece is None else np.ravel(piece).astype(np.float64))
        return np.concatenate(pieces) if pieces else None


def title(layer: object) -> str:
    """Return the first public name among the classes of a layer."""
    public = (kind.__name__ for kind in type(layer).__mro__[:-1] if not kind.__name__.startswith("_"))
    return next(public, type(layer).__name__)


def uses(model: Any, args: tuple[Any, ...], loss: Any, is_layer: IsLayer) -> list[LayerUse]:  # noqa: ANN401
    """Run a network with recorders in the places of its layers, and return their uses, the innermost first.

    Of a layer that is used several times the first and the last use. Nothing where that cannot be run.
    """
    met = recorded(model, args, loss, is_layer)
    kept = list(_first_and_last([use for use in met if use.path]))
    return innermost_first(kept)[:MOST]


def innermost_first(met: Sequence[Met]) -> list[Met]:
    """Return uses in the order in which they are examined: those that hold no other, the last first; the others."""
    outer = sorted((use for use in met if not use.inner), key=lambda use: -use.path.count("."))
    return [*(use for use in reversed(met) if use.inner), *outer]


def recorded(
    model: Any,  # noqa: ANN401
    args: tuple[Any, ...],
    loss: Any,  # noqa: ANN401
    is_layer: IsLayer,
    cotangents: tuple[Any, ...] | None = None,
) -> list[LayerUse]:
    """Run a network with recorders in place of its layers; return the uses whose backward was called.

    Nothing where that cannot be run.
    """
    met: list[LayerUse] = []
    try:
        spy, _ = planted(model, "", functools.partial(_recorder, met), is_layer)
        *outputs, back = spy.forward(*copy.deepcopy(args))
        if loss is not None:
            above = _recorder(met, loss, loss, "the loss", inner=True)
            cost, down = above.forward(*outputs)
            outputs, back = [cost], lambda dcost, last=back: last(*down(dcost)[:-1])
        back(*(cotangents if cotangents is not None else map(_one, outputs)))
    except Exception as error:  # a network that fails with recorders in it is not taken apart
        if ends(error):
            raise
        return []
    return [use for use in met if use.back is not None]


def _one(output: Tree) -> Tree:
    """Return a cotangent for an output: one for a cost, and of both signs for anything else."""
    y = np.asarray(output)
    if y.dtype.kind != "f":
        return None
    rng = np.random.default_rng(0)
    u = np.ones(()) if y.size == 1 else rng.uniform(0.5, 1.5, y.shape) * rng.choice([-1.0, 1.0], y.shape)
    return u.reshape(y.shape).astype(y.dtype)


def _first_and_last(met: list[LayerUse]) -> Iterator[LayerUse]:
    by_path: dict[str, list[LayerUse]] = {}
    for use in met:
        by_path.setdefault(use.path, []).append(use)
    for use in met:
        same = by_path[use.path]
        if use is same[0] or use is same[-1]:
            use.number = 0 if len(same) == 1 else 1 if use is same[0] else len(same)
            yield use


def planted(tree: Tree, path: str, plant: Callable[..., Any], is_layer: IsLayer) -> tuple[Tree, bool]:
    """Return a copy of a tree with others in the places of its layers, and whether there was one.

    `plant(twin, layer, path, inner=...)` returns what stands in the place of a layer, of which `twin` is a copy.
    """
    below = trees.children(tree)
    if below is None:
        return (plant(copy.copy(tree), tree, path, inner=True), True) if path and _acts(tree) else (tree, False)
    done = [(step, *planted(child, trees.join(path, step), plant, is_layer)) for step, child in below]
    held = any(there for _, _, there in done)
    twin = _with(tree, [(step, child) for step, child, _ in done]) if held else tree
    if is_layer(tree):
        return plant(twin, tree, path, inner=not held), True
    return twin, held


def _acts(thing: object) -> bool:
    """Whether an opaque object is called as a layer is, in a network of layers."""
    return not isinstance(thing, type) and callable(getattr(thing, "forward", None))


def _with(tree: Tree, children: list[tuple[str, Tree]]) -> Tree:
    new = [child for _, child in children]
    if isinstance(tree, Mapping):
        return dict(zip(tree, new, strict=True))
    if isinstance(tree, (list, tuple)):
        return tree._make(new) if hasattr(tree, "_make") else type(tree)(new)
    twin = copy.copy(tree)
    for step, child in children:
        object.__setattr__(twin, step.removeprefix("."), child)  # frozen, and ours
    return twin


def _recorder(met: list[LayerUse], twin: Any, layer: Any, path: str, *, inner: bool) -> Any:  # noqa: ANN401
    """Return a copy of a layer that notes what it is given; it is of its kind, and has its fields."""
    kind = type(twin)

    def forward(self: Any, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401
        use = LayerUse(path, layer, copy.deepcopy(_in_order(kind.forward, self, args, keywords)), inner)
        met.append(use)
        *outputs, back = kind.forward(self, *args, **keywords)
        use.outputs = tuple(outputs)

        def backward(*cotangents: Any) -> Any:  # noqa: ANN401
            use.back = copy.deepcopy(cotangents or (1.0,))
            use.turn = sum(other.turn > 0 for other in met) + 1
            gradients = back(*cotangents)
            use.returned = copy.deepcopy(tuple(gradients))
            return gradients

        return (*outputs, backward)

    return with_forward(twin, forward)


def with_forward(twin: Any, forward: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Return a copy of a layer, of its kind and with its fields, that has another forward."""
    kind, spy = type(twin), copy.copy(twin)
    extra: dict[str, Any] = {"__slots__": ()} if not hasattr(twin, "__dict__") else {}
    object.__setattr__(spy, "__class__", type(kind.__name__, (kind,), {"forward": forward, **extra}))
    return spy


def _in_order(forward: Any, layer: Any, args: Any, keywords: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """Return the arguments of a call without their names; raises where some can only be given by name."""
    if not keywords:
        return tuple(args)
    bound = inspect.signature(forward).bind(layer, *args, **keywords)
    if bound.kwargs:
        msg = f"{', '.join(bound.kwargs)} can only be given by name"
        raise TypeError(msg)
    return bound.args[1:]
