"""Directions speak for swept slopes, and only then are claims wrong by them."""

from __future__ import annotations

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict, check_gradients
from gradcheck._entries.vouched import FEWEST, Vouched
from gradcheck._results.estimate import Estimate

X = np.random.default_rng(0).uniform(0.2, 2, 60)
EVERY = np.arange(60)
RUNG = 7


def f(x):
    return float(np.sum(np.sin(x) + x**3 / 5))


def df(x):
    return np.cos(x) + 3 * x**2 / 5


def swept(claim, slopes, uncertainty=1e-9, f=f, x=X):
    """Return a tensor whose slopes were swept, and are so well known."""
    tested = under_test(f, claim, x)
    tested.columns.estimates[:] = slopes
    tested.columns.uncertainties[:] = uncertainty
    return tested


def accuse(tested, which=EVERY):
    """Return what is accused of some entries."""
    Vouched(tested, which, RUNG).accuse()
    return np.flatnonzero(tested.columns.codes == Verdict.WRONG)


def test_claims_that_are_wrong_by_far_are_wrong():
    """All of them where all are doubled; without another evaluation of each."""
    tested = swept(2 * df(X), df(X))
    before = tested.subject.evaluations
    assert accuse(tested).tolist() == EVERY.tolist()
    assert (tested.columns.codes == Verdict.WRONG).all()
    assert tested.subject.evaluations - before == 24


@pytest.mark.parametrize("off", [1e-3, 1e-1, 1.0])
def test_one_slope_that_is_not_right_stops_it(off):
    """The swept slope of one entry differs from the claim, which is right: nobody is accused by as much as that."""
    slopes = df(X)
    slopes[17] *= 1 + off
    claim = df(X) * np.where(EVERY == 17, 1, 1 + off)
    tested = swept(claim, slopes)
    assert accuse(tested).size == 0
    assert (tested.columns.codes == Verdict.UNDECIDED).all()


def test_two_errors_of_opposite_sign_do_not_hide_each_other():
    """Each entry goes another way along each direction."""
    slopes = df(X)
    slopes[[3, 4]] += [0.5, -0.5]
    assert accuse(swept(2 * df(X), slopes)).size == 0


@pytest.mark.parametrize(
    ("factor", "uncertainty"),
    [(1 + 1e-5, 1e-7), (2.0, 1e-4), (np.nan, 1e-9)],
    ids=["off by a little", "known too badly", "not a number"],
)
def test_what_is_not_plain_is_left_to_ladders(factor, uncertainty):
    """An accusation by little, or of a slope that is known badly."""
    assert accuse(swept(factor * df(X), df(X), uncertainty)).size == 0


@pytest.mark.parametrize(
    ("sought", "accused"),
    [
        ({}, False),
        ({"sought": True, "unbroken": 1, "excused": 1e-4}, True),
        ({"sought": True, "unbroken": 1, "excused": 1e-4, "stopped": 1e-9}, False),
        ({"sought": True, "unbroken": 1, "excused": 1.0}, False),
    ],
    ids=["nobody looked for jumps", "none was found", "one was", "none so small was looked for"],
)
def test_slight_errors_are_wrong_once_jumps_were_looked_for(sought, accused):
    """The slopes of an iteration that stops early are as straight as others, and as sharp."""
    tested = swept((1 + 1e-5) * df(X), df(X))
    tested.tally.steady = True
    for name, value in sought.items():
        setattr(tested.experience, name, value)
    assert accuse(tested).size == 60 * accused


def test_slight_errors_are_judged_again_where_jumps_were_looked_for_from_nearer():
    """By the same directions."""
    tested = swept((1 + 1e-5) * df(X), df(X))
    tested.tally.steady = True
    tested.experience.sought, tested.experience.unbroken, tested.experience.excused = True, 1, 1.0
    vouched = Vouched(tested, EVERY, RUNG)
    vouched.accuse()
    before = tested.subject.evaluations
    tested.experience.excused = 1e-4
    vouched.accuse()
    assert (tested.columns.codes == Verdict.WRONG).all()
    assert tested.subject.evaluations == before


def test_one_slope_that_is_not_right_stops_slight_errors():
    """By a hundredth of what the claims are off by it does not."""
    for off, accused in ((2e-5, 0), (1e-7, 60)):
        slopes = df(X)
        slopes[17] *= 1 + off
        tested = swept((1 + 1e-5) * df(X), slopes)
        tested.tally.steady = True
        tested.experience.sought, tested.experience.unbroken, tested.experience.excused = True, 1, 1e-4
        assert accuse(tested).size == accused


def test_few_entries_are_left_to_ladders():
    """Directions cost more than they do."""
    assert accuse(swept(2 * df(X), df(X)), EVERY[: FEWEST - 1]).size == 0


def test_a_right_claim_beside_a_kink_is_not_accused_among_wrong_ones():
    """The step of two evaluations goes beyond the kinks of some entries, whose claims are right."""
    x = np.random.default_rng(1).uniform(0.5, 2, 200)
    place = np.where(np.arange(200) % 10 == 0, x + 1e-6, 0.0)

    def bent(x):
        return float(np.sum(x**2 + np.abs(x - place)))

    def claim(x):
        right = 2 * x + np.sign(x - place)
        return np.where(place > 0, right, 1.5 * right)

    tensor = check_gradients(bent, x, grad=claim, neighbours=0).tensors["x"]
    assert set(tensor.flat[tensor.codes == Verdict.WRONG].tolist()) == set(np.flatnonzero(place == 0).tolist())


@pytest.mark.parametrize("factor", [-1.0, 2.0, 1.1])
def test_a_wrong_tensor_costs_hardly_more_than_a_right_one(factor):
    """A few whole ladders and three directions besides."""
    x = np.random.default_rng(1).uniform(0.2, 2, 200)
    right = check_gradients(f, x, grad=df)
    wrong = check_gradients(f, x, grad=lambda x: factor * df(x))
    assert wrong.counts == {Verdict.WRONG: 200}
    assert wrong.evaluations < 2 * right.evaluations


@pytest.mark.parametrize(("entries", "asked"), [(5, False), (6, True)])
def test_directions_speak_for_six_entries(entries, asked):
    """Of fewer a ladder each costs less."""
    tested = swept(2 * df(X), df(X))
    before = tested.subject.evaluations
    assert len(accuse(tested, EVERY[:entries])) == entries * asked
    assert (tested.subject.evaluations > before) is asked


@pytest.mark.parametrize(
    ("there", "known"),
    [
        (Estimate(1.0, 1e-9, 1.0, 1.0), True),
        (Estimate(1.0, 1e-9, 0.5, 1.5, kink=True), False),
        (Estimate(np.nan, 1e-9, 1.0, 1.0), False),
    ],
)
def test_a_direction_that_bends_or_leaves_the_domain_tells_nothing(there, known, monkeypatch):
    """How far slopes are off along it is not known then."""
    monkeypatch.setattr("gradcheck._entries.vouched.derivative.summarise", lambda *_: there)
    assert np.isfinite(Vouched(swept(df(X), df(X)), EVERY, RUNG)._along(EVERY)) == known
