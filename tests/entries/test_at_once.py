"""Are values at many points at once believed only where those taken one by one are the same?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck import Oracle, Verdict
from gradcheck._check.recipe import examined
from gradcheck._entries import at_once
from gradcheck._model.subject import Subject
from gradcheck._options import Options

N = 40


def value(x):
    return np.sin(x) * np.arange(1, N + 1)


def rows(point, path, many):
    assert path == ""
    assert point.shape == (N,)
    return value(many)


def subject(values, at=None):
    """Return a subject of N numbers and N outputs."""
    x = np.linspace(0.3, 1.2, N) if at is None else at
    weights = np.arange(1, N + 1)
    oracle = Oracle(x, value, lambda p: np.cos(p) * weights, cotangent=np.ones(N), values=values)
    return Subject.of(oracle, promote=False).settled()


def taken(asked):
    """Return what is had at once, and one by one."""
    flat, steps = np.arange(N), np.full(N, 2.0**-18)
    return at_once.at_once(asked, "", flat, steps), replace(asked, oracle=replace(asked.oracle, values=None)).both_ways(
        "", flat, steps
    )


def test_the_same_at_once_and_one_by_one():
    """To rounding; each row counts as an evaluation."""
    asked = subject(rows)
    before = asked.evaluations
    together, alone = taken(asked)
    assert asked.evaluations - before == 2 * N + 2 * N + 6
    assert np.allclose(together, alone, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize(
    "values",
    [
        lambda *_: None,
        lambda p, path, many: rows(p, path, many[:-1]),
        lambda p, path, many: np.broadcast_to(value(p), many.shape),
        lambda p, path, many: rows(p, path, many) * 1.01,
        lambda p, path, many: rows(p, path, np.where(np.arange(N) % 7 == 3, p, many)),
        lambda p, path, many: np.where(many > 1.1, np.nan, rows(p, path, many)),
    ],
    ids=["none", "too few", "the same everywhere", "another function", "some entries forgotten", "not finite"],
)
def test_others_are_not_believed(values):
    """The check goes on one by one, and is right."""
    asked = subject(values)
    assert taken(asked)[0] is None
    report = examined(asked.oracle, Options(neighbours=0))
    assert report.verdict is Verdict.CORRECT


def test_few_entries_are_not_worth_it():
    """Nor is anything but double precision."""
    flat, steps = np.arange(at_once.FEWEST - 1), np.full(at_once.FEWEST - 1, 2.0**-18)
    assert at_once.at_once(subject(rows), "", flat, steps) is None
    narrow = subject(rows, np.linspace(0, 1, N).astype(np.float32))
    assert at_once.at_once(narrow, "", np.arange(N), np.full(N, 2.0**-9)) is None


def test_a_wrong_entry_is_found():
    """By values one by one."""
    asked = subject(rows)
    claims = asked.claims()[""].copy()
    claims[7] *= 1.001
    wrong = replace(asked.oracle, gradient=lambda _: claims)
    report = examined(wrong, Options(neighbours=0))
    assert [entry.index for entry in report.wrong] == [(7,)]


def off(share, where):
    """Return rows in which what some entries rise by is off by a share of it; of the others it is not."""

    def values(point, path, many):
        here, found = value(point), rows(point, path, many)
        return here + (found - here) * np.where(where(np.arange(N)), 1 + share, 1.0)

    return values


@pytest.mark.parametrize(("share", "believed"), [(0.7e-7, True), (1.5e-7, False)])
def test_two_entries_are_held_against_themselves(share, believed):
    """The one that moves f most, and the middle one: to a ten-millionth, and what f's rounding leaves of it."""
    assert (taken(subject(off(share, lambda k: k == N // 2)))[0] is not None) is believed
    steepest = int(np.argmax(np.abs(np.cos(np.linspace(0.3, 1.2, N)) * np.arange(1, N + 1))))
    assert (taken(subject(off(share, lambda k: k == steepest)))[0] is not None) is believed


@pytest.mark.parametrize(("share", "believed"), [(1e-3, True), (0.1, False)])
def test_all_together_are_held_against_their_sum(share, believed):
    """To a thousandth of it: an entry in forty may be off by a hundredth or so, and no more."""
    assert (taken(subject(off(share, lambda k: k == 5)))[0] is not None) is believed


@pytest.mark.parametrize(("most", "at_once_too"), [(2 * N + 5, False), (2 * N + 6, True)])
def test_what_may_still_be_evaluated_is_evaluated_one_by_one(most, at_once_too):
    """If it is not more than twice the entries, and the six against which they are held."""
    asked = subject(rows)
    asked.tally.most = asked.evaluations + most
    assert (at_once.at_once(asked, "", np.arange(N), np.full(N, 2.0**-18)) is not None) is at_once_too


@pytest.mark.parametrize(("entries", "worth"), [(11, False), (12, True)])
def test_a_dozen_entries_are_worth_it(entries, worth):
    """Of fewer the six evaluations that hold them would cost more than they save."""
    found = at_once.at_once(subject(rows), "", np.arange(entries), np.full(entries, 2.0**-18))
    assert (found is not None) is worth


def test_a_stack_has_a_hundred_and_twenty_eight_rows():
    """So that its memory is bounded: two for each entry, and the point itself in each."""
    sizes = []

    def counted(point, path, many):
        sizes.append(len(many))
        return rows(point, path, many)

    assert taken(subject(counted))[0] is not None
    assert sizes == [2 * N + 1]
    sizes.clear()
    flat = np.tile(np.arange(N), 4)
    assert at_once.at_once(subject(counted), "", flat, np.full(len(flat), 2.0**-18)) is not None or sizes
    assert max(sizes) <= 128 + 1
    assert len(sizes) == 3


@pytest.mark.parametrize(("numbers", "worth"), [(25 * N, True), (24 * N, False)])
def test_a_stack_of_few_rows_is_not_worth_it(numbers, worth, monkeypatch):
    """Of so large a point that not twice a dozen fit into it."""
    monkeypatch.setattr(at_once, "VAST", numbers)
    found = at_once.at_once(subject(rows), "", np.arange(20), np.full(20, 2.0**-18))
    assert (found is not None) is worth


def held(plus, minus):
    """Return whether increments are those of entries by themselves."""
    asked, steps = subject(rows), np.full(N, 2.0**-18)
    return at_once._as_one_by_one(asked, "", np.arange(N), steps, np.stack([steps, plus, -steps, minus]))


def test_increments_that_are_no_numbers_or_none_at_all_are_not_believed():
    """On either side."""
    asked, steps = subject(rows), np.full(N, 2.0**-18)
    _, plus, _, minus = asked.both_ways("", np.arange(N), steps)
    assert held(plus, minus)
    assert not held(0 * plus, 0 * minus)
    for where in (5, 11):
        assert not held(np.where(np.arange(N) == where, np.nan, plus), minus)
        assert not held(plus, np.where(np.arange(N) == where, np.inf, minus))
    one_sided = Subject.of(
        Oracle(np.zeros(N), lambda x: np.maximum(x, 0), lambda p: p, cotangent=np.ones(N)), promote=False
    ).settled()
    up = np.stack([steps, steps, -steps, 0 * steps])
    assert at_once._as_one_by_one(one_sided, "", np.arange(N), steps, up)
    down = Subject.of(
        Oracle(np.zeros(N), lambda x: np.minimum(x, 0), lambda p: p, cotangent=np.ones(N)), promote=False
    ).settled()
    assert at_once._as_one_by_one(down, "", np.arange(N), steps, np.stack([steps, 0 * steps, -steps, -steps]))


RISE = np.cos(np.linspace(0.3, 1.2, N)) * np.arange(1, N + 1)  # of each entry, over its step


@pytest.mark.parametrize(("part", "believed"), [(0.7, True), (1.4, False)])
def test_together_they_may_be_off_by_a_thousandth_of_all(part, believed):
    """Of the sum of what each of them rises by."""
    share = part * 1e-3 * RISE.sum() / RISE[5]
    assert (taken(subject(off(share, lambda k: k == 5)))[0] is not None) is believed


def test_errors_that_cancel_in_a_sum_are_seen():
    """Entries go up and down by chance."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], N)
    a, b = (int(np.flatnonzero(signs[3:15] == sign)[0]) + 3 for sign in (1.0, -1.0))
    shares = np.zeros(N)
    shares[a], shares[b] = 0.2, -0.2 * RISE[a] / RISE[b]

    def values(point, path, many):
        here = value(point)
        return here + (rows(point, path, many) - here) * (1 + shares)

    assert taken(subject(values))[0] is None
