"""A large tensor is moved a piece at a time: it goes where a small one would, and takes little room beside itself."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from gradcheck import check_gradients
from gradcheck._model import leaf as module
from gradcheck._model.forms import form_of
from gradcheck._model.leaf import Leaf, signs

MIXED = np.array([[3.0, -0.5, 0.0], [1e-20, 8.0, -2.0]])


def leaf_of(numbers, held=None):
    """Return a leaf of doubles."""
    return Leaf("x", "input", numbers.copy(order="K"), numbers, numbers.dtype, form_of(numbers), held=held)


def large(numbers, monkeypatch, held=None):
    """Return one that counts as large."""
    monkeypatch.setattr(module, "VAST", 2)
    monkeypatch.setattr(module, "BLOCK", 4)
    return leaf_of(numbers, held)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("which", [slice(None), slice(1, 5), np.array([3, 1]), 4])
def test_steps_of_a_large_tensor_are_those_of_a_small_one(order, which, monkeypatch):
    """Whichever entries are asked for; one of quite another order goes as far as it is large."""
    numbers = np.asarray(MIXED, order=order)
    held = np.array([[False, False, False], [False, False, True]])
    scale, spread = [3.0, 2.5, 2.5, 2.5, 8.0, 2.5], [3.0, 2.5, 2.5, 1e-20, 8.0, 2.5]
    few = leaf_of(numbers)
    monkeypatch.setattr(Leaf, "unit", 2.5)  # of all, where the large one takes it of some
    for each in (few, large(numbers, monkeypatch)):
        assert each.scale_of(which).tolist() == np.array(scale)[which].tolist()
        assert each.spread_of(which).tolist() == np.array(spread)[which].tolist()
    assert large(numbers, monkeypatch, held).sizes(which).tolist() == np.array([3, 0.5, 0, 1e-20, 8, 0])[which].tolist()


def test_the_size_of_a_typical_entry_is_that_of_some_where_they_are_many(monkeypatch):
    """Every so many are looked at; all of them, where those are zero."""
    assert leaf_of(MIXED).unit == 2.0
    assert large(np.arange(1.0, 9.0), monkeypatch).unit == 3.5  # of 1 and 6
    assert large(np.array([0.0, 3.0, 0.0, 0.0, 0.0, 0.0]), monkeypatch).unit == 3.0
    assert large(np.zeros(5), monkeypatch).unit == 1.0


def test_a_move_goes_as_far_as_its_coefficients(monkeypatch):
    """In single precision where entries are many, unless that could not hold them; a sum with it is one of doubles."""
    numbers = np.array([3.0, -1.0, 2.0, 7.0, 1.0])
    few = leaf_of(numbers)
    assert few.drawn(signs(np.random.default_rng(0)), few.spread_of).dtype == np.float64
    for numbers_, dtype in ((numbers, np.float32), (numbers * 1e35, np.float64), (numbers * 1e-35, np.float64)):
        each = large(numbers_, monkeypatch)
        move = each.drawn(signs(np.random.default_rng(0)), each.spread_of, 0.5)
        assert move.dtype == dtype
        assert np.abs(move[:]) == pytest.approx(0.5 * each.spread)
        assert np.array_equal(each.whole(move), move[:])
        each.shift(each.original, move, 0.1)
        assert each.array.tolist() == (numbers_ + 0.1 * move[:].astype(np.float64)).tolist()


def test_a_large_tensor_goes_back_to_where_it_was(monkeypatch):
    """What it held stands in a file meanwhile."""
    each = large(np.arange(12.0).reshape(3, 4), monkeypatch)
    assert each.at_rest
    each.array[2, 1] = 99.0
    assert not each.at_rest
    here = each.here()
    each.shift(here, each.drawn(signs(np.random.default_rng(0)), each.spread_of), 0.5)
    assert each.array[2, 1] != 99.0
    each.put(here)
    assert each.array[2, 1] == 99.0
    assert np.delete(each.array.ravel(), 9).tolist() == np.delete(np.arange(12.0), 9).tolist()


def test_what_lies_across_memory_is_moved_whole(monkeypatch):
    """As it is when it has few entries."""
    across = large(np.arange(12.0).reshape(3, 4).T, monkeypatch)
    move = across.drawn(signs(np.random.default_rng(0)), across.spread_of)
    assert isinstance(move, np.ndarray)
    across.shift(across.here(), move, 0.25)
    np.testing.assert_array_equal(across.array, across.original + 0.25 * move)


def test_which_entries_move(monkeypatch):
    """All but those that are held, in the whole tensor and in a block of it."""
    held = np.array([[False, True, False], [False, False, True]])
    each = large(MIXED, monkeypatch, held)
    assert each.moved.tolist() == [0, 2, 3, 4]
    assert each.moving == 4
    assert [each.moved_in(block).tolist() for block in each.blocks()] == [[0, 2, 3], [0]]
    assert [leaf_of(MIXED).moving, *leaf_of(MIXED).moved_in(slice(4, 6))] == [6, 0, 1]


def test_a_check_takes_little_room_beside_a_large_tensor():
    """A copy of the point, which is moved; what is claimed is the array that the gradient returned."""
    n = 2_000_000
    x = np.random.default_rng(0).standard_normal(n)
    tracemalloc.start()
    report = check_gradients(lambda x: float(x @ x), x, grad=lambda x: 2 * x, neighbours=1)
    taken = tracemalloc.get_traced_memory()[1] / x.nbytes
    tracemalloc.stop()
    assert report.verdict.name == "CORRECT"
    assert taken < 2.6  # 2.3, of which 1 is the gradient; 3.3 with one more copy


@pytest.mark.parametrize(("small", "put"), [(1, 8.0), (2, 2.0**-8)])
def test_of_many_orders_each_number_is_put_elsewhere_by_its_own_size(small, put):
    """Where one in sixteen is a thousand times smaller than a typical one; a single one by chance is moved as they are.

    Zero has no size, and 1 is not far smaller than 8.
    """
    numbers = np.full(18, 8.0)
    numbers[:small], numbers[-2:] = 2.0**-8, (0.0, 1.0)
    one = leaf_of(numbers)
    assert one.reach_of(slice(None)).tolist() == [put] * small + [8.0] * (18 - small)
    assert one.reach_of(np.array([0, 17])).tolist() == [put, 8.0]
    assert one.spread_of(slice(None)).tolist() == [8.0] * 18
