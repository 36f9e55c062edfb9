"""Which arrays does a case hold? Each is looked at before it is read: no file may grow when it is unpacked."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def load(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file that `FailedCall.write` wrote, which packs them as they are.

    Raises ValueError for a file that holds something else, or cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _refuse_growth(sum(member.file_size for member in members), path.stat().st_size)
            return {member.filename.removesuffix(".npy"): _array(archive, member) for member in members}
    except Exception as error:  # zipfile, its decompressors and NumPy raise a dozen kinds of errors for damaged files
        msg = f"{path.name} is not a file of arrays: {type(error).__name__}: {error}"
        raise ValueError(msg) from error


def _refuse_growth(unpacked: int, packed: int) -> None:
    if unpacked > packed:
        msg = f"its {packed} bytes would grow to {unpacked} when unpacked"
        raise ValueError(msg)


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """Return one array, if it is as large as its header says."""
    with archive.open(member) as file:
        shape, dtype = _header(file)
        held = member.file_size - file.tell()
    if dtype.hasobject or math.prod(shape) * dtype.itemsize != held:
        msg = f"{member.filename} should hold {shape} of {dtype}, and holds {held} bytes"
        raise ValueError(msg)
    with archive.open(member) as file:
        read: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return read


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    if version not in HEADERS:
        msg = f"it is of version {version} of NumPy's format"
        raise ValueError(msg)
    shape, _, dtype = HEADERS[version](file)
    return shape, dtype
