"""One copy of a large array serves all, and only as long as it holds the same numbers."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from gradcheck import check_gradients
from gradcheck._model import snapshot as module
from gradcheck._model.snapshot import same_bits, snapshot

LARGE = np.arange(module.FEW + 1.0)


def test_a_large_array_is_copied_once():
    """Whoever asks again while the copy is held gets the same one; a small one costs less to copy than to look up."""
    first = snapshot(LARGE)
    assert first is snapshot(LARGE)
    assert not np.shares_memory(first, LARGE)
    assert snapshot(LARGE[:5]) is not snapshot(LARGE[:5])


def test_what_changed_since_is_copied_anew():
    """The numbers decide, to the last bit."""
    changing = LARGE.copy()
    first = snapshot(changing)
    changing[3] = -0.0
    changing[0] = -0.0
    second = snapshot(changing)
    assert second is not first
    assert first[3] == 3
    assert np.signbit(second[0])


def test_a_view_of_another_shape_or_type_is_another_array():
    """It begins at the same place in memory."""
    whole = LARGE[: module.FEW].copy()
    assert snapshot(np.concatenate([whole, whole])).shape == (2 * module.FEW,)
    long = np.concatenate([whole, whole])
    kept = snapshot(long)
    assert snapshot(long.reshape(2, -1)).shape == (2, module.FEW)
    assert snapshot(long.view(np.int64)).dtype == np.int64
    assert snapshot(long[::-1]) is not kept


def test_nobody_holds_what_nobody_needs():
    """The copy goes with the last who has it."""
    gc.collect()  # what other tests left
    own = LARGE.copy()
    held = snapshot(own)
    before = len(module._taken)
    del held
    gc.collect()
    assert len(module._taken) == before - 1


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ([1.0, np.nan], [1.0, np.nan], True),
        ([0.0], [-0.0], False),
        ([1j], [1j], True),
        ([1j], [2j], False),
        (["a"], ["a"], True),
    ],
)
def test_numbers_are_compared_bit_by_bit(a, b, same):
    """Also those that are not equal to themselves, and those of sizes that no whole number has."""
    assert same_bits(np.array(a), np.array(b)) is same


@pytest.mark.parametrize(("most", "filed"), [(len(LARGE) - 1, True), (len(LARGE), False)])
def test_an_array_gets_back_what_it_held(most, filed, monkeypatch):
    """A vast one out of a file, of which no copy is in memory."""
    monkeypatch.setattr(module, "VAST", most)
    own = LARGE.copy()
    held = module.Snapshot(own)
    assert isinstance(held._held, module.Filed) is filed
    held.put_back()
    own[5], own[6] = np.nan, -0.0
    held.put_back()
    assert own.tobytes() == LARGE.tobytes()


def test_what_lies_in_pieces_or_is_no_number_is_in_no_file(monkeypatch):
    """A copy is held as ever."""
    monkeypatch.setattr(module, "VAST", 3)
    square = np.arange(16.0).reshape(4, 4)
    assert [module.in_a_file(a) for a in (square, square.T, square[:, :2], square.astype(object))] == [
        True,
        True,
        False,
        False,
    ]
    part = square[:, :2]
    held = module.Snapshot(part)
    part[1, 1] = 99
    held.put_back()
    assert square[1, 1] == 5


def test_the_users_own_vast_array_is_put_back(monkeypatch):
    """Whatever a function does to it, and the check goes on with the numbers that it was given."""
    monkeypatch.setattr(module, "VAST", 20)
    own = np.linspace(0.3, 1.3, 30)
    before = own.copy()

    def value(x):
        own[3] += 1.0
        return float(np.sin(x).sum())

    check_gradients(value, own, grad=np.cos)
    assert own.tobytes() == before.tobytes()
