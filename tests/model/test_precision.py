"""Single precision is measured in double where the function follows there, and as it is where it does not."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import GradientError, Verdict, check_gradients
from gradcheck._model import precision
from gradcheck._model.oracle import Oracle
from gradcheck._model.precision import opened

X = np.linspace(0.5, 2, 6, dtype=np.float32).reshape(3, 2)


class Halfway:
    """A network that reads some of its arrays by names of its own, which a promoted dict does not reach."""

    def __init__(self, *aliases):
        self.params = {"W": X.copy(), "b": np.ones(2, np.float32)}
        self.own = {name: self.params[name] for name in aliases}

    def loss(self):
        W, b = ({**self.params, **self.own}[name].astype(np.float64) for name in ("W", "b"))
        return float(np.sum(W**2) + np.sum(b**3)), {"W": 2 * W, "b": 3 * b**2}


def note_of(report):
    (note,) = report.notes
    return note


@pytest.mark.parametrize(("aliases", "how"), [((), "in float64"), (("W",), "as it is"), (("b",), "as it is")])
def test_every_array_must_be_followed_in_double(aliases, how):
    """If one of them is not, all are measured as they are, and no right gradient is accused."""
    net = Halfway(*aliases)
    report = check_gradients(net)
    assert report.wrong == ()
    assert how in note_of(report)
    assert all(net.params[name] is net.own[name] for name in aliases)


def test_a_value_that_is_rounding_says_nothing_of_the_precision():
    """Here f is zero but for its last digits, which differ; that it follows in double is seen by moving it."""

    def f(x, b):
        return np.sum(x / x.sum() - 1 / x.size, dtype=x.dtype) + np.sum(b)

    report = check_gradients(f, X, np.zeros(2, np.float32), grad=lambda x, b: (0 * x, np.ones_like(b)))
    assert "in float64" in note_of(report)


def test_params_that_are_views_cannot_be_promoted():
    """What is written to a dict that is made anew is lost, and its views are of single precision."""

    class Flat:
        def __init__(self):
            self.flat = X.ravel().copy()

        @property
        def params(self):
            return {"W": self.flat[:4], "b": self.flat[4:]}

        def loss(self):
            return float(np.sum(self.flat.astype(np.float64) ** 2)), {k: 2 * v for k, v in self.params.items()}

    report = check_gradients(Flat())
    assert report.wrong == ()
    assert "as it is" in note_of(report)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_other_precisions_are_measured_in_double(dtype):
    """A right gradient is correct there, a wrong one wrong."""
    for factor, verdict in ((1, Verdict.CORRECT), (1.01, Verdict.WRONG)):
        report = check_gradients(lambda x: np.sum(x**3), X.astype(dtype), grad=lambda x, k=factor: 3 * k * x**2)
        assert "in float64" in note_of(report)
        assert report.verdict is verdict or (dtype is np.float16 and verdict is Verdict.CORRECT)


def test_a_function_that_keeps_single_precision_inside_is_not_followed_less():
    """A cast inside rounds the value, and the move with it: it still counts as followed."""
    subject = opened(Oracle(X, lambda x: float(np.sum(np.sin(x.astype(np.float32)))), np.cos), "double")
    assert subject.plain is not None


def test_a_python_float_of_single_precision_is_as_coarse_as_its_arrays():
    """A loss that is converted by float() was rounded before."""
    subject = opened(Oracle(X, lambda x: float(np.sum(x)), np.ones_like), "as-is")
    assert subject.eps == np.finfo(np.float32).eps


def test_all_calls_are_counted():
    """Those made to find out the precision as well."""
    calls = []
    subject = opened(Oracle(X, lambda x: calls.append(x) or float(np.sum(x)), np.ones_like), "double")
    assert subject.evaluations == len(calls) == 4


def alike(monkeypatch, value, own):
    """Return whether f, which is one in double and moves by one, is the same function in its own precision."""
    subject = opened(Oracle({"x": X}, lambda p: float(p["x"].sum()), lambda p: p), "as-is")
    shown = iter([(value, np.array([own])), (1.0, np.array([1.0]))])
    monkeypatch.setattr(precision, "_behaviour", lambda *_: next(shown))
    return precision._alike(subject, subject, {"x": X})


@pytest.mark.parametrize(("value", "own", "same"), [(1.015, 1, 1), (1.03, 1, 0), (1, 1.08, 1), (1, 1.15, 0)])
def test_values_are_alike_to_a_fiftieth_and_moves_to_a_tenth(value, own, same, monkeypatch):
    """In half precision a function of some layers is known no better, and its moves are less of it."""
    assert alike(monkeypatch, value, own) is bool(same)


def test_a_tensor_is_moved_by_a_64th_of_its_scale():
    """Far enough to be seen in half precision, and to numbers of its own."""
    four = opened(Oracle({"x": np.float32([4.0, -4.0])}, lambda p: float(p["x"].sum()), lambda p: p), "as-is")
    assert np.abs(precision._move(four.leaves["x"])).tolist() == [2.0**-4, 2.0**-4]


@pytest.mark.parametrize("factor", [1.0, 1.01])
def test_a_gradient_that_refuses_double_is_asked_in_its_own_precision(factor):
    """Its function takes double, and so was measured in that; a mistake of the gradient is found all the same."""

    def gradient(x):
        if x.dtype != np.float32:
            msg = "expected float32"
            raise TypeError(msg)
        return np.float32(factor) * 2 * x

    report = check_gradients(lambda x: np.sum(x**2), X, grad=gradient)
    assert report.verdict is (Verdict.CORRECT if factor == 1 else Verdict.WRONG)
    assert note_of(report).startswith("in float64 the gradient function raised TypeError: expected float32; measured")
    assert "measured in float32 as it is (x)" in note_of(report)


def test_a_gradient_that_raises_in_every_precision_is_told_as_it_was():
    """That of the given precision is tried, and what is raised is what double raised first."""

    def gradient(x):
        raise TypeError(str(x.dtype))

    with pytest.raises(GradientError, match="raised TypeError: float64"):
        check_gradients(lambda x: np.sum(x**2), X, grad=gradient)
