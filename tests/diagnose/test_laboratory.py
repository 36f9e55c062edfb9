"""The laboratory: a function with one thing changed, and all that a mistake may want to have measured."""

from __future__ import annotations

import inspect

import numpy as np

from gradcheck._diagnose.experiments import Lab
from gradcheck._diagnose.laboratory import Laboratory, Variant


def test_a_variant_that_changes_nothing_is_the_function():
    """It is called once, at the given point, and its only output is the output."""
    same = Variant("as it is")
    point = {"x": np.ones(2)}
    assert same.points(point) == [point]
    assert same.join([point["x"]]) is point["x"]
    assert (same.sign, same.calls) == (1.0, 1)


def test_the_laboratory_of_a_check_offers_all_that_may_be_asked():
    """With the arguments that are promised."""
    for name, promised in inspect.getmembers(
        Laboratory, lambda member: callable(member) or isinstance(member, property)
    ):
        if name.startswith("_"):
            continue
        offered = getattr(Lab, name)
        if inspect.isfunction(promised):
            assert list(inspect.signature(offered).parameters) == list(inspect.signature(promised).parameters), name
