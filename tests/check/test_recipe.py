"""The recipe as a user calls it: six verdicts, one report."""

from __future__ import annotations

import io
import math
import warnings
from contextlib import redirect_stderr

import numpy as np
import pytest
from tanh_layer import POINT, SIX, X, columns, df, f, times

import gradcheck
from gradcheck import (
    GradientError,
    Oracle,
    Verdict,
    assert_gradients,
    check_gradients,
)
from gradcheck.networks import CrossEntropy, Dense, Tanh, mlp

NETWORK = mlp((3, 4, 2), Tanh(), np.random.default_rng(1))


LABELS = np.array([0, 1, 1, 0, 1])


def counted(function):
    """Return the function, and a list that grows with every call of it."""
    calls = []

    def counting(*args):
        calls.append(None)
        return function(*args)

    return counting, calls


@pytest.mark.parametrize(("verdict", "check"), SIX.items(), ids=[v.name for v in SIX])
def test_each_verdict_is_reached(verdict, check):
    """By the whole report, and it is printed."""
    report = check()
    assert report.verdict is verdict
    assert verdict.name in str(report)


def test_all_verdicts_are_covered():
    """The table above has all six."""
    assert set(SIX) == set(Verdict)


def test_six_verdicts_do_not_fit_into_two_truth_values():
    """A report refuses to be asked whether it is true."""
    with pytest.raises(TypeError, match="no truth value"):
        bool(SIX[Verdict.CORRECT]())


def test_a_mistake_that_is_left_out_is_not_seen():
    """With wrt= only the tensors asked for are checked, and reported."""
    assert check_gradients(f, POINT, grad=times(b=2), wrt="b").verdict is Verdict.WRONG
    report = check_gradients(f, POINT, grad=times(b=2), wrt="W")
    assert list(report.tensors) == ["W"]
    assert report.verdict is Verdict.CORRECT


@pytest.mark.parametrize("patterns", [["layers[0].W", "layers[0].b"], "layers[0].*", "*[0]*"])
def test_patterns_of_names(patterns):
    """Brackets are meant as they are written, since they are part of the names."""
    assert set(check_gradients(NETWORK, X, wrt=patterns).tensors) == {"layers[0].W", "layers[0].b"}


@pytest.mark.parametrize("entries", [1, 3, 6, 100])
def test_a_sample_of_the_entries(entries):
    """So many of each tensor, or all if it has no more."""
    report = check_gradients(f, POINT, grad=df, entries=entries, neighbours=0)
    assert {n: t.checked for n, t in report.tensors.items()} == {"W": min(entries, 6), "b": min(entries, 2)}
    assert report.verdict is Verdict.CORRECT
    assert len(set(report.tensors["W"].flat)) == min(entries, 6)


def test_a_sample_is_drawn_by_the_seed():
    """Another seed draws other entries; and every entry is drawn by some."""
    seen = set()
    for seed in range(30):
        seen |= set(check_gradients(f, POINT, grad=df, entries=1, neighbours=0, seed=seed).tensors["W"].flat.tolist())
    assert seen == set(range(6))


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize(
    "check",
    [
        lambda seed: check_gradients(f, POINT, grad=times(W=1.01), seed=seed),
        lambda seed: check_gradients(NETWORK, X, loss=CrossEntropy(LABELS), seed=seed),
        lambda seed: check_gradients(np.tanh, X, vjp=lambda x, u: u * (1 - np.tanh(x)), seed=seed, entries=4),
    ],
    ids=["wrong", "network", "sample"],
)
def test_the_same_seed_gives_the_same_report(check, seed):
    """Bit for bit, whatever random numbers others drew meanwhile."""
    first = check(seed)
    np.random.seed(9)  # noqa: NPY002  the global generator has no part in it
    second = check(seed)
    assert columns(first) == columns(second)
    assert str(first) == str(second)
    assert (first.seed, first.evaluations) == (seed, second.evaluations)


def test_another_seed_gives_another_report():
    """With other cotangents, directions and samples, and the same verdict."""
    reports = [check_gradients(NETWORK, X, seed=seed) for seed in range(2)]
    assert columns(reports[0]) != columns(reports[1])
    assert [r.verdict for r in reports] == [Verdict.CORRECT] * 2


