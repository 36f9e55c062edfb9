"""PNG: what is written is what another program reads."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
import pytest

from gradcheck._render.html import png

COLOURS = np.array([(255, 0, 0, 255), (0, 0, 255, 128), (9, 8, 7, 0)], np.uint8)
CELLS = np.array([[0, 1, 2], [2, 1, 0]], np.uint8)


def chunks(content):
    """Yield kind, content and sum of each chunk."""
    at = len(png.SIGNATURE)
    while at < len(content):
        (size,) = struct.unpack_from(">I", content, at)
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + size], content[at + 8 + size : at + 12 + size]
        at += 12 + size


def test_the_chunks_are_those_of_a_picture_with_a_palette():
    """Header, colours, opacities, cells, end; each with its sum."""
    found = list(chunks(png.encode(CELLS, COLOURS)))
    assert [kind for kind, _, _ in found] == [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]
    assert all(struct.pack(">I", zlib.crc32(kind + content)) == total for kind, content, total in found)
    assert found[0][1] == struct.pack(">IIBBBBB", 3, 2, 8, 3, 0, 0, 0)


def test_every_line_of_cells_begins_with_its_filter():
    """The cells are kept row by row, unfiltered."""
    (cells,) = (content for kind, content, _ in chunks(png.encode(CELLS, COLOURS)) if kind == b"IDAT")
    assert zlib.decompress(cells) == bytes([0, 0, 1, 2, 0, 2, 1, 0])


def test_another_program_sees_the_colours_that_were_meant(tmp_path):
    """Pillow reads each cell as the colour and the opacity of its palette."""
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "cells.png"
    path.write_bytes(png.encode(CELLS, COLOURS))
    with image.open(path) as picture:
        assert np.array_equal(np.asarray(picture.convert("RGBA")), COLOURS[CELLS])


def test_the_address_holds_the_whole_picture():
    """What follows the comma is the file."""
    kind, _, content = png.uri(CELLS, COLOURS).partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(content) == png.encode(CELLS, COLOURS)
