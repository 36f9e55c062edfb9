"""A report amounts to the error of its worst tensor, to another if nothing could be judged, or to none."""

from __future__ import annotations

import pytest
from made import report, tensor

from gradcheck import BiasMismatch, GradientError, InputMismatch, Verdict, WeightMismatch
from gradcheck._judge.failure import failure_of
from gradcheck._results.report import Problem

WRONG, FINE = Verdict.WRONG, Verdict.CORRECT


def kinds(**codes):
    """Return a report with a tensor of each kind, of one entry: its verdict, and its claim."""
    return report(*(tensor([code], [claim], name=kind, kind=kind) for kind, (code, claim) in codes.items()))


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("weight", WeightMismatch),
        ("parameter", WeightMismatch),
        ("bias", BiasMismatch),
        ("input", InputMismatch),
        ("something else", GradientError),
    ],
)
def test_a_wrong_tensor_is_an_error_of_its_kind(kind, error):
    """A kind that nobody knows is a wrong gradient all the same."""
    assert failure_of(kinds(**{kind: (WRONG, 1.0)})) is error


def test_the_worst_of_several_counts():
    """In units of its uncertainty, whatever their order."""
    assert failure_of(kinds(weight=(WRONG, 0.6), bias=(WRONG, 9.0), input=(WRONG, 0.7))) is BiasMismatch
    assert failure_of(kinds(bias=(WRONG, 0.6), weight=(WRONG, 9.0))) is WeightMismatch


@pytest.mark.parametrize("code", [Verdict.BROKEN, Verdict.UNDECIDED, Verdict.UNTESTED])
def test_where_nothing_could_be_judged_the_report_does_not_pass(code):
    """Nor does one with a breach of the protocol, though every entry agree."""
    assert failure_of(report(tensor([code, code]))) is GradientError
    assert failure_of(report(tensor([FINE]), problems=(Problem(code, "a breach"),))) is GradientError


def test_a_right_report_passes():
    """With a valid subgradient in it too."""
    assert failure_of(report(tensor([FINE, FINE]), tensor([Verdict.KINK], name="x"))) is None


@pytest.mark.parametrize("code", [Verdict.UNDECIDED, Verdict.UNTESTED])
def test_a_part_that_could_not_be_judged_may_pass(code):
    """Some entries of a tensor, or a tensor that nothing exercises beside others that were tested."""
    assert failure_of(report(tensor([FINE, code]))) is None
    assert failure_of(report(tensor([FINE]), tensor([Verdict.UNTESTED], name="x"))) is None


def test_one_tensor_of_which_nothing_is_decided_does_not():
    """Beside others that are right; one jump in it does not either."""
    assert failure_of(report(tensor([FINE]), tensor([Verdict.UNDECIDED], name="x"))) is GradientError
    assert failure_of(report(tensor([FINE, Verdict.BROKEN]))) is GradientError
