"""Is it plain what an experiment without something holds?"""

from __future__ import annotations

import dataclasses

import pytest

from gradcheck._model.undone import Undone


def test_it_is_a_sentence_and_a_way_to_test_it():
    """Nobody changes it."""
    one = Undone("it would be right without it", lambda: {"x": 1})
    assert one.gradient() == {"x": 1}
    assert one.tensors == frozenset()
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.sentence = "another"
