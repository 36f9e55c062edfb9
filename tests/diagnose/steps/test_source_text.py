"""Is a step told as the user wrote it?"""

from __future__ import annotations

import sys

import numpy as np
import pytest
from recorded_runs import run

from gradcheck._diagnose.steps.source_text import (
    expression,
    factor_text,
    multiplied,
    number_comes_first,
    operand_text,
    place_text,
)

A = np.array([[1.0, 2.0], [3.0, 5.0]])


def steps(f):
    return {step.name: step for step in run(f, A).steps}


@pytest.mark.parametrize(
    ("f", "name", "place", "operands", "factor"),
    [
        (lambda a: np.sum(a * A), "multiply", "a * A", ["a", "A"], "A"),
        (lambda a: np.sum(A @ np.sin(a)), "matmul", "A @ np.sin(a)", ["A", "np.sin(a)"], "np.sin(a)"),
        (lambda a: np.tanh(a - 1).sum(), "tanh", "np.tanh(a - 1)", ["a - 1"], ""),
        (lambda a: (a + 2).sum(), "sum", "(a + 2).sum()", ["a + 2"], ""),
        (lambda a: np.sum(a[0]), "getitem", "a[0]", ["a"], ""),
        (lambda a: np.sum(np.concatenate([a, a])), "concatenate", "np.concatenate([a, a])", ["[a, a]", "[a, a]"], ""),
        (lambda a: np.sum(-a), "negative", "-a", ["a"], ""),
    ],
)
def test_the_expression_is_quoted_with_its_operands(f, name, place, operands, factor):
    """And its line; of a product the other factor."""
    step = steps(f)[name]
    line = f.__code__.co_firstlineno
    assert place_text(step.calls[-1:], step.name) == f"{place} (line {line})"
    assert [operand_text(step, j) for j in range(len(operands))] == operands
    assert factor_text(step, 0) == factor


def test_what_has_no_source_is_told_by_its_name():
    """As of a function that was made of a string."""
    space = {"np": np}
    exec(compile("def f(a):\n    return np.sum(a * a)", "<nowhere>", "exec"), space)
    step = steps(space["f"])["multiply"]
    assert place_text(step.calls[-1:], step.name) == "multiply (line 2)"
    assert (operand_text(step, 0), factor_text(step, 0), expression(step.calls[-1])) == ("an operand", "", "")


def test_the_calls_that_lead_to_a_place_are_told():
    """The innermost first."""

    def half(z):
        return z / 2

    step = steps(lambda a: np.sum(half(a)))["divide"]
    assert place_text(step.calls[-2:], "").startswith("z / 2 (line ")
    assert ", called by half(a) (line " in place_text(step.calls[-2:], "")


def test_long_code_is_cut_short():
    """In the sentence; it may go over several lines."""
    step = steps(lambda a: np.sum(np.tanh(a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a + a)))[
        "tanh"
    ]
    assert place_text(step.calls[-1:], "").partition(" (line ")[0].endswith("...")
    step = steps(lambda a: np.sum(np.tanh(
        a
    )))["tanh"]  # fmt: skip
    assert expression(step.calls[-1]) == "np.tanh( a )"


class Telling:
    """Tells which array is being multiplied, when it is."""

    def dot(self):
        """Look at where it was called."""
        return multiplied(sys._getframe(1))


def test_the_array_is_known_whose_product_is_computed():
    """If it has a name, or is an attribute of what has one."""
    X = Telling()
    X.array = A
    assert X.dot() is None  # no array
    assert multiplied(sys._getframe(0)) is None  # no product


class Before:
    """Tells whether a number stands before it, when it is multiplied."""

    def __mul__(self, other):
        """Look at where the product is written."""
        return number_comes_first(sys._getframe(1))

    __rmul__ = __call__ = __mul__


def test_it_is_told_whether_a_number_stands_first():
    """As in 2 * x, or n * x where n is a number; not in x * 2, nor in a call."""
    x, n, m = Before(), 3, A
    assert 2 * x
    assert n * x
    assert not x * 2
    assert not x * n
    assert not x * m
    assert not x(2)
    space = {"x": x}
    exec(compile("told = 2 * x", "<nowhere>", "exec"), space)  # without its source nothing is known
    assert not space["told"]
