"""Is the claim the right gradient of something else? Of the same layer with one setting, or one array, changed.

A backward that forgets the padding, the mask or the weights of the classes is the right gradient of
another layer. Its slope can be measured, so it need not be guessed: at a wrong entry first, then in random directions,
and where those fit in every entry.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import MATRIX, SEVERAL, Array, Evidence, Floats
from gradcheck._diagnose.laboratory import Laboratory, Variant
from gradcheck._model import trees

FITS = 1e-7  # of the largest claim: how close to it the slope of the right variant is, at steps that agree to 1e-6
HUNDREDTH = 100  # a fit may leave the error divided by this, where that is more
STANDS_OUT = 10  # times what fits: what is wrong somewhere is more
WAYS = 3  # directions in which the slope must come close, before each entry is measured
GUESS = 1e-4  # of the largest claim: how close the slope in one direction comes before each entry is measured
CLOSER = 1 / 4  # of what is wrong with an entry: one thing that explains it leaves less
AGREE = 1e-6  # of the largest claim: how well a slope is measured
VARIANTS = 120  # that are tried: of the faults that a changed setting explains, all are among the first 27
TOGETHER = 3  # axes that are turned round at once
LABELS = 6  # different values of an array that are taken for one another: 30 pairs
NEARLY_ZERO = 1e-30  # in the place of an epsilon: nothing is divided by zero yet
STRIDES = ("stride", "strides", "step", "steps", "dilation", "times", "size", "block", "chunk", "window", "kernel")


def otherwise(evidence: Evidence) -> Cause | None:
    """The right gradient of a layer of which one thing is changed."""
    lab = evidence.context.lab
    if (
        lab is None
        or not evidence.whole
        or np.count_nonzero(evidence.claim) < SEVERAL
        or not lab.movable(evidence.name)
    ):
        return None
    for variant in itertools.islice(variants(lab, evidence.name), VARIANTS):
        if _fits(evidence, lab, variant):
            return Cause(Slip.SETTING, evidence.name, f"it would be right {variant.words}")
    return None


def _fits(evidence: Evidence, lab: Laboratory, variant: Variant) -> bool:
    size = float(np.max(np.abs(evidence.claim)))
    scale = (
        np.ones(evidence.claim.shape)
        if evidence.value is None
        else np.maximum(np.abs(evidence.value), np.median(np.abs(evidence.value)))
    )
    if not all(_along(evidence, lab, variant, move) for move in _moves(scale, evidence.clearest[:1])):
        return False
    found = lab.slopes(evidence.name, variant)
    if found is None:
        return False
    near = np.maximum(FITS * size, np.minimum(np.abs(evidence.missing) / HUNDREDTH, PATTERN * size))
    return bool(
        (np.abs(found - evidence.claim) <= near).all()
        and (np.abs(evidence.missing) > STANDS_OUT * FITS * size)[evidence.wrong].any()
    )


def _moves(scale: Floats, clearest: list[int]) -> Iterator[Floats]:
    """Yield a wrong entry alone, where there is one, and random directions as long as the entries are large."""
    for k in clearest if scale.size > 1 else ():
        move = np.zeros(scale.shape)
        move.flat[k] = scale.flat[k]
        yield move
    for seed in range(WAYS if scale.size > 1 else 1):
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], scale.shape)
        yield scale * signs if scale.size > 1 else scale


def _along(evidence: Evidence, lab: Laboratory, variant: Variant, move: Floats) -> bool:
    """Return whether a claim is about the slope of a changed function in one direction, and closer than without it."""
    slope = lab.along(evidence.name, move, variant)
    size = float(np.sum(np.abs(move)) * np.max(np.abs(evidence.claim)))
    close = GUESS * size
    if np.count_nonzero(move) == 1:
        close = min(close, max(CLOSER * float(np.abs(np.sum(move * evidence.missing))), AGREE * size))
    return slope is not None and abs(slope - float(np.sum(move * evidence.claim))) <= close


def variants(lab: Laboratory, name: str) -> Iterator[Variant]:
    """Yield what may be changed, the likely first: settings, masks and labels, parameters, inputs."""
    model = lab.model
    if model is None:
        return
    for words, change in _settings(model, ""):
        yield Variant(words, _on("", change))
    for given, value in lab.inputs.items():
        if isinstance(value, np.ndarray) and value.dtype.kind in "iub":
            yield Variant(f"without {given}", _on(given, lambda _: None))
            for words, new in _arrays(value):
                yield Variant(f"with {given} {words}", _on(given, _always(new)))
    yield from _parameters(model, name)
    yield from _of_examples(lab, name)


def _always(new: Array) -> Callable[[Any], Any]:
    return lambda _: new


def _on(key: str, change: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    return lambda point: [{**point, key: change(point[key])}]


def _settings(tree: Any, path: str) -> Iterator[tuple[str, Callable[[Any], Any]]]:  # noqa: ANN401
    """Yield changes of the fields that are not trained, in the layer and in all that it holds."""
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        trained = {step for step, _ in trees.children(tree) or ()}
        for field in dataclasses.fields(tree):
            old, name = getattr(tree, field.name), trees.join(path, f".{field.name}")
            if f".{field.name}" not in trained or not _floats(old):
                for words, new in _values(name, old):
                    yield words, _putting(field.name, new)
    for step, child in trees.children(tree) or ():
        for words, change in _settings(child, trees.join(path, step)):
            yield words, _below(step, change)


def _floats(value: Any) -> bool:  # noqa: ANN401
    return any(isinstance(v, np.ndarray) and v.dtype.kind == "f" for _, v in trees.leaves(value))


def _putting(field: str, new: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    return lambda layer: dataclasses.replace(layer, **{field: new})


def _below(step: str, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def changed(tree: Any) -> Any:  # noqa: ANN401
        children = [change(child) if s == step else child for s, child in trees.children(tree) or ()]
        if isinstance(tree, Mapping):
            return dict(zip(tree, children, strict=True))
        if isinstance(tree, (list, tuple)):
            return type(tree)(children)
        return dataclasses.replace(
            tree, **{step.removeprefix("."): children[[s for s, _ in trees.children(tree) or ()].index(step)]}
        )

    return changed


def _values(name: str, old: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield other values of a setting, each with the words that say so."""
    if isinstance(old, (bool, np.bool_)):
        yield f"with {name}={not old} instead of {bool(old)}", not old
        return
    numbers = list(_numbers(name, old))
    yield from ((f"with {name}={new} instead of {old}", new) for new in numbers)
    if isinstance(old, (float, np.floating)) and old:
        yield f"with {name} nearly 0 instead of {old:g}", NEARLY_ZERO
    if numbers or isinstance(old, np.ndarray):
        yield f"without {name}", None
    if isinstance(old, np.ndarray):
        for words, array in _arrays(old):
            yield f"with {name} {words}", array


