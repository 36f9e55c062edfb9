"""What is wrong at a neighbour only says so in its first line, with the point."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, assert_gradients, check_gradients
from gradcheck._render import text
from gradcheck._render.failure import failure_message
from gradcheck._render.html import page as html
from gradcheck._render.nearby import lead, whereabouts
from gradcheck._results.report import Problem

PLACES = {320: "neighbour 1"}
POINTS = {"neighbour 1": "x = [0.1, 0.2]"}


def test_the_given_point_is_not_named(wrong, tensor):
    """It is where everything is measured, if nothing else is said."""
    assert whereabouts(wrong(), wrong().worst) == ""
    assert whereabouts(tensor(), tensor().worst) == ""


@pytest.mark.parametrize(("points", "said"), [(POINTS, "neighbour 1 (x = [0.1, 0.2])"), ({}, "neighbour 1")])
def test_a_neighbour_is_named_with_its_numbers(wrong, points, said):
    """Where they are known: an older report has none."""
    found = wrong(places=PLACES, points=points)
    assert whereabouts(found, found.worst) == said


def test_the_sentence_of_what_is_wrong_only_nearby(report, wrong):
    """It names an entry and the point."""
    said = lead(report(wrong(places=PLACES, points=POINTS)))
    assert said == "nothing is wrong at the given point, but W2[5,0] is at neighbour 1 (x = [0.1, 0.2])"


def test_beside_a_message_its_numbers_are_told_once(report, wrong):
    """On the page, and below the message of a failing test."""
    nearby = report(wrong(places=PLACES, points=POINTS))
    assert lead(nearby, numbers=False).endswith("W2[5,0] is at neighbour 1")
    assert html.render(nearby).count("x = [0.1, 0.2]") == 1
    assert text.render(nearby).count("x = [0.1, 0.2]") == 1
    assert "x = [0.1, 0.2]" not in text.render(nearby, told=failure_message(nearby))


def test_the_sentence_of_everything_else_is_that_of_its_verdict(report, wrong, tensor):
    """Whatever is wrong at the given point, or is a breach of the protocol, comes first."""
    nearby = wrong(places=PLACES, points=POINTS)
    assert lead(report(wrong(name="W1"), nearby)) == Verdict.WRONG.sentence
    assert lead(report(nearby, problems=(Problem(Verdict.WRONG, "not linear"),))) == Verdict.WRONG.sentence
    assert lead(report(tensor())) == Verdict.CORRECT.sentence


def test_the_sentence_of_a_broken_rule_is_true_of_the_table_below_it(report, tensor, wrong):
    """It does not say that there is nothing to compare, nor that a claim is off, above a table that is right."""
    for verdict in (Verdict.BROKEN, Verdict.WRONG):
        problem = Problem(verdict, "the backward changes its cotangent in place")
        said = lead(report(tensor(), problems=(problem,)))
        assert said == "a rule is broken, whatever the entries below say: see the problem"
    assert lead(report(problems=(problem,))) == "what is claimed breaks a rule: see the problem"
    broken = Problem(Verdict.BROKEN, "it raised")
    assert lead(report(problems=(broken,))) == Verdict.BROKEN.sentence
    assert lead(report(wrong(), problems=(broken,))) == Verdict.WRONG.sentence


def test_both_faces_begin_with_it():
    """The report, and the failure of a test."""
    x = np.zeros(2)
    report = check_gradients(lambda x: x.sum() + (x @ x) ** 2, x, grad=np.ones_like)
    first = str(report).partition("tensor")[0]
    assert "nothing is wrong at the given point, but x[" in " ".join(first.split())
    assert "(x = [" in first
    with pytest.raises(AssertionError) as caught:
        assert_gradients(lambda x: x.sum() + (x @ x) ** 2, x, grad=np.ones_like)
    first, *others = str(caught.value).splitlines()
    assert ", at neighbour 1 (x = [" in first
    assert any(line.startswith("nearby   the claim does not change when the point moves") for line in others)
