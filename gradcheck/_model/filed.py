"""Where do numbers stand that are as many as those of a large tensor, and seldom read? In a file, block by block.

The file has no name and goes with the object. Where none can be written, as on a full disk, they stay in memory; so do
those of more tensors than files may be open.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from collections.abc import Iterator
from io import FileIO
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

BLOCK = 65_536  # entries that are read or written at once: half a megabyte of doubles
MOST = 128  # files that are open at the same time; systems allow 256 or more, and others need some as well

_open = weakref.WeakSet[Any]()  # those that have a file


class Filed:
    """Numbers in a file, flat, of which any block is read and written like that of an array; pickled as an array."""

    def __init__(self, size: int, dtype: DTypeLike) -> None:
        """Make room for so many numbers."""
        self.size, self.dtype = size, np.dtype(dtype)
        # All of them, where there is no room for a file.
        self._memory: NDArray[Any] | None = None if self._opened() else np.zeros(size, self.dtype)

    def _opened(self) -> bool:
        """Open a file of that length; return whether there is room for it."""
        if len(_open) >= MOST:
            return False
        try:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  closed by the next line
            weakref.finalize(self, self._file.close)
            self._file.truncate(self.nbytes)
        except OSError:
            return False
        _open.add(self)
        return True

    @classmethod
    def of(cls, numbers: NDArray[Any]) -> Filed:
        """Write down the numbers of an array of one piece, in the order in which it has them in memory."""
        filed, flat = cls(numbers.size, numbers.dtype), in_order(numbers)
        for block in filed.blocks():
            filed[block] = flat[block]
        return filed

    @property
    def nbytes(self) -> int:
        """How many bytes they take."""
        return self.size * self.dtype.itemsize

    def blocks(self) -> Iterator[slice]:
        """Yield all places, block by block."""
        yield from blocks_of(self.size)

    def __getitem__(self, block: slice) -> NDArray[Any]:
        """Read a block."""
        if self._memory is not None:
            return self._memory[block].copy()
        first, beyond, _ = block.indices(self.size)
        numbers = np.empty(beyond - first, self.dtype)
        left, place = numbers.view(np.uint8).data, first * self.dtype.itemsize
        while done := _read(self._file, left, place):
            left, place = left[done:], place + done
        return numbers

    def __setitem__(self, block: slice, numbers: Any) -> None:  # noqa: ANN401  what fits into an array
        """Write a block."""
        first, beyond, _ = block.indices(self.size)
        if self._memory is None:
            there = np.ascontiguousarray(np.broadcast_to(np.asarray(numbers, self.dtype), beyond - first))
            left, place = there.view(np.uint8).data, first * self.dtype.itemsize
            try:
                while left:
                    done = _write(self._file, left, place)
                    left, place = left[done:], place + done
            except OSError:  # the disk is full
                self._memory = np.concatenate([self[each] for each in self.blocks()])
            else:
                return
        self._memory[block] = numbers

    def same(self, numbers: NDArray[Any]) -> bool:
        """Return whether an array of the same shape and order holds the same to the last bit, nan included."""
        flat = in_order(numbers)
        return all(flat[block].tobytes() == self[block].tobytes() for block in self.blocks())

    def put(self, numbers: NDArray[Any]) -> None:
        """Put the numbers into an array of the same shape and order."""
        flat = in_order(numbers)
        for block in self.blocks():
            flat[block] = self[block]

    def mapped(self) -> NDArray[Any]:
        """Return them as an array, flat, of which what is read comes into memory, until it is put to `rest`."""
        if self._memory is not None:
            return self._memory
        return np.frombuffer(mmap.mmap(self._file.fileno(), self.nbytes, access=mmap.ACCESS_COPY), self.dtype)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the numbers."""
        return np.asarray, (self[:],)


def _read(file: FileIO, into: memoryview, place: int) -> int:
    """Read what stands at a place, from where no other process that has the file moves it."""
    if not hasattr(os, "preadv"):
        file.seek(place)
        return file.readinto(into) or 0
    return os.preadv(file.fileno(), [into], place) if into else 0


def _write(file: FileIO, numbers: memoryview, place: int) -> int:
    """Write at a place, likewise."""
    if not hasattr(os, "pwrite"):
        file.seek(place)
        return file.write(numbers) or 0
    return os.pwrite(file.fileno(), numbers, place)


def rest(array: NDArray[Any]) -> None:
    """Let what is in memory of an array that is mapped stand in its file alone, until it is read again."""
    under: Any = array
    while isinstance(under, np.ndarray):
        under = under.base
    there = getattr(under, "obj", None)  # what a buffer is of
    if isinstance(there, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        there.madvise(mmap.MADV_DONTNEED)


def blocks_of(size: int, block: int = BLOCK) -> Iterator[slice]:
    """Yield so many places, block by block."""
    for first in range(0, size, block):
        yield slice(first, min(first + block, size))


def of_one_piece(numbers: NDArray[Any]) -> bool:
    """Return whether an array has its numbers one after the other in memory."""
    return bool(numbers.flags.c_contiguous or numbers.flags.f_contiguous)


def in_order(numbers: NDArray[Any]) -> NDArray[Any]:
    """Return the numbers of an array of one piece as they follow in memory, without a copy."""
    return np.ravel(numbers, order="K")