def test_a_mistake_smaller_than_rtol_does_not_matter():
    """One per cent is wrong by default, and nothing to someone for whom a tenth matters."""
    wrong = times(W=1.01)
    assert check_gradients(f, POINT, grad=wrong).verdict is Verdict.WRONG
    assert check_gradients(f, POINT, grad=wrong, rtol=0.005).verdict is Verdict.WRONG
    assert check_gradients(f, POINT, grad=wrong, rtol=0.1).verdict is Verdict.CORRECT
    assert check_gradients(f, POINT, grad=times(W=1.5), rtol=0.1).verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("error", "verdict"),
    [(3e-6, Verdict.WRONG), (1e-4, Verdict.WRONG), (0.0, Verdict.CORRECT), (1e-8, Verdict.CORRECT)],
)
def test_the_default_is_a_millionth(error, verdict):
    """Errors above a millionth are wrong, below half of it are not."""
    assert check_gradients(f, POINT, grad=times(W=1 + error)).verdict is verdict


def test_a_tiny_entry_beside_a_large_one():
    """Nobody can see 1e-17 beside 1; it is known to a part of its tensor's largest, and that is enough."""
    report = check_gradients(lambda x: float(x[0] + 1e-17 * x[1]), np.ones(2), grad=lambda _: np.array([1.0, 1e-17]))
    assert report.counts == {Verdict.CORRECT: 2}
    report = check_gradients(lambda x: float(x[0] + 1e-17 * x[1]), np.ones(2), grad=lambda _: np.array([1.0, 1e-2]))
    assert [e.name for e in report.wrong] == ["x[1]"]


def test_single_precision_is_measured_in_double():
    """A mistake of 1e-4, invisible in float32, is found; the note says why."""
    x = X.astype(np.float32)
    report = check_gradients(lambda x: np.sum(np.sin(x)), x, grad=lambda x: np.cos(x) * x.dtype.type(1 + 1e-4))
    assert len(report.wrong) == x.size
    assert report.notes == ("measured in float64, which the function takes; given were float32 (x)",)


def test_single_precision_as_it_is():
    """The same mistake is not accused, and the note says what could not be seen."""
    x = X.astype(np.float32)
    mistaken = {"grad": lambda x: np.cos(x) * x.dtype.type(1 + 1e-6), "precision": "as-is"}
    report = check_gradients(lambda x: np.sum(np.sin(x)), x, **mistaken)
    assert report.wrong == ()
    assert "measured in float32 as it is (x): what it rounds away could not be seen" in report.notes


def test_a_function_that_takes_only_single_precision():
    """It is measured as it is, without being asked."""

    def single(x):
        if x.dtype != np.float32:
            raise TypeError(x.dtype)
        return np.sum(np.sin(x))

    report = check_gradients(single, X.astype(np.float32), grad=np.cos)
    assert report.wrong == ()
    assert "as it is" in report.notes[0]
    assert len(check_gradients(single, X.astype(np.float32), grad=np.sin).wrong) > 10


def test_double_precision_needs_no_note():
    """Nothing was promoted."""
    assert check_gradients(f, POINT, grad=df).notes == ()


@pytest.mark.parametrize(
    "case",
    [
        "grad",
        "wrong",
        "large",
        "as-is",
        "float32",
        "vjp",
    ],
)
def test_evaluations_and_gradients_are_those_really_made(case):
    """Neither more nor fewer, in every way of checking."""
    x = np.linspace(0.5, 2, 12_000 if case == "large" else 10)
    x = x.astype(np.float32) if case in {"float32", "as-is"} else x
    way = "vjp" if case == "vjp" else "grad"
    precision = "as-is" if case == "as-is" else "double"
    functions = {
        "grad": (lambda x: np.sum(np.sin(x)), lambda x: np.cos(x) * (2 if case == "wrong" else 1)),
        "vjp": (np.sin, lambda x, u: u * np.cos(x)),
    }
    (function, evaluations), (gradient, gradients) = map(counted, functions[way])
    report = check_gradients(function, x, precision=precision, **{way: gradient})
    assert (report.evaluations, report.gradients) == (len(evaluations), len(gradients))


