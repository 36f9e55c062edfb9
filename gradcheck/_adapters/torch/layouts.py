"""Does a backward depend on the memory layout of its cotangent? It may depend on its values only."""

from __future__ import annotations

from collections.abc import Callable

import torch

from gradcheck._adapters.torch.blame import blamed
from gradcheck._adapters.torch.tensors import Tensor
from gradcheck._adapters.torch.trial import (
    Change,
    Cotangents,
    Gradients,
    Occasion,
    Outcome,
    Trial,
    is_plain,
    outcome,
)
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

Layout = Callable[[Tensor], Tensor]

GAPS = 2  # places of a larger tensor, of which one is used
OUTSIDE = -3.0  # times the largest number: what lies between the numbers of a cotangent, and is not to be read
MEMORY = {4: torch.channels_last, 5: torch.channels_last_3d}  # formats of images, by their axes


def sliced(u: Tensor) -> Tensor:
    """Lay a cotangent behind other numbers."""
    return _within(u, list(u.contiguous().stride()))


def gapped(u: Tensor) -> Tensor:
    """Lay a cotangent out with other numbers between its own."""
    return _within(u, [GAPS * step for step in u.contiguous().stride()])


def transposed(u: Tensor) -> Tensor:
    """Lay a cotangent out with its first axis as the nearest."""
    return _turned(u, torch.Tensor.contiguous)


def conjugated(u: Tensor) -> Tensor:
    """Lay a complex cotangent out as the conjugate of numbers that are still to be conjugated."""
    return u.conj().resolve_conj().conj() if u.is_complex() else u


def channels_last(u: Tensor) -> Tensor:
    """Lay images out pixel by pixel."""
    return u.contiguous(memory_format=MEMORY[u.ndim]) if u.ndim in MEMORY else u


def strided(u: Tensor) -> Tensor:
    """Do all of this at once, to find in one call that none of it matters."""
    return _turned(u.conj(), gapped).conj()


def expanded(u: Tensor) -> Tensor:
    """Repeat a cotangent along its first axis without a copy, as the mean over it does; room is there for all of it."""
    axis = next((k for k, n in enumerate(u.shape) if n > 1), None)
    if axis is None:
        return u
    row = sliced(u.mean(axis, keepdim=True))
    room = _room(u)
    return room.as_strided(row.shape, row.contiguous().stride()).copy_(row).expand(u.shape)


def _turned(u: Tensor, lay: Layout) -> Tensor:
    order = [*reversed(range(u.ndim))]
    return lay(u.permute(order)).permute(order)


def _within(u: Tensor, steps: list[int]) -> Tensor:
    return _room(u).as_strided(u.shape, steps, 1).copy_(u)


def _room(u: Tensor) -> Tensor:
    """Return more memory than a cotangent needs in any layout, so that a wrong stride stays within it."""
    fill = OUTSIDE * u.abs().max() if u.numel() else 0.0
    return u.new_empty(GAPS * u.numel() + 1).copy_(torch.as_tensor(fill))


SINGLE: tuple[tuple[str, Layout], ...] = (
    ("a slice of a larger tensor", sliced),
    ("transposed (not contiguous)", transposed),
    ("a slice with gaps between its numbers (stride 2)", gapped),
    ("a lazy conjugate", conjugated),
)


def laid(layout: Layout) -> Change:
    """Return a change that applies a layout to the cotangents of a backward."""

    def change(us: Cotangents) -> Cotangents:
        return tuple(layout(u) if is_plain(u) else u for u in us)

    return change


ALL = ("transposed and with gaps between its numbers", strided)
everything = laid(strided)  # all layouts that a backward could be sensitive to, at once


def in_particular(trial: Trial, occasion: Occasion, expected: Gradients) -> list[Problem]:
    """Go back through a graph that can be gone through again, with the layouts that not every cotangent can have."""
    axes: set[int] = set()

    def row(u: Tensor) -> Tensor:
        axes.add(u.ndim)
        return sliced(expanded(u))

    contiguous = trial.gradients(laid(row))
    checks = [("expanded (stride 0)", expanded, contiguous)]
    if axes & MEMORY.keys():
        checks.append(("of memory format channels_last", channels_last, expected))
    for name, layout, right in checks:
        if outcome(trial, right, laid(layout)) is not None:
            return [named(occasion, expected, (name, layout))]
    return []


def named(occasion: Occasion, expected: Gradients, besides: tuple[str, Layout] = ALL) -> Problem:
    """Return which layout it is that makes a difference, and to which backward: one of the plain ones, or another."""
    for name, layout in (*SINGLE, besides):
        plain = laid(lambda u: sliced(expanded(u))) if layout is expanded else None
        right = expected if plain is None else occasion.called().gradients(plain)
        found = outcome(occasion.called(), right, laid(layout))
        if found is not None:
            return _problem(found, name, blamed(occasion.called(), occasion.called(), laid(layout), plain))
    return Problem(Verdict.BROKEN, "the backward changes with the layout of its cotangent, and not every time")


def _problem(found: Outcome, layout: str, who: str) -> Problem:
    where = f"for a cotangent that is {layout}"
    if found.error is not None:
        text = f"the backward{who} raises {where}: {found.raised}; call cotangent.contiguous() first"
        return Problem(Verdict.BROKEN, text)
    text = (
        f"the backward{who} gives a different gradient of {found.variable} {where}; call cotangent.contiguous() first"
    )
    return Problem(Verdict.WRONG, text, found.variable)
