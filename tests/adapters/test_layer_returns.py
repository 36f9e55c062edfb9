"""Layers whose way back returns the gradients of their parameters, or keeps them in one container."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3))
SQUARE = RNG.normal(size=(3, 3))


class Layer:
    """x W + b, the gradient of b times a factor; what is returned is for a subclass to say."""

    def __init__(self, off=1.0, n=3, m=2):
        rng = np.random.default_rng(n + m)
        self.W, self.b, self.off = rng.normal(size=(n, m)), rng.normal(size=m), off

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        return self.given(dy @ self.W.T, self.x.T @ dy, self.off * dy.sum(axis=0))


@dataclasses.dataclass
class Gradients:
    x: np.ndarray
    W: np.ndarray
    b: np.ndarray


RETURNED = {
    "a tuple": lambda *g: g,
    "a list": lambda *g: [*g],
    "in another order": lambda dx, dW, db: (db, dW, dx),
    "a dict of dx, dW, db": lambda dx, dW, db: {"dx": dx, "dW": dW, "db": db},
    "a dict of the names": lambda dx, dW, db: {"x": dx, "W": dW, "b": db},
    "a dict without x": lambda _, dW, db: {"dW": dW, "db": db},
    "a pair with a dict": lambda dx, dW, db: (dx, {"W": dW, "b": db}),
    "a pair with a tuple": lambda dx, dW, db: (dx, (dW, db)),
    "without dx": lambda _, dW, db: (dW, db),
    "a record": Gradients,
}


def returning(how, off=1.0):
    layer = Layer(off)
    layer.given = how
    return layer


@pytest.mark.parametrize("how", RETURNED.values(), ids=RETURNED)
def test_a_wrong_gradient_that_is_returned_is_named_and_the_right_one_passes(how):
    """By its name in a dict, or by its shape."""
    assert {entry.tensor for entry in check_gradients(returning(how, 1.01), X).wrong} == {"b"}
    report = check_gradients(returning(how), X)
    assert report.verdict is Verdict.CORRECT
    assert {"W", "b"} <= {*report.tensors}


class Named(Layer):
    def backward(self, dy):
        dx, dW, db = dy @ self.W.T, self.x.T @ dy, self.off * dy.sum(axis=0)
        return dx, dW, db


class Unnamed(Layer):
    def backward(self, dy):
        return dy @ self.W.T, self.x.T @ dy, self.off * dy.sum(axis=0)


def test_names_of_variables_tell_what_shapes_do_not():
    """Where a weight has the shape of the input."""
    assert {entry.tensor for entry in check_gradients(Named(1.01, 3, 3), SQUARE).wrong} == {"b"}
    assert check_gradients(Named(1.0, 3, 3), SQUARE).verdict is Verdict.CORRECT
    with pytest.raises(InputError, match=r"Unnamed.backward returned 2 gradients, each of which may be for x or W, of"):
        check_gradients(Unnamed(1.0, 3, 3), SQUARE)


REFUSED = {
    "something else too": (
        lambda dx, dW, db: {"dx": dx, "dW": dW, "db": db, "dz": dx @ dW},
        r"an array of shape \(5, 2\), dz, that fits no parameter; return them by name, {'x': dx, 'W': dW, ",
    ),
    "one too many": (
        lambda dx, dW, db: (dx, dW, db, dW),
        "2 gradients, each of which may be for W, of the same shape; .* self.dW besi",
    ),
    "values of a dict": (
        lambda dx, dW, _: {"dx": dx, "dW": dW}.values(),
        "a dict_values, in which no gradient is seen",
    ),
}


@pytest.mark.parametrize(("how", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_returned_and_cannot_be_told_is_refused(how, said):
    """With what to return."""
    with pytest.raises(InputError, match=f"Layer.backward returned {said}"):
        check_gradients(returning(how), X)


def test_a_gradient_that_is_left_out_is_said():
    """Its parameter is held fixed."""
    report = check_gradients(returning(lambda dx, dW, _: {"dx": dx, "dW": dW}), X)
    assert report.verdict is Verdict.CORRECT
    assert any(note.startswith("held fixed, as backward") and note.endswith(": b") for note in report.notes)


def test_what_is_returned_counts_where_another_gradient_is_left():
    """Which is said; where it is the same, nothing is."""

    class Both(Layer):
        def __init__(self, off, beside):
            super().__init__(off)
            self.beside = beside

        def backward(self, dy):
            dx, dW, db = dy @ self.W.T, self.x.T @ dy, self.off * dy.sum(axis=0)
            self.dW, self.db = dW, self.beside * db
            return dx, dW, db

    assert {entry.tensor for entry in check_gradients(Both(1.01, 1 / 1.01), X).wrong} == {"b"}
    report = check_gradients(Both(1.0, 2.0), X)
    assert report.verdict is Verdict.CORRECT
    assert [note for note in report.notes if "than it returns" in note] == [
        "backward leaves other gradients than it returns, which are those that were looked at: b"
    ]
    assert check_gradients(Both(1.0, 1.0), X).notes == ()


def test_a_gradient_of_another_shape_than_its_parameter_is_judged_as_such():
    """Its name tells what it is for."""
    with pytest.raises(InputError, match=r"the gradient of W has shape \(2, 3\) where W has \(3, 2\)"):
        check_gradients(returning(lambda dx, dW, db: {"dx": dx, "dW": dW.T, "db": db}), X)


def test_a_way_back_may_return_the_gradient_of_its_parameter_alone():
    """As of an embedding, whose input are indices."""

    class Embedding:
        def __init__(self, off=1.0):
            self.table, self.off = np.random.default_rng(1).normal(size=(4, 2)), off

        def forward(self, rows):
            self.rows = rows
            return self.table[rows]

        def backward(self, dy):
            gradient = np.zeros_like(self.table)
            np.add.at(gradient, self.rows, dy)
            return self.off * gradient

    rows = np.array([0, 2, 2])
    assert {entry.tensor for entry in check_gradients(Embedding(1.01), rows).wrong} == {"table"}
    assert check_gradients(Embedding(), rows).verdict is Verdict.CORRECT


class Two(Layer):
    """Two layers in lists; the gradients of all are kept together."""

    def __init__(self, off, keep):
        first, second = Layer(off, 3, 4), Layer(1.0, 4, 2)
        self.weights, self.biases = [first.W, second.W], [first.b, second.b]
        self.off, self.keep = off, keep

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.weights[0] + self.biases[0])
        return self.h @ self.weights[1] + self.biases[1]

    def backward(self, dy):
        dh = dy @ self.weights[1].T * (1 - self.h**2)
        self.grads = self.keep(self.x.T @ dh, self.off * dh.sum(axis=0), self.h.T @ dy, dy.sum(axis=0))
        return dh @ self.weights[0].T


TOGETHER = {
    "pairs": lambda a, b, c, d: [(a, b), (c, d)],
    "two lists": lambda a, b, c, d: ([a, c], [b, d]),
    "dicts": lambda a, b, c, d: [{"dW": a, "db": b}, {"dW": c, "db": d}],
    "numbered": lambda a, b, c, d: {"dW1": a, "db1": b, "dW2": c, "db2": d},
}


@pytest.mark.parametrize("keep", TOGETHER.values(), ids=TOGETHER)
def test_gradients_in_one_container_are_found(keep):
    """By the order in which they stand."""
    assert {entry.tensor for entry in check_gradients(Two(1.01, keep), X).wrong} == {"layer.biases[0]"}
    report = check_gradients(Two(1.0, keep), X)
    assert report.verdict is Verdict.CORRECT
    assert len(report.tensors) == 5


def test_a_container_of_something_else_is_not_read():
    """What has no gradient then is named, as held fixed."""
    report = check_gradients(Two(1.0, lambda a, b, c, d: [(a, b), (c, d), (c, c)]), X)
    assert {*report.tensors} == {"x"}
    assert "weights[0], weights[1], biases[0], biases[1]" in str(report.notes)