def test_value_and_grad_is_called_for_both():
    """Each call counts once, as an evaluation or as a gradient."""
    both, calls = counted(lambda x: (float(x @ x), 2 * x))
    report = check_gradients(both, X[0], value_and_grad=True)
    assert report.evaluations + report.gradients == len(calls)


def test_the_worst_tensor_stands_first():
    """Wrong before correct, in the order of the mapping and in the table."""
    report = check_gradients(f, POINT, grad=times(b=2))
    assert list(report.tensors) == ["b", "W"]
    assert [t.verdict for t in report.tensors.values()] == [Verdict.WRONG, Verdict.CORRECT]


def test_a_report_names_what_was_checked():
    """The function, the class of the network, or the name of the oracle; and where it ran."""
    assert check_gradients(f, POINT, grad=df).name == "f"
    assert check_gradients(NETWORK, X).name == "Chain"
    assert check_gradients(Oracle(POINT, f, df, name="energy")).name == "energy"
    assert list(check_gradients(f, POINT, grad=df).environment) == ["gradcheck", "python", "numpy"]


def test_a_report_explains_a_mistake_and_its_own_limits():
    """A factor is recognised; a batch of one is said to hide a forgotten mean; what is right needs no diagnosis."""
    report = check_gradients(f, POINT, grad=times(W=2))
    assert any("exactly twice" in sentence for sentence in report.diagnosis)
    assert check_gradients(f, POINT, grad=df).diagnosis == ()
    one = check_gradients(Dense.random(3, 2, np.random.default_rng(2)), X[:1])
    assert any("the batch holds one example" in sentence for sentence in one.power)
    assert not any(
        "one example" in sentence for sentence in check_gradients(Dense.random(3, 2, np.random.default_rng(2)), X).power
    )


def test_a_report_can_be_saved_and_loaded(tmp_path):
    """What was measured is what is read."""
    report = check_gradients(f, POINT, grad=times(W=2))
    report.save(tmp_path / "report.json")
    assert columns(gradcheck.Report.load(tmp_path / "report.json")) == columns(report)


@pytest.mark.parametrize("progress", [None, True, False])
def test_the_bar_goes_to_stderr_and_only_when_wanted(progress, capsys):
    """Results are the same with it and without; stdout stays clean; no terminal, no bar."""
    stream = io.StringIO()
    with redirect_stderr(stream):
        report = check_gradients(f, POINT, grad=df, progress=progress)
    assert columns(report) == columns(check_gradients(f, POINT, grad=df))
    assert capsys.readouterr().out == ""
    assert progress or stream.getvalue() == ""


