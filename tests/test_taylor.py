"""The Taylor test: few evaluations where the claim is right, the remainders and their rates, and no haste."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients
from gradcheck.networks import Dense

RNG = np.random.default_rng(0)
X, D = RNG.normal(size=6), RNG.normal(size=6)


def f(x):
    return float(np.sum(np.exp(x) * x[::-1]))


def df(x):
    return np.exp(x) * x[::-1] + np.exp(x[::-1])


def rates(report):
    rows = [note.split() for note in report.notes if re.match(r"\d\.\de", note)]
    return [float(row[3]) for row in rows if len(row) == 4]


def test_a_right_gradient_takes_few_evaluations():
    """The remainders fall with the square of the step."""
    assert_gradients(f, X, grad=df, along=(D,))
    report = assert_gradients(f, X, grad=df, along=D)
    assert report.evaluations <= 11
    assert [*report.tensors] == ["along"]
    assert len(rates(report)) == 4
    assert np.allclose(rates(report), 2, atol=0.1)


@pytest.mark.parametrize(("factor", "said"), [(2, "is twice the"), (-1, "is minus the"), (1.01, "is 1.01 times the")])
def test_a_wrong_gradient_is_found(factor, said):
    """The remainders fall with the step."""
    report = check_gradients(f, X, grad=lambda x: factor * df(x), along=D)
    assert report.verdict is Verdict.WRONG
    assert said in report.diagnosis[0]
    assert abs(rates(report)[-1] - 1) < 0.2


@pytest.mark.parametrize("digits", [5, 7, 9])
def test_a_solver_that_rounds_is_no_reason_to_accuse(digits):
    """Its noise is measured before anything is called wrong."""
    rounded = lambda x: round(f(x), digits)  # noqa: E731
    assert check_gradients(rounded, X, grad=df, along=D).verdict in {Verdict.CORRECT, Verdict.UNDECIDED}
    assert check_gradients(rounded, X, grad=lambda x: 1.5 * df(x), along=D).verdict is Verdict.WRONG


def test_a_kink_is_seen():
    """The claim lies between the slopes of its sides."""
    assert check_gradients(lambda x: np.abs(x).sum(), 0 * X, grad=np.sign, along=D).verdict is Verdict.KINK


def test_other_ways_of_saying_it():
    """Several outputs, several arguments, a layer with its parameters, data beside."""
    assert_gradients(np.tanh, X, vjp=lambda x, v: v * (1 - np.tanh(x) ** 2), along=D)
    assert_gradients(lambda x, y: x @ y, X, D, grad=lambda x, y: (y, x), along=(D, X))
    assert_gradients(lambda x, y: x @ y, X, D, grad=lambda x, y: (y, x), along={"x": D, "y": X})
    assert_gradients(lambda x, y: x @ y, X, D, grad=lambda x, y: y, along=D)
    assert check_gradients(f, X, grad=df, along="random").evaluations <= 11
    assert check_gradients(f, X, grad=lambda x: 2 * df(x), along="random").verdict is Verdict.WRONG
    dense = Dense.random(6, 2, RNG)
    report = check_gradients(dense, X[None], along={"W": dense.W, "b": np.ones(2), "x": D[None]})
    assert report.verdict is Verdict.CORRECT


def test_a_budget_is_kept():
    """What is left undone is said."""
    report = check_gradients(f, X, grad=lambda x: 2 * df(x), along=D, max_evaluations=14)
    assert report.evaluations <= 14
    assert report.verdict is Verdict.UNDECIDED
    assert report.notes[-1].startswith("left undone")


def draw():
    return np.random.random()  # noqa: NPY002  the very thing


def noisy(x):
    return f(x) + draw() * np.sum(x)


def drawn(x):
    return df(x) + draw()


@pytest.mark.parametrize(("by", "verdict"), [(1.01, Verdict.WRONG), (1, Verdict.CORRECT)], ids=["wrong", "right"])
def test_every_value_along_the_line_has_the_same_random_numbers(by, verdict):
    """The generators are put back, and that is said."""
    report = check_gradients(noisy, X, grad=lambda x: by * drawn(x), along=D)
    assert report.verdict is verdict
    assert report.notes[0].startswith("the function draws from NumPy's global generator")


def test_a_function_that_changes_by_itself_is_told_so():
    """Not taken for one that jumps."""
    calls = iter(range(1000))
    report = check_gradients(lambda x: f(x) + next(calls), X, grad=df, along=D)
    assert report.verdict is Verdict.BROKEN
    assert report.problems[0].sentence.startswith("the function changes from call to call: first")


def test_an_infinite_slope_across_the_direction_is_no_part_of_it():
    """The root at 0 does not move; of the others a claim is right or wrong."""
    x, d = np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.5, -1.0])
    with np.errstate(divide="ignore"):
        wrong = check_gradients(lambda x: np.sum(np.sqrt(x)), x, grad=lambda x: 0.6 / np.sqrt(x), along=d)
        right = check_gradients(lambda x: np.sum(np.sqrt(x)), x, grad=lambda x: 0.5 / np.sqrt(x), along=d)
    assert (wrong.verdict, right.verdict) == (Verdict.WRONG, Verdict.CORRECT)


REFUSED = {
    "too short": (D[:3], "along= is a direction in the shape of the point: the direction of x has shape (3,)"),
    "zero": (0 * D, "along= is zero or not finite; write a direction such as rng.standard_normal(x.shape)"),
}


@pytest.mark.parametrize(("along", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_direction_is_refused(along, message):
    """With what to write."""
    with pytest.raises(InputError, match=re.escape(message)):
        check_gradients(f, X, grad=df, along=along)


def test_a_direction_for_each_argument():
    """In their order."""
    with pytest.raises(InputError, match=re.escape("along= has 1 parts, and there are 2 tensors; write along=(dx")):
        check_gradients(lambda x, y: x @ y, X, D, grad=lambda x, y: (y, x), along=D)


def test_what_is_raised_on_the_way_is_counted_and_shown():
    """As where no direction is said: a step that leaves the domain is left out."""

    def edged(x):
        if x[0] < X[0] - 1e-3:
            msg = "too low"
            raise ValueError(msg)
        return f(x)

    for factor, verdict in ((2, Verdict.WRONG), (1, Verdict.CORRECT)):
        report = check_gradients(edged, X, grad=lambda x, by=factor: by * df(x), along=D)
        assert report.verdict is verdict
        assert re.search(r"the function raised ValueError: too low, at \d+ of \d+ evaluations", report.notes[-1])
