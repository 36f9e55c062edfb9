"""Several reports of one call in one: nothing of theirs is lost, and what two of them call alike is told apart."""

from __future__ import annotations

from dataclasses import replace

from tanh_layer import POINT, df, f, times

from gradcheck import Verdict, check_gradients
from gradcheck._check.together import joined, together
from gradcheck._results.report import Problem

RIGHT = check_gradients(f, POINT, grad=df)
WRONG = check_gradients(f, POINT, grad=times(W=2))
JUMPY = Problem(Verdict.BROKEN, "the function is not continuous")


def test_what_is_wrong_in_one_is_wrong_in_all():
    """The worst tensor stands first; what was spent is added; what is said is said once."""
    both = together([RIGHT, replace(WRONG, name="g", problems=(JUMPY,))])
    assert next(iter(both.tensors)) == "g: W"
    assert {name: t.verdict for name, t in both.tensors.items()} == {
        "g: W": Verdict.WRONG,
        "W": Verdict.CORRECT,
        "b": Verdict.CORRECT,
        "g: b": Verdict.CORRECT,
    }
    assert (both.problems, both.diagnosis) == ((JUMPY,), WRONG.diagnosis)
    assert both.evaluations == RIGHT.evaluations + WRONG.evaluations
    assert sum(both.spent.values()) == sum(RIGHT.spent.values()) + sum(WRONG.spent.values())


def test_three_of_one_name_are_numbered():
    """Where even the names of the reports are alike."""
    assert sorted(together([RIGHT, RIGHT, RIGHT]).tensors) == ["W", "W (2)", "b", "b (2)", "f: W", "f: b"]


def test_the_gradient_of_the_gradient_is_told_from_the_gradient():
    """By its names and sentences; what it does not depend on is a note, not a row."""
    still = check_gradients(lambda p: f({**p, "b": POINT["b"]}), POINT, grad=times(b=0))
    second = replace(WRONG, problems=(JUMPY,))
    both = joined(RIGHT, second)
    assert next(iter(both.tensors)) == "order 2: W"
    assert both.problems[0].sentence == f"order 2: {JUMPY.sentence}"
    assert all(sentence.startswith("order 2: ") for sentence in both.diagnosis)
    assert "order 2: the gradient does not depend on b" in joined(RIGHT, still).notes
    assert "order 2: b" not in joined(RIGHT, still).tensors
