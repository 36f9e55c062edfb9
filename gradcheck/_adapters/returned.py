"""Which of the gradients that a way back returns is for which parameter or input?

They go by their names, those in a dict or those of the variables in `return dx, dW, db`; then by their shapes, where
one alone has it. Lists, and names that are numbered, go in order. What could be either is left open.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck._adapters.layer_places import Place, inside
from gradcheck._model import contents
from gradcheck._model.ending import forgiven

Shape = tuple[int, ...]
MOST = 64  # ways to understand what is returned that are looked at
NUMBERS = re.compile(r"\d+")
# What is written before and after the name of a thing in that of its gradient: dW, dL_dW, grad_W, nabla_w, W_grad.
BEFORE = r"(?:d(?:l|loss|j|e|c|cost|f|out)?_?d_?|d_?|g_?|grad(?:ient)?s?_?(?:of_?)?|delta_?|(?:delta_)?nabla_?)?"
AFTER = r"_?(?:grads?|gradients?|bar|s)?"
INPUT = re.compile("d?_?(?:x|in(?:puts?)?|a|h|(?:[ahx]_?)?prev(?:_?[ahx])?)(?:_?grad)?", re.IGNORECASE)
MARKED = re.compile(r"_*(?:d|g_|delta|nabla|grad)\w+|\w+_?(?:grad|gradient)s?|\w+_bar", re.IGNORECASE)  # of a gradient


@dataclass(frozen=True)
class ReturnedGroup:
    """Gradients that go together, in order: what they are called, and the place of each in what is returned."""

    label: str
    places: tuple[Place, ...]
    shapes: tuple[Shape, ...]


class UnmatchedError(Exception):
    """Gradients that belong to nothing, or to several things: what is to be said of them."""


def assigned(
    returned: Any,  # noqa: ANN401
    labels: Mapping[Place, str],
    wanted: Mapping[str, Shape],
    inputs: Collection[str] = (),
) -> dict[str, Place]:
    """Return where in what is returned the gradient of each thing is, by its name.

    `wanted` are the shapes of the parameters and inputs; `inputs`, which of these are inputs, whose gradients stand in
    their order. Raises UnmatchedError where that is open.
    """
    said = ""
    for groups in itertools.islice(_ways(returned, (), labels, {*wanted.values()}), MOST):
        try:
            return _matched(groups, wanted, inputs)
        except UnmatchedError as error:
            said = said or str(error)
    raise UnmatchedError(said or "nothing")


def returned_names(f: Callable[..., Any]) -> dict[Place, str]:
    """Return what the gradients are called that a function returns in a tuple or list, by their places there.

    Nothing where its source is not to be had, or where it returns differently named things.
    """
    named: list[dict[Place, str]] = []
    with forgiven():
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(f)))).body[0]
        every = [dict(_called(node.value, ())) for node in _returns(tree) if node.value is not None]
        named = [found for found in every if found]
    return named[0] if named and all(one == named[0] for one in named) else {}


def numeric_parts(returned: Any) -> set[Shape]:  # noqa: ANN401
    """Return the shapes of all that is returned, and of what is in it."""
    if returned is None:
        return set()
    if _is_leaf(returned):
        return {np.shape(returned)}
    own = {np.shape(returned)} if _regular(returned) else set()
    return own.union(*map(numeric_parts, inside(returned).values()))


def _returns(function: ast.AST) -> Iterator[ast.Return]:
    """Yield the return statements of a function, without those of functions in it."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            yield from _returns(node)


