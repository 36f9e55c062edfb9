"""Is it found what is left out of a gradient, by asking for the gradient without it?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradcheck import Report, Verdict
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.left_out import left_out
from gradcheck._model.undone import Undone
from gradcheck._results.report import TensorResult

RIGHT = {"W": np.array([1.0, -2.0, 3.0]), "b": np.array([0.5, 0.7])}


def report(**claims):
    tensors = {}
    for name, e in RIGHT.items():
        c = np.asarray(claims.get(name, e), dtype=float)
        codes = np.where(c == e, Verdict.CORRECT, Verdict.WRONG).astype(np.int8)
        small = np.full(e.size, 1e-11)
        tensors[name] = TensorResult(name, "weight", e.shape, "float64", np.arange(e.size), c, e, small, e, e, codes)
    return Report("Net", 0, tensors)


WRONG = report(W=[1.0, 0.0, 0.0])
TAKEN_OUT = Undone("without its detach", dict, flat="a straight-through estimator")


def found(gradient, of=WRONG, undone=TAKEN_OUT):
    cause = left_out(of.tensors.values(), [undone], lambda _: gradient)
    return None if cause is None else cause.said


def test_what_makes_it_right_when_it_is_undone_is_the_cause():
    """In every tensor, the right ones as well."""
    assert found(RIGHT) == "W: without its detach"
    assert found(RIGHT, report(W=[0, 0, 0], b=[0, 0])) == "without its detach"
    assert left_out(WRONG.tensors.values(), [TAKEN_OUT], lambda _: RIGHT).kind is Slip.LEFT_OUT


def test_what_leaves_anything_wrong_is_not():
    """Or makes anything else wrong, or cannot be asked for."""
    assert found({**RIGHT, "W": np.array([1.0, -2.0, 0.0])}) is None
    assert found({**RIGHT, "b": np.array([0.5, 0.8])}) is None
    assert found({"W": RIGHT["W"]}) is None
    assert found({**RIGHT, "W": np.array([1.0, np.nan, 3.0])}) is None
    assert found(None) is None


def test_where_the_function_stands_still_it_is_said_otherwise():
    """As of rounding, which is let through."""
    still = report(W=[1.0, 1.0, 1.0])
    still = replace(still, tensors={**still.tensors, "W": replace(still.tensors["W"], estimates=np.zeros(3))})
    assert found({**RIGHT, "W": np.zeros(3)}, still) == "W: a straight-through estimator"


def test_what_cannot_be_undone_speaks_for_its_own_tensors():
    """If no other is wrong."""
    purpose = Undone("on purpose", tensors=frozenset({"W"}))
    assert found(None, undone=purpose) == "W: on purpose"
    assert found(None, report(W=[0, 0, 0], b=[0, 0]), purpose) is None


def test_what_is_held_constant_is_the_cause_where_the_claims_are_right_meanwhile():
    """It is asked of the wrong tensors alone; without anybody who can tell it is none."""
    asked = []

    def holds(one, names):
        asked.append((one.sentence, names))
        return True

    held = Undone("right with it held", held=dict)
    cause = left_out(WRONG.tensors.values(), [held], lambda _: None, holds)
    assert (cause.kind, cause.said) == (Slip.LEFT_OUT, "W: right with it held")
    assert asked == [("right with it held", frozenset({"W"}))]
    assert left_out(WRONG.tensors.values(), [held], lambda _: None) is None
    assert left_out(report().tensors.values(), [held], lambda _: None, holds) is None


def test_where_the_slope_is_infinite_nothing_is_made_right():
    """No number is right there, and the function does not stand still."""
    endless = report(W=[np.nan, np.nan, np.nan])
    endless = replace(
        endless, tensors={**endless.tensors, "W": replace(endless.tensors["W"], estimates=np.full(3, np.inf))}
    )
    assert found(RIGHT, endless) is None
