"""What do NumPy's users hand in? Layers, networks and functions go to those who know them; all else is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._adapters.plain import oracle
from gradcheck._options import Options
from gradcheck.networks import Dense, MeanSquaredError, Tanh

X = np.ones((2, 3))
DENSE = Dense(np.ones((3, 2)), np.zeros(2))


class Net:
    def __init__(self):
        self.params = {"W": np.ones(3)}

    def loss(self, x):
        return float(np.sum(x @ self.params["W"])), {"W": x.sum(axis=0)}


class Learns:
    def forward(self, x):
        return x

    def backward(self, dy, rate):
        return dy * rate


class Classifier:
    def __init__(self):
        self.W, self.b, self.name, self.sizes = np.ones((3, 2)), np.zeros(2), "linear", np.arange(3)

    def loss(self, x, labels):
        return float(np.sum(x @ self.W + self.b - labels))


class Rule:
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, dy):
        return dy


class Number:
    def __init__(self, data):
        self.data, self.grad = data, 0.0

    def backward(self):
        self.grad = 1.0


class Engine:
    def __call__(self, x):
        return x

    def parameters(self):
        return [Number(1.0)]


def square(x):
    return float(np.sum(x**2))


def twice(x):
    return 2 * x


@pytest.mark.parametrize(
    ("model", "args", "said", "message"),
    [
        (square, (X,), {"grad": twice, "vjp": twice}, "grad= and vjp= mean the same; give one of them"),
        (Dense, (X,), {}, r"Dense is a class; give an instance of it, such as Dense\(\.\.\.\)"),
        (Dense, (X,), {"grad": twice}, "Dense is a class"),
        (Net(), (X,), {"grad": twice}, "Net brings its own gradient, which is what is checked; leave out grad="),
        (square, (X,), {"grad": twice, "order": 2}, "order=2 needs a PyTorch or JAX model.*hess=H\\), or hessp=Hp"),
        (square, (X,), {"jvp": True}, r"jvp=True needs .* write jvp=pushforward, a function \(\*args, \*tangents\)"),
        (square, (X,), {"grad": twice, "batched": True}, "batched=True needs .* square is not one$"),
        (square, (X,), {"grad": twice, "loss": DENSE}, "loss= goes on top of a layer or network; square is not one"),
        (3, (X,), {}, r"int is of an unknown type \(int\); give a function with grad="),
        (square, (X,), {}, "square has no claimed gradient; write grad=df"),
        (
            Learns(),
            (X,),
            {},
            r"Learns.backward\(dy, rate\) cannot be called .* a backward\(dy\) that leaves .* updates none",
        ),
        (
            Rule,
            (X,),
            {},
            r"Rule is a class whose forward .*lambda \*x: Rule.forward\(ctx, \*x\), x, vjp=lambda dy: Rule.back",
        ),
        (Engine(), (X,), {}, r"a Number computes its own gradient.* g does the same, sets their gradients to zero"),
        (
            Classifier(),
            (X,),
            {},
            r"no dict `params`; .* def f\(W, b\): classifier\.W = W; classifier\.b = b; return cla",
        ),
        (square, (), {"vjp": twice}, r"was given no arguments; write check_gradients\(square, x, vjp=\.\.\.\)"),
    ],
)
def test_what_cannot_be_checked_as_it_is_given_is_refused(model, args, said, message):
    """With what to write instead."""
    with pytest.raises(InputError, match=message):
        oracle(model, args, Options(**said))


def test_each_model_goes_to_the_one_who_knows_it():
    """By what it is: a layer has its parameters and its input, a network its params, a function its argument."""
    assert {*oracle(DENSE, (X,), Options()).point} == {"", "x"}
    assert {*oracle(Net(), (X,), Options()).point} == {"W"}
    made = oracle(square, (X,), Options(grad=twice))
    assert made.point == {"x": X}
    assert np.array_equal(made.gradient({"x": X})["x"], 2 * X)
    assert oracle(DENSE, (X,), Options(loss=MeanSquaredError(np.zeros((2, 2))))).cotangent.size == 1


def test_a_class_that_is_called_as_a_function_is_one():
    """It brings no gradient, so it may be given one."""
    made = oracle(float, (2.0,), Options(grad=lambda x: 1.0))
    assert (made.name, made.value({"x": 3.0})) == ("float", 3.0)


def test_keywords_of_the_model_are_put_in_their_places():
    """Of `forward`, of `loss`, or of the function itself."""
    assert oracle(Tanh(), (), Options(inputs={"x": X})).point["x"] is X
    assert oracle(Net(), (), Options(inputs={"x": X})).value({"W": np.ones(3)}) == 6
    assert oracle(square, (), Options(grad=twice, inputs={"x": X})).value({"x": X}) == 6


def test_a_number_of_the_users_own_is_no_value():
    """What is in it is one."""
    with pytest.raises(InputError, match=r"returned a Number where a number is promised; .* such as number\.data"):
        check_gradients(lambda x: Number(float(np.sum(x))), X, grad=np.ones_like)


class Weights:
    """An object of arrays that says nothing of itself."""

    def __init__(self, W):
        self.W = W


def test_an_object_that_is_not_taken_apart_is_refused_by_name():
    """With what to write."""
    with pytest.raises(InputError, match="p is a Weights, which is not taken apart; give its arrays in a dict"):
        check_gradients(lambda p: float(np.sum(p.W**2)), Weights(X), grad=lambda p: Weights(2 * p.W))


NOTHING = {
    "records": (
        np.array([(1.0, 2.0)], dtype=[("a", "f8"), ("b", "f8")]),
        "give a dict of its fields, {'a': p['a'], 'b'",
    ),
    "a set": ({1.0, 2.0}, "p is a set; pass the inputs or parameters as NumPy arrays"),
    "a class": (Weights, "p is the class Weights; pass the inputs or parameters as NumPy arrays"),
    "dates": (np.array(["2020"], dtype="M8[s]"), "p is an array of datetime64"),
}


@pytest.mark.parametrize(("point", "message"), NOTHING.values(), ids=NOTHING)
def test_what_cannot_be_moved_is_named(point, message):
    """By the argument, and with what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check_gradients(lambda p: 1.0, point, grad=lambda p: p)


