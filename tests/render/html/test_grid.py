"""A tensor laid flat and made small: no wrong entry is lost in a crowd."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict
from gradcheck._render.html.grid import CELLS, cell_of, grid, laid_flat


def test_a_wrong_entry_stands_for_its_block(tensor):
    """Though a right neighbour is far larger: all three pictures show the guilty one."""
    made = tensor(shape=(4 * CELLS, 3), verdict=Verdict.WRONG, claim=2.0, estimate=1.0)
    made.claims[made.checked // 2 + 3] = made.estimates[made.checked // 2 + 3] = 1e6
    shown = grid(made)
    assert shown.pooled
    ((row, column),) = np.argwhere(shown.guilty)
    assert (row, column) == (CELLS // 2, 0)
    assert (shown.claims[row, column], shown.estimates[row, column], shown.differences[row, column]) == (2, 1, 1)


def test_what_is_not_finite_is_larger_than_all(tensor):
    """Nobody overlooks a nan."""
    made = tensor(shape=(1, 2 * CELLS))
    made.claims[1] = np.nan
    assert np.isnan(grid(made).claims[0, 0])
    assert np.isfinite(grid(made).estimates).all()


@pytest.mark.parametrize(
    ("shape", "size"), [((), (1, 1)), ((5,), (1, 5)), ((2, 3), (2, 3)), ((2, 3, 4), (2, 12)), ((0, 3), (0, 3))]
)
def test_the_first_axis_goes_down_and_the_others_across(shape, size):
    """A vector lies across."""
    assert laid_flat(shape) == size


def test_a_small_tensor_is_shown_entry_by_entry(tensor):
    """What was not checked is not there."""
    made = tensor(shape=(2, 3), checked=4)
    shown = grid(made)
    assert not shown.pooled
    assert shown.checked.tolist() == [[True] * 3, [True, False, False]]
    assert np.isnan(shown.claims[1, 1:]).all()
    row, column = cell_of(np.arange(6), (2, 3), (2, 3))
    assert [*zip(row, column, strict=True)] == [*np.ndindex(2, 3)]
