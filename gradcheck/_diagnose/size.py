"""Which numbers may a wrong factor be equal to? Sizes, each with what it is the size of."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

LEAST_SIZE = 3  # widths and places: many mistakes multiply by 2


class Of(Enum):
    """What a size is the size of."""

    BATCH = auto()
    FIRST_AXIS = auto()  # of an array: maybe a batch
    ENTRIES = auto()  # all of an array's
    AXIS = auto()
    WIDTH = auto()  # an axis of a tensor of the point
    PLACES = auto()  # along several axes
    ELSE = auto()  # whatever a user says


@dataclass(frozen=True)
class Size:
    """A number that a factor may be equal to."""

    of: Of
    words: str
    n: int

    @property
    def counted(self) -> bool:
        """Whether means are taken over it, so that a 2 of a square may stand beside it."""
        return self.of in (Of.BATCH, Of.FIRST_AXIS, Of.ENTRIES)


def read(named: Mapping[str, int]) -> tuple[Size, ...]:
    """Say of the named sizes of an oracle what each is the size of: the only place where names are interpreted."""
    return tuple(Size(_of(name), name, n) for name, n in named.items())


def _of(name: str) -> Of:
    beginnings = {"axis ": Of.AXIS, "the first axis": Of.FIRST_AXIS, "the number": Of.ENTRIES}
    known = next((of for beginning, of in beginnings.items() if name.startswith(beginning)), Of.ELSE)
    return Of.BATCH if known is Of.ELSE and "batch" in name else known


def of_tensors(shapes: Mapping[str, tuple[int, ...]], output: tuple[int, ...]) -> tuple[Size, ...]:
    """Return the widths of tensors and of the output, and the numbers of places in the first tensor and in it."""
    name = next(iter(shapes))
    widths = [
        Size(Of.WIDTH, f"a width of {tensor} (axis {axis})", n)
        for tensor, shape in shapes.items()
        for axis, n in enumerate(shape)
    ]
    last = [Size(Of.AXIS, f"axis {axis} of the output", n) for axis, n in enumerate(output)]
    places = [*_places(shapes[name], name), *_places(output, "the output")]
    return tuple(size for size in (*widths, *last, *places) if size.n >= LEAST_SIZE)


def _places(shape: tuple[int, ...], name: str) -> Iterator[Size]:
    """Yield the numbers of places along several axes, those of the batch last."""
    counts = range(2, len(shape) + 1)
    sets: Iterable[tuple[int, ...]] = (axes for k in counts for axes in itertools.combinations(range(len(shape)), k))
    for axes in sorted(sets, key=lambda axes: -axes[0]):
        n = 1
        for axis in axes:
            n *= shape[axis]
        yield Size(Of.PLACES, f"the places along axes {' and '.join(map(str, axes))} of {name}", n)
