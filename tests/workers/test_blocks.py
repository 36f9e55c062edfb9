"""A block is some entries; what becomes of it says of which it is, and what was raised meanwhile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from points import POINT, gradient, value

from gradcheck import Oracle
from gradcheck._model.subject import Subject
from gradcheck._workers.blocks import BLOCKS, SMALLEST, Block, blocks_of, done


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
    assert found.answers(block)
    assert not found.answers(replace(block, number=2))
    assert not found.answers(replace(block, flat=np.array([0])))


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
