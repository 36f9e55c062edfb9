"""Has a generator moved since its state was read? Seen from the bytes of its state, which are cheap to read.

NumPy and Python hand out the 624 words of a Mersenne twister one by one, ten to a hundred times as slowly as its bytes
are copied. So a state is read once, and handed out again, the very same object, as long as the bytes are the same.
"""

from __future__ import annotations

import _random
import random
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

try:
    from ctypes import string_at
except ImportError:  # a Python without it
    BYTES = False
else:
    BYTES = sys.implementation.name == "cpython"  # where an object lies where its id says

TWISTER = 625 * 4  # bytes of the state of NumPy's MT19937: its words, and how many of them are used
HEADER = object.__basicsize__  # bytes of an object, before what is its own


class Unmoved:
    """Reads the state of a generator; must be called afresh to learn of any move."""

    def __init__(self, read: Callable[[], Any], look: Callable[[], Any]) -> None:
        """Take what reads the whole state, and what looks at its bytes: None where these do not tell."""
        self.read, self.look = read, look
        self._bytes: Any = None
        self._state: Any = None

    def __call__(self) -> Any:  # noqa: ANN401  states have many shapes
        """Return the state: the same object as before, if the generator has not moved."""
        now = self.look()
        if now is None or now != self._bytes:
            self._state = self.read()
            self._bytes = None if _keeps_spare(self._state) else now
        return self._state


def _keeps_spare(state: Any) -> bool:  # noqa: ANN401
    """Whether a state of NumPy's holds the second of two normal numbers: to take that moves none of the bytes."""
    return type(state) is dict and bool(state.get("has_gauss"))


def of_numpy(generator: np.random.RandomState) -> Callable[[], Any]:
    """Return what reads the state of a generator of NumPy's former kind."""

    def look() -> bytes | None:
        bits = getattr(generator, "_bit_generator", None)  # another one may be put in its place
        return string_at(bits.ctypes.state_address, TWISTER) if type(bits) is np.random.MT19937 else None

    read = partial(generator.get_state, legacy=False)
    return Unmoved(read, look) if BYTES and type(generator) is np.random.RandomState else read


def of_python(generator: random.Random) -> Callable[[], Any]:
    """Return what reads the state of a generator of Python."""
    if not BYTES or type(generator) is not random.Random:
        return generator.getstate
    start, length = id(generator) + HEADER, _random.Random.__basicsize__ - HEADER

    def look() -> tuple[bytes, Any]:
        return string_at(start, length), generator.__dict__.get("gauss_next")

    return Unmoved(generator.getstate, look)
