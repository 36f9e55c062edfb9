"""How sharply is a tensor seen, and is it said where claims agree to less than rounding?"""

from __future__ import annotations

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict, check_gradients
from gradcheck._entries.known import known_to

X = np.random.default_rng(0).uniform(0.5, 1.5, 6)


def checked(f, df, x=X, **keywords):
    return check_gradients(f, x, grad=df, **keywords).tensors["x"]


def sines(x):
    return np.sum(np.sin(x))


def test_a_smooth_function_is_seen_sharply():
    """To nine digits and more."""
    assert 1e-14 < checked(sines, np.cos).resolution < 1e-8


@pytest.mark.parametrize(("offset", "low", "high"), [(1e3, 1e-12, 1e-7), (1e8, 1e-7, 1e-3)])
def test_a_large_constant_blunts_the_view(offset, low, high):
    """The last digits of f are those of the constant."""
    assert low < checked(lambda x: offset + sines(x), np.cos).resolution < high


def test_no_error_above_the_resolution_passes_unsaid():
    """One ten times as large is wrong, or is said not to agree to rounding."""
    for offset in (0.0, 1e4, 1e8):
        blunt = checked(lambda x, c=offset: c + sines(x), np.cos).resolution
        worse = checked(lambda x, c=offset: c + sines(x), lambda x, e=10 * blunt: (1 + e) * np.cos(x))
        assert worse.verdict is Verdict.WRONG or "not to rounding" in worse.note


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (np.cos, ""),
        (lambda x: np.cos(x) * (1 + 3e-8), "agrees to 3e-8, not to rounding"),
        (lambda x: np.cos(x).astype(np.float32).astype(np.float64), "not to rounding"),
    ],
)
def test_what_agrees_to_less_than_rounding_is_said(claim, said):
    """A float32 backward in a float64 network: correct, for it does not matter, and told."""
    tensor = checked(sines, claim)
    assert tensor.verdict is Verdict.CORRECT
    assert tensor.note.endswith(said)
    assert bool(tensor.note) is bool(said)


def test_of_what_was_not_tested_no_resolution_is_known():
    """Zero on both sides."""
    tensor = checked(lambda x: 0 * x.sum(), lambda x: 0 * x)
    assert np.isnan(tensor.resolution)


def test_a_wrong_tensor_was_seen_as_sharply():
    """The error is seen by the same measurement."""
    assert checked(sines, lambda x: 2 * np.cos(x)).resolution < 1e-8


def test_a_claim_in_float32_is_known_to_its_rounding():
    """However well the slope is measured."""
    tensor = checked(sines, np.cos, X.astype(np.float32), precision="as-is")
    assert tensor.resolution > 1e-7


def test_of_a_screened_tensor_the_directions_count():
    """Beside the entries that were sampled."""
    x = np.random.default_rng(0).uniform(0.5, 1.5, 20_000)
    tensor = check_gradients(sines, x, grad=np.cos).tensors["x"]
    assert tensor.checked < tensor.size
    assert 1e-14 < tensor.resolution < 1e-3


def single(x):
    return np.cos(x.astype(np.float32)).astype(float)


def test_claims_of_single_precision_are_held_to_what_right_ones_are_off_by():
    """Near a zero of the derivative that is a part in a hundred thousand; of claims in double it is a mistake.

    So it is where the claims are numbers of single precision themselves, as then it is known why they are off.
    """
    x = np.append(X, np.pi / 2 - 1e-3)
    assert checked(sines, single, x).verdict is Verdict.WRONG
    rounded = checked(lambda x: sines(x) / 3, lambda x: single(x) / 3, x)
    assert rounded.verdict is Verdict.CORRECT
    assert "not to rounding" in rounded.note
    off = abs(rounded.claims[-1] - rounded.estimates[-1])
    assert off > 1e-6 * abs(rounded.claims[-1])
    alone = checked(sines, lambda x: np.where(x > 1.56, single(x), np.cos(x)), x)
    assert alone.verdict is Verdict.WRONG
    assert alone.wrong == 1


def known(claims, slopes, uncertainty=1e-9, codes=None):
    """Return how well entries are known, of which this was claimed and that measured."""
    claims = np.asarray(claims, dtype=float)
    tested = under_test(lambda x: float(x.sum()), claims, np.ones(len(claims)), sigma=1e-300)
    tested.columns.estimates[:], tested.columns.uncertainties[:] = slopes, uncertainty
    tested.columns.codes[:] = Verdict.CORRECT if codes is None else codes
    return known_to(tested, np.arange(len(claims)))


ROUNDED = 1e-9 + 48 * 2.0**-52  # an uncertainty, and what rounding may have made of a claim of one


@pytest.mark.parametrize(("part", "said"), [(0.9, ""), (1.1, "agrees to 3e-9, not to rounding")])
def test_three_uncertainties_and_roundings_are_beyond_rounding(part, said):
    """The most that any entry is off by, relative to itself, in one digit."""
    found = known([1.0, 1.0, 1.0], [1 + part * 3 * ROUNDED, 1.0, 1 - 1e-10])
    assert found.said == said
    assert found.resolution == pytest.approx(ROUNDED, rel=1e-3)


@pytest.mark.parametrize(
    ("off", "count", "rough"), [(3, 12, True), (2, 3, False), (3, 13, False), (4, 16, True), (3, 3, True)]
)
def test_where_a_quarter_of_the_entries_is_off_others_may_be(off, count, rough):
    """Three at least, by more than both roundings: by eight times the most that right ones are off by."""
    slopes = np.ones(count)
    slopes[:off] += 4e-9
    slopes[-1] -= 2e-9 * (off < count)
    found = known(np.ones(count), slopes)
    assert found.rough == (pytest.approx(8 * 4e-9, rel=1e-6) if rough else 0.0)


def test_what_was_not_tested_or_is_wrong_is_off_by_nothing():
    """Of no tested entry nothing is known; an infinite slope differs from every finite claim."""
    wrong = known([1.0, 1.0], [9.0, 1.0], codes=[Verdict.WRONG, Verdict.CORRECT])
    assert (wrong.said, wrong.rough) == ("", 0.0)
    assert np.isnan(known([1.0], [1.0], codes=[Verdict.UNTESTED]).resolution)
    assert known([1.0], [np.inf], codes=[Verdict.CORRECT]).resolution == 0
    assert np.isnan(known([np.inf], [1.0], codes=[Verdict.WRONG]).resolution)


def test_of_nothing_there_is_no_relative_error():
    """Nor is that of an entry which is zero counted among the others."""
    zero = check_gradients(
        lambda x: float(1 - np.cos(x).prod()), np.zeros(3), grad=lambda x: np.tan(x) * np.cos(x).prod()
    )
    assert np.isnan(zero.tensors["x"].resolution)

    def grad(x):
        return np.r_[1, np.sin(x[1:]) * np.cos(x[:0:-1])]

    some = check_gradients(lambda x: float(2 - np.cos(x[1:]).prod() + x[0]), np.zeros(3), grad=grad)
    assert some.verdict is Verdict.CORRECT
    assert some.tensors["x"].resolution < 1e-6
