"""What nobody else holds is told from what somebody does."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import check_gradients
from gradcheck._model.references import unheld

KEPT = []


def fresh():
    return np.zeros(3)


def kept():
    KEPT.append(np.zeros(3))
    return KEPT[-1]


def looked_into():
    KEPT.append(np.zeros(4))
    return KEPT[-1][:3]


def of_a_buffer():
    return np.frombuffer(bytearray(24))


MADE = {
    "one of its own": (fresh, 1),
    "one that is kept": (kept, 0),
    "a part of one that is kept": (looked_into, 0),
    "one on a buffer": (of_a_buffer, 0),
    "a view of nobody's": (lambda: np.zeros((2, 3)).T[1:], 1),
    "a dict": (lambda: {"a": fresh(), "b": kept(), "c": looked_into()}, 1),
    "a tuple": (lambda: (fresh(), fresh()), 2),
    "a list": (lambda: [fresh(), kept()], 1),
    "a list in a list": (lambda: [fresh(), [fresh()], 1.0], 1),  # that one is copied
    "a matrix": (lambda: np.zeros(3).view(np.matrix), 0),
    "a number": (lambda: 2.0, 0),
}


@pytest.mark.parametrize(("make", "count"), MADE.values(), ids=MADE)
def test_arrays_that_nobody_else_holds_are_told(make, count):
    """Nor a part of them, nor the container that they are in."""
    given = [make()]
    assert len(unheld(given)) == count


def test_what_is_in_a_container_that_is_kept_is_held():
    """Whoever has the dict has the arrays."""
    own = {"a": fresh()}
    assert unheld([own]) == frozenset()


N = 200_000  # more than are copied to be safe


class Adds:
    """A gradient that is added to a buffer at every call, as a framework does, and returned as it is."""

    def __init__(self):
        self.buffer = np.zeros(N)

    def grad(self, x):
        self.buffer += np.cos(x)
        return self.buffer


def test_a_gradient_in_a_buffer_is_copied():
    """It changes with the next call: were it not, both calls would seem to give the same."""
    x = np.random.default_rng(0).standard_normal(N)
    report = check_gradients(lambda x: float(np.sin(x).sum()), x, grad=Adds().grad, neighbours=0)
    assert report.verdict.name == "BROKEN"
    assert "changes self.buffer" in " ".join(str(report).split())
