"""What does the user's function see? Names of arguments, arrays in closures, and sizes that a factor may equal."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from gradcheck._adapters.choose import choose
from gradcheck._adapters.introspect import argument_names, arrays, numbers, sizes
from gradcheck._options import Options

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 2))
W = RNG.normal(size=(2, 4))
TABLE = np.arange(6.0).reshape(2, 3)
FOUR = np.full(4, 2.0)


def test_what_a_function_sees_is_found_by_name():
    """Closures, globals, defaults, attributes and what a partial function binds; the arrays of the point are not."""
    hidden, held = np.ones(2), type("Held", (), {})()
    held.mean = np.zeros(3)

    def f(x, kept=FOUR):
        return x @ hidden + TABLE.sum() + kept.sum() + held.mean.sum()

    found = arrays([f], {"x": X})
    assert {name: array.shape for name, array in found.items()} == {
        "hidden": (2,),
        "TABLE": (2, 3),
        "kept": (4,),
        "held.mean": (3,),
    }
    assert {*arrays([f], {"x": hidden})} == {"TABLE", "kept", "held.mean"}
    assert {*arrays([functools.partial(np.dot, X)], W)} <= {"a", "x"}
    assert arrays([len], X) == {}


def test_the_first_axes_that_agree_are_the_batch():
    """And the others have names of their own."""
    assert sizes({"x": X, "n": 3}, {}) == {
        "the batch size": 3,
        "the first axis of x": 3,
        "axis 1 of x": 2,
        "the number of entries of x": 6,
    }
    shared = sizes({"x": X, "w": W}, {"labels": np.arange(3)})
    assert shared["the batch size, the first axis of x and labels"] == 3
    assert shared["the first axis of w"] == 2


@pytest.mark.parametrize(
    ("f", "count", "names"),
    [
        (lambda a, b: a, 2, ["a", "b"]),
        (lambda a, b=2: a, 1, ["a"]),
        (lambda *args: args, 1, ["x"]),
        (lambda *args: args, 2, ["x0", "x1"]),
        (lambda a, *rest: a, 3, ["x0", "x1", "x2"]),
        (lambda a, *, b: a, 1, ["a"]),
        (max, 1, ["x"]),
    ],
)
def test_arguments_have_the_names_of_the_signature(f, count, names):
    """Or x, or x0, x1, ... where it has none."""
    assert argument_names(f, count) == names


def test_the_batch_size_is_known():
    """To those who explain a wrong factor; not where the arguments disagree on one."""
    options = Options(vjp=lambda *a: a)
    assert next(iter(choose(lambda x: x, (X,), options).sizes.items())) == ("the batch size", 3)
    assert not any("batch" in name for name in choose(lambda x, w: x @ w, (X, W), options).sizes)


def test_a_number_in_an_array_has_no_first_axis():
    """A count or a rate that is given as one counts as any other argument."""
    options = Options(grad=lambda x, n: n * x)
    assert choose(lambda x, n: n * x @ x / 2, (X[0], np.array(3)), options).sizes


def test_a_number_in_a_row_of_a_table_is_no_setting():
    """As an index is none; one in a list may be."""
    table, size, rate = [(0, 1), (2, 2)], (3, 3), 0.5
    assert numbers([lambda x: x * table[0][0] + size[0] * rate]) == {"size[0]": 3, "size[1]": 3, "rate": 0.5}
