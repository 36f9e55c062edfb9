"""Is a function one of each entry by itself? Then its derivative is a gradient, entry by entry."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError, assert_gradients, check_gradients
from gradcheck._adapters.elementwise import NOTE, pullback
from gradcheck._options import Options
from gradcheck._results.verdict import Verdict

RNG = np.random.default_rng(0)
X = RNG.normal(size=5)


def squash(x):
    """Return a tanh, entry by entry."""
    return np.tanh(x)


def test_a_wrong_derivative_is_found_element_by_element_and_the_right_one_passes():
    """Of any shape; the report says how it was read."""
    report = check_gradients(squash, X, grad=lambda x: 1 - np.tanh(x))
    assert (report.verdict, len(report.wrong)) == (Verdict.WRONG, 5)
    report = assert_gradients(squash, X.reshape(5, 1), grad=lambda x: 1 - np.tanh(x) ** 2)
    assert NOTE in report.notes


def test_of_several_arguments():
    """A tuple, of which a number is summed over the entries; or that of the first alone."""

    def slopes(x, y, k):
        return k * np.sin(y), k * x * np.cos(y), x * np.sin(y)

    def f(x, y, k):
        return k * x * np.sin(y)

    assert_gradients(f, X, X + 1, 2.0, grad=slopes)
    report = check_gradients(f, X, X + 1, 2.0, grad=lambda x, y, k: (np.sin(y), *slopes(x, y, k)[1:]))
    assert {name for name, t in report.tensors.items() if t.wrong} == {"x"}
    assert_gradients(f, X, X + 1, 2.0, grad=lambda _, y, k: k * np.sin(y))


@pytest.mark.parametrize(
    "f",
    [lambda x: np.exp(x) / np.exp(x).sum(), np.cumsum, lambda x: x[::-1], lambda x: x - x.mean()],
    ids=["softmax", "cumsum", "turned round", "centred"],
)
def test_a_function_whose_outputs_hear_of_other_entries_is_refused(f):
    """It has no derivative element by element, and the message says what to write."""
    with pytest.raises(InputError, match="where a scalar is promised"):
        check_gradients(f, X, grad=np.ones_like)
    assert pullback(f, (X,), Options(grad=np.ones_like)) is None


def test_one_number_is_a_scalar_and_takes_no_further_call():
    """Nothing is called more often than before."""
    calls = []
    assert_gradients(lambda x: calls.append(0) or np.tanh(x).sum(), X, grad=lambda x: 1 - np.tanh(x) ** 2)
    report = check_gradients(lambda x: np.tanh(x).sum(), X, grad=lambda x: 1 - np.tanh(x) ** 2)
    assert len(calls) == report.evaluations
    assert NOTE not in report.notes
