"""Is the layer found that is wrong by itself, and none blamed that is right?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import E

from gradcheck import Verdict, check_gradients
from gradcheck._adapters.recorder import OUTER
from gradcheck._diagnose.budget import Budget, Exhausted
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.guilty_layer import Alone, Asking, examine
from gradcheck._model.oracle import Oracle
from gradcheck._results.report import Report, TensorResult
from gradcheck.networks import FAULTS, Chain, CrossEntropy, Dense, MeanSquaredError, Tanh

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(6, 4)), RNG.normal(size=(6, 3))
LABELS = CrossEntropy(np.array([0, 2, 1, 1, 0, 2]))
CHAIN = Chain((Dense.random(4, 5, RNG), Tanh(), Dense.random(5, 3, RNG)))
ORACLE = Oracle(np.ones(3), np.sum, np.ones_like)
TWICE = Cause(Slip.FACTOR, "W", "every entry is exactly twice the measured value")
UNKNOWN = Cause(Slip.NOT_RECOGNISED, "", "cause not recognised")


def report(verdict):
    """Return the report on a tensor that has one verdict everywhere."""
    codes = np.full(25, verdict, dtype=np.int8)
    e = E.ravel()
    tensor = TensorResult("W", "weight", E.shape, "float64", np.arange(25), e, e, e, e, e, codes)
    return Report("_Net", 0, {"W": tensor})


def found(parts, whole=Verdict.WRONG):
    """Examine layers, each of which has a cause, or None where it is right; return what is said, and who was asked."""
    asked = []

    def check(oracle):
        asked.append(next(name for name, (part, _) in parts.items() if part.point is oracle.point))
        cause = parts[asked[-1]][1]
        oracle.causes.extend([cause] if cause else [])
        return report(Verdict.WRONG if cause else Verdict.CORRECT)

    examined = examine(report(whole), {name: part for name, (part, _) in parts.items()}, Asking(check), Budget(1000))
    return examined, asked


def far(off):
    """Return the report on a tensor one entry of which is off by so much of the largest."""
    whole = report(Verdict.CORRECT)
    tensor = whole.tensors["W"]
    claims, codes = tensor.claims.copy(), tensor.codes.copy()
    claims[3] += off * np.abs(claims).max()
    codes[3] = Verdict.WRONG
    return replace(whole, tensors={"W": replace(tensor, claims=claims, codes=codes)})


def by_directions(off, agreeing, guilty=(), cause=TWICE):
    """Return what is said and what was checked, of layers of which some agree along directions."""
    parts = {name: part()[0] for name in ("a (Dense)", "b (Tanh)", "c (Dense)")}
    asked = []

    def named(oracle):
        return next(name for name, one in parts.items() if one.point is oracle.point)

    def check(oracle):
        name = named(oracle)
        asked.append((name, oracle.only))
        oracle.causes.extend([cause] if name in guilty else [])
        return report(Verdict.WRONG if name in guilty else Verdict.CORRECT)

    def disagreeing(oracle):
        return () if named(oracle) in agreeing else ("W",)

    return examine(far(off), parts, Asking(check, disagreeing), Budget(1000)), asked


def test_only_what_does_not_agree_along_directions_is_checked_in_full():
    """Where something is wrong by far; the others are right."""
    examined, asked = by_directions(0.5, ("a (Dense)", "c (Dense)"), ("b (Tanh)",))
    assert asked == [("b (Tanh)", ("W",))]
    assert {s.name: s.verdict for s in examined.stages} == {
        "a (Dense)": Verdict.CORRECT,
        "b (Tanh)": Verdict.WRONG,
        "c (Dense)": Verdict.CORRECT,
    }


def test_a_layer_is_checked_once_if_nearly_all_of_it_disagrees():
    """The few others are measured along with that, should they tell more."""
    few = {"W": np.ones((6, 6)), "b": np.ones(6)}
    asked = []

    def check(oracle):
        asked.append(oracle.only)
        oracle.causes.append(UNKNOWN)
        return report(Verdict.WRONG)

    for point, expected in ((few, [()]), (few | {"x": np.ones(6)}, [("W",), ()])):
        asked.clear()
        part = {"a (Dense)": Oracle(point, lambda p: 0.0, lambda p: p)}
        examine(far(0.5), part, Asking(check, lambda _: ("W",)), Budget(1000))
        assert asked == expected


def test_a_slight_mistake_may_hide_in_a_direction():
    """Then every layer is checked in full, until the guilty ones are found."""
    asked = by_directions(1e-3, ("a (Dense)", "b (Tanh)", "c (Dense)"))[1]
    assert asked == [("a (Dense)", ()), ("b (Tanh)", ()), ("c (Dense)", ())]


def test_what_agrees_along_directions_is_not_checked_in_full_where_it_is_wrong_by_far():
    """A layer that makes it so wrong would show there; that all agree is said in these words."""
    examined, asked = by_directions(0.5, ("a (Dense)", "c (Dense)"))
    assert asked == [("b (Tanh)", ("W",)), ("b (Tanh)", ())]
    assert examined.guilty[0].kind is Slip.JOINED
    assert "Net, taken alone, agrees with its gradient along directions: what" in examined.guilty[0].sentence
    assert by_directions(0.5, ("a (Dense)",), ("a (Dense)",))[0].guilty[0].kind is Slip.JOINED
    assert "taken alone, is right" in by_directions(1e-3, ())[0].guilty[0].sentence


def test_one_entry_among_a_thousand_says_itself_where_it_is():
    """Layers are asked along directions; that all are right is not said, and a guilty one is found all the same."""

    def lone(agreeing, entries):
        codes = np.where(np.arange(entries) == 7, Verdict.WRONG, Verdict.CORRECT).astype(np.int8)
        slopes = np.ones(entries)
        claims = slopes + 1e-4 * (np.arange(entries) == 7)
        tensor = TensorResult("W", "weight", (entries,), "float64", np.arange(entries), claims, *[slopes] * 4, codes)
        asked = []

        def check(oracle):
            asked.append(oracle.only)
            oracle.causes.append(TWICE)
            return report(Verdict.WRONG)

        one = {"a (Chain)" + OUTER: part()[0]}
        ask = Asking(check, lambda _: () if agreeing else ("W",))
        return examine(Report("_Net", 0, {"W": tensor}), one, ask, Budget(1000)).guilty, asked

    assert lone(agreeing=True, entries=2000) == ((), [])
    guilty, asked = lone(agreeing=False, entries=2000)
    assert [cause.kind for cause in guilty] == [Slip.FACTOR]
    assert asked == [("W",)]
    assert lone(agreeing=True, entries=500)[1] == [()]


@pytest.mark.parametrize("cause", [UNKNOWN, Cause(Slip.PLACE, "W", "wrong in one entry")])
def test_a_layer_is_checked_in_full_where_what_disagrees_shows_no_cause(cause):
    """The other tensors may tell more."""
    _, asked = by_directions(0.5, ("a (Dense)", "c (Dense)"), ("b (Tanh)",), cause)
    assert asked == [("b (Tanh)", ("W",)), ("b (Tanh)", ())]


def part(cause=None, turn=()):
    return Oracle(np.ones(3), np.sum, np.ones_like, turn=turn), cause


def test_the_guilty_layer_is_named_with_its_cause():
    """By the kind of what is wrong with it."""
    examined, asked = found({"layers[1] (Tanh)": part(), "layers[0] (Dense)": part(TWICE)})
    assert asked == ["layers[1] (Tanh)", "layers[0] (Dense)"]
    assert examined.guilty == (Cause(Slip.FACTOR, "", f"layers[0] (Dense) taken alone is wrong: {TWICE.said}"),)
    assert [(s.name, s.verdict) for s in examined.stages] == [
        ("layers[0] (Dense)", Verdict.WRONG),
        ("layers[1] (Tanh)", Verdict.CORRECT),
    ]


def test_a_layer_that_holds_a_guilty_one_is_not_asked():
    """One that holds right ones is, and is told only if it is wrong."""
    outer = f"layers[0] (Chain){OUTER}"
    assert found({"a (Dense)": part(TWICE), outer: part(TWICE)})[1] == ["a (Dense)"]
    examined, asked = found({"a (Dense)": part(), outer: part(TWICE)})
    assert asked == ["a (Dense)", outer]
    (guilty,) = examined.guilty
    assert guilty.sentence.startswith("layers[0] (Chain) taken alone is wrong, though each layer in it is right: W: ")
    assert [s.name for s in found({"a (Dense)": part(), outer: part()})[0].stages] == ["a (Dense)"]


def test_where_all_layers_are_right_nothing_more_is_said():
    """Unless one could not be asked, or nothing is wrong at the point where they were met."""
    right = {"a (Dense)": part(), "b (Tanh)": part()}
    (guilty,) = found(right)[0].guilty
    assert guilty.kind is Slip.JOINED
    assert (
        guilty.sentence
        == "each layer of Net, taken alone, is right: what is wrong happens between them, or in how one is called"
    )
    assert found(right, whole=Verdict.CORRECT)[0].guilty == found({})[0].guilty == ()


@pytest.mark.parametrize("error", [ValueError, Exhausted])
def test_a_layer_that_cannot_be_taken_alone_says_nothing_of_itself(error):
    """Neither that it is right: the fault may be its own. What there were no calls for is left undone."""
    budget = Budget(1000)

    def check(oracle):
        raise error

    examined = examine(report(Verdict.WRONG), {"a (Dense)": ORACLE}, Asking(check), budget)
    assert examined.guilty == ()
    assert [(s.name, s.verdict) for s in examined.stages] == [("a (Dense)", None)]
    assert budget.undone == (["a (Dense) taken alone"] if error is Exhausted else [])


def test_a_layer_that_is_too_dear_is_not_begun():
    """Two calls an entry are the least."""

    def check(oracle):
        pytest.fail("it was begun")

    budget = Budget(5)
    assert examine(report(Verdict.WRONG), {"a (Dense)": ORACLE}, Asking(check), budget).guilty == ()
    assert budget.undone == ["a (Dense) taken alone"]


def test_the_calls_of_a_layer_are_counted():
    """And the oracle is otherwise the same."""
    budget = Budget(2)
    alone = Alone.of(ORACLE, budget)
    assert alone.value(np.ones(3)) == 3
    assert budget.spent == 1
    assert alone.point is ORACLE.point
    assert alone.gradient is ORACLE.gradient


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("name", ["forgotten_mean", "wrong_sign", "columns_shifted"])
def test_the_layer_is_named(name, index):
    """Wherever in the chain it stands."""
    report = check_gradients(FAULTS[name].apply(CHAIN, index=index), X, loss=LABELS)
    assert report.diagnosis[0].startswith(f"layers[{2 * index}] (Dense) taken alone is wrong: ")


def test_a_loss_on_top_is_a_layer_too():
    """And is named as the loss."""
    report = check_gradients(CHAIN, X, loss=FAULTS["square_without_2"].apply(MeanSquaredError(T)))
    assert report.diagnosis[0].startswith("the loss (MeanSquaredError) taken alone is wrong: ")
