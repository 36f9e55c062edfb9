"""Results are data: the worst comes first, and nothing is folded into anything else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import report, tensor

from gradcheck import (
    Check,
    Run,
    Verdict,
)
from gradcheck._results.estimate import Rung
from gradcheck._results.report import Assured, Problem

verdicts = st.sampled_from(Verdict)


def test_a_wrong_entry_is_named():
    """One wrong entry of six makes the report wrong, and is its only one, by tensor and index."""
    codes = [Verdict.CORRECT] * 4 + [Verdict.WRONG, Verdict.CORRECT]
    found = report(tensor(codes, [0.5, 0.5, 0.5, 0.5, 1.0, 0.5], shape=(2, 3), name="W2"), tensor([1], name="b"))
    assert found.verdict is Verdict.WRONG
    assert [e.name for e in found.wrong] == ["W2[1,1]"]
    assert (found.wrong[0].claim, found.wrong[0].estimate) == (1.0, 0.5)


def test_nothing_wrong():
    """A report of right entries is correct, and has no wrong ones."""
    found = report(tensor([Verdict.CORRECT] * 3))
    assert found.verdict is Verdict.CORRECT
    assert found.wrong == ()


@pytest.mark.parametrize("code", [Verdict.KINK, Verdict.UNDECIDED, Verdict.UNTESTED, Verdict.BROKEN])
def test_what_cannot_be_judged_is_not_wrong_and_not_correct(code):
    """A tensor keeps its verdict, whichever it is."""
    found = report(tensor([code, code]))
    assert found.verdict is code
    assert found.wrong == ()
    assert found.counts == {code: 2}


# ------------------------------------------------------------------------------------------ tensors


@given(st.lists(verdicts, min_size=1, max_size=12))
def test_the_verdict_of_a_tensor_is_its_worst(codes):
    """Untested entries count only where nothing else was tested; the counts add up."""
    found = tensor(codes)
    tested = [c for c in codes if c is not Verdict.UNTESTED]
    assert found.verdict is max(tested, default=Verdict.UNTESTED)
    assert found.worst is not None
    assert found.worst.verdict is found.verdict
    assert {v: n for v, n in found.counts.items() if n} == {v: codes.count(v) for v in set(codes)}
    assert found.wrong == codes.count(Verdict.WRONG)
    assert found.checked == len(codes)


def test_the_worst_entry_is_the_furthest_of_the_worst_verdict():
    """In units of its uncertainty: a large discrepancy that is poorly known counts for less."""
    wrong, fine = Verdict.WRONG, Verdict.CORRECT
    found = tensor([fine, wrong, wrong, wrong], [9.0, 0.6, 0.7, 0.9], uncertainty=[1e-9, 1e-9, 1e-9, 1.0])
    assert found.worst.index == (2,)
    assert [e.index for e in found.entries(wrong)] == [(2,), (1,), (3,)]


def test_a_claim_of_nan_is_the_worst_of_all():
    """It stands before any finite discrepancy."""
    found = tensor([Verdict.WRONG] * 3, [1e9, math.nan, 2.0])
    assert found.worst.index == (1,)


def test_entries_of_all_verdicts():
    """Without a verdict all of them come, the furthest first."""
    found = tensor([Verdict.CORRECT, Verdict.WRONG, Verdict.KINK], [0.5, 1.0, 0.7])
    assert [e.index for e in found.entries()] == [(1,), (2,), (0,)]
    assert [e.verdict for e in found.entries(Verdict.KINK)] == [Verdict.KINK]


def test_a_tensor_of_which_nothing_was_checked():
    """It has no worst entry, and was not tested."""
    found = tensor([], shape=(2, 2))
    assert found.worst is None
    assert (found.verdict, found.checked, found.size, found.wrong) == (Verdict.UNTESTED, 0, 4, 0)


@given(st.lists(st.integers(1, 4), max_size=3), st.data())
def test_an_index_counts_in_c_order(shape, data):
    """The flat index of a sampled entry becomes the index that NumPy would use."""
    array = np.arange(math.prod(shape)).reshape(shape)
    flat = data.draw(st.integers(0, array.size - 1))
    found = tensor([Verdict.CORRECT], shape=tuple(shape), flat=np.array([flat]))
    assert array[found.index(0)] == flat
    assert found.size == array.size


def test_an_entry_carries_its_ladder_and_its_place():
    """Both are filed under the flat index; others stand at the given point, without a ladder."""
    ladder = (Rung(0.1, 1.0, 1.0, 0.0),)
    found = tensor([1, 1], shape=(10,), flat=np.array([4, 9]), rungs={9: ladder}, places={9: "neighbour 1"})
    assert (found.entry(0).rungs, found.entry(0).where) == ((), "the given point")
    assert (found.entry(1).rungs, found.entry(1).where) == (ladder, "neighbour 1")


# ------------------------------------------------------------------------------------------- report


def test_a_report_has_no_truth_value():
    """The error says what to write instead."""
    with pytest.raises(TypeError, match=r"no truth value.*report\.verdict is Verdict\.CORRECT"):
        assert report(tensor([Verdict.CORRECT]))


def test_a_report_that_passed_is_true():
    """What asserts returns it."""
    passed = Assured.of(report(tensor([Verdict.CORRECT])))
    assert passed
    assert passed.name == report().name
    assert passed.verdict is Verdict.CORRECT


@given(st.lists(st.lists(verdicts, min_size=1, max_size=3), max_size=3), st.lists(verdicts, max_size=2))
def test_the_verdict_of_a_report_is_the_worst_of_its_tensors_and_problems(codes, problems):
    """And entries are counted over all tensors."""
    tensors = [tensor(c, name=f"W{i}") for i, c in enumerate(codes)]
    found = report(*tensors, problems=tuple(Problem(v, "a sentence") for v in problems))
    assert found.verdict is max([t.verdict for t in tensors] + problems, default=Verdict.UNTESTED)
    assert found.checked == sum(map(len, codes)) == sum(found.counts.values())
    assert len(found.wrong) == found.counts[Verdict.WRONG]


def test_a_report_of_nothing_is_untested():
    """Nothing was found wrong in it, and nothing right."""
    assert report().verdict is Verdict.UNTESTED


def test_wrong_entries_of_several_tensors():
    """They come tensor by tensor, the largest discrepancy first within each."""
    first = tensor([Verdict.WRONG, Verdict.WRONG], [0.6, 0.9], name="W1")
    found = report(first, tensor([1], name="b1"), tensor([Verdict.WRONG], [0.7], name="W2"))
    assert [e.name for e in found.wrong] == ["W1[1]", "W1[0]", "W2[0]"]


def test_printing_shows_the_table():
    """As text and, for notebooks, as HTML, the name and the verdict are in it."""
    found = report(tensor([Verdict.WRONG], [1.0]))
    assert all(word in str(found) for word in ("MLP", "WRONG", "W[0]"))
    assert "<!doctype" not in found._repr_html_().lower()  # a part of somebody else's page
    assert Run((Check(found),))._repr_html_().count("WRONG") >= 1


def test_a_report_is_one_line_where_it_is_only_named():
    """As the last line of a cell, or in the message of an assertion; a notebook shows its page, and print the table."""
    codes = [Verdict.CORRECT] * 999 + [Verdict.WRONG]
    found = report(tensor(codes, [0.5] * 999 + [1.0], shape=(10, 100), name="W"))
    assert repr(found) == "<Report 'MLP': WRONG, 1 wrong, 999 correct, seed 0>"
    assert repr(found.tensors) == "{'W': <TensorResult 'W' (10, 100): WRONG, 1 wrong, 999 correct>}"
    assert repr(Run((Check(found),), "tests")) == "<Run 'tests': WRONG, 1 wrong>"
    assert str(found).count("\n") > 5


def test_a_report_of_problems_says_how_many():
    """Where nothing was compared there are no entries to be counted."""
    broken = Problem(Verdict.BROKEN, "it changes")
    assert repr(report(problems=(broken,))) == "<Report 'MLP': BROKEN, 1 problem, seed 0>"
    assert repr(report(problems=(broken, broken))) == "<Report 'MLP': BROKEN, 2 problems, seed 0>"