def _numbers(name: str, old: Any) -> list[Any]:  # noqa: ANN401
    """Return other numbers, or tuples of them; never a stride of 0, with which some loops do not end."""
    new: list[Any] = []
    if isinstance(old, (int, np.integer)):
        new = [1, 0, int(old) - 1, int(old) + 1, 2 * int(old)]
    elif isinstance(old, (float, np.floating)) and old:
        new = [0, 1, -float(old)]
    elif isinstance(old, tuple) and old and all(isinstance(v, (int, np.integer)) for v in old):
        new = list(_tuples(tuple(map(int, old))))
    moves = name.endswith(STRIDES)
    return [v for v in dict.fromkeys(new) if v != old and not (moves and np.min(v) <= 0)]


def _tuples(old: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    every = [(1,) * len(old), (0,) * len(old), tuple(reversed(old))]
    every += [tuple(v + by for v in old) for by in (-1, 1)]
    every += [(*old[:k], old[k] + by, *old[k + 1 :]) for k in range(len(old)) for by in (-1, 1)]
    every += [(*old[:k], 1, *old[k + 1 :]) for k in range(len(old))]
    yield from (new for new in dict.fromkeys(every) if new != tuple(old) and min(new) >= 0)


def _arrays(old: Array) -> Iterator[tuple[str, Array]]:
    """Yield what an array that is not trained may be taken for: a mask, labels, weights."""
    if old.dtype.kind == "b":
        yield "true everywhere", np.ones_like(old)
        yield "inverted", ~old
    elif old.dtype.kind in "iu":
        values = np.unique(old)
        if len(values) <= LABELS:
            for was, new in itertools.permutations(map(int, dict.fromkeys([*values.tolist(), 0])), 2):
                if was in values:
                    yield f"{new} where it is {was}", np.where(old == was, new, old).astype(old.dtype)
    elif old.dtype.kind == "f":
        yield "all ones", np.ones_like(old)
        yield "all zeros", np.zeros_like(old)
    yield from _moved(old)


def _moved(old: Array) -> Iterator[tuple[str, Array]]:
    """Yield an array turned round, shifted, or with its axes exchanged."""
    if old.ndim == 0 or old.size < SEVERAL:
        return
    axes = [a for a in range(old.ndim) if old.shape[a] > 1]
    for count in range(1, min(len(axes), TOGETHER) + 1):
        for flipped in itertools.combinations(axes, count):
            name = f"axis {flipped[0]}" if count == 1 else f"axes {' and '.join(map(str, flipped))}"
            yield f"reversed along {name}", np.flip(old, flipped)
    for axis, shift in itertools.product(axes, (1, -1)):
        yield f"shifted by {shift} along axis {axis}", np.roll(old, shift, axis)
    for first, second in itertools.combinations(range(old.ndim), 2):
        turned = old.swapaxes(first, second)
        if turned.shape == old.shape:
            yield f"transposed (axes {first} and {second} exchanged)", turned
        else:
            yield (
                f"reshaped where it should be transposed (axes {first} and {second})",
                old.reshape(turned.shape).swapaxes(first, second),
            )


def _parameters(model: Any, name: str) -> Iterator[Variant]:  # noqa: ANN401
    """Yield the layer with another parameter in the place of one: not of the one whose gradient it is."""
    own = {path: v for path, v in trees.leaves(model) if isinstance(v, np.ndarray) and v.dtype.kind == "f"}
    for path, old in own.items():
        if path == name:
            continue
        for words, new in [("all ones", np.ones_like(old)), ("all zeros", np.zeros_like(old)), *_moved(old)]:
            yield Variant(f"with {path} {words}", _on("", _in_place(path, new)))
        for other, value in own.items():
            if other not in (path, name) and value.shape == old.shape:
                yield Variant(f"with {other} instead of {path}", _on("", _in_place(path, value)))


def _in_place(path: str, new: Array) -> Callable[[Any], Any]:
    return lambda model: trees.rebuild(model, lambda p, old: new.copy() if p == path else old)


def _of_examples(lab: Laboratory, name: str) -> Iterator[Variant]:
    """Yield the layer with its input negated, with each example alone, or with all examples as one."""
    if not lab.outputs or len(lab.outputs) != 1:
        return
    floats = [n for n, v in lab.inputs.items() if isinstance(v, np.ndarray) and v.dtype.kind == "f"]
    for given in floats:
        sign = -1.0 if given == name else 1.0
        yield Variant(f"with the sign of {given} flipped", _on(given, np.negative), sign=sign)
        if given != name:
            yield Variant(f"with {given} all zeros", _on(given, np.zeros_like))
    x: Array = lab.inputs[floats[0]] if len(lab.inputs) == len(floats) == 1 else np.zeros(())
    y = lab.outputs[0]
    if min(x.ndim, y.ndim) < MATRIX or len(x) != len(y) or len(x) < SEVERAL:
        return
    key = floats[0]

    def alone(point: Any) -> list[Any]:  # noqa: ANN401
        return [{**point, key: point[key][n : n + 1]} for n in range(len(x))]

    yield Variant(
        "for each example alone: a mean or a sum over the batch is left out", alone, np.concatenate, calls=len(x)
    )
    if x.ndim > MATRIX and y.shape[-1] == x.shape[-1]:
        yield Variant(
            "for all examples taken together: a mean or a sum runs over the batch as well",
            lambda point: [{**point, key: _as_one(point[key])}],
            lambda ys: _apart(ys[0], len(x)),
        )


def _as_one(x: Floats) -> Floats:  # (N, C, ..., L) -> (1, C, ..., N L)
    moved = np.moveaxis(x, 0, -2)
    return moved.reshape(1, *moved.shape[:-2], -1)


def _apart(y: Array, n: int) -> Array:  # (1, C, ..., N L) -> (N, C, ..., L)
    _, *places, _ = y.shape
    return np.moveaxis(y.reshape(*places, n, -1), -2, 0)
