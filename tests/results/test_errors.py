"""An error survives the way from a worker with its report, and tells its kind."""

from __future__ import annotations

import pickle

import pytest
from made import report, tensor

import gradcheck
from gradcheck import (
    BiasMismatch,
    GradientError,
    InputError,
    InputMismatch,
    UndecidedWarning,
    Verdict,
    WeightMismatch,
)
from gradcheck._results.errors import CallError


@pytest.mark.parametrize("error", [GradientError, WeightMismatch, BiasMismatch, InputMismatch])
def test_an_error_survives_pickling_with_its_report(error):
    """Pytest-xdist sends it from a worker; it is an AssertionError that a user can import."""
    raised = error("W[0] is wrong", report(tensor([Verdict.WRONG], [1.0])))
    twin = pickle.loads(pickle.dumps(raised))
    assert type(twin) is error
    assert isinstance(twin, AssertionError)
    assert str(twin) == "W[0] is wrong"
    assert twin.report.wrong == raised.report.wrong
    assert getattr(gradcheck, error.__name__) is error
    assert error.__module__ == "gradcheck"


def test_the_kinds_of_error():
    """A mismatch is a GradientError; a call that makes no sense is a ValueError, not a wrong gradient."""
    assert all(issubclass(e, GradientError) for e in (WeightMismatch, BiasMismatch, InputMismatch))
    assert issubclass(InputError, ValueError)
    assert not issubclass(InputError, AssertionError)
    assert issubclass(UndecidedWarning, UserWarning)


def test_an_error_of_the_users_function_survives_a_process():
    """Its class is not among the public names, and crosses to another process all the same."""
    error = CallError("the function raised ValueError")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.report) == (CallError, str(error), None)
