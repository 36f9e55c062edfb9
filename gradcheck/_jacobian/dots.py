"""Are the two sides of a dot test equal to within rounding? <u, A v> and <A* u, v>, for random u and v."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.oracle import calling
from gradcheck._model.questions import LinearMap
from gradcheck._results.errors import CallError, InputError

Vector = NDArray[Any]  # real or complex
ROUNDINGS = 32.0  # that a product of an operator and a vector is off by, of its size: sums of many terms
DEVIATIONS = 4.0  # of a sum of errors whose signs have nothing to do with u and v, beside that of a common factor


@dataclass
class Both:
    """A map and its adjoint, called and counted; what they return is checked for its size."""

    linear: LinearMap
    eps: float
    rtol: float = 0.0  # the smallest relative error that matters
    forwards: int = 0
    adjoints: int = 0
    height: int = 0
    rounding: float = 0.0  # of the coarsest dtype that was returned
    whole_image: bool = False  # whether the map returned complex numbers

    @property
    def whole(self) -> bool:
        """Whether the map takes complex vectors."""
        return bool(np.iscomplexobj(self.linear.here))

    @property
    def shape(self) -> tuple[int, int]:
        """Of the matrix of the map, as its owner sees it."""
        rows, columns = self.linear.halved
        return self.height // (1 + rows), self.linear.here.size // (1 + columns)

    def forward(self, v: Vector) -> Vector:
        """Return A v."""
        self.forwards += 1
        result = self._called(self.linear.forward, v if self.whole else v.real, self.linear.labels[0])
        self.whole_image |= np.iscomplexobj(result) and bool(result.imag.any())
        self.height = self.height or result.size
        return result

    def adjoint(self, u: Vector) -> Vector:
        """Return A* u; raises InputError where that is not as long as what A takes."""
        self.adjoints += 1
        result = self._called(
            self.linear.adjoint, u if self.whole_image or self.whole else u.real, self.linear.labels[1]
        )
        wanted = self.linear.here.size
        if result.size != wanted:
            msg = (
                f"{self.linear.labels[1]} returned {result.size} numbers, and {self.linear.labels[0]} takes {wanted}; "
                "an adjoint takes what the operator returns, and returns what it takes"
            )
            raise InputError(msg)
        return result

    def _called(self, f: Callable[[Vector], Vector], x: Vector, name: str) -> Vector:
        with calling(name), np.errstate(all="ignore"):
            result = np.asarray(f(x.copy()))
        if result.dtype.kind not in "fciub":
            msg = f"{name} returned an array of {result.dtype}, not of numbers; return an array of floats"
            raise InputError(msg)
        if result.dtype in (np.float32, np.complex64):
            self.rounding = max(self.rounding, float(np.finfo(result.dtype).eps))
        if not np.isfinite(result).all():
            msg = f"{name} returned numbers that are not finite"
            raise CallError(msg)
        return result.ravel().astype(np.complex128)


@dataclass(frozen=True)
class Dots:
    """Both sides of a dot test, and how far rounding may put them apart."""

    v: Vector
    u: Vector
    image: Vector  # A v
    back: Vector  # A* u
    left: complex  # <u, A v>
    right: complex  # <A* u, v>
    room: float

    @property
    def agrees(self) -> bool:
        """Whether the two sides are equal to within rounding."""
        return abs(self.left - self.right) <= self.room


def length(v: Vector) -> float:
    """Return the length of a vector, whose squares may be too small or too large to be told."""
    largest = float(np.max(np.abs(v), initial=0.0))
    return largest * float(np.linalg.norm(v / largest)) if largest else 0.0


def _drawn(rng: np.random.Generator, size: int, *, whole: bool) -> Vector:
    real = rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size)
    imaginary = rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size) * whole
    return np.asarray(real + 1j * imaginary)


def dots(both: Both, rng: np.random.Generator) -> Dots:
    here = both.linear.here
    v = _drawn(rng, here.size, whole=np.iscomplexobj(here))
    image = both.forward(v)
    u = _drawn(rng, image.size, whole=bool(np.iscomplexobj(here) or image.imag.any()))
    back = both.adjoint(u)
    left, right = complex(np.vdot(u, image)), complex(np.vdot(back, v))
    if not np.iscomplexobj(here):
        left, right = complex(left.real), complex(right.real)  # of a map of real vectors the real part counts
    eps = max(both.eps, both.rounding)
    rounded = ROUNDINGS * eps * (length(u) * length(image) + length(back) * length(v))
    matters = both.rtol * (abs(left) + DEVIATIONS * max(length(image), length(back)))
    return Dots(v, u, image, back, left, right, float(max(rounded, matters)) or np.finfo(float).tiny)
