"""Is it recognised which part of the cotangent is used?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from suspects import met, spoilt, suspect

from gradcheck._diagnose import wrong_cotangent
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.wrong_cotangent import other_cotangent

RNG = np.random.default_rng(5)
J = RNG.normal(size=(4, 4))


POINT = RNG.normal(size=4)


@cache
def evidence(back, by=1.0):
    """Return the evidence of J x, or so many times as much, with a way back of its own."""
    (found,) = met(lambda x: by * (J @ x), POINT, vjp=lambda x, u: by * back(u))
    return found


CASES = {
    "the last": (lambda u: u[-1] * J[-1], "the last along axis 0 of the output alone is used"),
    "turned round": (lambda u: u[::-1] @ J, "the cotangent is reversed along axis 0"),
    "averaged": (lambda u: u.mean() * J.sum(axis=0), "the cotangent is averaged over axis 0"),
    "ones": (lambda u: J.sum(axis=0), "it would be right for a cotangent of ones"),
    "turned on": (lambda u: J @ u, "the Jacobian is applied to the cotangent where its transpose"),
    "the diagonal": (lambda u: u * np.diag(J), "the diagonal of the derivative alone"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_heard_is_named(name):
    """Held against the measured derivative of every output."""
    back, words = CASES[name]
    found = other_cotangent(evidence(back))
    assert found.kind is Slip.COTANGENT
    assert words in found.sentence
    with np.errstate(all="ignore"):  # of what may be made of outputs in another unit
        assert other_cotangent(evidence(back, 2.0**-20)) == other_cotangent(evidence(back, 2.0**20)) == found


@pytest.mark.parametrize("name", CASES)
def test_nearly_that_is_not(name):
    """Nothing is guessed, and nothing is said where nothing can be measured."""
    known = evidence(CASES[name][0])
    assert other_cotangent(spoilt(known)) is None
    assert other_cotangent(replace(known, context=replace(known.context, lab=None))) is None


C = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
Y = np.array([[0.5, -0.25, 2.0], [1.0, 0.75, -1.5]])


def test_what_may_have_been_done_with_a_cotangent():
    """Some of it alone, or left out, turned round, averaged, shifted, turned over, or of another function on top."""
    made = dict(wrong_cotangent._changed(C, Y, "the output"))
    the, of = "the last along axis 1", "of the output"
    assert made[f"{the} {of} alone is used: the sum over all of them is meant"].tolist() == [[0, 0, 3], [0, 0, -6]]
    assert made[f"{the} {of} is ignored"].tolist() == [[1, -2, 0], [4, 5, 0]]
    assert made[f"the first along axis 1 {of} is ignored"].tolist() == [[0, -2, 3], [0, 5, -6]]
    assert f"the last along axis 0 {of} is ignored" not in made  # of two the other one alone is used
    both = f"the last along axes 0 and 1 {of} alone is used: the sum over all of them is meant"
    assert made[both].tolist() == [[0, 0, 0], [0, 0, -6]]
    assert f"the last along axes 0 and 1 {of} is ignored" not in made
    assert made[f"the cotangent is reversed along axis 0 {of}"].tolist() == C[::-1].tolist()
    assert made[f"the cotangent is averaged over axis 0 {of}"].tolist() == [[2.5, 1.5, -1.5]] * 2
    assert made[f"the cotangent is averaged over axes 0 and 1 {of}"] == pytest.approx(np.full((2, 3), C.mean()))
    assert made[f"the cotangent is shifted by 1 along axis 1 {of}"].tolist() == [[3, 1, -2], [-6, 4, 5]]
    assert made[f"the cotangent is shifted by -1 along axis 1 {of}"].tolist() == [[-2, 3, 1], [5, -6, 4]]
    assert made["the cotangent is reshaped where axes 0 and 1 are exchanged"].tolist() == C.T.tolist()
    assert made["it would be right for the absolute value of the cotangent"].tolist() == np.abs(C).tolist()
    ones = "it would be right for a cotangent of ones: the cotangent is not multiplied in"
    assert made[ones].tolist() == np.ones((2, 3)).tolist()
    assert made["it would be right for the squared cotangent: it is multiplied in twice"].tolist() == (C * C).tolist()
    tanh = "the function were a tanh with this output: 1 - y^2 is multiplied in once too often"
    assert made[f"it would be right if {tanh}"] == pytest.approx(C * (1 - Y**2))
    sigmoid = "the function were a sigmoid with this output, applied twice: y (1 - y) is multiplied in once too often"
    assert made[f"it would be right if {sigmoid}"] == pytest.approx(C * Y * (1 - Y))
    assert made["it would be right if the cotangent were divided by the output"] == pytest.approx(C / Y)
    assert made["it would be right if exp were applied to the output"] == pytest.approx(C * np.exp(Y))
    logarithm = "its logarithm were returned: the cotangent is divided by e^y"
    assert made[f"it would be right if {logarithm}"] == pytest.approx(C * np.exp(-Y))
    row = "the derivative of the output[1,2] alone, where that of all outputs is meant: one row of the Jacobian"
    assert made[row].tolist() == [[0, 0, 0], [0, 0, 1]]
    only = "only the cotangent of the output[1,2] is used: those of the other outputs are ignored"
    assert made[only].tolist() == [[0, 0, 0], [0, 0, -6]]


@pytest.mark.parametrize("sign", [1.0, -1.0, 0.0])
def test_the_size_of_a_cotangent_of_one_sign_is_no_mistake(sign):
    """It is the cotangent, or minus that; zeros beside it have no sign."""
    c = sign * np.array([1.0, 2.0, 0.0])
    assert not any("absolute" in words for words, _ in wrong_cotangent._changed(c, np.ones(3), "the output"))


def test_along_an_axis_of_one_entry_nothing_is_done():
    """There is nothing to take the place of it."""
    made = [words for words, _ in wrong_cotangent._changed(C[:, :1], Y[:, :1], "the output")]
    assert not any("axis 1" in words or "axes 0 and 1 of" in words for words in made)
    assert any("axis 0" in words for words in made)


@pytest.mark.parametrize(("entries", "told"), [(1, 0), (2, 4), (64, 128), (65, 0)])
def test_so_many_outputs_are_taken_for_the_only_one(entries, told):
    """Two or more, and sixty-four at most."""
    assert len(list(wrong_cotangent._rows(np.ones(entries), "the output"))) == told


def test_of_several_outputs_one_is_ignored_or_alone():
    """Each by its number; of one nothing is."""
    made = dict(wrong_cotangent._others([C[0], C[1]], [Y[0], Y[1]]))
    assert made["the cotangent of output 1 is ignored"].tolist() == [1, -2, 3, 0, 0, 0]
    only = "only the cotangent of output 1 is used: those of the other outputs are ignored"
    assert made[only].tolist() == [0, 0, 0, 4, 5, -6]
    assert made["the cotangent is reversed along axis 0 of output 1"].tolist() == [1, -2, 3, -6, 5, 4]
    alone = dict(wrong_cotangent._others([C], [Y]))
    assert not any("output 0" in words or ("is ignored" in words and "along" not in words) for words in alone)


@pytest.mark.parametrize(
    ("name", "shape", "outputs", "signs"),
    [
        ("z.real", (3, 2), 1, [1, -1]),
        ("z.imag", (3, 2), 1, [-1, 1]),
        ("z", (3, 2), 1, None),
        ("z.real", (2, 3), 1, None),
        ("z.real", (3, 2), 2, None),
        ("z.real", (2,), 1, [1, -1]),
    ],
)
def test_the_conjugate_of_a_pull_on_a_complex_output(name, shape, outputs, signs):
    """Whose real and imaginary parts stand along its last axis, for the parts of a complex tensor."""
    u = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    found = list(wrong_cotangent._conjugate([u] * outputs, name))
    assert [c.tolist() for _, c in found] == ([] if signs is None else [np.ravel(u * signs).tolist()])
    assert all("conjugate" in words for words, _ in found)


def of_matrix(claim, jacobian, u, *others):
    """Return what is said to be done with the derivatives, of a claim on J.T u."""
    flat = np.concatenate([np.ravel(c) for c in (u, *others)])
    evidence = suspect(np.reshape(claim, np.shape(u)), np.reshape(flat @ jacobian, np.shape(u)))
    return wrong_cotangent._of_matrix(jacobian, flat, [u, *others], evidence)


U = np.array([0.5, -1.5, 2.0, 1.0])


def test_what_may_have_been_done_with_derivatives():
    """The first or the last that an entry moves alone, J u for J.T u, or the diagonal."""
    sparse = np.where(np.abs(J) > 0.3, J, 0.0)
    moved = sparse != 0
    last = len(J) - 1 - moved[::-1].argmax(axis=0)
    terms = U[:, None] * sparse
    assert "moves the last alone" in of_matrix(terms[last, np.arange(4)], sparse, U)
    assert "moves the first alone" in of_matrix(terms[moved.argmax(axis=0), np.arange(4)], sparse, U)
    assert "(J u, not J.T u)" in of_matrix(J @ U, J, U)
    assert "(J u" not in (of_matrix(J @ U, np.vstack([J, J[:1]]), U, U[:1]) or "")
    assert of_matrix(U * np.diag(J), J, U).startswith("the diagonal of the derivative alone")
    assert of_matrix(U * np.diag(J) * 1.1, J, U) is None


def test_a_slope_may_be_left_out_of_one_of_several_outputs():
    """Where that moves each entry of its own alone."""
    slope = np.array([2.0, -3.0, 0.5, 4.0])
    both = np.vstack([np.diag(slope), np.diag(slope) * 0.25])
    right = np.concatenate([U, U]) @ both
    found = of_matrix(right / slope, both, U, U)
    assert found == "passed on without the slope of output 0 by it: it should be multiplied in"
    assert of_matrix(right / np.where(slope > 0, slope, 1), both, U, U) is None


@pytest.mark.parametrize(("off", "diagonal"), [(0.9e-6, True), (1.1e-6, False)])
def test_a_block_is_diagonal_to_a_millionth(off, diagonal):
    """Of its largest entry."""
    block = 1e3 * np.diag([1.0, -4.0, 2.0])
    block[0, 2] = off * 4e3
    assert wrong_cotangent._diagonal(block) is diagonal
    assert wrong_cotangent._diagonal(np.zeros((3, 3)))
    assert not wrong_cotangent._diagonal(np.eye(3)[::-1])


@pytest.mark.parametrize("scale", [1e-2, 1e2])
def test_derivatives_are_those_measured_to_a_millionth_of_the_largest(scale):
    """And what is unknown of the gradient."""
    right = scale * U
    evidence = replace(suspect(2 * right, right), slack=np.zeros(4))
    for off, close in ((0.9, True), (1.1, False)):
        assert wrong_cotangent._close(right + off * 2e-6 * scale, right, evidence) is close
        vague = replace(evidence, slack=np.full(4, 0.5))
        assert wrong_cotangent._close(right + off * 0.5 * np.sign(U), right, vague) is close


@pytest.mark.parametrize(("entries", "told"), [(1, False), (2, True)])
def test_two_entries_that_are_not_zero_show_which_cotangent_was_used(entries, told):
    """One may be by chance."""
    claim = np.where(np.arange(3) < entries, [2.0, 3.0, 0.0], 0.0)
    evidence = suspect(claim, [1.0, 1.0, 1.0])
    assert wrong_cotangent._is_claim(claim, evidence) is told


@pytest.mark.parametrize(("entries", "told"), [(1, False), (2, True)])
def test_of_two_entries_it_is_told_which_cotangent_was_used(entries, told):
    """One may be any number."""
    few = J[:, :entries]
    (found,) = met(lambda x: few @ x, np.arange(1.0, entries + 1), vjp=lambda x, u: u[::-1] @ few)
    assert (other_cotangent(found) is not None) is told


def test_a_slope_of_one_is_a_slope_and_one_of_zero_is_none():
    """Nothing was divided by zero."""
    for slope, told in ((np.array([2.0, 1.0, 0.5, 4.0]), True), (np.array([2.0, 0.0, 0.5, 4.0]), False)):
        both = np.vstack([np.diag(slope), np.diag([1.0, 3.0, -2.0, 0.3])])
        right = np.concatenate([U, U]) @ both
        with np.errstate(all="ignore"):
            claim = np.where(slope, right / slope, 7.0)
        assert (of_matrix(claim, both, U, U) is not None) is told
