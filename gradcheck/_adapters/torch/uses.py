"""Where does a model use its weights? In products x W, of rows or of patches, if nothing else reads them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import torch

from gradcheck._adapters.torch.tape import Tape, TapeSlot, TapeStep
from gradcheck._adapters.torch.tensors import Tensor
from gradcheck._model.site import PATCHES

PRODUCTS = {"mm": (None, 0, 1), "addmm": (0, 1, 2), "bmm": (None, 0, 1)}  # where b, x and W are among the arguments
RESHAPES = ("view", "_unsafe_view", "reshape")
CHANNELS = 1  # axis of an image's
PLACES = 2  # axes of an image: of a signal with one of them, the other has one place


@dataclass(frozen=True, eq=False)
class Use:
    """One product z = x W + b of a weight."""

    weight: str
    bias: str | None
    turned: bool  # whether W is stored as (O, I)
    matrix: Tensor  # (I, O)
    rows: Tensor  # (Q, I): of a convolution, the patches, image by image
    x: int  # slot
    start: int  # slot of z
    steps: tuple[TapeStep, ...]  # that read the weight, or the bias
    axis: int = -1  # of z, along which the O lie


def uses(tape: Tape, moved: Mapping[int, tuple[str, Tensor]]) -> Iterator[Use]:
    """Yield the products in which tensors are met, given by their storages, of those that are read nowhere else."""
    ways = (_use, _convolution)
    found = [use for step in tape.steps for way in ways if (use := way(tape, step, moved)) is not None]
    known = {(path, id(step)) for use in found for path in (use.weight, use.bias) for step in use.steps}
    refused = {path for storage, (path, _) in moved.items() if not _met_there_alone(tape, storage, path, known)}
    for use in found:
        if use.weight not in refused:
            yield replace(use, bias=None if use.bias in refused else use.bias)


def _met_there_alone(tape: Tape, storage: int, path: str, known: set[tuple[str | None, int]]) -> bool:
    """Whether nothing reads a tensor but what makes views or a first copy of it, and some operators."""
    if storage in tape.changed:
        return False
    for step in tape.steps:
        if any(tape.storages[n] == storage for n in step.ins) and (path, id(step)) not in known:
            outs = [n for n in step.outs if n is not None]
            if not outs or any(tape.storages[n] != storage for n in outs):
                return False
    return True


def _use(tape: Tape, step: TapeStep, moved: Mapping[int, tuple[str, Tensor]]) -> Use | None:
    """Return a step as the use of a weight, None if it is not."""
    if step.name not in PRODUCTS or step.named("beta", 1) != 1 or step.named("alpha", 1) != 1:
        return None
    b, x, W = (None if at is None else step.given(at).number for at in PRODUCTS[step.name])
    start = step.outs[0]
    if x is None or W is None or start is None or tape.storages[W] not in moved:
        return None
    path, whole = moved[tape.storages[W]]
    if path == moved.get(tape.storages[x], (None,))[0]:
        return None
    single = step.name == "bmm"
    matrix, rows = (tape.values[n][0] if single else tape.values[n] for n in (W, x))
    if (single and len(tape.values[W]) > 1) or matrix.numel() != whole.numel() or whole.ndim < matrix.ndim:
        return None
    turned = matrix.T.is_contiguous()
    if not (turned or matrix.is_contiguous()) or not whole.is_contiguous():
        return None
    if b is None:
        start, bias, further = _with_bias(tape, start, matrix.shape[1], moved)
    else:
        bias, further = _bias(tape, b, matrix.shape[1], moved), []
    return Use(path, bias, turned, matrix, rows, x, start, (step, *further))


def _convolution(tape: Tape, step: TapeStep, moved: Mapping[int, tuple[str, Tensor]]) -> Use | None:
    """Return a step as a convolution with a weight, None if it is not: the product of each patch and the weight."""
    if step.name != "convolution":
        return None
    x, W, b = (step.given(at) for at in range(3))
    stride, padding, dilation, transposed, _, groups = (step.given(at) for at in range(3, 9))
    start = step.outs[0]
    image, kernel = tape.values[x.number], tape.values[W.number]
    size = math.prod(kernel.shape[1:])
    axes = kernel.ndim - 2
    if transposed or groups != 1 or start is None or axes > PLACES or tape.storages[W.number] not in moved:
        return None
    path, whole = moved[tape.storages[W.number]]
    places = tape.values[start].numel() // len(kernel)
    same = kernel.numel() == whole.numel() and kernel.is_contiguous() and whole.is_contiguous()
    if not same or path == moved.get(tape.storages[x.number], (None,))[0] or places * size > PATCHES:
        return None
    flat = (1,) * (PLACES - axes)  # of a signal: an image of one line
    image, kernel = (t.reshape(*t.shape[:2], *flat, *t.shape[2:]) for t in (image, kernel))
    moves = {
        "stride": (*flat, *stride),
        "padding": (*(0 for _ in flat), *padding),
        "dilation": (*flat, *dilation),
    }
    patches = torch.nn.functional.unfold(image, kernel.shape[2:], **moves)  # (N, I, T)
    bias = None if b is None else _bias(tape, b.number, len(kernel), moved)
    rows = patches.movedim(CHANNELS, -1).reshape(-1, size)
    matrix = kernel.reshape(len(kernel), -1).T
    return Use(path, bias, turned=True, matrix=matrix, rows=rows, x=x.number, start=start, steps=(step,), axis=CHANNELS)


def _bias(tape: Tape, slot: int, outward: int, moved: Mapping[int, tuple[str, Tensor]]) -> str | None:
    path, whole = moved.get(tape.storages[slot], (None, None))
    value = tape.values[slot]
    fits = whole is not None and whole.numel() == outward and value.shape[-1:] == (outward,)
    return path if fits and (outward == 1 or value.stride()[-1] == 1) else None


def _with_bias(
    tape: Tape, slot: int, outward: int, moved: Mapping[int, tuple[str, Tensor]]
) -> tuple[int, str | None, list[TapeStep]]:
    """Follow a product to where a bias is added to it; return where it is whole, and what was added by which step."""
    start, at = slot, slot
    while len(readers := tape.readers(at)) == 1:
        (step,) = readers
        out = step.outs[0]
        if out is None or tape.values[out].shape[-1:] != (outward,):
            break
        if step.name in RESHAPES:
            at = out
        elif step.name == "add" and step.named("alpha", 1) == 1:
            parts = [part.number for part in (step.given(0), step.given(1)) if isinstance(part, TapeSlot)]
            bias = next((b for n in parts if n != at and (b := _bias(tape, n, outward, moved))), None)
            if bias is None or tape.values[out].numel() != tape.values[at].numel():
                break
            return out, bias, [step]
        else:
            break
    return start, None, []


def inputs(tape: Tape, moved: Mapping[int, tuple[str, Tensor]]) -> Iterator[tuple[str, int]]:
    """Yield the tensors of which a copy is made first, and nothing else, and the slots of the copies."""
    for storage, (path, _) in moved.items():
        readers = [step for step in tape.steps if any(tape.storages[n] == storage for n in step.ins)]
        if len(readers) == 1 and readers[0].name == "clone" and readers[0].outs[0] is not None:
            yield path, readers[0].outs[0]


def alone(tape: Tape, slot: int, use: Use) -> bool:
    """Whether what is in a slot is read by one product alone, as its rows, in the same order."""
    value, at = tape.values[slot], slot
    while at != use.x:
        readers = tape.readers(at)
        if len(readers) != 1 or readers[0].name not in {*RESHAPES, "clone"} or readers[0].outs[0] is None:
            return False
        at = readers[0].outs[0]
    once = len(tape.readers(at)) == 1
    return bool(once and value.numel() == use.rows.numel() and torch.equal(value.reshape(use.rows.shape), use.rows))
