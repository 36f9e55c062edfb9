"""Each block is answered once, in turn and as it is here; whatever else comes back is refused with a sentence."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import replace

import numpy as np
import pytest
from waves import X, one_off, slope, waves

from gradcheck import InputError, check_gradients
from gradcheck._render.faces import render


class InTurn(Executor):
    """The least that `concurrent.futures` asks of an executor."""

    def submit(self, f, /, *args, **keywords):
        future = Future()
        future.set_result(f(*args, **keywords))
        return future


class Answering:
    """A pool whose map answers as it likes."""

    def __init__(self, answer):
        self.answer = answer

    def map(self, task, blocks):
        return self.answer([task(block) for block in blocks])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda done: done[:-1], "answered 3 of the 4 blocks"),
        (lambda done: [], "answered 0 of the 4 blocks"),
        (lambda done: done + done[:1], "answered more than the 4 blocks"),
        (lambda done: done[::-1], "answered block 3 where block 0 was due"),
        (lambda done: [done[0], *done[:3]], "answered block 0 where block 1 was due"),
        (lambda done: [None] * 4, "answered NoneType where a block was to be done"),
        (lambda done: [0.0, *done], "answered float where a block was to be done"),
        (lambda done: [replace(done[0], taken=done[0].taken[:, 1:]), *done[1:]], "answered block 0 where block 0"),
    ],
)
def test_a_map_that_answers_something_else_is_refused(answer, message):
    """Short, long, in another order, twice, or garbage: never a number in the wrong place."""
    with pytest.raises(InputError, match=rf"workers=<Answering>: its map {message}.*; write a map that answers once"):
        check_gradients(waves, X, grad=slope, workers=Answering(answer))


def test_a_map_may_answer_futures():
    """As a client of Dask does, and an executor of which somebody wraps `submit`."""

    class Submitting:
        def map(self, task, blocks):
            return [InTurn().submit(task, block) for block in blocks]

    serial = render(check_gradients(waves, X, grad=one_off), "json")
    assert render(check_gradients(waves, X, grad=one_off, workers=Submitting()), "json") == serial


class Absent:
    """A function that raises wherever it is unpickled, away from the given point."""

    def __init__(self, home=True):
        self.home = home

    def __call__(self, x):
        if not self.home and not np.array_equal(x, X):
            msg = "table.csv"
            raise FileNotFoundError(msg)
        return waves(x)

    def __reduce__(self):
        return Absent, (False,)


def test_a_worker_that_only_raises_is_no_edge_of_a_domain():
    """It lacks what is here: that is said, and not found by ten times the evaluations."""
    calls = []

    class Counted(Absent):
        def __call__(self, x):
            calls.append(1)
            return super().__call__(x)

    with pytest.raises(InputError, match=r"in a worker, and not here, the function raised FileNotFoundError: t"):
        check_gradients(Counted(), X, grad=slope, workers=Answering(list))
    assert len(calls) < 200


def test_what_raises_here_too_is_counted_as_it_is_without_workers():
    """An edge of the domain is one everywhere; the report is the same, with what was raised."""
    serial = render(check_gradients(roots, np.append(X, 1e-9), grad=of_roots), "json")
    shared = render(check_gradients(roots, np.append(X, 1e-9), grad=of_roots, workers=2), "json")
    assert "the function raised ValueError: below zero" in serial
    assert shared == serial


def roots(x):
    if np.any(x[-1] < 0):
        msg = "below zero"
        raise ValueError(msg)
    return float(np.sin(x[:-1]).sum() + x[-1] ** 1.5)


def of_roots(x):
    return np.append(np.cos(x[:-1]), 1.5 * x[-1] ** 0.5)
