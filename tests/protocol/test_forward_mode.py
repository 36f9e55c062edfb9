"""Is forward mode checked? jvp(*args, *tangents) is J v: every column of it, and that it is linear."""

from __future__ import annotations

import numpy as np
import pytest
from made import tensor

from gradcheck import InputError, Oracle, Verdict, check_gradients
from gradcheck._model.subject import Subject
from gradcheck._protocol import forward_mode

rng = np.random.default_rng(0)
x, W = rng.standard_normal(3), rng.standard_normal((3, 2))


def f(x, W):
    return np.tanh(x @ W)


def jvp(x, W, dx, dW):
    return (1 - f(x, W) ** 2) * (dx @ W + x @ dW)


def wrong(report):
    return {entry.name for entry in report.wrong}


def test_a_wrong_column_is_named():
    """The tangent of one entry comes out twice as large."""

    def spoilt(x, W, dx, dW):
        return jvp(x, W, dx * [1, 1, 2], dW)

    assert wrong(check_gradients(f, x, W, jvp=spoilt)) == {"x[2]"}


def test_a_right_one_passes():
    """Of several arguments, of one, of a dict, of several outputs, of numbers."""
    assert check_gradients(f, x, W, jvp=jvp).verdict is Verdict.CORRECT
    assert check_gradients(np.sin, x, jvp=lambda x, dx: np.cos(x) * dx).verdict is Verdict.CORRECT
    params = {"W": W, "b": np.ones(2)}
    report = check_gradients(lambda p: x @ p["W"] + p["b"], params, jvp=lambda p, d: x @ d["W"] + d["b"])
    assert {name: t.verdict for name, t in report.tensors.items()} == {"W": Verdict.CORRECT, "b": Verdict.CORRECT}
    two = check_gradients(lambda x: (np.sin(x), x.sum()), x, jvp=lambda x, dx: (np.cos(x) * dx, dx.sum()))
    assert two.verdict is Verdict.CORRECT
    assert (
        check_gradients(lambda a, x: a * x, 2.0, x, jvp=lambda a, x, da, dx: da * x + a * dx).verdict is Verdict.CORRECT
    )


def test_a_forward_mode_that_is_not_linear_is_found():
    """Along each entry it is right: only together, or the other way, it is not."""

    def bent(x, dx):
        y = np.cos(x) * dx
        return y if np.count_nonzero(dx) < 2 else y + 1e-3 * np.abs(dx)

    report = check_gradients(np.sin, x, jvp=bent)
    assert [p.verdict for p in report.problems] == [Verdict.WRONG]
    assert "not linear in its tangent" in report.problems[0].sentence


def test_at_a_kink_it_is_not_judged():
    """Either slope will do."""
    at = np.array([-1.0, 0.0, 1.0])
    assert check_gradients(np.abs, at, jvp=lambda x, dx: np.sign(x) * dx).verdict is Verdict.KINK


def test_what_it_raises_is_shown():
    """It is the user's own."""
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        check_gradients(np.sin, x, jvp=lambda x, dx: 1 / 0)


@pytest.mark.parametrize(
    ("keywords", "match"),
    [
        ({"jvp": jvp, "vjp": lambda *_: None}, "mean the same"),
        ({"jvp": 3}, "jvp= must be a function"),
        ({"jvp": True, "vjp": lambda *_: None}, "jvp=True needs a PyTorch or JAX model"),
    ],
)
def test_bad_calls_are_explained(keywords, match):
    """What is wrong, and what to write."""
    with pytest.raises(InputError, match=match):
        check_gradients(f, x, W, **keywords)


def test_keyword_arguments_of_the_function_take_their_places():
    """And those that nobody knows are refused, with what was probably meant."""

    def scaled(x, scale):
        return float(np.sum(scale * x**2))

    def gradient(x, scale):
        return 2 * scale * x, np.array(np.sum(x**2))

    report = check_gradients(scaled, x, scale=np.array(2.0), grad=gradient)
    assert {*report.tensors} == {"x", "scale"}
    assert report.verdict is Verdict.CORRECT
    for name, hint in (("sclae", "did you mean scale="), ("eps", "the step comes from"), ("atol", "rtol= is")):
        with pytest.raises(InputError, match=f"unknown keyword {name}=.*{hint}"):
            check_gradients(scaled, x, np.array(2.0), grad=gradient, **{name: 1})


def with_both_modes(point, factor):
    """Check the sines of some numbers by name, whose forward mode is off by a factor."""
    u = np.array([0.5, -1.5, 2.0, 0.25, 1.0])[: len(point)]
    return check_gradients(
        Oracle(
            point,
            lambda p: np.array([np.sin(p[name][0]) for name in p]),
            lambda p: {name: np.cos(p[name]) * one for name, one in zip(p, u, strict=True)},
            cotangent=u,
            pullback=lambda p, u: {name: np.cos(p[name]) * one for name, one in zip(p, u, strict=True)},
            push=lambda p, v: np.array([factor * np.cos(p[name][0]) * v[name][0] for name in p]),
        )
    )


@pytest.mark.parametrize(("off", "verdict"), [(4e-11, Verdict.CORRECT), (8e-11, Verdict.WRONG)])
def test_the_two_modes_may_differ_by_what_sums_leave(off, verdict):
    """2^17 roundings of the terms of either."""
    assert with_both_modes({"a": x[:1]}, 1 + off).verdict is verdict


