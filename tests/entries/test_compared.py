"""An input along which f is constant in pieces, here and nearby, is data; what stands still by chance is not."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._entries import compared as module
from gradcheck._entries.compared import compared
from gradcheck._model.subject import Subject

X, T = np.random.default_rng(0).normal(size=4), np.array([1.0, 0, 0, 1])
ALL = ({"t"}, {"t"})


def found(f, t=T, dt=np.zeros_like, kind="input"):
    """Return which tensors are only compared, and at which f jumps, beside x, of which f is sin x or more."""
    oracle = Oracle(
        {"x": X, "t": t},
        lambda p: float(np.sum(f(p["x"], p["t"]))),
        lambda p: {"x": np.cos(p["x"]), "t": dt(p["t"])},
        kinds={"x": "input", "t": kind},
    )
    subject = Subject.of(oracle, promote=False).settled()
    held = compared(subject, subject.claims(), 0)
    return set(held.tensors), set(held.jumping)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x, t: np.where(t == 1, np.sin(x), x), ALL),
        (lambda x, t: np.where(t > 0, np.sin(x), x), ALL),
        (lambda x, t: np.where(t > 0.5, np.sin(x), x), ({"t"}, set())),
        (lambda x, _: np.sin(x), ({"t"}, set())),
        (lambda x, t: x[np.round(t).astype(int) % 4], ({"t"}, set())),
        (lambda x, t: np.where(t == 1, np.sin(x), 0) / np.sum(t == 1), ALL),
        (lambda x, t: np.where(t == 1, np.sin(x), 0) / np.sum(t == 1) * np.sum(t), (set(), set())),
        (lambda x, t: np.where(t == 1, np.sin(x), x) + 1e-6 * t, (set(), set())),
        (lambda x, t: np.sin(x) * t, (set(), set())),
    ],
    ids=[
        "equal",
        "greater",
        "half",
        "unused",
        "rounded",
        "a mean of ones",
        "of ones and a sum",
        "and a slope",
        "weights",
    ],
)
def test_what_has_no_slope_anywhere_is_compared(f, expected):
    """It jumps, or does nothing; any slope at all is another matter."""
    assert found(f) == expected


def test_what_stands_still_at_the_given_point_alone_is_not():
    """Dead units wake where inputs take both signs, and so do products with zeros that move."""
    assert found(lambda x, t: np.sin(x) + np.maximum(t, 0), t=-1 - T) == (set(), set())
    assert found(lambda x, t: x + t**2, t=np.zeros(4)) == (set(), set())


def test_only_inputs_are_asked_for_which_zero_is_claimed_everywhere():
    """A weight is no label, and a claim that is not zero, here or elsewhere, is looked at."""

    def f(x, t):
        return np.where(t == 1, np.sin(x), x)

    assert found(f, kind="weight") == (set(), set())
    assert found(f, dt=np.ones_like) == (set(), set())
    assert found(f, dt=lambda t: (t != T) * 1.0) == (set(), set())


def test_a_wrong_gradient_beside_labels_is_found_and_the_right_one_passes():
    """The labels are held, which is said, and stay at neighbours; without a claim beside it, a jump is BROKEN."""

    def f(x, t):
        return np.sum(np.where(t == 1, np.sin(x), x**2))

    def df(x, t):
        return t * np.cos(x) + (1 - t) * 2 * x, 0 * t

    wrong = check_gradients(f, X, T, grad=lambda x, t: (2 * df(x, t)[0], 0 * t))
    assert {entry.tensor for entry in wrong.wrong} == {"x"}
    assert "x: every entry is exactly twice" in wrong.diagnosis[0]
    report = check_gradients(f, X, T, grad=df)
    assert report.verdict is Verdict.CORRECT
    assert list(report.tensors) == ["x"]
    assert "held fixed, as data: t; zero is claimed, and the function has no slope there but jumps" in str(report.notes)
    alone = check_gradients(lambda t: f(X, t), T, grad=np.zeros_like)
    assert alone.verdict is Verdict.BROKEN


def test_a_bound_on_the_evaluations_is_kept():
    """What could not be looked at is measured, as far as that goes."""
    report = check_gradients(
        lambda x, t: np.sum(np.where(t == 1, np.sin(x), x)),
        X,
        T,
        grad=lambda x, t: (np.where(t == 1, np.cos(x), 1.0), 0 * t),
        max_evaluations=5,
    )
    assert report.evaluations <= 5
    assert report.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(("edges", "jumps"), [((), [0.0, 0.0]), ((2.0**-7,), [0.0, 0.0]), ((2.0**-10, 2.0**-7), None)])
def test_f_is_constant_in_pieces_that_are_seen_at_four_steps_on_either_side(edges, jumps):
    """At the two smallest it is the same, and further away a jump may lie on the way: one of them."""
    steps = []
    line = lambda t: (steps.append(t), float(sum(t > edge for edge in edges)))  # noqa: E731
    assert module._jumps(line, 2.0, module.STEPS) == jumps
    assert {*steps} <= {2 * sign * step for sign in (1, -1) for step in (2.0**-20, 2.0**-12, 2.0**-8, 2.0**-4)}
    assert max(steps) == 2.0**-3


def test_tensors_that_are_compared_are_looked_at_in_two_places_more(monkeypatch):
    """With both signs at the second."""
    flips, near = [], module.somewhere_near
    noted = lambda *words, flip, **more: flips.append(bool(flip)) or near(*words, flip=flip, **more)  # noqa: E731
    monkeypatch.setattr(module, "somewhere_near", noted)
    point = {"x": np.linspace(0.5, 1.5, 3), "mask": np.array([0.2, 0.9, 0.4])}

    def f(p):
        return float(np.sum(p["x"] ** 2 * (p["mask"] > 0.5)))

    def df(p):
        return {"x": 2 * p["x"] * (p["mask"] > 0.5), "mask": np.zeros(3)}

    kinds = {"x": "input", "mask": "input"}
    subject = Subject.of(Oracle(point, f, df, kinds=kinds), promote=False).settled()
    assert compared(subject, subject.claims(), 0).tensors == {"mask"}
    assert flips == [False, True]


def test_where_f_has_no_value_along_all_one_entry_of_each_of_four_numbers_is_moved():
    """Of labels few are so many."""
    labels = np.repeat(np.arange(6.0), 2)

    def f(p):
        return 0.0 if np.count_nonzero(p["y"] != labels) <= 1 else np.nan

    subject = Subject.of(Oracle({"y": labels}, f, lambda p: p, kinds={"y": "input"}), promote=False).settled()
    assert module._sides(subject, "y") == [0.0] * 2 * 4
