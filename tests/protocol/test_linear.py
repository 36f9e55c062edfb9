"""A comparison means something only if the rules are kept; each breach is named."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._model.subject import Subject
from gradcheck._protocol.deterministic import changed_inputs, settled

X = np.array([[0.3, -1.2, 2.0], [0.7, 0.1, -0.4]])
POINT = {"W": X, "b": np.array([1.0, 2.0])}


def pullback(x, u):
    return 3 * x**2 * u


def cubes(vjp, x=X, **keywords):
    """Check a pullback of the cube."""
    return check_gradients(lambda x: x**3, x, vjp=vjp, **keywords)


def f(p):
    return float(np.sum(p["W"] ** 2) + np.sum(p["b"] ** 3))


def df(p):
    return {"W": 2 * p["W"], "b": 3 * p["b"] ** 2}


def only(report):
    """Return the one problem of a report."""
    assert len(report.problems) == 1
    return report.problems[0]


# ------------------------------------------------------------------------------------- the cotangent

NONLINEAR = {
    "clipped at ten": (lambda x, u: pullback(x, np.clip(u, -10, 10)), "a large cotangent must not be clipped"),
    "clipped to a norm": (
        lambda x, u: pullback(x, u * min(1.0, 100 / (np.linalg.norm(u) + 1e-300))),
        "a large cotangent must not be clipped",
    ),
    "squared": (lambda x, u: pullback(x, u * np.abs(u)), "twice the cotangent must give twice the gradient"),
    "a constant too much": (lambda x, u: pullback(x, u) + 1e-3, "a zero cotangent must give a zero gradient"),
    "the cotangent ignored": (lambda x, u: 3 * x**2, "a zero cotangent must give a zero gradient"),
    "its sign alone": (lambda x, u: pullback(x, np.sign(u)), "twice the cotangent must give twice the gradient"),
    "its largest entry alone": (
        lambda x, u: pullback(x, u * (np.abs(u) == np.abs(u).max())),
        "the gradients of two cotangents must add up",
    ),
    "the norm of the cotangent": (
        lambda x, u: pullback(x, np.full_like(x, np.linalg.norm(u))),
        "the gradients of two cotangents must add up",
    ),
}


@pytest.mark.parametrize(("vjp", "sentence"), NONLINEAR.values(), ids=NONLINEAR)
def test_a_backward_that_is_not_linear_is_wrong(vjp, sentence):
    """The sentence says which property fails, and for which array."""
    report = cubes(vjp)
    assert report.verdict is Verdict.WRONG
    assert sentence in only(report).sentence
    assert "of x does not" in only(report).sentence
    assert only(report).tensor == "x"


def test_the_size_of_a_lone_cotangent_is_not_enough():
    """Of one output the cotangent is one: only the opposite one shows that its sign was lost."""
    report = check_gradients(lambda x: np.sin(x[0, 0]), X, vjp=lambda x, u: np.cos(x) * np.abs(u) * (x == x[0, 0]))
    assert report.wrong == ()
    assert "the opposite cotangent must give the opposite gradient" in only(report).sentence


@pytest.mark.parametrize("precision", ["double", "as-is"])
def test_half_precision_holds_no_large_cotangent(precision):
    """An overflow of our own making is no fault of the backward; a clamp is found by a smaller one."""
    x = X.astype(np.float16)
    assert cubes(pullback, x, precision=precision).problems == ()
    clipped = cubes(lambda x, u: pullback(x, np.clip(u, -700, 700)), x, precision=precision)
    assert "a large cotangent must not be clipped" in only(clipped).sentence


def test_a_clipped_backward_is_right_entry_by_entry():
    """At the cotangent of the check every entry agrees; only the protocol sees the clamp."""
    report = cubes(NONLINEAR["clipped at ten"][0])
    assert report.wrong == ()
    assert report.tensors["x"].verdict is Verdict.CORRECT


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_linear_backward_is_not_accused(dtype):
    """In double precision and in single, of large outputs and of a zero gradient."""
    assert cubes(pullback, X.astype(dtype)).problems == ()
    assert cubes(pullback, X.astype(dtype), precision="as-is").problems == ()
    assert check_gradients(lambda x: 1e9 * x, X, vjp=lambda _, u: 1e9 * u).problems == ()
    assert check_gradients(lambda x: 0 * x, X, vjp=lambda _, u: 0 * u).problems == ()


@pytest.mark.parametrize(("slip", "verdict"), [(0.0, Verdict.CORRECT), (1e-9, Verdict.WRONG)])
def test_what_rounding_leaves_of_a_zero_gradient_need_not_be_linear(slip, verdict):
    """The bias before a mean is subtracted has the gradient zero, but for a sum that cancels."""
    b = np.array([1.0, 2.0, 0.5])

    def vjp(x, b, u):
        dy = u - u.mean(axis=0)
        return dy, dy.sum(axis=0) + slip * np.abs(u).sum(axis=0)

    report = check_gradients(lambda x, b: x + b - (x + b).mean(axis=0), X, b, vjp=vjp)
    assert ("of b does not" in str(report)) == (verdict is Verdict.WRONG)
    assert report.verdict is verdict


def test_a_backward_that_refuses_a_zero_cotangent():
    """What it raises is told, with the cotangent it was given."""

    def vjp(x, u):
        if not u.any():
            msg = "nothing to do"
            raise RuntimeError(msg)
        return pullback(x, u)

    problem = only(cubes(vjp))
    assert problem.verdict is Verdict.BROKEN
    assert "the backward raised RuntimeError: nothing to do (a zero cotangent" in problem.sentence


def test_the_gradient_of_one_number_has_no_cotangent():
    """There is nothing to test, and no call is made for it."""
    calls = itertools.count()

    def counted(x):
        next(calls)
        return 3 * x**2

    report = check_gradients(lambda x: float(np.sum(x**3)), X, grad=counted, neighbours=0)
    assert report.problems == ()
    assert next(calls) == report.gradients == 3


# -------------------------------------------------------------------------------- from call to call


def test_gradients_that_accumulate_are_broken():
    """A buffer that is added to and never cleared: the second call returns twice the first."""
    buffer = {}

    def accumulating(p):
        for name, g in df(p).items():
            buffer[name] = buffer.get(name, 0) + g
        return dict(buffer)

    report = check_gradients(f, POINT, grad=accumulating, neighbours=0)
    assert report.verdict is Verdict.BROKEN
    assert "changes from call to call" in only(report).sentence


def test_accumulation_is_named():
    """If the first call is the right one, twice the first is recognised."""
    calls = itertools.count()

    def accumulating(x):  # the first call is made elsewhere, to find out gradients that are kept
        k = next(calls)
        return 2 * x * max(k, 1)

    report = check_gradients(lambda x: float(np.sum(x**2)), X, grad=accumulating)
    assert "the second call returned twice the first, so gradients accumulate" in only(report).sentence
    assert only(report).tensor == "x"


def test_a_noisy_gradient_is_broken():
    """It changes from call to call by more than rounding: it is neither right nor wrong."""
    calls = itertools.count()
    report = check_gradients(f, POINT, grad=lambda p: df(p) | {"b": df(p)["b"] * (1 + 1e-9 * next(calls))})
    assert only(report).verdict is Verdict.BROKEN
    assert "the gradient of b changes from call to call" in only(report).sentence
    assert report.tensors == {}


def test_a_gradient_that_differs_in_the_last_place_is_not_broken():
    """Threads add in any order."""
    calls = itertools.count()
    report = check_gradients(f, POINT, grad=lambda p: df(p) | {"b": df(p)["b"] * (1 + 1e-15 * (next(calls) % 2))})
    assert report.verdict is Verdict.CORRECT


@pytest.mark.parametrize("size", [1e-6, 1.0])
def test_a_noisy_function_is_broken(size):
    """The sentence gives both values."""
    calls = itertools.count()
    report = check_gradients(lambda p: f(p) + size * next(calls), POINT, grad=df)
    assert only(report).verdict is Verdict.BROKEN
    assert "the function changes from call to call: first" in only(report).sentence
    assert "fix its seed" in only(report).sentence


def test_a_function_that_differs_in_the_last_place_is_measured():
    """And its jitter is part of the noise: a right gradient stays right."""
    calls = itertools.count()
    report = check_gradients(lambda p: f(p) * (1 + 4e-16 * (next(calls) % 2)), POINT, grad=df)
    assert report.verdict is Verdict.CORRECT


# --------------------------------------------------------------------------------- inputs are inputs


def in_place_forward(p):
    value = f(p)
    p["b"] += 1
    return value


def in_place_backward(p):
    gradient = df(p)
    p["W"] *= 2
    return gradient


def test_a_forward_that_changes_its_input_is_broken():
    """The input is named, and advice given."""
    problem = only(check_gradients(in_place_forward, POINT, grad=df))
    assert problem.verdict is Verdict.BROKEN
    assert problem.sentence == "the function changes its own input b in place; work on a copy of it"
    assert problem.tensor == "b"


def test_a_backward_that_changes_its_input_is_broken():
    """The same, of the gradient function."""
    problem = only(check_gradients(f, POINT, grad=in_place_backward))
    assert problem.verdict is Verdict.BROKEN
    assert problem.sentence == "the gradient function changes its input W in place"


def test_a_pullback_that_writes_into_the_cotangent():
    """It is given a copy each time, or the breach is named: either way no right gradient is called wrong."""

    def careless(x, u):
        u *= 3 * x**2
        return u

    report = cubes(careless)
    assert report.wrong == ()
    assert not [p for p in report.problems if p.verdict is Verdict.WRONG]


def test_inputs_that_were_changed_are_put_back():
    """The first of them is named, and all are what they were."""
    subject = Subject.of(Oracle(POINT, f, df), promote=False)
    for leaf in subject.leaves.values():
        leaf.array[...] += 1
    assert changed_inputs(subject) == "W"
    assert changed_inputs(subject) == ""
    assert all(np.array_equal(leaf.array, POINT[path]) for path, leaf in subject.leaves.items())


def test_the_jitter_of_equal_calls_is_a_floor_of_the_noise():
    """What two calls at the same point differ by is not known any better."""
    calls = itertools.count()
    subject = Subject.of(Oracle(POINT, lambda p: f(p) + 4e-15 * (next(calls) % 2), df), promote=False)
    subject, problem = settled(subject)
    assert problem is None
    assert subject.rounding() >= 3e-15


def test_a_function_that_works_on_a_copy_keeps_the_rules():
    """Writing to a copy is no breach."""
    assert (
        check_gradients(lambda p: in_place_forward({k: v.copy() for k, v in p.items()}), POINT, grad=df).problems == ()
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_wrong(bad):
    """The function moves, so there was something to compare: the entry is named."""
    report = check_gradients(f, POINT, grad=lambda p: df(p) | {"b": np.array([3.0, bad])})
    assert report.problems == ()
    assert [e.name for e in report.wrong] == ["b[1]"]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_one_output_that_is_not_finite(bad):
    """Of several: there is nothing to compare."""
    report = check_gradients(lambda x: np.where(x > 1, bad, x), X, vjp=lambda x, u: u * (x <= 1))
    assert only(report).verdict is Verdict.BROKEN
    assert "at the given point" in only(report).sentence


# ----------------------------------------------------------------------------------- single precision


def test_a_formula_that_cancels_in_single_precision_is_wrong():
    """In float64 it is right; in float32, where it will be used, the difference of two large numbers."""
    x = np.array([1.0, 2.0, 3.0], np.float32)

    def cancels(x):
        large = x.dtype.type(1e7)
        return 2 * ((x + large) - large)

    report = check_gradients(lambda x: np.sum(x**2), x + np.float32(0.123), grad=cancels)
    assert "in float32 the gradient of x is off by" in only(report).sentence
    assert only(report).verdict is Verdict.WRONG
    assert report.wrong == ()


def test_a_formula_that_rounds_as_it_must_is_right():
    """The rounding of single precision is no mistake."""
    x = np.linspace(0.1, 3, 20, dtype=np.float32)
    report = check_gradients(lambda x: np.sum(np.sin(x)), x, grad=np.cos)
    assert report.verdict is Verdict.CORRECT
    assert report.problems == ()


def test_a_gradient_that_fails_in_single_precision_is_broken():
    """Though it does not in double."""

    def double_only(x):
        if x.dtype != np.float64:
            msg = "float64 please"
            raise TypeError(msg)
        return 2 * x

    report = check_gradients(lambda x: np.sum(x**2), X.astype(np.float32), grad=double_only)
    assert "in float32 the gradient function raised TypeError: float64 please" in only(report).sentence
