"""A block is some entries; what becomes of it says of which it is, and what was raised meanwhile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from points import POINT, gradient, value

from gradcheck import Oracle
from gradcheck._model.subject import Subject
from gradcheck._workers.blocks import BLOCKS, SMALLEST, Block, Places, Stand, blocks_of, done


@pytest.mark.parametrize(
    ("entries", "blocks"), [(0, 1), (SMALLEST, 1), (2 * SMALLEST, 2), (2 * SMALLEST + 1, 2), (10**9, BLOCKS)]
)
def test_a_block_is_worth_the_while(entries, blocks):
    """No less than sixteen entries, and no more than 32 blocks."""
    assert blocks_of(entries) == blocks


@pytest.fixture
def subject():
    return Subject.of(Oracle(POINT, value, gradient), promote=False).settled()


def test_what_was_evaluated_is_that_of_the_subject(subject):
    """Bit for bit, with the value at the point."""
    path = next(iter(subject.leaves))
    block = Block(3, path, np.array([0, 1]), np.array([1e-3, 1e-4]))
    found = done(subject, block)
    assert np.array_equal(found.taken, subject.both_ways(path, block.flat, block.steps))
    assert found.value == float(np.sum(subject.base))
    assert (found.raised, found.trouble) == (0, "")
    assert found.whole(block)
    assert not found.whole(replace(block, flat=np.array([0])))


@pytest.mark.parametrize("kind", ["entry", "direction"])
def test_places_on_a_line_are_those_of_where_it_stands(subject, kind):
    """At the point and beside it, along an entry and along a direction: bit for bit, and everything is put back."""
    path, leaf = next(iter(subject.leaves.items()))
    before, move = leaf.array.copy(), np.linspace(1, 2, leaf.array.size).reshape(leaf.array.shape)
    along = (path, 1) if kind == "entry" else {path: move}

    def on(subject):
        line = subject.entry(leaf, 1) if kind == "entry" else subject.direction({path: move})
        return np.array([line(t) for t in (0.5, -0.25)]).T

    here = on(subject)
    with subject.at([(path, 0.1 * move)]) as beside:
        settled = beside.settled()
        there, stand = on(settled), Stand.of(settled, subject)
    assert not np.array_equal(here, there)
    assert stand.size == leaf.array.size + 1
    for numbers, where in ((here, Stand.of(subject, subject)), (there, stand)):
        block = Places(0, where, along, (0.5, -0.25))
        found = done(subject, block)
        assert np.array_equal(found.taken, numbers)
        assert found.whole(block)
        assert not found.whole(replace(block, places=(0.5,)))
        assert np.array_equal(leaf.array, before)


def test_what_was_raised_is_counted(subject):
    """And the first of it is said, in the words of a check without workers."""

    def refusing(_point):
        msg = "nowhere"
        raise ArithmeticError(msg)

    path = next(iter(subject.leaves))
    elsewhere = replace(subject, oracle=replace(subject.oracle, value=refusing))
    found = done(elsewhere, Block(0, path, np.array([0]), np.array([1e-3])))
    assert found.raised == 2
    assert found.trouble == "the function raised ArithmeticError: nowhere"
    assert np.isnan(found.taken[1]).all()


@pytest.mark.parametrize(
    "block", [Block(0, "x", np.array([0]), np.array([2.0])), Places(0, Stand(), ("x", 0), (-2.0,))]
)
def test_a_block_warns_of_nothing(block):
    """As nothing is warned of in the process that gives it out: a step may lead out of the domain."""
    oracle = Oracle({"x": np.ones(2)}, lambda p: np.sum(np.log(p["x"])), lambda p: {"x": 1 / p["x"]})
    found = done(Subject.of(oracle, promote=False).settled(), block)
    assert np.isnan(found.taken).any()
    assert found.raised == 0  # no warning was made an exception
