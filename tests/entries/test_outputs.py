"""Is an error in a small output found beside a large one?"""

from __future__ import annotations

from math import erf, pi, sqrt

import numpy as np
import pytest
from tested import under_test

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._entries import outputs

X = np.array([0.3, -1.2])


def f(x):
    return np.array([1e8 * np.sin(x[0]), x[0] * x[1]])


def pullback(by):
    """Return the pullback, of which one derivative of the small output is put off by a factor."""
    return lambda x, u: np.array([u[0] * 1e8 * np.cos(x[0]) + by * u[1] * x[1], u[1] * x[0]])


def pushforward(by):
    return lambda x, v: np.array([1e8 * np.cos(x[0]) * v[0], by * x[1] * v[0] + x[0] * v[1]])


@pytest.mark.parametrize("claim", [{"vjp": pullback(1.01)}, {"jvp": pushforward(1.01)}], ids=["vjp", "jvp"])
def test_a_wrong_derivative_of_a_small_output_is_found(claim):
    """By its name, with what was measured by it alone."""
    report = check_gradients(f, X, **claim)
    (entry,) = report.wrong
    assert entry.name == "x[0]"
    assert entry.where == "output[1] alone"
    assert entry.relative == pytest.approx(0.01, rel=0.02)
    assert report.notes == (
        "measured by output[1] alone, which the other outputs hide: it moves 1e8 times less than they do",
    )


@pytest.mark.parametrize("claim", [{"vjp": pullback(1)}, {"jvp": pushforward(1)}], ids=["vjp", "jvp"])
def test_a_right_one_passes_and_power_speaks_of_each_output(claim):
    """The smallest error that would have been seen, in the large one and in the small one."""
    report = check_gradients(f, X, **claim)
    assert report.verdict is Verdict.CORRECT
    assert "1e-6 in output[0]; 1e-6 in output[1]" in report.power[-1]


def test_without_a_pullback_the_small_output_is_said_to_be_hidden():
    """A gradient of one cotangent alone cannot be asked for another."""
    u = np.array([0.7, -1.1])
    report = check_gradients(Oracle(X, f, lambda x: pullback(1)(x, u), cotangent=u))
    assert "1e-6 in output[0]; no error in output[1]" in report.power[-1]


def test_outputs_of_one_size_cost_nothing_more():
    """No further call, and not a word."""
    by = np.array([1e2, 1.0])
    wide = check_gradients(lambda x: by * np.sin(x), X, vjp=lambda x, u: u * by * np.cos(x))
    same = check_gradients(np.sin, X, vjp=lambda x, u: u * np.cos(x))
    assert wide.evaluations == pytest.approx(same.evaluations, abs=20)
    assert wide.power == same.power == ()


def test_many_entries_are_screened_and_halved():
    """In a tensor of hundreds the wrong one is located."""
    x = np.random.default_rng(0).normal(size=300)

    def both(x):
        return 1e7 * np.sum(x**2), np.sum(np.sin(x))

    def back(x, u, at=None):
        g = np.cos(x)
        if at is not None:
            g[at] *= 1.02
        return 2e7 * u[0] * x + u[1] * g

    assert check_gradients(both, x, vjp=back).verdict is Verdict.CORRECT
    report = check_gradients(both, x, vjp=lambda x, u: back(x, u, 77))
    assert [(e.name, e.where) for e in report.wrong] == [("x[77]", "output[1] alone")]


@pytest.mark.parametrize("seed", range(4))
def test_tails_that_are_rounding_accuse_nobody(seed):
    """X (1 + erf x) far to the left is what is left of 1 - 1, times x."""
    phi = np.vectorize(lambda z: 0.5 * (1 + erf(z / sqrt(2))))
    z = -np.linspace(0.5, 9, 30)
    report = check_gradients(
        lambda z: z * phi(z), z, vjp=lambda z, u: u * (phi(z) + z * np.exp(-z * z / 2) / sqrt(2 * pi)), seed=seed
    )
    assert report.verdict is Verdict.CORRECT


@pytest.mark.parametrize(("size", "measured"), [(64, True), (65, False)])
def test_few_entries_are_measured_where_a_direction_tells_nothing(size, measured, monkeypatch):
    """Of many it has to do, unless it disagrees."""
    asked = []
    monkeypatch.setattr(outputs, "agrees", lambda *_, **__: (True, np.inf))
    monkeypatch.setattr(outputs, "measure", lambda tested, which, _: asked.append(which))
    tested = under_test(lambda x: float(x @ x), np.ones(size), np.ones(size))
    outputs._screened(tested)
    assert [which.tolist() for which in asked] == ([list(range(size))] if measured else [])
