"""Where does a function meet its weights? In products x W, of rows or of patches, and nothing else reads them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from gradcheck._adapters.jax.equations import Equation, Equations
from gradcheck._adapters.jax.products import CONVOLUTION, PRODUCT, RowProduct, named
from gradcheck._adapters.jax.views import View, Views, viewed
from gradcheck._model.site import Ints

ADDED = {"add", "add_any"}


@dataclass(frozen=True, eq=False)
class JaxUse:
    """One product z = x W + b of a weight."""

    weight: str
    bias: str | None
    given: str | None  # the tensor that x is, where nothing else reads it
    product: RowProduct
    x: int  # slot
    start: int  # slot of z
    place: Ints  # (Q, O): where each number of z lies in it
    steps: tuple[Equation, ...]  # that read the weight, or the bias


def uses(equations: Equations, views: Views, is_input: Callable[[str], bool]) -> Iterator[JaxUse]:
    """Yield the products in which tensors are met, of those that are read nowhere else."""
    found = [use for step in equations.steps if (use := _use(equations, views, step, is_input)) is not None]
    while True:
        refused = _read_elsewhere(views, found)
        kept = [use for use in found if use.weight not in refused]
        if len(kept) == len(found):
            break
        found = kept
    for use in found:
        yield replace(use, bias=None if use.bias in refused else use.bias)


def _read_elsewhere(views: Views, found: list[JaxUse]) -> set[str]:
    """Return the tensors that are read by other than some products, and what adds a bias to them."""
    known = {(path, id(step)) for use in found for path in (use.weight, use.bias) for step in use.steps}
    return {path for path, readers in views.readers.items() if any((path, id(step)) not in known for step in readers)}


def _use(equations: Equations, views: Views, step: Equation, is_input: Callable[[str], bool]) -> JaxUse | None:
    """Return a step as the use of a weight, None if it is not."""
    if step.name not in {PRODUCT, CONVOLUTION}:
        return None
    which = _weight(views, step, is_input)
    names = None if which is None else named(equations, step, which)
    if names is None:
        return None
    view, x = views.at[step.ins[names.weight]], step.ins[1 - names.weight]
    product = RowProduct.of(names, view.index)
    if product is None:
        return None
    given = views.at.get(x)
    if given is not None and given.path == view.path:
        return None
    alone = given is not None and product.plain and views.readers[given.path] == [step] and _in_order(product, given)
    path = given.path if given is not None and alone else None
    place = product.place()
    start, place, bias, further = _with_bias(equations, views, step.outs[0], place)
    return JaxUse(view.path, bias, path, product, x, start, place, (step, *further))


def _weight(views: Views, step: Equation, is_input: Callable[[str], bool]) -> int | None:
    """Return which operand is the weight: of two tensors that which is no input, or the second."""
    able = [k for k in (1, 0) if step.ins[k] in views.at and views.at[step.ins[k]].whole]
    return min(able, key=lambda k: is_input(views.at[step.ins[k]].path), default=None)


def _in_order(product: RowProduct, given: View) -> bool:
    """Whether the rows of x, one after the other, are a tensor as it lies in memory."""
    return given.whole and bool((product.x_as_rows(given.index).ravel() == np.arange(given.size)).all())


def _with_bias(
    equations: Equations, views: Views, slot: int, place: Ints
) -> tuple[int, Ints, str | None, list[Equation]]:
    """Follow a product to where a bias is added to it; return where it is whole, and what was added by which step."""
    index, at = np.arange(equations.size(slot)).reshape(equations.avals[slot].shape), slot
    while at not in equations.outs and len(readers := equations.readers(at)) == 1:
        (step,) = readers
        further = viewed(equations, step, index)
        if further is not None and further.size == index.size:
            index, at = further, step.outs[0]
            continue
        others = [n for n in step.ins if n != at]
        if step.name not in ADDED or len(others) != 1 or others[0] not in views.at:
            break
        laid = np.argsort(index.ravel())[place]
        if not _is_bias(views.at[others[0]], laid, equations.avals[step.outs[0]].shape):
            break
        return step.outs[0], laid, views.at[others[0]].path, [step]
    return slot, place, None, []


def _is_bias(view: View, laid: Ints, shape: tuple[int, ...]) -> bool:
    """Whether each number of a tensor is added to one column of z, and z has such a shape with it and without it."""
    columns = laid.shape[1]
    if view.size != columns or math.prod(shape) != laid.size:
        return False
    return bool((np.broadcast_to(view.index, shape).ravel()[laid] == np.arange(columns)).all())
