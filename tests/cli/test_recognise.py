"""What can be checked, and what makes it when it is called, are told from anything else."""

from __future__ import annotations

import functools

import pytest

from gradcheck._cli.recognise import is_case, is_recipe


def with_argument(x):
    return x


def without(x=1):
    return x


class Callable:
    def __call__(self):
        return 1

    def method(self):
        return 1


@pytest.mark.parametrize(
    "value", [with_argument, Callable, Callable(), 3, "text", max, functools.partial(without, 1, 2)]
)
def test_what_wants_arguments_or_is_no_function_is_no_recipe(value):
    """A class is not called, nor an object that could be."""
    assert not is_recipe(value)


@pytest.mark.parametrize("value", [without, Callable().method, functools.partial(with_argument, 1), lambda: 1])
def test_a_function_without_arguments_is_a_recipe(value):
    """So are a method and a partial; a default is no argument."""
    assert is_recipe(value)


@pytest.mark.parametrize("value", [(), [], {}, 3, "text", {"a": 1}, {"a": (1,), "b": 2}])
def test_what_holds_no_model_is_no_case(value):
    """Nothing, or a dict of which a value is none."""
    assert not is_case(value)


@pytest.mark.parametrize("value", [(1,), [1, 2], {"model": 1}, {"a": (1,), "b": [{"model": 1}]}])
def test_a_model_with_its_inputs_is_a_case(value):
    """As a tuple or a dict, or several by name."""
    assert is_case(value)
