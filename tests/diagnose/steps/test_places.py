"""Are steps gathered by where they stand?"""

from __future__ import annotations

import numpy as np
import pytest
from recorded_runs import places

A, B = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[0.5, -2.0], [1.5, 4.0]])


def twice(z):
    return 2 * z


def f(a, b):
    for _ in range(3):
        a = np.tanh(a @ b)
    return np.sum(twice(a) + twice(b))


def test_a_place_is_met_in_each_turn_of_a_loop():
    """And a place in a function once for each call of it."""
    there = places(f, A, B)
    assert sorted(map(len, there.every)) == [1, 1, 1, 1, 3, 3]
    assert there.place(there.moved[0]).startswith("in a @ b (line ")


def test_the_call_is_told_where_there_are_several():
    """Of the same place in a helper."""
    there = places(f, A, B)
    helper = [there.written(group) for group in there.moved if there.steps(group)[0].name == "multiply"]
    assert [", called by twice(" in words for words in helper] == [True, True]


def test_operands_that_are_moved_are_told():
    """A constant is none; of a loop those turns in which it is moved."""

    def g(a):
        h = np.zeros(2)
        for row in B:
            h = np.tanh(h @ a + row)
        return np.sum(h)

    found = {(len(group), j, of) for group, j, of in places(g, A).operands()}
    assert {(1, 0, "h"), (2, 1, "a")} <= found


def test_earlier_values_are_found_of_which_one_is_a_function():
    """The nearest first; in each turn of a loop the same."""
    there = places(lambda a: np.sum(1 / (1 + np.exp(-a))), A)
    (group,) = (group for group in there.moved if there.steps(group)[0].name == "divide")
    found = [nodes for nodes, _ in there.inner(group, lambda x, y: x.shape == y.shape)]
    assert found[-1] == [there.record.tensors["a"]]
    assert list(there.inner(group, lambda x, y: None)) == []


@pytest.mark.parametrize(("turns", "found"), [(8, True), (9, False)])
def test_what_a_function_is_made_of_lies_eight_steps_before_at_the_most(turns, found):
    """Its argument is the output of the eighth."""

    def chain(a):
        for _ in range(turns):
            a = np.tanh(a)
        return np.sum(a)

    there = places(chain, A)
    last = there.record.steps[turns - 1]
    assert (there.record.tensors["a"] in there._near(last)) is found


def test_values_have_the_names_of_where_they_are_used():
    """The first time."""
    there = places(lambda a, b: np.sum(a @ b), A, B)
    assert [there.names[k] for k in (0, 1, 2)] == ["a", "b", "a @ b"]
