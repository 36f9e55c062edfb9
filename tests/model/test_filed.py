"""Numbers in a file are those that were written, to the last bit, and stay in memory where no file can be written."""

from __future__ import annotations

import gc
import os
import pickle
import tempfile

import numpy as np
import pytest

from gradcheck._model import filed as module
from gradcheck._model.filed import Filed, blocks_of, in_order, of_one_piece, rest

NUMBERS = np.array([1.0, np.nan, -0.0, np.inf, 5e-324, 7.0, -3.0])
LITTLE = 3  # entries of a block, so that the last one is a short one


@pytest.fixture(autouse=True)
def _in_little_blocks(monkeypatch):
    monkeypatch.setattr(module, "blocks_of", lambda size, block=LITTLE: blocks_of(size, block))


def full(*_, **__):
    """Stand in for a disk without room."""
    raise OSError(28, "No space left on device")


@pytest.fixture(params=["in a file", "on Windows", "no file", "no room"])
def filed(request, monkeypatch):
    """Return what files an array, where that is done in another way each."""
    if request.param == "on Windows":
        monkeypatch.delattr(os, "preadv")
        monkeypatch.delattr(os, "pwrite")
    if request.param == "no file":
        monkeypatch.setattr(tempfile, "TemporaryFile", full)
    if request.param == "no room":
        monkeypatch.setattr(module, "_write", full)
    return Filed.of


def test_what_is_read_is_what_was_written(filed):
    """Any block of it."""
    held = filed(NUMBERS)
    for first in range(7):
        for beyond in range(first, 8):
            np.testing.assert_array_equal(held[first:beyond], NUMBERS[first:beyond])
    assert held[:].tobytes() == NUMBERS.tobytes()
    assert (held.size, held.dtype, held.nbytes) == (7, np.float64, 56)


def test_a_block_is_written(filed):
    """By an array, a number, or numbers of another precision; the others stay."""
    held = filed(np.arange(7.0, dtype=np.float32))
    held[2:4] = np.array([20.0, 30.0])
    held[5:] = 9
    assert held[:].tolist() == [0, 1, 20, 30, 4, 9, 9]
    block = held[:3]
    block *= 0  # a copy
    assert held[2:3] == 20


@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_gets_back_what_it_held(filed, order):
    """In whichever order it lies in memory; the last bit counts, nan and the sign of zero too."""
    array = np.asarray(np.arange(6.0).reshape(2, 3), order=order)
    array[0, 0], before = np.nan, array.copy()
    before[0, 0] = np.nan
    held = filed(array)
    assert held.same(array)
    for place, other in (((1, 2), 0.0), ((0, 1), np.nextafter(1.0, 2.0))):
        array[place] = other
        assert not held.same(array)
        held.put(array)
        np.testing.assert_array_equal(array, before)
        assert held.same(array)


def test_the_sign_of_zero_is_a_change():
    """It is another number, though equal."""
    assert not Filed.of(np.zeros(5)).same(np.array([0.0, 0.0, -0.0, 0.0, 0.0]))


def test_workers_are_sent_the_numbers(filed):
    """A file of this process means nothing in another."""
    sent = pickle.loads(pickle.dumps(filed(NUMBERS)))
    assert isinstance(sent, np.ndarray)
    np.testing.assert_array_equal(sent, NUMBERS)


def test_what_is_mapped_may_rest(filed):
    """It is the same when it is read again."""
    array = filed(np.arange(70_000.0)).mapped().reshape(7, -1)
    assert array.sum() == 70_000 * 69_999 / 2
    rest(array)
    assert array[3, 5] == 30_005
    rest(np.arange(3))  # nothing is to be done


def test_what_is_of_one_piece():
    """Whichever way it goes through memory."""
    square = np.arange(9.0).reshape(3, 3)
    assert [of_one_piece(a) for a in (square, square.T, square[:, ::2], square[1:])] == [True, True, False, True]
    assert np.shares_memory(in_order(square.T), square)


def test_no_file_is_left(tmp_path, monkeypatch):
    """It has no name, or goes with the object."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    held = Filed.of(NUMBERS)
    assert held[:1] == 1
    del held
    assert [*tmp_path.iterdir()] == []


def test_a_file_is_read_beside_its_parent():
    """What one process reads moves no other's place in the file."""
    held = Filed.of(np.arange(1000.0))
    if not hasattr(os, "fork"):
        pytest.skip("processes are not forked here")
    held._file.seek(80)
    assert held[5:7].tolist() == [5, 6]
    assert held._file.tell() == 80


def test_files_are_left_to_others():
    """Of a model of many large tensors some stay in memory."""
    gc.collect()
    held = [Filed.of(np.full(3, k)) for k in range(module.MOST + 2)]
    assert sum(one._memory is None for one in held) == module.MOST
    assert [one[:1].item() for one in held] == [*range(module.MOST + 2)]
    del held
    gc.collect()
    assert Filed.of(NUMBERS)._memory is None
