"""How is a product of JAX one of rows and a matrix, z = x W? Its axes are named, and each belongs to a side.

An axis of W is summed over, or is one of z alone, or runs along in x as well, as that of the heads, the experts or the
groups of a convolution. The last ones that are of z alone, as W lies in memory, are its columns, or the first ones. All
others are its rows, and where these are not summed over, x is given zeros for those that it does not meet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from string import ascii_letters
from typing import Any

import numpy as np

from gradcheck._adapters.jax.equations import Equation, Equations
from gradcheck._model.oracle import Array
from gradcheck._model.site import PATCHES, Floats, Ints

PRODUCT, CONVOLUTION = "dot_general", "conv_general_dilated"


@dataclass(frozen=True)
class NamedProduct:
    """A product, with a letter for each axis: those of x and W that have the same run along."""

    x: str
    w: str
    z: str
    sizes: Mapping[str, int]
    weight: int  # which operand W is
    patches: Callable[[Array], Array]  # what x is made of

    def shape(self, letters: str) -> tuple[int, ...]:
        """How long these axes are."""
        return tuple(self.sizes[letter] for letter in letters)


def named(equations: Equations, step: Equation, weight: int) -> NamedProduct | None:
    """Name the axes of a step, one of whose operands is a weight; None where it is no product of rows."""
    if step.name == PRODUCT:
        return _dot(equations, step, weight)
    return _convolution(equations, step) if step.name == CONVOLUTION and weight == 1 else None


def _dot(equations: Equations, step: Equation, weight: int) -> NamedProduct:
    contracted, batch = step.params["dimension_numbers"]
    shapes = [equations.avals[n].shape for n in step.ins]
    letters = iter(ascii_letters)
    axes: list[dict[int, str]] = [{}, {}]
    for pairs in (batch, contracted):
        for one, other in zip(*pairs, strict=True):
            axes[0][one] = axes[1][other] = next(letters)
    along = "".join(axes[0][k] for k in batch[0])
    free = ["", ""]
    for side, shape in enumerate(shapes):
        for k in range(len(shape)):
            if k not in axes[side]:
                axes[side][k] = next(letters)
                free[side] += axes[side][k]
    names = ["".join(axes[side][k] for k in range(len(shapes[side]))) for side in (0, 1)]
    sizes = {letter: n for side in (0, 1) for letter, n in zip(names[side], shapes[side], strict=True)}
    return NamedProduct(names[1 - weight], names[weight], along + free[0] + free[1], sizes, weight, np.asarray)


def _convolution(equations: Equations, step: Equation) -> NamedProduct | None:
    """Name the axes of a convolution: samples n, groups g, channels i and o, places and taps."""
    params = step.params
    image, kernel, out = (equations.avals[n].shape for n in (*step.ins, *step.outs))
    lies, groups = params["dimension_numbers"], params["feature_group_count"]
    axes = len(kernel) - 2
    taps, places = ascii_letters[26 : 26 + axes], ascii_letters[40 : 40 + axes]
    sizes = {"n": image[lies.lhs_spec[0]], "g": groups, "i": kernel[lies.rhs_spec[1]]}
    sizes["o"] = kernel[lies.rhs_spec[0]] // groups
    sizes |= {t: kernel[k] for t, k in zip(taps, lies.rhs_spec[2:], strict=True)}
    sizes |= {p: out[k] for p, k in zip(places, lies.out_spec[2:], strict=True)}
    x = f"ngi{places}{taps}"
    if params["batch_group_count"] != 1 or math.prod(sizes[letter] for letter in x) > PATCHES:
        return None

    def laid(spec: tuple[int, ...], parts: list[str]) -> str:
        return "".join(part for _, part in sorted(zip(spec, parts, strict=True)))

    w = laid(lies.rhs_spec, ["go", "i", *taps])
    z = laid(lies.out_spec, ["n", "go", *places])

    def patches(array: Array) -> Array:
        found = _patches(array.transpose(lies.lhs_spec), params, [sizes[t] for t in taps])
        return found.reshape([sizes[letter] for letter in x])

    return NamedProduct(x, w, z, sizes, 1, patches)


def _patches(image: Array, params: Mapping[str, Any], taps: list[int]) -> Array:
    """Return what each place of a convolution sees, (N, C, places, taps)."""
    for k, between in enumerate(params["lhs_dilation"], 2):
        wide = list(image.shape)
        wide[k] = (wide[k] - 1) * between + 1
        spread = np.zeros(wide, dtype=image.dtype)
        spread[(slice(None),) * k + (slice(None, None, between),)] = image
        image = spread
    image = np.pad(image, [(0, 0), (0, 0), *((max(lo, 0), max(hi, 0)) for lo, hi in params["padding"])])
    cut = tuple(
        slice(max(-lo, 0), n - max(-hi, 0)) for (lo, hi), n in zip(params["padding"], image.shape[2:], strict=True)
    )
    image = image[(slice(None), slice(None), *cut)]
    apart, stride = params["rhs_dilation"], params["window_strides"]
    windows = [(n - 1) * a + 1 for n, a in zip(taps, apart, strict=True)]
    seen = np.lib.stride_tricks.sliding_window_view(image, windows, axis=tuple(range(2, image.ndim)))
    steps = [slice(None, None, n) for n in (*stride, *apart)]
    return np.asarray(seen[(slice(None), slice(None), *steps)])


@dataclass(frozen=True, eq=False)
class RowProduct:
    """A product as z = x W, of rows x (Q, I) and a matrix W (I, O)."""

    named: NamedProduct
    inner: str  # the axes of W that make its rows
    outer: str  # those that make its columns
    turned: bool  # whether W lies in memory as (O, I)

    @classmethod
    def of(cls, names: NamedProduct, index: Ints) -> RowProduct | None:
        """Divide the axes of a weight, given which of its numbers lies where; None where they cannot be."""
        index = index.reshape(names.shape(names.w))
        order = _in_memory(names.w, index)
        if order is None:
            return None
        free = {letter for letter in names.w if letter not in names.x}
        ways = [cls._divided(names, order, free, turned=turned) for turned in (False, True)]
        best = max(ways, key=lambda way: math.prod(names.shape(way.outer)))
        return best if best.rows * best.inward <= PATCHES else None

    @classmethod
    def _divided(cls, names: NamedProduct, order: str, free: set[str], *, turned: bool) -> RowProduct:
        along = order if turned else order[::-1]
        count = next((k for k, letter in enumerate(along) if letter not in free), len(along))
        outer, inner = (along[:count], along[count:]) if turned else (along[:count][::-1], along[count:][::-1])
        single = "".join(letter for letter in names.w if letter not in order)
        return cls(names, single + inner, outer, turned)

    @property
    def row_axes(self) -> str:
        """The axes of z that make its rows: those of x, and then those of W that are no columns."""
        own = "".join(letter for letter in self.named.x if letter in self.named.z)
        return own + "".join(c for c in self.named.z if c not in own and c not in self.outer)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return math.prod(self.named.shape(self.row_axes))

    @property
    def inward(self) -> int:
        """How many numbers there are in a row of x."""
        return math.prod(self.named.shape(self.inner))

    @property
    def outward(self) -> int:
        """How many there are in a row of z."""
        return math.prod(self.named.shape(self.outer))

    def matrix(self, weight: Array) -> Array:
        """Return W as (I, O)."""
        return weight.reshape(self.outward, self.inward).T if self.turned else weight.reshape(self.inward, self.outward)

    def place(self) -> Ints:
        """Return where each number of z, as (Q, O), lies in z as it is."""
        z = self.named.z
        index = np.arange(math.prod(self.named.shape(z))).reshape(self.named.shape(z))
        return np.asarray(index.transpose([z.index(c) for c in self.row_axes + self.outer]).reshape(-1, self.outward))

    @property
    def plain(self) -> bool:
        """Whether the rows are numbers of x as it is, each of them once."""
        return self.named.patches is np.asarray and all(c in self.named.x and c not in self.named.z for c in self.inner)

    def x_as_rows(self, x: Array) -> Array:
        """Return x, or which numbers of it, as (Q, I), where the rows are plain."""
        order = [self.named.x.index(c) for c in self.row_axes + self.inner]
        return np.asarray(x.transpose(order).reshape(self.rows, self.inward))

    def laid(self, x: Array) -> Floats:
        """Return x as the rows (Q, I) that W is met by."""
        if self.plain:
            return self.x_as_rows(x)
        met = [c for c in self.inner if c in self.named.z]
        ends = dict(zip(met, (c for c in ascii_letters if c not in self.named.sizes), strict=False))
        eyes = [np.eye(self.named.sizes[c]) for c in met]
        before = ",".join([self.named.x, *(c + ends[c] for c in met)])
        after = self.row_axes + "".join(ends.get(c, c) for c in self.inner)
        found = np.einsum(f"{before}->{after}", self.named.patches(x), *eyes)
        return np.asarray(found.reshape(self.rows, self.inward))


def _in_memory(letters: str, index: Ints) -> str | None:
    """Return the axes that are longer than one, the slowest first, None where numbers do not lie in such an order."""
    steps = {c: step for c, step in zip(letters, _steps(index), strict=True) if step}
    order = sorted(steps, key=lambda c: -steps[c])
    turned = index.transpose([letters.index(c) for c in (*(c for c in letters if c not in order), *order)])
    return "".join(order) if (turned.ravel() == np.arange(index.size)).all() else None


def _steps(index: Ints) -> Iterator[int]:
    """Yield how far apart numbers lie that are neighbours along each axis, zero for one of length one."""
    for k, length in enumerate(index.shape):
        first = (0,) * k
        yield int(index[(*first, 1, *(0,) * (index.ndim - k - 1))] - index.ravel()[0]) if length > 1 else 0