def test_no_warning_of_the_users_is_raised_by_probing():
    """Steps out of the domain of a logarithm warn nobody; a warning at the given point is his."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = check_gradients(lambda x: float(np.log(x).sum()), np.array([1e-3, 1.0, 2.0]), grad=lambda x: 1 / x)
    assert report.wrong == ()


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: 1e15 + np.sum(np.sin(x)), "about 1e+15, is rounded to a relative 2e-16; leave out constants"),
        (lambda x: np.float32(1e6 + np.sum(np.sin(x))), "is rounded to a relative 1e-7; compute it in float64"),
        (lambda x: np.sum(np.sin(x)) + 1e-3 * np.sin(1e9 * x.sum()), "; tighten the tolerance of any solver in it"),
    ],
    ids=["an offset", "single precision", "jitter"],
)
def test_what_cannot_be_decided_says_what_would_help(f, words):
    """A claim that may be right is not judged, and there is a next step."""
    report = check_gradients(f, np.array([0.3, 1.0, 2.0]), grad=np.cos)
    assert report.verdict is Verdict.UNDECIDED
    assert words in next(note for note in report.notes if note.startswith("to decide on x: "))


def test_what_is_zero_everywhere_is_untested():
    """Without a warning: the noise of what is exactly zero underflows."""
    x = np.random.default_rng(0).standard_normal((8, 3))
    point = {"W": np.random.default_rng(1).standard_normal((3, 4)), "b": np.full(4, -50.0)}
    report = check_gradients(
        lambda p: np.sum(np.maximum(x @ p["W"] + p["b"], 0) ** 2),
        point,
        grad=lambda p: {"W": np.zeros_like(p["W"]), "b": np.zeros(4)},
    )
    assert report.verdict is Verdict.UNTESTED


LIMITS = [1, 4, 10, 40, 100, 200, 400, 1000]


MATRIX = np.random.default_rng(2).standard_normal((12, 10))


def tall(p):
    return float(np.sum(np.tanh(p["W"] @ p["b"])))


def d_tall(p, factor=1.0):
    slope = 1 - np.tanh(p["W"] @ p["b"]) ** 2
    return {"W": factor * np.outer(slope, p["b"]), "b": slope @ p["W"]}


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("factor", [1.0, 2.0, 1.01])
def test_no_more_calls_are_made_than_are_allowed(limit, factor):
    """Diagnosis included; what was not measured is undecided, what is left undone is said, and nobody is accused."""
    f, calls = counted(tall)
    point = {"W": MATRIX, "b": np.linspace(0.1, 1, 10)}
    report = check_gradients(f, point, grad=lambda p: d_tall(p, factor), max_evaluations=limit)
    assert len(calls) == report.evaluations <= limit
    assert sum(report.spent.values()) == report.evaluations
    unmeasured = sum(int(np.isnan(t.estimates).sum()) for t in report.tensors.values())
    assert report.counts[Verdict.UNDECIDED] >= unmeasured
    assert report.verdict is not Verdict.CORRECT or not unmeasured
    assert factor != 1.0 or report.wrong == ()
    whole = check_gradients(tall, point, grad=lambda p: d_tall(p, factor))
    said = [note for note in report.notes if note.startswith("left undone: ")]
    assert bool(said) == (limit < whole.evaluations)


def test_what_would_pass_does_not_where_it_was_not_measured():
    """Whoever asserts hears of it: an error where nothing is known of a tensor."""
    point = {"W": MATRIX, "b": np.linspace(0.1, 1, 10)}
    with pytest.raises(GradientError):
        assert_gradients(tall, point, grad=d_tall, max_evaluations=20)
    assert_gradients(tall, point, grad=d_tall, max_evaluations=1000)


def test_a_long_tensor_that_was_not_screened_is_undecided():
    """Though the sample that was measured is right."""
    x = np.linspace(0.1, 1, 20_000)
    report = check_gradients(lambda x: float(np.sum(x**2)), x, grad=lambda x: 2 * x, max_evaluations=200)
    assert report.verdict is Verdict.UNDECIDED
    assert report.evaluations <= 200
    assert report.notes[-1].startswith("left undone: ")


LARGE = np.array([709.0, 1.0, -708.0])  # whose exponentials are near the largest number and the smallest


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("factor", [1.0, 1.5])
@pytest.mark.parametrize(
    "call",
    [
        lambda k: check_gradients(lambda x: np.exp(x).sum(), LARGE, grad=lambda x: k * np.exp(x)),
        lambda k: check_gradients(np.exp, LARGE, vjp=lambda x, u: k * u * np.exp(x)),
        lambda k: check_gradients(np.exp, LARGE, jac=lambda x: np.diag(k * np.exp(x))),
        lambda k: check_gradients(math.exp, 700.0, grad=lambda x: k * math.exp(x)),
        lambda k: check_gradients(
            lambda x: np.exp(x).sum(), LARGE - 9, grad=lambda x: k * np.exp(x), along=LARGE / 700
        ),
    ],
    ids=["gradient", "pullback", "Jacobian", "number", "direction"],
)
def test_values_near_the_largest_number_are_compared_without_a_warning(call, factor):
    """Which would end a check where warnings are errors."""
    assert call(factor).verdict is (Verdict.CORRECT if factor == 1 else Verdict.WRONG)


@pytest.mark.filterwarnings("error")
def test_what_the_function_warns_of_is_heard():
    """At the given point it is called as the user calls it."""
    with pytest.raises(GradientError, match="RuntimeWarning: overflow encountered in exp"):
        check_gradients(lambda x: float(np.sum(1 / np.exp(x))), LARGE + 9, grad=lambda x: -np.exp(-x))
