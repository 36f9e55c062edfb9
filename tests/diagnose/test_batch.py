"""Is it recognised what a backward did with the examples of the cotangent?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import D, E, X, same_in_any_unit, spoilt, suspect

from gradcheck._diagnose import batch
from gradcheck._diagnose.cause import Slip

Y = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)  # a softmax
RIGHT = np.cumsum(D, axis=0)
ABOVE = {"cotangent": D, "output": X}

CASES = [
    (batch.handed_on, suspect(D, RIGHT, **ABOVE), Slip.HANDED_ON, "passed on unchanged"),
    (
        batch.handed_on,
        suspect(D * Y * (1 - Y), RIGHT, cotangent=D, output=Y),
        Slip.HANDED_ON,
        "the diagonal of the Jacobian alone",
    ),
    (batch.of_output, suspect(D * X, RIGHT, **ABOVE), Slip.OF_OUTPUT, "the cotangent times the output"),
    (batch.last_only, suspect(np.eye(5)[-1][:, None] * E), Slip.LAST_ONLY, "only the last row is counted"),
    (batch.bias, suspect(D[0], D.sum(0), **ABOVE), Slip.BIAS_OF_ONE_EXAMPLE, "only the first example's cotangent"),
    (batch.bias, suspect(E.sum(1), E.sum(0), cotangent=E), Slip.BIAS_OF_ONE_EXAMPLE, "summed over axis 1"),
    (
        batch.weight,
        suspect(np.outer(X[-1], D[-1]), X.T @ D, data={"X": X}, **ABOVE),
        Slip.WEIGHT_OF_ONE_EXAMPLE,
        "only the last example, X[-1], counts",
    ),
    (
        batch.untransposed,
        suspect(D @ E, D @ E.T, values={"V": E}, cotangent=D),
        Slip.UNTRANSPOSED,
        "multiplied by V where its transpose is meant",
    ),
]
IDS = ["handed on", "diagonal", "of the output", "last row", "first example", "wrong axis", "weight", "untransposed"]


@pytest.mark.parametrize(("pattern", "evidence", "kind", "words"), CASES, ids=IDS)
def test_its_own_mistake_is_named(pattern, evidence, kind, words):
    """By kind, and in words."""
    found = pattern(evidence)
    assert found.kind is kind
    assert words in found.sentence


@pytest.mark.parametrize(("pattern", "evidence", "kind", "words"), CASES, ids=IDS)
def test_nearly_that_mistake_is_not(pattern, evidence, kind, words):
    """Nothing is guessed."""
    assert pattern(spoilt(evidence)) is None
    assert same_in_any_unit(pattern, evidence)


def test_the_right_sum_over_the_batch_is_no_mistake():
    """Of one example there is no other."""
    assert batch.bias(suspect(D[:1].sum(0), 2 * D[:1].sum(0), cotangent=D[:1])) is None


U = np.abs(np.cos(np.arange(35.0))).reshape(7, 5) + 0.2
P = np.exp(U) / np.exp(U).sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (lambda y: y * (1 - y), "y (1 - y) of the output"),
        (lambda y: 1 - y * y, "1 - y^2 of the output"),
        (lambda y: y, "the cotangent times the output"),
        (lambda y: (y > 0) * 1.0, "the cotangent where the output is positive"),
    ],
)
@pytest.mark.parametrize(("entries", "told"), [(2, False), (3, True)])
def test_what_is_made_of_the_output_is_told(taken, words, entries, told):
    """Where three entries show it: one that the cotangent leaves out shows nothing."""
    y = np.where(X > -0.2, X, 0.0)
    found = batch.of_output(suspect(D * taken(y), RIGHT, cotangent=D, output=y))
    assert found.sentence == f"{words}, which is not the derivative of this function"
    y, c, right = np.abs(X[0]), np.where(np.arange(5) < entries, D[0], 0.0), RIGHT[0]
    among = batch.of_output(suspect(c * taken(y), np.where(c == 0, 0, right), cotangent=c, output=y))
    assert (among is not None) is told


@pytest.mark.parametrize(
    ("taken", "words"), [(lambda y: y * (1 - y), "the diagonal"), (lambda y: y, "the cotangent times y: the sum")]
)
def test_what_is_left_of_a_softmax_is_told(taken, words):
    """Of probabilities alone, some of which may be zero, to a millionth."""
    for y, is_one in ((P, True), (P * (1 + 1e-5), False), (P - 0.5 * (np.arange(5) == 0), False)):
        found = batch.handed_on(suspect(D * taken(y), RIGHT, cotangent=D, output=y))
        assert (found is not None) is is_one
        assert not is_one or found.sentence.startswith(words)
    zeros = P * (np.arange(5) > 0)
    zeros /= zeros.sum(axis=1, keepdims=True)
    assert batch.handed_on(suspect(D * taken(zeros), RIGHT, cotangent=D, output=zeros)) is not None
    assert batch.handed_on(suspect(D * taken(P), RIGHT, cotangent=D)) is None


@pytest.mark.parametrize(("entries", "told"), [(1, False), (2, True)])
def test_two_entries_show_that_the_cotangent_is_passed_on(entries, told):
    """One may be any number; of another shape it is not that of this tensor."""
    found = batch.handed_on(suspect(D[0, :entries], RIGHT[1, :entries], cotangent=D[0, :entries]))
    assert (found is not None) is told
    assert batch.handed_on(suspect(D[0], RIGHT[1], cotangent=D)) is None
    assert batch.handed_on(suspect(D[0], RIGHT[1])) is None


@pytest.mark.parametrize(("entries", "told"), [(2, False), (3, True)])
@pytest.mark.parametrize("times", [2.5, -0.3])
def test_a_multiple_of_the_cotangent_is_told_with_its_factor(times, entries, told):
    """Of three entries, as one number is fitted."""
    c, right = D[0, :entries], RIGHT[1, :entries]
    found = batch.times_cotangent(suspect(times * c, right, cotangent=c))
    assert (found is not None) is told
    assert not told or found.sentence.startswith(f"{times} times the cotangent")
    none = (suspect(0 * c, right, cotangent=c), suspect(c, right, cotangent=0 * c), suspect(c, right))
    assert [batch.times_cotangent(one) for one in none] == [None] * 3
    assert batch.times_cotangent(suspect(times * D[0], RIGHT[1], cotangent=D[0], measured=range(4))) is None


@pytest.mark.parametrize(
    ("row", "kind", "words"),
    [
        (-1, "weight", "zero except for [-1], the last along axis 0: only the last row is counted"),
        (0, "input", "zero except for [0], the first along axis 0: only the first example or step is counted"),
        (0, "parameter", "zero except for [0], the first along axis 0: only the first example or step is counted"),
        (1, "weight", None),
    ],
)
def test_which_row_is_the_only_one_is_told(row, kind, words):
    """The first or the last of three or more."""
    only = np.zeros((5, 1))
    only[row] = 1.0
    found = batch.last_only(suspect(only * E, kind=kind))
    assert found is None if words is None else found.sentence == words
    assert batch.last_only(suspect(only[[0, -1]] * E[:2], E[:2])) is None
    if words:
        assert batch.last_only(suspect(only[[0, 2, -1]] * E[:3], E[:3])) is not None
        assert batch.last_only(suspect(1.5 * only * E)) is None
        assert batch.last_only(suspect(only * E, measured=[*range(12), *range(13, 25)])) is None
    assert batch.last_only(suspect(np.float64(1.0), 2.0)) is None


def test_a_row_that_alone_moves_is_no_last_one():
    """Where the others stand still, zero is right; where two of them move, that may have another reason."""
    right = np.where(np.arange(5)[:, None] == 4, E, 0.0)
    right[:2, 0] = 1.0
    assert batch.last_only(suspect(np.where(np.arange(5)[:, None] == 4, E, 0.0), right)) is None
    right[:3, 0] = 1.0
    assert batch.last_only(suspect(np.where(np.arange(5)[:, None] == 4, E, 0.0), right)).kind is Slip.LAST_ONLY
    still = np.where(np.arange(5)[:, None] == 4, E, 0.0)
    assert batch.last_only(suspect(still * 2, still)) is None


@pytest.mark.parametrize(("index", "word"), [(-1, "last"), (0, "first")])
@pytest.mark.parametrize(("examples", "outputs", "told"), [(2, 2, True), (2, 1, False), (1, 2, False)])
def test_of_two_examples_one_may_be_the_only_one(index, word, examples, outputs, told):
    """And of two outputs."""
    c = D[:examples, :outputs]
    right = c.sum(axis=0) if examples > 1 else 2 * c.sum(axis=0)
    found = batch.bias(suspect(c[index], right, cotangent=c))
    assert (found is not None) is told
    assert not told or f"only the {word} example's cotangent is taken" in found.sentence


def test_a_bias_of_many_axes_is_summed_over_the_first():
    """A sum over the wrong one is told of a matrix, in which there is but one other."""
    cube = np.random.default_rng(1).normal(size=(3, 3, 3))
    assert "only the last" in batch.bias(suspect(cube[-1], cube.sum(axis=0), cotangent=cube)).sentence
    assert batch.bias(suspect(cube.sum(axis=(1, 2)), cube.sum(axis=(0, 1)), cotangent=cube)) is None
    assert batch.bias(suspect(E.sum(axis=1), E.sum(axis=0), cotangent=E, measured=range(4))) is None
    assert batch.bias(suspect(D[0, :1], D[1, :1], cotangent=D[0])) is None


@pytest.mark.parametrize(("index", "word"), [(-1, "last, example"), (0, "first, example")])
@pytest.mark.parametrize("turned", [False, True])
def test_a_weight_of_one_example_is_told_with_its_input(index, word, turned):
    """Whichever way the weight is written; of one example there is no other."""
    claim, right = np.outer(X[index], D[index]), X.T @ D
    claim, right = (claim.T, right.T) if turned else (claim, right)
    found = batch.weight(suspect(claim, right, data={"X": X}, cotangent=D))
    assert f"only the {word.split(',')[0]} example, X[{index}], counts" in found.sentence
    one = {"data": {"X": X}, "cotangent": D[:1]}
    assert batch.weight(suspect(claim, right, **one)) is None
    assert batch.weight(suspect(claim, right, data={"X": X}, cotangent=D, measured=range(24))) is None
    assert batch.weight(suspect(claim[:, 0], right[:, 0], data={"X": X}, cotangent=D[:, 0])) is None


@pytest.mark.parametrize(
    ("claim", "right", "said"),
    [
        (D @ E, D @ E.T, "V where its transpose"),
        (D @ E.T, D @ E, "the transpose of V where V itself"),
        (D @ X.reshape(5, 7), D @ X.T, "V reshaped where its transpose"),
        (D[0] @ E, D[0] @ E.T, "V where its transpose"),
        (np.stack([D, X]) @ E, np.stack([D, X]) @ E.T, "V where its transpose"),
    ],
    ids=["square", "turned twice", "reshaped", "a vector", "a stack"],
)
def test_which_matrix_was_taken_is_told(claim, right, said):
    """A matrix of floats, with which the measured gradient is the product."""
    c = {2: D, 1: D[0], 3: np.stack([D, X])}[claim.ndim]
    V = X if claim.shape[-1] == 7 else E
    found = batch.untransposed(suspect(claim, right, data={"V": V}, cotangent=c))
    assert found.sentence == f"the cotangent is multiplied by {said} is meant"
    assert batch.untransposed(suspect(claim, right + 0.1 * claim, data={"V": V}, cotangent=c)) is None
    assert batch.untransposed(suspect(claim, right, data={"V": V.astype(np.int64)}, cotangent=c)) is None
    assert batch.untransposed(suspect(claim, right, cotangent=np.float64(1.0), data={"V": V})) is None
    assert batch.untransposed(suspect(claim, right, measured=range(4), data={"V": V}, cotangent=c)) is None


@pytest.mark.parametrize(("entries", "told"), [(2, False), (3, True)])
def test_of_a_vector_the_last_entry_alone_may_be_counted(entries, told):
    """As of one number for each step; of two the other is but zero."""
    right = E[0, :entries]
    found = batch.last_only(suspect(right * (np.arange(entries) == entries - 1), right))
    assert (found is not None) is told


OF_COTANGENT = [case[:3] for case in CASES if case[0] is not batch.last_only]  # that is made of the slopes themselves


@pytest.mark.parametrize(
    ("pattern", "evidence", "kind"), OF_COTANGENT, ids=[c[0].__name__ + str(k) for k, c in enumerate(OF_COTANGENT)]
)
def test_what_rests_on_no_estimate_is_as_sure_as_the_claim(pattern, evidence, kind):
    """However little is known of the slopes: the claim itself would be made of the cotangent, and is not quite."""
    vague = replace(evidence, slack=np.full(evidence.claim.shape, 1e-3))
    assert pattern(vague).kind is kind
    apart = 1e-4 * np.resize([1.0, -1.0, 0.5], evidence.claim.shape)
    assert pattern(replace(vague, claim=evidence.claim + apart)) is None


@pytest.mark.parametrize(("off", "told"), [(0.9e-6, True), (1.1e-6, False)])
def test_a_softmax_adds_up_to_one_in_each_row(off, told):
    """To a millionth, and has nothing below zero."""
    assert batch._is_softmax(Y + np.array([off, 0, 0, 0, 0])) is told
    assert batch._is_softmax(Y - np.array([off, 0, 0, 0, 0])) is told
    assert not batch._is_softmax(np.array([[1.5, -0.5]]))
    assert batch._is_softmax(np.array([1.0, 0.0]))
    assert not batch._is_softmax(np.array(1.0))


@pytest.mark.parametrize("times", [0.7, -3.0])
def test_a_multiple_of_the_cotangent_is_as_sure_as_the_claim(times):
    """However little is known of the slopes."""
    vague = replace(suspect(times * D, RIGHT, **ABOVE), slack=np.full(D.shape, 1e-3))
    assert batch.times_cotangent(vague).sentence.startswith(f"{times:g} times the cotangent")
    assert batch.times_cotangent(replace(vague, claim=vague.claim + 1e-4 * np.sign(X))) is None


def test_what_a_softmax_makes_of_a_cotangent_is_as_sure_as_the_claim():
    """But for its sum."""
    for claim, words in ((D * Y * (1 - Y), "the diagonal of the Jacobian alone"), (D * Y, "the cotangent times y: ")):
        vague = replace(suspect(claim, RIGHT, cotangent=D, output=Y), slack=np.full(D.shape, 1e-3))
        assert batch.handed_on(vague).sentence.startswith(words)
        assert batch.handed_on(replace(vague, claim=claim + 1e-4 * np.sign(X))) is None
