"""Is a run recorded from its tensors to its result?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from recorded_runs import names, run, way

from gradcheck._diagnose.steps import run_record
from gradcheck._diagnose.steps.recorded_array import Recorded
from gradcheck._diagnose.steps.run_record import RunRecord, recorded

A = np.array([[1.0, 2.0], [3.0, 5.0]])
MADE = np.array, np.asarray, np.zeros, np.empty


def test_the_result_is_known_again_by_its_numbers():
    """A number that left NumPy; parts of an output one after another."""
    assert run(lambda a: float(np.sum(a * a)), A).result == (2,)
    record = RunRecord()
    y = recorded(lambda a: [a[0] * 2, a[1] * 3], record.given("a", A), record)
    flat = np.concatenate([np.asarray(part) for part in y])
    assert record.returned(flat, [slice(0, 2), slice(2, 4)])
    assert [record.values[k].tolist() for k in record.result] == [[2.0, 4.0], [9.0, 15.0]]


def test_a_result_that_was_never_seen_is_unknown():
    """As of a function that leaves NumPy."""
    record = RunRecord()
    y = recorded(lambda a: sum(value * value for row in a.tolist() for value in row), record.given("a", A), record)
    assert not record.returned(y, ())


def test_rows_that_were_put_into_a_plain_array_are_known_again():
    """If the array was there before."""
    rows = np.zeros((3, 2))

    def f(a):
        for t in range(2):
            rows[t + 1] = np.tanh(a[t])
        return np.sum(a * rows[1:])

    assert "stack" in names(run(f, A))
    right = np.tanh(A) + A * (1 - np.tanh(A) ** 2)
    np.testing.assert_allclose(way(f, A).gradients({})["a"], right, rtol=1e-8)


@pytest.mark.parametrize(("limit", "value"), [("STEPS", 2), ("ENTRIES", 8)])
def test_a_long_run_is_not_recorded_to_its_end(monkeypatch, limit, value):
    """What is missing shows in the gradient."""
    monkeypatch.setattr(run_record, limit, value)
    record = RunRecord()
    recorded(lambda a: np.sum(a * a * a), record.given("a", A), record)
    assert len(record.steps) <= 2


def test_numpy_is_as_before_afterwards():
    """Whatever the function raised."""
    record = RunRecord()
    with pytest.raises(ZeroDivisionError):
        recorded(lambda a: 1 / 0, record.given("a", A), record)
    assert (np.array, np.asarray, np.zeros, np.empty) == MADE
    assert record.closed


def test_other_threads_get_arrays_of_numpy_meanwhile():
    """What they make is in no record."""
    record = RunRecord()
    with ThreadPoolExecutor(1) as pool:
        kinds = recorded(lambda a: [type(np.zeros(2)), pool.submit(lambda: type(np.zeros(2))).result()], A, record)
    assert kinds == [Recorded, np.ndarray]


def test_data_with_the_numbers_of_a_tensor_are_data():
    """As of an autoencoder, whose input is its target."""
    np.testing.assert_allclose(way(lambda a: np.sum(np.sin(a) * A), A).gradients({})["a"], np.cos(A) * A, rtol=1e-8)


@pytest.mark.parametrize(("numbers", "known"), [([1.0, 2.0], True), ([1.0], False), ([0.0, 0.0], False)])
def test_an_array_is_known_again_by_numbers_that_differ(numbers, known):
    """One number may be anybody's, and so are zeros."""
    record = RunRecord()
    record._recognise(np.array(numbers), 5)
    assert bool(record._known) is known


def test_a_product_that_asks_nobody_is_seen_late():
    """X.dot(W): by its numbers, with the places of both in the source."""
    X = np.array([[1.0, 2.0], [-1.0, 3.0], [0.5, 1.5]])
    (step,) = (step for step in run(lambda a: np.sum(X.dot(a) * 2.0), A).steps if step.name == "dot")
    assert step.arguments == (0, 1)
    np.testing.assert_allclose(step.function([X, A]), X @ A)
