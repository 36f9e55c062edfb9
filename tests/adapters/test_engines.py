"""Numbers that go back by themselves are moved, and what they say of their gradients is checked."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients

RNG = np.random.default_rng(0)
X = RNG.normal(size=3)


class Value:
    """A number that remembers what it was made of; the gradient of tanh is times a factor."""

    off = 1.0

    def __init__(self, data, made_of=(), back=lambda _: None):
        self.data, self.grad, self.made_of, self.back = data, 0.0, made_of, back

    def __add__(self, other):
        def back(g):
            self.grad += g
            other.grad += g

        return Value(self.data + other.data, (self, other), back)

    def __mul__(self, other):
        def back(g):
            self.grad += g * factor
            if isinstance(other, Value):
                other.grad += g * self.data

        factor = other.data if isinstance(other, Value) else other
        return Value(self.data * factor, (self, other) if isinstance(other, Value) else (self,), back)

    def tanh(self):
        y, off = np.tanh(self.data), self.off

        def back(g):
            self.grad += off * g * (1 - y**2)

        return Value(y, (self,), back)

    def backward(self):
        order = []

        def visit(value):
            if value not in order:
                for below in value.made_of:
                    visit(below)
                order.append(value)

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            value.back(value.grad)


class Wrong(Value):
    off = 1.01


class Neuron:
    def __init__(self, number):
        self.w, self.b = [number(0.5), number(-0.3), number(0.2)], number(0.1)
        self.w[0].grad = 2.5

    def parameters(self):
        return [*self.w, self.b]

    def __call__(self, x):
        total = self.b * 1.0
        for w, each in zip(self.w, x, strict=True):
            total = total + w * float(each)
        total.off = self.b.off
        return total.tanh()


NAMES = {"layer.b.data", "layer.w[0].data", "layer.w[1].data", "layer.w[2].data"}


def test_a_wrong_gradient_of_a_model_is_named_and_the_right_one_passes():
    """Its numbers and their gradients are afterwards as they were, and the input is held fixed."""
    assert {entry.tensor for entry in check_gradients(Neuron(Wrong), X).wrong} == NAMES
    neuron = Neuron(Value)
    report = check_gradients(neuron, X)
    assert (report.verdict, {*report.tensors}, report.name) == (Verdict.CORRECT, NAMES, "Neuron")
    assert report.notes == ("the gradient is for layer; held fixed, as data: x",)
    assert [(value.data, value.grad) for value in neuron.parameters()] == [(0.5, 2.5), (-0.3, 0), (0.2, 0), (0.1, 0)]


def test_numbers_may_be_arguments_of_a_function():
    """Beside others, which are held fixed."""

    def f(a, b, c):
        return (a * b + a * c).tanh()

    report = check_gradients(f, Value(0.3), Value(0.4), 2.0)
    assert (report.verdict, {*report.tensors}) == (Verdict.CORRECT, {"layer.a.data", "layer.b.data"})
    alone = check_gradients(lambda a: (a * a).tanh(), Value(0.3))
    assert (alone.verdict, {*alone.tensors}) == (Verdict.CORRECT, {"a.data"})

    def wrong(a, b):
        product = a * b
        product.off = 1.01
        return product.tanh()

    assert {entry.tensor for entry in check_gradients(wrong, Value(0.3), Value(0.4)).wrong} == {"a.data", "b.data"}


def test_arrays_that_go_back_are_numbers_too():
    """Whose gradient is None before the first way back."""

    class Tensor:
        def __init__(self, data, back=None):
            self.data, self.grad, self.back = np.asarray(data, dtype=float), None, back

        def cubes(self, off):
            def back(g):
                self.grad = (self.grad or 0) + off * 3 * self.data**2 * g

            return Tensor(np.sum(self.data**3), back)

        def backward(self):
            self.grad = 1.0
            self.back(self.grad)

    assert check_gradients(lambda x: x.cubes(1.0), Tensor(X)).verdict is Verdict.CORRECT
    assert check_gradients(lambda x: x.cubes(1.01), Tensor(X)).verdict is Verdict.WRONG


RESULTS = {"a plain number": lambda a: a.data, "two": lambda a: [a, a], "an array": lambda _: Value(np.ones(2))}


@pytest.mark.parametrize("f", RESULTS.values(), ids=RESULTS)
def test_what_does_not_return_one_such_number_is_told_what_to_write(f):
    """A function of the numbers themselves."""
    with pytest.raises(InputError, match=r"a Value computes its own gradient.*check_gradients\(f, x, grad=g\)"):
        check_gradients(f, Value(0.3))