def _called(node: ast.expr, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(node, (ast.Tuple, ast.List)):
        for k, element in enumerate(node.elts):
            yield from _called(element, (*place, f"[{k}]"))
    elif place:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
                if MARKED.fullmatch(name):
                    yield place, name


def _is_leaf(thing: Any) -> bool:  # noqa: ANN401
    if contents.is_a(thing, np.ndarray):
        return thing.dtype.kind in "fiu" or thing.ndim != 1
    return contents.is_a(thing, float, int, np.number)


def _regular(thing: Any) -> bool:  # noqa: ANN401
    """Return whether a list is of numbers alone, as many in each row."""
    if not contents.is_a(thing, list):
        return False
    with forgiven():
        return np.array(thing).dtype.kind in "fi" and all(contents.is_a(part, float, int, list) for part in thing)
    return False


def _ways(
    tree: Any, place: Place, labels: Mapping[Place, str], shapes: set[Shape], label: str = ""  # noqa: ANN401
) -> Iterator[list[ReturnedGroup]]:  # fmt: skip
    """Yield the ways in which what is returned may be grouped: each by itself, in rows, in columns."""
    if tree is None:
        yield []
        return
    if _is_leaf(tree) or (_regular(tree) and np.shape(tree) in shapes):
        yield [ReturnedGroup(label, (place,), (np.shape(tree),))]
        return
    parts = inside(tree)
    named = {step: step[1:] if step.startswith(".") else labels.get((*place, step), "") for step in parts}
    each = [[*_ways(part, (*place, step), labels, shapes, named[step])] for step, part in parts.items()]
    for ways in itertools.islice(itertools.product(*each), MOST):
        yield [group for way in ways for group in way]
    flat = [*_leaves(tree, ())]
    for grouped in (_by_number, _in_order, _in_columns):
        groups: defaultdict[str, list[tuple[tuple[int, ...], Place, Shape]]] = defaultdict(list)
        for steps, shape in flat:
            key, index = grouped(_with_names(steps, place, labels) if grouped is _by_number else steps)
            groups[key].append((index, (*place, *steps), shape))
        if any(len(group) > 1 for group in groups.values()):
            yield [_ordered(key or label, group) for key, group in groups.items()]


def _leaves(tree: Any, place: Place) -> Iterator[tuple[Place, Shape]]:  # noqa: ANN401
    if _is_leaf(tree):
        yield place, np.shape(tree)
    elif tree is not None:
        for step, part in inside(tree).items():
            yield from _leaves(part, (*place, step))


def _with_names(steps: Place, above: Place, labels: Mapping[Place, str]) -> Place:
    """Return the steps to a leaf with the names of variables in the place of their numbers in a tuple."""
    names = [labels.get((*above, *steps[: k + 1])) for k in range(len(steps))]
    return tuple(step if name is None else f".{name}" for step, name in zip(steps, names, strict=True))


def _by_number(steps: Place) -> tuple[str, tuple[int, ...]]:
    """Return the name that a place has, without numbers, and its numbers: dW and 1 of dW1, or of [1].dW."""
    path = "".join(steps)
    words = [step[1:] for step in steps if step.startswith(".")]
    return NUMBERS.sub("", ".".join(words)), tuple(map(int, NUMBERS.findall(path)))


def _in_order(steps: Place) -> tuple[str, tuple[int, ...]]:
    """Return no name, and the numbers of a place: all go together."""
    return "", tuple(map(int, NUMBERS.findall("".join(steps))))


def _in_columns(steps: Place) -> tuple[str, tuple[int, ...]]:
    """Return which column of a list of pairs a place is in, a name that is none, and in which row."""
    return f"[{steps[-1]}]", tuple(map(int, NUMBERS.findall("".join(steps[:-1]))))


def _ordered(label: str, group: Sequence[tuple[tuple[int, ...], Place, Shape]]) -> ReturnedGroup:
    inside_order = sorted(group, key=lambda one: one[0])
    return ReturnedGroup(label, tuple(one[1] for one in inside_order), tuple(one[2] for one in inside_order))


def _matched(groups: Sequence[ReturnedGroup], wanted: Mapping[str, Shape], inputs: Collection[str]) -> dict[str, Place]:
    """Return the place of the gradient of each thing; raises UnmatchedError."""
    things = _things(wanted)
    found: dict[str, Place] = {}
    left = [*groups]
    for fits in (_is_called, _begins_with):
        of = {n: _best(group, fits, things, found) for n, group in enumerate(left)}
        for n, names in of.items():
            if names and [*of.values()].count(names) == 1:
                found |= dict(zip(names, left[n].places, strict=True))
        left = [group for group in left if not {*group.places} & {*found.values()}]
    named = bool(found)
    while left:
        may = [
            [
                names
                for names in things
                if _shapes(names, wanted) == group.shapes
                and not {*names} & found.keys()
                and _may_be(group.label, of_input=names[0] in inputs, named=named)
            ]
            for group in left
        ]
        alike = [[n for n, other in enumerate(left) if other.shapes == group.shapes] for group in left]
        sure = [
            n
            for n, names in enumerate(may)
            if len(names) == len(alike[n]) and (len(names) == 1 or all({*of} <= {*inputs} for of in names))
        ]
        if not sure:
            raise UnmatchedError(_open(left, may, wanted))
        for n in sure:
            found |= dict(zip(may[n][alike[n].index(n)], left[n].places, strict=True))
        left = [group for n, group in enumerate(left) if n not in sure]
    return found


def _may_be(label: str, *, of_input: bool, named: bool) -> bool:
    """Return whether a gradient may go by its shape, though it is called something else.

    Where others go by their names, or for an input, it must be called as one of an input is.
    """
    return not label or label.startswith("[") or bool(INPUT.fullmatch(label)) or not (named or of_input)


def _things(wanted: Mapping[str, Shape]) -> list[tuple[str, ...]]:
    """Return what gradients may be for: one thing, or several that differ in a number alone, in order."""
    rows: defaultdict[str, list[tuple[list[int], str]]] = defaultdict(list)
    for name in wanted:
        rows[NUMBERS.sub("*", name)].append(([*map(int, NUMBERS.findall(name))], name))
    return [*((name,) for name in wanted), *(tuple(n for _, n in sorted(row)) for row in rows.values() if len(row) > 1)]


def _shapes(names: tuple[str, ...], wanted: Mapping[str, Shape]) -> tuple[Shape, ...]:
    return tuple(wanted[name] for name in names)


def _best(
    group: ReturnedGroup,
    fits: Callable[[str, str], int],
    things: Sequence[tuple[str, ...]],
    found: Mapping[str, Place],
) -> tuple[str, ...]:
    """Return what a group is called after: that with the longest name; nothing where two are."""
    scores = {
        names: len(names[0]) if names == (group.label,) else fits(group.label, _own_name(names))
        for names in things
        if len(names) == len(group.places) and not {*names} & found.keys()
    }
    most = max(scores.values(), default=0)
    best = [names for names, score in scores.items() if score == most > 0]
    return best[0] if len(best) == 1 else ()


def _own_name(names: tuple[str, ...]) -> str:
    """Return what a thing, or a row of them, is called: the last name in its path, of a row without numbers."""
    path = names[0] if len(names) == 1 else NUMBERS.sub("", names[0])
    if len(names) == 1 and path.endswith("]"):
        return ""  # one of a list has no name of its own
    return re.sub(r"\[.*?\]", "", path).rpartition(".")[2]


def _is_called(label: str, name: str) -> int:
    """Return how much of a label is the name of what it is the gradient of; 0 where it is not."""
    own = name.rpartition("__")[2].lower().strip("_")
    called = own and re.fullmatch(BEFORE + re.escape(own) + AFTER, label.lower().strip("_"))
    return len(own) if called else 0


def _begins_with(label: str, name: str) -> int:
    """Return how much of a name a label has, as dW has of weights."""
    part = re.sub(f"^{BEFORE}", "", label.lower().strip("_"))
    own = name.rpartition("__")[2].lower().strip("_")
    return len(part) if part and own.startswith(part) else 0


def _open(left: Sequence[ReturnedGroup], may: Sequence[Sequence[tuple[str, ...]]], wanted: Mapping[str, Shape]) -> str:
    """Say which gradients belong to nothing, or to one of several things."""
    for group, names in zip(left, may, strict=True):
        if not names and len(group.places) == 1:
            called = f", {group.label}," if group.label else ""
            return f"an array of shape {group.shapes[0]}{called} that fits no parameter"
    shapes = {shape for group in left for shape in group.shapes}
    several = [name for name, shape in wanted.items() if shape in shapes]
    return f"{len(left)} gradients, each of which may be for {' or '.join(several)}, of the same shape"