class ByOtherNames:
    def __init__(self):
        self.W = np.arange(6.0).reshape(3, 2) - 2

    def fprop(self, x):
        self.x = x
        return x @ self.W

    def bprop(self, dy):
        self.dW = self.x.T @ dy
        return dy @ self.W.T


def test_a_layer_whose_ways_have_other_names_is_told_how_to_hand_it_in():
    """What the message says to write is then taken."""
    layer = ByOtherNames()
    with pytest.raises(InputError, match=r"write layer.forward, layer.backward = layer.fprop, layer.bprop and"):
        check_gradients(layer, np.ones((4, 3)))
    layer.forward, layer.backward = layer.fprop, layer.bprop
    report = check_gradients(layer, np.ones((4, 3)))
    assert report.verdict is Verdict.CORRECT
    assert {*report.tensors} == {"W", "x"}


def test_a_layer_that_can_be_called_is_told_that_its_way_back_takes_too_much():
    class Called(ByOtherNames):
        __call__ = ByOtherNames.fprop

        def backward(self, dy, rate):
            self.W -= rate * self.x.T @ dy

    with pytest.raises(InputError, match=r"Called.backward\(dy, rate\) cannot be called with the cotangent alone"):
        check_gradients(Called(), np.ones((4, 3)))


def test_a_loss_on_top_of_a_layer_that_keeps_its_gradients_is_put_into_it():
    layer = ByOtherNames()
    layer.forward, layer.backward = layer.fprop, layer.bprop
    with pytest.raises(
        InputError, match=r"ByOtherNames keeps its gradients in itself, so hand in an object that has both"
    ):
        check_gradients(layer, np.ones((4, 3)), loss=MeanSquaredError(np.zeros((4, 2))))
