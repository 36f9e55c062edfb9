"""How is a picture kept inside a page? As a PNG with a palette: a byte a cell, and nothing to install."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
WITH_PALETTE = 3  # the kind of colours
DEPTH = 8  # bits a cell


def uri(cells: Bytes, palette: Bytes) -> str:
    """Return a picture as an address that holds all of it; for the arguments see `encode`."""
    return "data:image/png;base64," + base64.b64encode(encode(cells, palette)).decode("ascii")


def encode(cells: Bytes, palette: Bytes) -> bytes:
    """Return the PNG of cells (rows, columns), numbers of rows of a palette (colours, 4): red, green, blue, opacity.

    Source: Portable Network Graphics Specification, Third Edition, W3C 2025.
    """
    height, width = cells.shape
    header = struct.pack(">IIBBBBB", width, height, DEPTH, WITH_PALETTE, 0, 0, 0)
    lines = np.hstack([np.zeros((height, 1), np.uint8), cells])  # each begins with the number of its filter: none
    return SIGNATURE + b"".join(
        [
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", palette[:, :3].tobytes()),
            _chunk(b"tRNS", palette[:, 3].tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), level=9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
