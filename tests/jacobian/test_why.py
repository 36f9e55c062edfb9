"""What is said of a matrix that is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients

X = np.array([0.5, -1.0, 2.0])
A = np.arange(9.0).reshape(3, 3) + 1


@pytest.mark.parametrize(
    ("jac", "said"),
    [
        (A.T, "J is transposed: the entry of row i and column j is the derivative of output j by input i"),
        (-A, "J: every entry is minus the measured value: the sign is wrong"),
        (A * [[1, 1, 1], [1, 3.3, 1], [1, 1, 1]], "J[1, 1] is the derivative of f[1] by x[1]"),
    ],
)
def test_the_first_sentence_is_the_cause_or_the_place(jac, said):
    """A known mistake, else the entry in the user's words."""
    assert check_gradients(lambda x: A @ x, X, jac=jac).diagnosis[0] == said


def test_entries_outside_of_a_pattern_are_named_and_counted():
    """A few, and how many more."""
    report = check_gradients(lambda x: A @ x, X, jac=(np.arange(3), np.arange(3), np.diag(A)))
    assert report.diagnosis[0] == "not zero, and outside of the sparsity pattern: J[0, 1], J[0, 2], J[1, 0] and 3 more"
    assert len(report.wrong) == 6


def test_of_a_right_one_nothing_is_said():
    """There is no diagnosis."""
    assert check_gradients(lambda x: A @ x, X, jac=A).diagnosis == ()


def test_a_factor_of_an_entry_is_read_as_a_number_that_the_function_sees():
    """A step of time that is forgotten, before any number that it happens to be."""
    dt = 0.01

    def step(x):
        return np.array([x[0] + dt * x[1], x[1] + dt * x[2], x[2]])

    right = np.array([[1, dt, 0], [0, 1, dt], [0, 0, 1]])
    assert check_gradients(step, X, jac=right).verdict is Verdict.CORRECT
    said = check_gradients(step, X, jac=np.where(right == dt, 1, right)).diagnosis[0]
    assert "1/dt, with dt = 0.01, which is forgotten, or taken twice" in said


def test_a_factor_at_a_neighbour_is_read_with_the_numbers_of_that_point():
    """Where the amplitude is 1 nothing is wrong."""
    t = np.linspace(0, 3, 7)

    def jac(p):
        return np.column_stack([np.exp(p[1] * t), t * np.exp(p[1] * t)])

    report = check_gradients(lambda p: p[0] * np.exp(p[1] * t), [1.0, -0.7], jac=jac)
    assert "1/p[0], with p[0] = " in report.diagnosis[0]
