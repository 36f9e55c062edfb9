"""A function that was made inside of another is called by its own name; of many things the first are named."""

from __future__ import annotations

import pytest

from gradcheck._results.names import few_of, plain_name, without_locals


def made():
    class Layer:
        def forward(self):
            return self

    def loss():
        return 0.0

    return loss, Layer, lambda: 0.0


LOSS, LAYER, NAMELESS = made()


@pytest.mark.parametrize(
    ("thing", "name"),
    [(LOSS, "loss"), (LAYER, "Layer"), (LAYER.forward, "Layer.forward"), (NAMELESS, "<lambda>"), (LAYER(), "Layer")],
)
def test_a_name_tells_no_function_around_it(thing, name):
    """But the class that a method is of."""
    assert plain_name(thing) == name


@pytest.mark.parametrize("name", ["", "sin", "Dense.forward", "the gradient of f", "f(<lambda>)"])
def test_other_names_stay(name):
    """As they are."""
    assert without_locals(name) == name


def test_a_sentence_loses_them_too():
    """Such as what Python says of a call."""
    said = "test_it.<locals>.<lambda>.<locals>.f() takes 1 argument, a.<locals>.b() two"
    assert without_locals(said) == "f() takes 1 argument, b() two"


@pytest.mark.parametrize(
    ("names", "said"),
    [("", ""), ("a", "a"), ("abc", "a, b, c"), ("abcd", "a, b, c and 1 more"), ("abcdefg", "a, b, c and 4 more")],
)
def test_of_many_names_three_are_told(names, said):
    """And how many more there are."""
    assert few_of([*names]) == said
    assert few_of([*names], 10) == ", ".join(names)