def test_three_tangents_of_each_tensor_are_pushed(monkeypatch):
    """Besides the six that show whether it is linear."""
    pushed, push = [], forward_mode._pushed
    monkeypatch.setattr(forward_mode, "_pushed", lambda *given: pushed.append(given) or push(*given))
    with_both_modes({"a": x[:1]}, 1.0)
    assert len(pushed) == 6 + 3


def test_every_tensor_of_which_it_is_wrong_is_named():
    """However many they are: one that is not would be called right."""
    report = with_both_modes({name: np.array([0.3]) for name in "abcde"}, 2.0)
    assert [problem.tensor for problem in report.problems] == [*"abcde"]


def test_a_measured_slope_is_held_against_it_to_a_millionth():
    """Besides its own uncertainty, whatever the slope: of 300 that is 3e-4."""
    subject = Subject.of(Oracle({"a": x}, lambda p: 100 * p["a"].sum(), lambda p: p), promote=False).settled()
    slope, slack = forward_mode._measured(subject, "a", np.ones(3))
    assert slope == pytest.approx(300.0)
    assert slack == pytest.approx(3e-4, rel=1e-3)


def test_what_is_held_is_not_pushed():
    """An entry that is not finite stays where it is; the others move by their size, up or down."""
    point = {"a": np.array([1.0, -np.inf, -4.0])}
    subject = Subject.of(Oracle(point, lambda p: float(np.tanh(p["a"]).sum()), lambda p: p), promote=False)
    tangent = forward_mode._along(subject, "a", np.random.default_rng(0), np.arange(3))
    assert tangent[1] == 0.0
    assert np.array_equal(np.abs(tangent), subject.leaves["a"].scale * [1, 0, 1])


@pytest.mark.parametrize("verdict", [Verdict.BROKEN, Verdict.UNDECIDED])
def test_what_is_not_known_is_held_against_nothing(verdict, monkeypatch):
    """Not a tangent of it is pushed."""
    monkeypatch.setattr(forward_mode, "_pushed", lambda *_: pytest.fail("pushed"))
    subject = Subject.of(Oracle({"a": x}, lambda p: p["a"].sum(), lambda p: p), promote=False).settled()
    result = tensor([verdict, Verdict.CORRECT, Verdict.CORRECT], name="a")
    assert result.verdict is verdict
    assert forward_mode._compared(subject, "a", x, result) is None


@pytest.mark.parametrize(("trace", "apart"), [(0.0, False), (1e-9, True)])
def test_what_rounding_leaves_of_a_zero_may_differ(trace, apart):
    """Of a shift that a mean takes off reverse mode leaves 1e-16, and forward mode what it pleases of that size."""
    a, u = np.random.default_rng(1).standard_normal((2, 7, 2))

    def gradient(p):
        left = u - u.mean(axis=0)
        return {"a": left, "shift": left.sum(axis=0)}

    def push(p, d):
        return d["a"] - d["a"].mean(axis=0) + (3e-17 + trace) * d["shift"]

    oracle = Oracle(
        {"a": a, "shift": np.array([0.3, -1.0])},
        lambda p: p["a"] + p["shift"] - (p["a"] + p["shift"]).mean(axis=0),
        gradient,
        cotangent=u,
        push=push,
    )
    assert [problem.tensor for problem in check_gradients(oracle).problems] == ["shift"] * apart


@pytest.mark.parametrize(("traces", "apart"), [((0.0, 0.0), False), ((1e-9, 0.0), True), ((0.0, 1e-9), True)])
def test_what_does_not_move_may_have_any_rounding_for_a_derivative(traces, apart):
    """The sum of a softmax is 1: forward mode leaves other last digits of its derivative for each tangent."""

    def softmax(x):
        e = np.exp(x - x.max())
        return e / e.sum()

    def push(p, d):
        s, dx = softmax(p["x"]), d["x"]
        return np.array([np.sum(s * dx) - np.sum(s * np.sum(s * dx)) + traces[0] * dx[0] + traces[1] * abs(dx[1])])

    oracle = Oracle(
        {"x": np.array([0.1, -0.7, 1.3, 0.2])},
        lambda p: np.array([np.sum(softmax(p["x"]))]),
        lambda p: {"x": np.zeros(4)},
        cotangent=np.ones(1),
        push=push,
    )
    assert bool(check_gradients(oracle).problems) is apart


def test_what_moves_nothing_is_compared_no_better_than_it_was_measured():
    """As where terms of order one cancel, whose rounding the value does not show; others are known better."""
    codes = [Verdict.UNTESTED, Verdict.CORRECT, Verdict.UNTESTED, Verdict.UNTESTED]
    result = tensor(codes, shape=(2, 3), flat=np.array([0, 1, 2, 5]))
    result.uncertainties[:] = [1e-3, 1e-2, np.nan, 1e-4]
    tangent = np.array([[-2.0, 7.0, 7.0], [7.0, 7.0, 3.0]])
    assert forward_mode._unseen(result, tangent) == pytest.approx(2e-3 + 3e-4)


def test_what_reverse_mode_leaves_of_a_zero_is_counted_in_what_it_moves():
    """In units of the tensor it is less where that is large: along a tangent of its size it is the same."""
    point = {"large": np.full(3, 1e3), "small": np.full(3, 1e-3), "other": np.ones(3)}
    subject = Subject.of(Oracle(point, lambda p: p["other"].sum(), lambda p: p), promote=False).settled()
    claims = {"large": np.zeros(3), "small": np.zeros(3), "other": np.ones(3)}
    left = [forward_mode._reverse(subject, path, claims, np.ones(3)) for path in ("large", "small")]
    assert left[0] == (0.0, pytest.approx(left[1][1], rel=1e-12))
