"""Which outputs form a group of their own?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck._adapters.function import function
from gradcheck._entries import groups as module
from gradcheck._entries.groups import alone, groups
from gradcheck._model.subject import Subject
from gradcheck._options import Options

X = np.array([0.3, -1.2, 0.8])


def subject(f, x=X, **more):
    """Return the subject of a function that was settled at two places."""
    opened = Subject.of(function(f, (x,), "vjp", Options(vjp=lambda x, u: 0 * x, **more)), promote=False)
    for path in opened.leaves:
        with opened.at([(path, np.full(x.shape, 0.1))]) as there:
            there.settled()
    return opened.settled()


def names(f, x=X):
    return [group.name for group in groups(subject(f, x))]


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (np.sin, []),
        (np.sum, []),
        (lambda x: 1e2 * x[:2] * np.array([1, 1e-2]), []),
        (lambda x: np.array([1e8 * np.sin(x[0]), x[0] * x[1]]), ["output[0]", "output[1]"]),
        (lambda x: (1e8 * np.sin(x), np.cos(x)), ["output[0]", "output[1]"]),
        (lambda x: {"loss": 1e6 * x.sum(), "reg": x}, ["loss", "reg"]),
        (
            lambda x: np.array([[1e8], [1e-2], [1.0]]) * x,
            [*(f"output[{k},0], output[{k},1], output[{k},2]" for k in (0, 2, 1))],
        ),
        (lambda x: np.array([1e12, 1e6, 1.0]) * x, ["output[0]", "output[1]", "output[2]"]),
        (  # at most three beside the largest
            lambda x: tuple(10.0**k * x for k in (20, 16, 12, 8, 4)),
            ["output[0]", "output[1]", "output[2]", "output[3], output[4]"],
        ),
    ],
)
def test_outputs_of_another_magnitude_are_named(f, expected):
    """The largest first; none where all are alike."""
    assert names(f) == expected


def test_a_value_of_zero_says_nothing_of_the_size():
    """What counts is how far an output moves."""
    assert names(lambda x: np.array([1e8 * np.sin(x[0]), x[1]]), np.zeros(2)) == ["output[0]", "output[1]"]


def test_what_stands_still_belongs_to_no_group():
    """The dead unit of a ReLU is not small: it is not there."""
    assert names(lambda x: np.maximum(x, 0)) == []
    assert names(lambda x: np.array([x[0], 5.0, 0.0])) == []


OFFSETS = {"an array": lambda x: np.array([1e12 + np.sin(x[0]), x[0] * x[1]]), "a tuple": lambda x: (1e12 + x[0], x[1])}


@pytest.mark.parametrize("f", OFFSETS.values(), ids=OFFSETS)
def test_noise_counts_as_size(f):
    """An offset hides others as a large slope does."""
    assert names(f) == ["output[0]", "output[1]"]


@pytest.mark.parametrize(("offset", "hides"), [(3e9, False), (6e9, True)])
def test_noise_counts_as_a_billion_times_itself(offset, hides):
    """As a slope is known to a billionth: 2^30 roundings of 4.2e9 are a thousand times what the other moves by."""
    assert bool(names(lambda x: np.array([offset + x[0], x[1]]), np.ones(2))) is hides


def test_a_small_output_that_is_mostly_rounding_is_not_looked_at():
    """It has stairs, which are no slope."""
    found = groups(subject(lambda x: np.array([1e6 * x[0], (1 + 1e-8 * x[1]) - 1])))
    assert [(group.name, group.known) for group in found] == [("output[0]", True), ("output[1]", False)]


def test_the_cotangent_of_a_group_holds_it_alone():
    """Each output by its size, so that all of them count; and the subject is that of their sum."""
    whole = subject(lambda x: np.array([1e8, 1e-1, 1.0]) * x)
    _, small = groups(whole)
    assert small.cotangent[0] == 0
    assert small.smaller == pytest.approx(1e8, rel=0.9)
    weighed = np.abs(small.cotangent[1:] / whole.cotangent[1:])
    assert np.array_equal(np.log2(weighed), np.round(np.log2(weighed)))
    assert weighed[0] > weighed[1]
    there = alone(whole, small)
    assert there.terms(there.output())[0] == 0


def test_a_cotangent_that_came_from_above_is_left_as_it_is():
    """A layer taken alone is checked at what it met."""
    whole = subject(lambda x: np.array([1e8, 1.0, 1.0]) * x)
    assert groups(replace(whole, oracle=replace(whole.oracle, drawn=False))) == []


def test_outputs_are_looked_at_along_a_short_line_through_the_point():
    """Twelve places of equal spacing, both signs; the point is the sixth, and each entry goes as far as it is large."""
    x = np.linspace(-2, 3, 16)
    opened = subject(lambda x: 1.0 * x, x)
    base = opened.leaves[next(iter(opened.leaves))]
    table = module._line(opened)
    assert table.shape == (12, 16)
    moves = (table - x) / (2.0**-10 * base.scale)
    signs = np.sign(moves[-1])
    assert moves == pytest.approx(np.outer(np.arange(-5, 7), signs), abs=1e-9)
    assert len({*signs}) == 2


def test_where_the_line_leaves_the_domain_nothing_is_known_of_it():
    """Then all outputs stand still."""
    table = module._line(subject(lambda x: np.where(np.abs(x - X) < 1e-4, x, np.inf)))
    assert not table.any()


@pytest.mark.parametrize(("ratio", "apart"), [(0.9e3, False), (1.1e3, True)])
def test_a_thousandth_is_another_magnitude(ratio, apart):
    """Of those that are not nothing."""
    assert module._apart(np.array([ratio, 0.0, 1.0, 5.0])) is apart
    assert not module._apart(np.zeros(3))


def test_three_outputs_of_a_group_are_named():
    """And how many more there are; a whole array by its own name."""
    opened = subject(lambda x: (np.array([1e8, 1.0, 1.0, 1.0, 1.0, 1.0]) * x[0], x))
    assert module._name(opened, np.array([1, 2, 3, 4, 5])) == "output[0][1], output[0][2], output[0][3] and 2 more"
    assert module._name(opened, np.array([1, 2, 3])) == "output[0][1], output[0][2], output[0][3]"
    assert module._name(opened, np.array([6, 7, 8])) == "output[1]"
    assert module._name(opened, np.array([0, 7])) == "output[0][0], output[1][1]"


def test_around_an_output_is_the_largest_number_that_is_given_or_moved_beside_it():
    """In its array; of others nothing is rounded to it."""
    opened = subject(lambda x: (np.array([1e8, 1.0]) * x[0], 1e-3 * x))
    spans = opened.tally.seen
    around = module._around(opened, spans)
    moves = spans.high - spans.low
    assert around[:2].tolist() == [moves[0]] * 2
    assert around[2:].tolist() == [1.2] * 3


def test_outputs_of_which_the_cotangent_is_zero_are_not_looked_at():
    """Nor what jitters by more than it moves."""
    opened = subject(lambda x: np.array([1e8, 1.0, 1.0]) * x)
    u = np.array(opened.cotangent)
    u[1] = 0.0
    assert [g.name for g in groups(replace(opened, cotangent=u))] == ["output[0]", "output[2]"]
    u[2] = 0.0
    assert groups(replace(opened, cotangent=u)) == []


@pytest.mark.parametrize(("part", "known"), [(1.1, True), (0.9, False)])
def test_how_little_an_output_may_move_beside_the_largest_number(part, known):
    """By 2 to the power of -38 of what the function was given: what moves less may be what is rounded there."""
    *_, last = groups(subject(lambda x: np.array([x[0], part * 2.0**-38 * x[1]])))
    assert (last.name, last.known) == ("output[1]", known)


@pytest.mark.parametrize(("part", "known"), [(0.96, True), (1.04, False)])
def test_how_noisy_an_output_may_be_that_is_looked_at_alone(part, known, monkeypatch):
    """By a millionth of what it moves by; a fourth difference shows the root of 70 times the noise of a value."""
    opened = subject(lambda x: np.array([1e8 * x[0], x[1]]))
    steps = np.arange(module.ALONG) * module.SPACING
    noise = part * 2.0**-20 * np.sqrt(70) / 16  # of a number that is as much too large as the next is too small
    table = np.array([1e8 * steps, steps + noise * (-1.0) ** np.arange(module.ALONG)]).T
    monkeypatch.setattr(module, "_line", lambda _: table)
    large, small = groups(opened)
    assert (large.known, small.known) == (True, known)
    assert small.noise == pytest.approx(part * 2.0**-20 * abs(small.cotangent[1]), rel=0.01)


def test_how_much_more_an_output_may_count_than_another_of_its_group():
    """A million times: the sum of the larger ones is rounded to no less than the smaller ones are worth."""
    opened = subject(lambda x: np.array([1e8, 1.0, 1e-4]) * x)
    group = module._group(opened, np.array([1e8, 1.0, 1e-9]), np.zeros(3), np.array([1, 2]))
    weighed = np.abs(group.cotangent / opened.cotangent)
    assert weighed.tolist() == [0.0, 1.0, 2.0**20]


def test_what_the_cotangent_leaves_out_is_no_small_output():
    """Where the others are alike, nothing is looked at: not a call is made."""
    opened = subject(lambda x: np.array([1e-8, 1.0, 1.0]) * x)
    u = np.array(opened.cotangent)
    u[0] = 0.0
    before = opened.evaluations
    assert groups(replace(opened, cotangent=u)) == []
    assert opened.evaluations == before
