"""Fuzzing: a false accusation, a crash and a missed mistake are found, made small and counted; nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fuzzing import QUICK, fuzzed

from gradcheck import (
    Verdict,
    check_gradients,
    networks,
)
from gradcheck._fuzz.faces import render
from gradcheck._fuzz.search import MISSED, Fuzz, judged
from gradcheck._fuzz.shrink import Finding
from gradcheck.strategies import Case

RIGHT = Case(("row", 2), (("dense", 2), ("tanh",)), "squares", batch=3)


def test_a_wrong_layer_is_found_and_made_small(spoil):
    """As soon as it occurs, the run has a failure: the layer alone, or with one other."""
    spoil(networks.Dense, lambda dx, grad: (dx, replace(grad, b=2 * grad.b)))
    fuzz = fuzzed(examples=6)
    assert {failure.failure for failure in fuzz.failures} == {"WRONG"}
    assert all(failure.example.depth <= 2 for failure in fuzz.failures)
    assert fuzz.failures[0].example == Case(layers=(("dense", 1),))
    assert "claimed 2" in fuzz.failures[0].sentence
    assert len(fuzz.rows) == 6
    assert len({failure.example for failure in fuzz.failures}) == len(fuzz.failures) <= fuzz.failed


def test_a_crash_is_found_and_made_small(spoil):
    """Whatever a layer raises is a failure, under the name of the exception."""

    def crash(*_):
        raise ZeroDivisionError

    spoil(networks.Dense, crash)
    fuzz = fuzzed(examples=6)
    assert fuzz.failures[0].example == Case(layers=(("dense", 1),))
    assert fuzz.failures[0].failure == "CallError"
    assert "ZeroDivisionError" in fuzz.failures[0].sentence


def test_a_checker_that_sees_nothing_misses(monkeypatch):
    """A mistake that changes the gradient and is not found is a failure of the checker."""

    def blind(*args, **keywords):
        return replace(check_gradients(*RIGHT, **QUICK), problems=())

    monkeypatch.setattr("gradcheck._fuzz.search.check_gradients", blind)
    fuzz = fuzzed(examples=6, faulty=True)
    assert {failure.failure for failure in fuzz.failures} == {MISSED}
    assert {row.fault for row in fuzz.rows} <= {"missed", "none fits"}
    assert "missed" in render(fuzz)
    assert "changes the gradient by" in fuzz.failures[0].sentence


@pytest.mark.parametrize("options", [{}, {"layers": True}], ids=["networks", "layers"])
def test_right_networks_are_not_accused(options):
    """As many are checked as were asked for."""
    fuzz = fuzzed(examples=12, **options)
    assert fuzz.failures == []
    assert len(fuzz.rows) == 12


def test_planted_faults_are_found():
    """All that were planted, where every entry is checked."""
    fuzz = Fuzz(12, faulty=True, keywords={"neighbours": 0})
    fuzz.run()
    assert fuzz.failures == []
    assert {row.fault for row in fuzz.rows} <= {"found", "none fits"}
    assert "found" in render(fuzz)


def test_the_seed_decides(monkeypatch):
    """The same seed checks the same networks, another one others."""
    cases = []
    monkeypatch.setattr("gradcheck._fuzz.search.judged", lambda case, _: cases.append(case) or Finding(case))
    for seed in (3, 3, 4):
        fuzzed(examples=60, seed=seed)
    first, again, other = cases[:60], cases[60:120], cases[120:]
    assert first == again
    assert len(set(first) & set(other)) < 30


@pytest.mark.parametrize(
    ("case", "failure", "note"),
    [
        (RIGHT, "", ""),
        (replace(RIGHT, fault=("bias_twice", 0)), "", "found"),
        (replace(RIGHT, layers=(("dense", 2),), loss=None, fault=("tanh_missing", 0)), "", "raises"),
        (replace(RIGHT, fault=("doubled_decay", 0)), "", "changes nothing"),
        (replace(RIGHT, fault=("one_entry", 0)), "", "raises"),
        (replace(RIGHT, layers=(("dropout", 2.0),)), "ValueError", "crashed"),
    ],
    ids=["right", "found", "no such layer", "without effect", "raises", "cannot be built"],
)
def test_what_became_of_a_case(case, failure, note):
    """A mistake without effect at this point, or that cannot be made with these shapes, is no failure."""
    finding = judged(case, QUICK)
    assert (finding.failure, finding.note) == (failure, note)


def test_an_interrupted_run_keeps_what_it_has(monkeypatch):
    """The networks that were checked are in the table."""
    calls = []

    def interrupted(case, keywords):
        calls.append(case)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return judged(case, keywords)

    monkeypatch.setattr("gradcheck._fuzz.search.judged", interrupted)
    fuzz = Fuzz(100, keywords=QUICK)
    with pytest.raises(KeyboardInterrupt):
        fuzz.run()
    assert len(fuzz.rows) == 3
    assert "\nall " in render(fuzz)


@pytest.mark.parametrize(
    "case",
    [
        Case(takes=("tokens", 1, 3), layers=(("embedding", 1), ("flatten",)), loss="soft-cross-entropy", seed=1),
        Case(takes=("sequence", 1, 3), layers=(("softmax",),), loss="hinge", dtype="float32"),
        Case(("sequence", 1, 1), (("self-attention", 1, False), ("rms-norm",)), "l1", batch=2, seed=142),
        Case(layers=(("repeat", 1, (("layer-norm",),)), ("repeat", 2, (("batch-norm", False),))), batch=4),
        Case(takes=("sound", 1, 2), layers=(("repeat", 3, (("dropout", 0.5),)), ("tanh",)), dtype="float32"),
        Case(takes=("several",), layers=(("cosine-embedding", 1),), dtype="float32"),
    ],
    ids=repr,
)
def test_what_was_once_accused_for_its_rounding(case):
    """Gradients that are zero, or nearly, as sums cancel: what is left need not be linear, nor the same in float32."""
    assert check_gradients(*case).verdict not in {Verdict.WRONG, Verdict.BROKEN}
