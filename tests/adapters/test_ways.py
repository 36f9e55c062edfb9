"""The ways of a layer, and what users call the two of a network."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError
from gradcheck._adapters.ways import AHEAD, BACK, methods, of_layer, one_number


class Scale:
    def forward(self, x, y):
        return x * y

    def backward(self, dy=1.0):
        return dy

    def backpropagate(self):
        return None


def test_a_layer_is_called_with_its_inputs_and_its_way_back_with_the_cotangent_alone():
    """It may begin at a number, if its cotangent has a default."""
    ways = of_layer(Scale(), (2.0, 3.0))
    assert (ways.value(2.0, 3.0), ways.back(2.0, 3.0, 5.0), ways.back(2.0, 3.0)) == (6.0, 5.0, 1.0)
    assert (ways.inputs, ways.names, ways.begins, ways.taking) == (["x", "y"], ("forward", "backward"), True, True)
    with pytest.raises(InputError, match=r"Scale was given no input; write check_gradients\(Scale\(\.\.\.\), x\)"):
        of_layer(Scale(), ())


@pytest.mark.parametrize(
    ("called", "names"),
    [
        (AHEAD, "forward feed_forward feedforward forward_prop forwardPass L_model_forward fprop predict __call__"),
        (BACK, "backward backwards backprop back_prop backPropagation backward_pass L_model_backward bprop"),
    ],
)
def test_the_two_ways_have_many_names(called, names):
    """However they are spelt; other methods have others."""
    thing = type("Thing", (), {name: lambda _: None for name in [*names.split(), "fit", "forwarded", "backup"]})()
    assert {f.__name__ for f in methods(thing, called)} == {"<lambda>"}
    assert len(methods(thing, called)) == len(names.split())


def test_methods_come_in_the_order_in_which_they_are_asked_for():
    """The shorter name first."""
    assert [f.__name__ for f in methods(Scale(), BACK, AHEAD)] == ["backward", "backpropagate", "forward"]


def test_an_array_of_one_is_a_number():
    """And nothing else is changed."""
    assert one_number(np.array([[3.0]])) == 3.0
    assert one_number(np.ones(2)).shape == (2,)
    assert one_number("x") == "x"
