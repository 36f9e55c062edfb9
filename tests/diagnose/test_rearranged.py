"""Is it recognised that these are the right numbers in the wrong places?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import NOISE, D, E, X, same_in_any_unit, spoilt, suspect

from gradcheck._diagnose import rearranged
from gradcheck._diagnose.catalogue import recognised
from gradcheck._diagnose.cause import Slip

V = D[:5]
KEPT = np.where(E > 0, E, 0)

CASES = {
    "transposed": (rearranged.permuted, suspect(E.T), Slip.PERMUTED, "the transpose of the measured gradient"),
    "and minus": (rearranged.permuted, suspect(-E.T), Slip.PERMUTED, "and the sign is wrong"),
    "shifted": (rearranged.permuted, suspect(np.roll(E, 1, 0)), Slip.PERMUTED, "shifted by 1 along axis 0"),
    "flipped": (rearranged.permuted, suspect(E[:, ::-1]), Slip.PERMUTED, "flipped along axis 1"),
    "reordered": (
        rearranged.reordered,
        suspect(E[[1, 0, 2, 4, 3]]),
        Slip.REORDERED,
        "another order (1, 0, 2, 4, 3)",
    ),
    "exchanged": (
        rearranged.exchanged,
        suspect(V, estimates={"V": V}, claims={"V": E}),
        Slip.EXCHANGED,
        "the measured gradient of V: two tensors are exchanged",
    ),
    "minus another": (rearranged.another, suspect(-V, estimates={"V": V}), Slip.ANOTHER, "minus the measured gradient"),
    "one pull": (
        rearranged.another,
        suspect(E - V, estimates={"V": V}),
        Slip.ANOTHER,
        "is the measured gradient of V",
    ),
    "stale": (
        rearranged.stale,
        suspect(V, earlier={"W": V}),
        Slip.STALE,
        "to the last bit, the gradient",
    ),
    "opposite": (rearranged.opposite, suspect(np.where(E > 0, 0, E), KEPT), Slip.OPPOSITE, "a condition reversed"),
    "no mask": (rearranged.masked, suspect(E, KEPT), Slip.MASKED, "a mask is forgotten"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_arrangement_is_named(name):
    """By kind, and in words."""
    pattern, evidence, kind, words = CASES[name]
    found = pattern(evidence)
    assert found.kind is kind
    assert words in found.sentence


@pytest.mark.parametrize("name", CASES)
def test_nearly_that_arrangement_is_not(name):
    """Nothing is guessed."""
    pattern, evidence, *_ = CASES[name]
    assert pattern(spoilt(evidence)) is None
    assert same_in_any_unit(pattern, evidence)


def test_a_copy_of_a_gradient_is_no_exchange():
    """Where the claim of the other is right, only this one is wrong."""
    found = rearranged.exchanged(suspect(V, estimates={"V": V}, claims={"V": V}))
    assert found.sentence == "this is the measured gradient of V"


def test_a_sample_is_not_rearranged():
    """Where an entry went cannot be told without the others."""
    assert rearranged.permuted(suspect(E.T, measured=[1, 5, 9, 20])) is None
    claim = np.where(np.arange(25).reshape(5, 5) == 24, np.nan, E.T)
    assert rearranged.permuted(suspect(claim)) is None  # of a claim that is no number neither
    assert rearranged.reordered(suspect(E[[1, 0, 2, 4, 3]] + NOISE)) is None
    assert rearranged.stale(suspect(X[:5] + 1e-15, earlier={"W": X[:5]})) is None


LONG = np.random.default_rng(2).normal(size=(8, 3))


def few(n, pattern, claim):
    """Return what is said of n entries, of which the other tensor has n as well."""
    return pattern(suspect(claim(E[0, :n], V[0, :n]), E[0, :n], estimates={"V": V[0, :n]}, earlier={"W": V[0, :n]}))


@pytest.mark.parametrize(
    ("pattern", "claim", "least"),
    [
        (rearranged.exchanged, lambda e, v: v, 2),
        (rearranged.stale, lambda e, v: v, 2),
        (rearranged.permuted, lambda e, v: e[::-1], 2),
        (rearranged.another, lambda e, v: -v, 4),
        (rearranged.another, lambda e, v: e - v, 4),
        (rearranged.reordered, lambda e, v: e[[2, 0, 1, *range(3, len(e))]], 4),
    ],
    ids=["exchanged", "stale", "permuted", "minus another", "one of several", "reordered"],
)
def test_how_few_entries_may_be_rearranged(pattern, claim, least):
    """Two that are one known array; four where many arrays, or orders, are tried."""
    assert few(least, pattern, claim) is not None
    assert few(least - 1, pattern, claim) is None


@pytest.mark.parametrize(("sign", "words"), [(1, "what is missing is minus the"), (-1, "what is missing is the")])
def test_a_term_is_missing_with_its_sign(sign, words):
    """It is the gradient of another tensor, or minus that."""
    assert rearranged.another(suspect(E + sign * V, estimates={"V": V})).sentence.startswith(words)


def test_a_tensor_is_not_another():
    """Nor is one of which something was not measured, nor what is known of a sample of this one."""
    assert rearranged.another(suspect(2 * E, estimates={"W": E})) is None
    hole = np.where(np.arange(25).reshape(5, 5) == 7, np.nan, V)
    assert rearranged.another(suspect(-hole, estimates={"V": hole}, measured=[*range(7), *range(8, 25)])) is None
    assert rearranged.another(suspect(-V, estimates={"V": hole})) is None
    assert rearranged.another(suspect(-V, estimates={"V": V}, measured=range(12))) is None


def test_a_tensor_is_not_exchanged_with_itself():
    """Nor with one of which something was not measured, nor is a sample of it."""
    hole = np.where(np.arange(25).reshape(5, 5) == 7, np.nan, V)
    assert rearranged.exchanged(suspect(E.T, estimates={"W": E})) is None
    assert rearranged.exchanged(suspect(V, estimates={"V": hole})) is None
    assert rearranged.exchanged(suspect(V, estimates={"V": V}, measured=range(12))) is None
    assert rearranged.reordered(suspect(E[[1, 0, 2, 4, 3]], measured=range(24))) is None


@pytest.mark.parametrize(
    ("shape", "other", "cropped"), [((5, 5), (6, 7), True), ((3, 3), (2, 2), True), ((3, 3), (1, 3), False)]
)
def test_what_is_cropped_or_repeated_is_another_tensors(shape, other, cropped):
    """As a loop over too few rows leaves it; fewer than four numbers are no gradient to be told from any other."""
    theirs = np.random.default_rng(3).normal(size=other)
    found = rearranged.another(suspect(np.resize(theirs, shape), E[: shape[0], : shape[1]], estimates={"V": theirs}))
    assert (found is not None) is cropped
    assert not cropped or found.sentence.startswith("this is the measured gradient of V, cropped")


def test_of_a_vector_nothing_is_cropped():
    """Nor of a matrix of which a vector holds the first numbers."""
    for theirs in (np.sin(np.arange(40.0)), np.sin(np.arange(40.0)).reshape(8, 5)):
        assert rearranged.another(suspect(theirs.ravel()[:5], E[0], estimates={"V": theirs})) is None
    assert rearranged.another(suspect(np.resize(D.ravel(), (5, 5)), E, estimates={"V": D.ravel()})) is None


def test_what_is_known_of_no_claim_is_no_exchange():
    """Whether the other is wrong as well is not known."""
    assert rearranged.exchanged(suspect(V, estimates={"V": V})).sentence == "this is the measured gradient of V"


RNG = np.random.default_rng(4)
PAIR = RNG.normal(size=(2, 4))


@pytest.mark.parametrize(
    ("claim", "right", "words"),
    [
        (np.roll(E, -1, 0), E, "shifted by -1 along axis 0: an index"),
        (PAIR[::-1], PAIR, "the two entries along axis 0 of the measured gradient are exchanged"),
        (np.vstack([0 * PAIR[:1], PAIR[:1]]), PAIR, "shifted by 1 along axis 0, zero at the edge"),
        (np.vstack([PAIR[1:], 0 * PAIR[:1]]), PAIR, "shifted by -1 along axis 0, zero at the edge"),
        (np.pad(E, ((1, 0), (0, 1)))[:-1, 1:], E, "shifted by (1, -1) along axes (0, 1), zero at the edge"),
        (E[::-1, ::-1], E, "flipped along axis 0, 1"),
    ],
)
def test_which_way_they_went_is_told(claim, right, words):
    """Of two along an axis every other order is the one that exchanges them."""
    assert words in rearranged.permuted(suspect(claim, right)).sentence


@pytest.mark.parametrize(
    ("rows", "order", "said"),
    [
        (6, [1, 0, 2, 3, 4, 5], "(1, 0, 2, 3, 4, 5)"),
        (7, [1, 0, 2, 3, 4, 5, 6], "(1 for 0, 0 for 1)"),
        (7, [5, 0, 1, 2, 3, 4, 6], "(5 for 0, 0 for 1, 1 for 2, 2 for 3, 3 for 4, 4 for 5)"),
        (8, [6, 0, 1, 2, 3, 4, 5, 7], "(6 for 0, 0 for 1, 1 for 2, 2 for 3, 3 for 4, 4 for 5, ...)"),
    ],
)
def test_six_slices_are_told_and_of_more_those_that_moved(rows, order, said):
    """So that the sentence can be read."""
    assert said in rearranged.reordered(suspect(LONG[:rows][order], LONG[:rows])).sentence


def test_slices_that_are_used_twice_are_no_order():
    """Nor are they entries in another order."""
    assert rearranged.reordered(suspect(E[[0, 0, 2, 3, 4]])) is None


@pytest.mark.parametrize(("rows", "words"), [(512, "the slices along axis 0"), (513, "these are the measured entries")])
def test_five_hundred_slices_are_compared_with_one_another(rows, words):
    """Of two columns or more; of more slices, and of single entries, it is said that the order is another."""
    numbers = np.linspace(1, 2, 2 * rows).reshape(rows, 2) ** 2
    assert words in rearranged.reordered(suspect(np.roll(numbers, 1, 0), numbers)).sentence
    assert "these are the measured entries" in rearranged.reordered(suspect(E[:1, [1, 2, 3, 4, 0]], E[:1])).sentence


def test_slices_are_compared_to_six_digits_of_each_entry():
    """Large entries differ by more than small ones, as in single precision."""
    order = [1, 0, 2, 4, 3]
    large = 1e4 * E
    assert "another order (1, 0, 2, 4, 3)" in rearranged.reordered(suspect(large[order] * (1 + 3e-7), large)).sentence
    close = np.array([[1e-3, 2e-3], [1.1e-3, 2e-3], [5e-3, 1e-3], [7e-3, 3e-3]])
    assert "(1, 0, 2, 3)" in rearranged.reordered(suspect(close[[1, 0, 2, 3]], close)).sentence


@pytest.mark.parametrize(("gap", "told"), [(1e-4, False), (3e-4, False), (8e-4, True)])
def test_entries_that_could_be_taken_for_one_another_have_no_order(gap, told):
    """If they are four tolerances apart, each of a millionth of the largest, they can be told."""
    right = np.array([100.0, 30.0, 7.0, 7.0 + gap, -50.0, 2.0])
    assert (rearranged.reordered(suspect(right[[1, 2, 0, 5, 3, 4]], right)) is not None) is told


@pytest.mark.parametrize(
    ("moves", "still", "found"), [(3, 3, True), (2, 3, False), (3, 2, False), (4, 4, True), (4, 8, True), (4, 9, False)]
)
def test_an_opposite_condition_is_seen_in_three_entries_of_either_kind(moves, still, found):
    """And in half of those where nothing moves: the others may be zero by chance."""
    right = np.array([1.5, -2.0, 3.0, 0.7][:moves] + [0.0] * still)
    claim = np.array([0.0] * moves + [2.0, 1.0, 3.0, -1.0][: min(still, 4)] + [0.0] * (still - 4))
    assert (rearranged.opposite(suspect(claim, right)) is not None) is found


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ([1, 2, 0, 0, 5, 6], "zero where the function moves, and not zero where it stands still: the mask of"),
        ([1, 2, 3, 4, 5, 6], "not zero where the function stands still, right elsewhere: a mask is forgotten"),
        ([1, 2, 3, 4, 5, 0], None),
        ([1, 2, 3, 4, 5, np.nan], None),
        ([1, 2, 9, 4, 5, 6], None),
        ([0, 0, 0, 0, 5, 6], None),
    ],
    ids=["another mask", "no mask", "one entry alone", "not a number", "a wrong slope", "nothing agrees"],
)
def test_which_mask_was_taken(claim, words):
    """Of two wrong entries, all of which a mask explains."""
    found = rearranged.masked(suspect(claim, [1, 2, 3, 4, 0, 0]))
    assert found is None if words is None else found.sentence.startswith(words)


def test_of_one_number_any_shift_tells():
    """And zeros that are a part that is skipped need not have come from elsewhere."""
    alone = np.eye(7)[2]
    assert rearranged.permuted(suspect(np.roll(alone, 1), alone)) is None
    same = np.outer(np.ones(3), [1.0, 2.0, 4.0])
    assert rearranged.permuted(suspect(same * [[1], [1], [0]], same)) is None
    assert rearranged.permuted(suspect([2.0, 1.0], [1.0, 2.0])).kind is Slip.PERMUTED


def test_a_symmetric_matrix_is_not_its_transpose_with_another_sign():
    """It is itself with another sign."""
    S = np.arange(9.0).reshape(3, 3) + np.arange(9.0).reshape(3, 3).T + 1
    assert rearranged.permuted(suspect(-S, S)) is None
    assert rearranged.permuted(suspect(-S.T - np.triu(S, 1), S + np.tril(S, -1))) is not None


def test_a_function_that_stands_still_in_all_its_tensors_is_told():
    """Before a weight is taken for a decay of it; where anything moves, it is something else."""
    w = np.array([0.3, -0.7, 1.9, 2.4])
    still = suspect(2 * w, 0 * w, values={"W": w}, estimates={"W": 0 * w, "b": np.zeros(2)})
    assert rearranged.motionless(still).sentence.startswith("the function stands still in every entry: its value was")
    assert recognised(still).sentence == rearranged.motionless(still).sentence
    shifted = suspect(np.full(4, 0.4), 0 * w, values={"W": w}, estimates={"W": 0 * w})
    assert recognised(shifted).sentence == rearranged.motionless(shifted).sentence
    assert rearranged.motionless(suspect(2 * w, 0 * w, estimates={"W": 0 * w, "b": np.ones(2)})) is None
    assert rearranged.motionless(suspect(2 * w, w, estimates={"W": w})) is None
