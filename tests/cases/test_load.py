"""The arrays of a case are read if they are what was written; what grows when it is unpacked is not unpacked."""

from __future__ import annotations

import io
import random
import zipfile

import numpy as np
import pytest
from damage import flipped
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck._cases.load import load
from gradcheck._cases.save import _packed

ARRAYS = {"args[0]": np.linspace(-1, 1, 6).reshape(2, 3), "model.W": np.ones(2, "f4"), "n": np.array(3)}


def archive(path, members, way=zipfile.ZIP_STORED):
    """Write an archive by hand."""
    with zipfile.ZipFile(path, "w", way) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def header(shape, kind="<f8"):
    """Return how an array begins in a file."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": shape})
    return file.getvalue()


def test_what_was_written_is_read(tmp_path):
    """Bit for bit, with dtype and shape."""
    path = tmp_path / "case.npz"
    path.write_bytes(_packed(ARRAYS))
    read = load(path)
    assert {name: (a.dtype, a.tolist()) for name, a in read.items()} == {
        name: (a.dtype, a.tolist()) for name, a in ARRAYS.items()
    }


@pytest.mark.parametrize(
    ("members", "way", "message"),
    [
        ({"x.npy": header((10**6,)) + bytes(8 * 10**6)}, zipfile.ZIP_DEFLATED, r"would grow to 8000128 when unpacked"),
        (
            {"x.npy": header((10**12,)) + bytes(8)},
            zipfile.ZIP_STORED,
            r"x.npy should hold \(1000000000000,\) of",
        ),
        ({"x.npy": header((1,), "|O") + bytes(8)}, zipfile.ZIP_STORED, "x.npy should hold .* of object"),
        ({"x.npy": b"\x93NUMPY\x03\x00" + bytes(200)}, zipfile.ZIP_STORED, r"version \(3, 0\)"),
        ({"x.npy": b"nothing at all"}, zipfile.ZIP_STORED, "magic string"),
    ],
)
def test_what_would_grow_is_refused(tmp_path, members, way, message):
    """By what its own index says, before a byte of it is unpacked."""
    path = archive(tmp_path / "case.npz", members, way)
    with pytest.raises(ValueError, match=message):
        load(path)


def test_nothing_is_unpacked_of_what_is_refused(tmp_path, monkeypatch):
    """The sizes are looked at first."""
    path = archive(tmp_path / "case.npz", {"x.npy": bytes(10**7)}, zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    with pytest.raises(ValueError, match="would grow"):
        load(path)


@settings(max_examples=300)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_is_refused_or_read(seed, tmp_path_factory):
    """Whatever bits turned over: an array of the file, or a ValueError."""
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    path.write_bytes(flipped(_packed(ARRAYS), random.Random(seed)))
    try:
        read = load(path)
    except ValueError:
        return
    assert all(isinstance(array, np.ndarray) for array in read.values())
