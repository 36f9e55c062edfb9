"""Is every wrong entry found by its place, and how many evaluations does that take?"""

from __future__ import annotations

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict
from gradcheck._entries.located import locate

SIZE = 4096
X = np.random.default_rng(0).uniform(0.5, 2.0, SIZE)


def searched(off, x=X):
    """Return which entries are called wrong, and how many evaluations it took to find them."""
    tested = under_test(lambda x: float(np.sum(np.sin(x) * x)), np.cos(x) * x + np.sin(x) + off, x)
    before = tested.subject.evaluations
    locate(tested)
    return np.flatnonzero(tested.columns.codes == Verdict.WRONG), tested.subject.evaluations - before


@pytest.mark.parametrize("error", [1.0, -1e-2, 1e-4, 1e-5])
@pytest.mark.parametrize("where", [0, 1234, SIZE - 1])
def test_a_single_error_is_found_by_its_place(error, where):
    """A quotient tells it to many digits; halving takes 4 evaluations twelve times."""
    off = np.zeros(SIZE)
    off[where] = error
    found, evaluations = searched(off)
    assert found.tolist() == [where]
    assert evaluations < 95 or error < 1  # a slight error is looked at long before it is called one


@pytest.mark.parametrize("count", [2, 5, 20, 100])
@pytest.mark.parametrize("seed", range(3))
def test_several_errors_are_all_found(count, seed):
    """Of any sizes and signs, wherever they lie; some hide in the halves of others."""
    rng = np.random.default_rng(seed)
    where = np.sort(rng.choice(SIZE, count, replace=False))
    off = np.zeros(SIZE)
    off[where] = rng.choice([-1, 1], count) * 10.0 ** rng.uniform(-3, 0, count)
    found, evaluations = searched(off)
    assert found.tolist() == where.tolist()
    assert evaluations < 100 * count + 500


def test_a_block_of_equal_errors_is_found_whole():
    """A row of a matrix."""
    off = np.zeros(SIZE)
    off[640:704] = 0.01
    assert searched(off)[0].tolist() == list(range(640, 704))


def test_nothing_is_found_where_nothing_is_wrong():
    """At the price of one look."""
    found, evaluations = searched(np.zeros(SIZE))
    assert found.tolist() == []
    assert evaluations == 8


def test_pairs_that_cancel_are_found():
    """Two entries exchanged: along equal signs nothing would be left of them."""
    off = np.zeros(SIZE)
    off[[7, 3000]] = 0.01, -0.01
    assert searched(off)[0].tolist() == [7, 3000]


def test_what_lies_in_one_place_is_no_jump_of_all():
    """A solver that stops early would move the others as well: its jumps are not looked for along all of the tensor."""
    tested = under_test(lambda x: float(np.sin(x).sum()), np.cos(X) * (1 + 1e-2 * (np.arange(len(X)) == 700)), X)
    assert [*locate(tested)] == [700]
    assert tested.experience.sought
    assert tested.tally.phases["second opinions"] < 250  # with those of the tensor about 450
