"""Which columns move at once: those that share no row."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._jacobian.groups import groups
from gradcheck._model.questions import Entries


def pattern(matrix):
    rows, columns = np.nonzero(matrix)
    return Entries(rows, columns, np.ones(len(rows)), matrix.shape)


def banded(n, width):
    return np.abs(np.subtract.outer(np.arange(n), np.arange(n))) <= width


@pytest.mark.parametrize(
    ("matrix", "count"),
    [
        (banded(30, 1), 3),
        (banded(30, 2), 5),
        (np.eye(9), 1),
        (np.ones((3, 4)), 4),
        (np.vstack([np.eye(8), np.ones(8)]), 8),
        (np.zeros((3, 4)), 1),
    ],
)
def test_as_many_as_a_row_has_entries(matrix, count):
    """Each column stands in one group, and no two of a group share a row."""
    found = groups(pattern(matrix))
    assert len(found) == count
    assert sorted(np.concatenate(found)) == [*range(matrix.shape[1])]
    assert all((matrix[:, group].sum(axis=1) <= 1).all() for group in found)


def test_the_better_order_counts():
    """An arrow whose full column comes last takes two groups, not one for each column."""
    arrow = np.eye(10, dtype=bool)
    arrow[:, -1] = True
    assert len(groups(pattern(arrow))) == 2


def test_a_full_matrix_has_every_column_alone():
    """There is nothing to save."""
    assert len(groups(Entries.full(np.eye(4)))) == 4
