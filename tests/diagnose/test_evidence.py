"""Does evidence know what explains a claim, and where it is wrong?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made import tensor
from suspects import E, X, changed, suspect

from gradcheck import Verdict
from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.evidence import Context, Evidence, where


def test_a_prediction_explains_a_claim_in_every_entry_or_not_at_all():
    """One entry that is off is enough, and what is zero explains nothing."""
    assert suspect(2 * E).explained(2 * E)
    assert not suspect(2 * E).explained(changed((0, 0), 9) * 2)
    assert not suspect(np.zeros((5, 5))).explained(np.zeros((5, 5)))


def test_what_follows_a_pattern_may_differ_by_so_much():
    """A millionth of each entry, and no more."""
    assert suspect(2 * E).explained(2 * E * (1 + PATTERN / 2))
    assert not suspect(2 * E).explained(2 * E * (1 + 3 * PATTERN))


def test_what_is_wrong_has_to_come_out():
    """A pattern that leaves more than a thousandth of it has explained nothing."""
    off = suspect(E * (1 + 4e-6))
    assert not off.explained(E * (1 + 3.99e-6))
    assert off.explained(E * (1 + 3.998e-6))


def test_too_few_entries_explain_nothing():
    """`least` says how many there must be."""
    assert suspect([2.0, 4.0], [1.0, 2.0]).explained(np.array([2.0, 4.0]), least=2)
    assert not suspect([2.0, 4.0], [1.0, 2.0]).explained(np.array([2.0, 4.0]), least=3)


def test_where_the_function_stands_still_is_seen_beside_the_largest_slope():
    """A billionth of it is nothing."""
    assert suspect([1.0, 1.0, 1.0], [2.0, 3e-9, 1e-9]).still.tolist() == [False, False, True]


def test_a_sample_is_not_the_whole():
    """Nor is a claim that is no number."""
    assert suspect(2 * E).whole
    assert not suspect(2 * E, measured=[0, 1]).whole
    assert not suspect(changed(0, np.nan)).whole


@pytest.mark.parametrize("rows", [7, 4])
def test_only_matrices_of_the_right_shape_are_yielded(rows):
    """Of so many rows, examples along axis 0; an input that is the tensor itself is not."""
    arrays = {"X": np.ones((7, 2)), "ids": np.arange(7), "one": np.ones((1, 2))}
    evidence = suspect(2 * E, data=arrays, values={"W": np.ones((7, 3))}, inputs=("W",))
    assert [name for name, _ in evidence.matrices(rows=rows)] == (["X"] if rows == 7 else [])


@pytest.mark.parametrize(
    ("index", "place"),
    [
        ((1, 2), "in one entry, [1,2]"),
        (3, "in row 3 alone"),
        ((slice(None), 4), "in column 4 alone"),
        ((slice(1, 3), slice(2, 5)), "in the block [1:3,2:5] alone"),
        (np.eye(5, dtype=bool), ""),
    ],
)
def test_the_place_of_what_is_wrong_has_a_name(index, place):
    """Unless it lies anywhere."""
    assert where(suspect(changed(index, 9.0))) == place


def test_an_axis_of_one_is_no_place():
    """All that there is lies in that row."""
    right = E[:1]
    assert where(suspect(right + np.array([1, 0, 1, 0, 0]), right)) == ""
    assert where(suspect(right.T + np.array([1, 0, 1, 0, 0])[:, np.newaxis], right.T)) == ""


RIGHT, WRONG = Verdict.CORRECT, Verdict.WRONG


@pytest.mark.parametrize(
    ("places", "elsewhere"), [({}, False), ({0: "neighbour 1"}, False), ({0: "neighbour 1", 2: "neighbour 2"}, True)]
)
def test_what_is_wrong_at_other_points_alone_knows_nothing_of_this_one(places, elsewhere):
    """No values, nor what came out; of a tensor of which nothing is wrong all is known."""
    values = {"W": np.ones(3)}
    found = Evidence.of(tensor([WRONG, RIGHT, WRONG], [1.0, 0.5, 2.0], places=places), Context(values=values))
    assert (found.value is None) is elsewhere
    assert Evidence.of(tensor([RIGHT] * 3, places={0: "neighbour 1"}), Context(values=values)).value is not None
    one = tensor([WRONG, RIGHT, RIGHT], [1.0, 0.5, 0.5], places={0: "neighbour 1"})
    assert Evidence.of(one, Context(values=values)).value is None


def test_one_wrong_entry_may_be_reproduced():
    """By a claim that is what was measured; no other, nor one that is no number."""
    one = suspect(changed((1, 2), 9.0))
    assert one.reproduced(E)
    assert not one.reproduced(changed((1, 2), 8.0))
    assert not one.reproduced(np.where(np.arange(25).reshape(5, 5) == 0, np.nan, E))


@pytest.mark.parametrize(("off", "unseen"), [(0.9, True), (1.1, False), (1.9, False)])
def test_another_claim_that_would_have_passed_is_unseen(off, unseen):
    """Within the uncertainty, as it stands: in every entry, not in the largest alone."""
    vague = replace(suspect(E), slack=np.full((5, 5), 0.5))
    largest = np.abs(E) == np.abs(E).max()
    assert vague.unseen(E + off * 0.5 * ~largest) is unseen
    assert vague.unseen(E + off * 0.5 * largest) is unseen
    sample = suspect(E, measured=np.zeros(0, dtype=int))
    assert not sample.unseen(E)


def test_the_largest_claim_alone_contradicts_most_others():
    """Where everything was measured and agrees; it is the plainest."""
    right, k = suspect(E), int(np.abs(E).argmax())
    assert right._plainest == k
    assert suspect(2 * E)._plainest is None
    assert suspect(E, measured=range(24))._plainest is None
    assert suspect(np.zeros((0, 2)), np.zeros((0, 2)))._plainest is None
    scale = 1e3
    large = suspect(scale * E)
    for off, contradicted in ((0.9, False), (1.2, True)):
        other = scale * E
        other.flat[k] *= 1 + off * 1e-6
        large = suspect(scale * E, scale * E)
        assert large._contradicted(other) is contradicted
        other.flat[k] = 0.0
        assert large._contradicted(other)
    assert not large._contradicted(np.where(np.arange(25).reshape(5, 5) == k, scale * E, 0.0))


@pytest.mark.parametrize(("factor", "grown"), [(0.0, 0.0), (0.5, 1.0), (1.0, 1.0), (-3.0, 3.0)])
def test_the_uncertainty_of_a_prediction_grows_with_its_factor(factor, grown):
    """It falls with none, and is nothing where the prediction rests on no estimate."""
    vague = replace(suspect(2 * E), slack=np.full((5, 5), 0.25))
    assert (vague._compared(E, factor).slack == 0.25 * grown).all()
    columns = np.array([0.0, 0.5, 1.0, -3.0, 2.0])
    each = vague._compared(E, np.broadcast_to(columns, (5, 5))).slack
    assert each.reshape(5, 5)[2].tolist() == [0.0, 0.25, 0.25, 0.75, 0.5]


@pytest.mark.parametrize("scale", [1e-2, 1e2])
def test_what_was_measured_is_the_same_to_a_millionth_of_the_largest(scale):
    """Beside its uncertainty; of a sample, where it was measured."""
    right = scale * E
    known = suspect(2 * right, right)
    for off, same in ((0.9, True), (1.1, False)):
        assert known.measured(right + off * 1e-6 * np.abs(right).max()) is same
        assert replace(known, slack=np.full((5, 5), 0.5)).measured(right + off * 0.5) is same
    assert suspect(2 * E, measured=range(20)).measured(np.where(np.arange(25).reshape(5, 5) < 20, E, 99.0))


@pytest.mark.parametrize(
    ("wrong", "shape", "said"),
    [
        ([3], (6,), "in one entry, [3]"),
        ([2, 3], (6,), "in the block [2:4] alone"),
        ([0, 2], (6,), ""),
        ([0, 1, 2], (3, 1), ""),
        ([0, 1, 2], (1, 3), ""),
        ([0, 1], (3, 1), "in the block [0:2,0:1] alone"),
        ([0, 2], (2, 3), "in row 0 alone"),
        ([1, 4], (2, 3), "in column 1 alone"),
        ([0, 1, 3, 4], (2, 3), "in the block [0:2,0:2] alone"),
        ([0, 1, 2, 3], (2, 2, 2), "in slice of axis 0, 0 alone"),
        ([1, 3, 5, 7], (2, 2, 2), "in slice of axis 2, 1 alone"),
        (list(range(6)), (2, 3), ""),
    ],
)
def test_where_it_is_wrong_is_told(wrong, shape, said):
    """An axis of one entry tells nothing, nor does the whole."""
    right = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    claim = right.copy()
    claim.flat[wrong] *= 2
    assert where(suspect(claim, right)) == said


def test_three_wrong_entries_show_a_pattern_best():
    """Those with the largest slopes and claims together, the last of equal ones first; no right ones."""
    claim = np.array([1.0, -9.0, 4.0, 2.0, -8.0, 30.0, np.nan, 4.0])
    right = np.array([1.5, 0.5, 6.0, 1.0, -8.0, 30.0, 1.0, 5.0])
    assert suspect(claim, right).clearest == [2, 1, 7]
    assert suspect([2.0, 1.0], [1.0, 1.0]).clearest == [0]


@pytest.mark.parametrize(("left", "denied"), [(0.09, False), (0.11, True)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_prediction_that_leaves_a_tenth_of_what_is_wrong_is_denied(left, denied, sign):
    """In any of the entries that show it best."""
    wrong = suspect([3.0, 1.0, 1.0], [1.0, 1.0, 1.0])
    assert wrong._denied(np.array([3.0 + sign * left * 2.0, 1.0, 1.0])) is denied
    assert not wrong._denied(np.array([3.0, 9.0, 1.0]))


def test_inputs_and_data_that_are_matrices_of_several_rows_are_yielded():
    """Of numbers of any kind, of so many rows or columns; no inputs of its own."""
    values = {"W": X, "x": X, "V": X}
    data = {"t": X.T, "row": X[:1], "vector": X[0], "words": np.array([["a"], ["b"]]), "mask": X > 0}
    evidence = suspect(E, values=values, inputs=("x", "W"), data=data)
    assert [name for name, _ in evidence.matrices()] == ["x", "t", "mask"]
    assert [name for name, _ in evidence.matrices(rows=7)] == ["x", "mask"]
    assert [name for name, _ in evidence.matrices(columns=7)] == ["t"]
    assert [name for name, _ in evidence.matrices(rows=5, columns=5)] == []
    assert all(array.dtype == np.float64 for _, array in evidence.matrices())


@pytest.mark.parametrize(("entries", "restored"), [(1, True), (2, True), (3, True)])
def test_a_correction_restores_what_is_wrong(entries, restored):
    """All of it, and of that half as many entries may have been fitted."""
    claim = E.copy()
    claim.flat[:entries] += 1.0
    evidence = suspect(claim)
    assert evidence.restored(E) is restored
    assert not evidence.restored(claim)
    assert not evidence.restored(np.where(np.arange(25).reshape(5, 5) == 0, np.nan, E))


def test_nothing_is_still_beside_nothing():
    """Of no slopes there is no largest; of a sample those are not asked that were not measured."""
    assert suspect(np.zeros(3), np.zeros(3)).still.all()
    assert suspect([1.0, 2.0], [0.0, 0.0]).still.all()
    assert suspect([1.0, 1.0, 1.0], [1.0, 5e-10, 5e-9]).still.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("dtype", "eps"),
    [
        ("float64", 2.0**-52),
        (">f4", 2.0**-23),
        ("float16", 2.0**-10),
        ("bfloat16", 2.0**-7),
        ("float8_e4m3fn", 2.0**-2),
    ],
)
def test_a_claim_is_rounded_to_the_last_digit_of_its_format(dtype, eps):
    """The order of the bytes is no matter; a format of eight bits that NumPy does not know may have two bits more."""
    assert replace(suspect(E), dtype=dtype).eps == eps


@pytest.mark.parametrize(("measured", "alike"), [([1], False), ([1, 3], True)])
def test_slopes_are_alike_if_there_are_two(measured, alike):
    """Of one nobody knows."""
    assert suspect(np.full(4, 2.0), np.ones(4), values={"W": np.full(4, 0.5)}, measured=measured).alike is alike
