"""What a call asks: a gradient, a matrix beside it, an adjoint; in this order, and nothing twice."""

from __future__ import annotations

import numpy as np

from gradcheck._adapters.questions import Call, questions
from gradcheck._model.questions import LinearMap, Matrix
from gradcheck._options import Options

X = np.ones(3)


def asked(**keywords):
    return [type(question) for question in questions(np.sum, (X,), Options(**keywords))]


def test_most_calls_ask_for_a_gradient_and_nothing_else():
    """The call is handed on as it is."""
    options = Options(grad=np.ones_like)
    (call,) = questions(np.sum, (X,), options)
    assert isinstance(call, Call)
    assert call.options is options


def test_what_else_is_asked_comes_after_it():
    """A Hessian beside a gradient, a Jacobian alone, an adjoint."""
    assert asked(grad=np.ones_like, hess=np.zeros((3, 3))) == [Call, Matrix]
    assert asked(jac=np.ones(3)) == [Call]
    assert [type(q) for q in questions(np.sin, (X,), Options(jac=np.eye(3)))] == [Matrix]
    assert asked(adjoint=np.ones((3, 1))) == [LinearMap]
