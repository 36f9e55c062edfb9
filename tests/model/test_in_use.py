"""The same model is not checked in two threads at once; two models are, and each as if it were alone."""

from __future__ import annotations

import asyncio
import functools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._model.in_use import _OWNERS, alone
from gradcheck._render.faces import render
from gradcheck.networks import Dense

X = np.random.default_rng(1).standard_normal((4, 5))


class Net:
    """A network whose loss may wait for somebody."""

    def __init__(self, meet=None, factor=1):
        self.params = {"W": np.random.default_rng(0).standard_normal((5, 3))}
        self.factor, self.meet = factor, meet

    def loss(self, x):
        if self.meet is not None:
            meet, self.meet = self.meet, None
            meet()
        y = x @ self.params["W"]
        return 0.5 * float((y**2).sum()), {"W": self.factor * x.T @ y}


def test_the_same_model_in_two_threads_is_refused():
    """While one of them checks it; not a wrong verdict, and its parameters stay what they are."""
    begun, finish = threading.Event(), threading.Event()
    net = Net(lambda: (begun.set(), finish.wait(30)))
    before = net.params["W"].tobytes()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(check_gradients, net, X)
        assert begun.wait(30)
        with pytest.raises(InputError, match=r"this Net is being checked in another thread.*copy\.deepcopy"):
            check_gradients(net, X)
        finish.set()
        assert first.result().verdict is Verdict.CORRECT
    assert net.params["W"].tobytes() == before
    assert check_gradients(net, X).verdict is Verdict.CORRECT  # afterwards it is free
    assert not _OWNERS


@pytest.mark.parametrize("factor", [1, 2])
def test_models_of_their_own_are_as_if_each_were_alone(factor):
    """Wrong or right, bit for bit."""
    expected = render(check_gradients(Net(factor=factor), X), "json")
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(check_gradients, Net(factor=factor), X) for _ in range(4)]
    assert {render(one.result(), "json") for one in found} == {expected}


def test_so_are_those_of_tasks():
    """A server of asyncio checks in threads."""

    async def both():
        return await asyncio.gather(*(asyncio.to_thread(check_gradients, Net(), X) for _ in range(2)))

    assert [report.verdict for report in asyncio.run(both())] == [Verdict.CORRECT] * 2


@dataclass
class Record:
    """A model that is a record."""

    params: dict


class Stack:
    """A model of others, with a way back."""

    def __init__(self, layers, x=None):
        self.layers, self.x = layers, x

    def backward(self, dy):
        raise NotImplementedError


@pytest.mark.parametrize(
    ("ways", "refused"),
    [
        (lambda net: net, True),
        (lambda net: net.loss, True),
        (lambda net: functools.partial(net.loss, X), True),
        (lambda net: lambda x: 2 * net.loss(x)[0], True),
        (lambda net: Record(net.params), True),  # another object each time, and the same arrays
        (lambda net: Record({"W": net.params["W"][1:]}), True),  # some of them, in another shape
        (lambda net: Stack([Record({}), [net]]), True),
        (lambda net: Stack([Record(dict.fromkeys("Wb"))]), False),
        (lambda net: Dense(np.ones((2, 2)), np.ones(2)), False),
        (lambda net: np.sin, False),
        (lambda net: Net, False),
        (lambda net: waves, False),
    ],
    ids=[
        "itself",
        "method",
        "partial",
        "in a function",
        "record",
        "a part of it",
        "within",
        "other",
        "frozen",
        "ufunc",
        "class",
        "function",
    ],
)
def test_what_has_parameters_is_kept_for_one(ways, refused):
    """Itself, by its method, and in a function that holds it; what has no state is everybody's."""
    net = Net()
    with ThreadPoolExecutor(1) as pool, alone(ways(net)):
        there = pool.submit(entered, ways(net))
        assert isinstance(there.exception(), InputError if refused else type(None))


@pytest.mark.parametrize(("given", "refused"), [((X,), False), ((), True)])
def test_what_a_layer_was_given_is_everybodys(given, refused):
    """It keeps it from a call before, and is given a copy; other arrays of two layers are moved by both."""
    with ThreadPoolExecutor(1) as pool, alone(Stack([], X), given):
        there = pool.submit(entered, Stack([], X), given)
        assert isinstance(there.exception(), InputError if refused else type(None))


def waves(x):
    return float(np.sin(x).sum())


def entered(model, given=()):
    with alone(model, given):
        return True


def test_one_thread_may_enter_twice():
    """A function may check what it is made of."""
    net = Net()
    with alone(net), alone(net):
        assert len(_OWNERS) == 2  # it, and its array
    assert not _OWNERS


def test_a_refused_model_keeps_none_of_the_others():
    """What was taken before it is given back."""
    first, second = Net(), Net()

    def both(x):
        return first.loss(x)[0] + second.loss(x)[0]

    with ThreadPoolExecutor(1) as pool, alone(second):
        assert isinstance(pool.submit(entered, both).exception(), InputError)
        assert pool.submit(entered, first).result()


def test_what_a_class_says_of_itself_is_not_asked():
    """A class may answer a question of its attributes with any error."""

    class Meta(type):
        def __getattr__(cls, name):
            raise RuntimeError(name)

    class Held(metaclass=Meta):
        pass

    held = Held()
    report = check_gradients(lambda x: x @ x / 2 if held else None, X[0], grad=lambda x: x)
    assert report.verdict is Verdict.CORRECT
