"""Is it recognised that a gradient is that of one step of an iteration, not that of its fixed point?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sequences import CELL, FOLLOWED
from suspects import E, met, same_in_any_unit, spoilt, suspect

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose import fixed_point
from gradcheck._diagnose.activation import BETWEEN_LAYERS, IDENTITY
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.conclusion import NOT_RECOGNISED
from gradcheck._diagnose.fixed_point import FixedPoint, Update, explicit

OF_POINTS = [name for name, case in FOLLOWED.items() if case.point is not CELL]


@pytest.mark.parametrize("name", OF_POINTS)
def test_what_is_taken_for_the_inverse_is_named(name):
    """Nothing is said of what is not known; a slope of the output may be."""
    case = FOLLOWED[name]
    report = check_gradients(case.f, case.point, **{case.way: case.wrong})
    assert report.verdict is Verdict.WRONG
    assert (case.words or NOT_RECOGNISED) in report.diagnosis[0]


@pytest.mark.parametrize("name", OF_POINTS)
def test_the_right_gradient_passes(name):
    """Of each."""
    case = FOLLOWED[name]
    assert check_gradients(case.f, case.point, **{case.way: case.right}).verdict is Verdict.CORRECT


def test_a_claim_that_is_nearly_so_is_left_to_others():
    """By some per mille."""
    case = FOLLOWED["one step alone"]
    (found,) = met(case.f, case.point, vjp=case.wrong)
    assert explicit(found).kind is Slip.EXPLICIT
    assert explicit(spoilt(found)) is None
    assert same_in_any_unit(explicit, found)


ONES = np.ones(2)


@pytest.mark.parametrize("size", [1e-3, 1.0, 30.0])
def test_a_fixed_point_is_one_to_the_last_digits(size):
    """Half of the way is left after each step: beside a large y no more than 13 digits can be asked for."""
    y = fixed_point._iterated(IDENTITY, 0.5 * np.eye(2), size * ONES)
    assert (2 * size - y > 0).all()
    assert (2 * size - y <= 1e-13 * max(1.0, 2 * size)).all()


@pytest.mark.parametrize(("share", "found"), [(0.93, True), (0.96, False), (1.0, False), (30.0, False), (-1.0, False)])
def test_steps_that_come_nowhere_have_no_fixed_point(share, found):
    """Or not within five hundred: (0.93)^411 is a digit of the last place, (0.96)^500 a billionth."""
    with np.errstate(all="ignore"):
        y = fixed_point._iterated(IDENTITY, share * np.eye(2), ONES)
    assert (y is not None) is found
    if found:
        assert y == pytest.approx(1 / (1 - share))


@pytest.mark.parametrize(("off", "fixed"), [(0.9e-6, True), (1.1e-6, False)])
def test_what_a_step_moves_is_no_fixed_point(off, fixed):
    """By a millionth of the largest entry."""
    y = np.array([3.0, -4.0])
    rest = y - 0.5 * y + 4.0 * off * np.array([0, -1])
    assert (fixed_point._if_fixed(IDENTITY, 0.5 * np.eye(2), rest, y) is not None) is fixed


@pytest.mark.parametrize(("shape", "may"), [((1, 1), False), ((2, 2), True), ((2, 3), False), ((2,), False)])
def test_only_a_square_matrix_is_met_by_its_own_result(shape, may):
    """Of two units or more."""
    assert fixed_point._may_be_met(suspect(2 * E), "M", np.ones(shape)) is may


@pytest.mark.parametrize(("width", "may"), [(64, True), (65, False)])
def test_a_wide_matrix_is_not_looked_at(width, may):
    """As a solve with it takes long."""
    assert fixed_point._may_be_met(suspect(2 * E), "M", np.eye(width)) is may


OUTER = np.outer([3.0, 4.0, 0.0], [0.0, 0.6, 0.8])  # of size 5
ACROSS = np.outer([-4.0, 3.0, 0.0], [1.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("gradient", "slack", "may"),
    [
        (OUTER, 0.0, True),
        (OUTER + 0.9e-6 * ACROSS, 0.0, True),
        (OUTER + 1.1e-6 * ACROSS, 0.0, False),
        (OUTER + 0.1 * ACROSS, 0.51, True),
        (OUTER + 0.1 * ACROSS, 0.49, False),
        (OUTER, 5.1, False),
        (np.full((3, 3), np.nan), 0.0, True),
    ],
    ids=["of rank one", "nearly", "not quite", "as far as is known", "no more", "unknown", "not measured"],
)
def test_a_matrix_that_is_met_by_one_vector_has_a_gradient_of_rank_one(gradient, slack, may):
    """To a millionth, and what is not known of it; of nothing that is known it is no sign."""
    evidence = suspect(2 * E, estimates={"M": gradient})
    evidence = replace(evidence, slack=np.full((5, 5), slack))
    assert fixed_point._may_be_met(evidence, "M", np.eye(3)) is may


@pytest.mark.parametrize(("off", "alike"), [(0.9e-3, True), (1.1e-3, False)])
def test_pulls_that_differ_by_more_than_a_thousandth_are_two(off, alike):
    """In their direction; their size is another matter, and what is not known may be any."""
    pulled, across = np.array([3.0, 4.0]), np.array([-4.0, 3.0])
    assert fixed_point._alike(-2 * pulled, pulled)
    assert fixed_point._alike(pulled + off * across, pulled) is alike
    assert fixed_point._alike(None, pulled)
    assert fixed_point._alike(pulled, None)


def test_what_is_taken_for_the_inverse_is_another_thing_each_time():
    """Up to seven terms of its series are told from it; all are computed by hand here."""
    J, above, eye = np.array([[0.1, 0.5], [-0.2, 0.3]]), np.array([1.0, -2.0]), np.eye(2)
    taken = dict(fixed_point._taken(FixedPoint(ONES, J, ONES, {}, frozenset(), ""), above))
    named = {words.partition(":")[0]: pull for words, pull in taken.items()}
    assert len(named) == 1 + 1 + 6 + 2
    assert named["the derivative of one step alone"] == pytest.approx(above)
    series = above
    for k in range(2, 8):
        series = above + J.T @ series
        assert named[f"the derivative of {k} steps alone"] == pytest.approx(series)
    transposed = named["(I - J)^-1 is applied where its transpose is meant"]
    assert (eye - J) @ transposed == pytest.approx(above)
    assert named["I - J is multiplied in where its inverse is meant"] == pytest.approx((eye - J).T @ above)
    assert (eye + J).T @ named["I + J where I - J is meant"] == pytest.approx(above)


def test_a_hundred_steps_are_tried(monkeypatch):
    """Of all that many tensors may make; those that add nothing, or do not hold the tensor, are none of them."""
    tried = []
    others = [Update("M", frozenset()), Update("M", frozenset(), "c"), Update("M", frozenset(), U="V", x="c")]
    monkeypatch.setattr(fixed_point, "_steps", lambda *_: [*others, *[Update("M", frozenset(), "W")] * 150])
    monkeypatch.setattr(fixed_point, "_of", lambda step, *_: tried.append(step) or ())
    assert list(fixed_point._fixed_points(suspect(2 * E, data={"M": np.eye(3)}))) == []
    assert tried == [Update("M", frozenset(), "W")] * 100


@pytest.mark.parametrize("left", [True, False])
def test_the_gradients_of_a_step_show_its_pull(left):
    """Of a matrix on either side of what it meets, and of what is added; that of an input shows not all of it."""
    met, pull = np.array([2.0, -1.0, 0.5]), np.array([0.3, 0.7])
    V = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]])
    tensors = {"U": met, "x": V, "b": np.zeros(0)}
    point = FixedPoint(ONES, np.eye(2), ONES, tensors, frozenset({"U"} if left else ()), "")
    gradient = np.outer(pull, met) if left else np.outer(met, pull)
    assert point.gradient("U", pull) == pytest.approx(gradient)
    assert point.pull("U", gradient) == pytest.approx(pull)
    assert point.gradient("x", pull) == pytest.approx(V @ pull)
    assert point.pull("x", V @ pull) is None
    assert point.gradient("b", pull) is point.pull("b", pull) is pull
    assert fixed_point._pulled(0 * met, gradient, left=left) is None


@pytest.mark.parametrize(("off", "found"), [(0.9, True), (1.1, False)])
def test_one_pull_makes_the_gradients_of_all_tensors_of_a_step(off, found):
    """To a millionth of the largest, and what is not known of them."""
    pull, met = np.array([0.3, 0.7]), np.array([2.0, -1.0])
    point = FixedPoint(ONES, np.eye(2), ONES, {"U": met, "b": np.zeros(0)}, frozenset(), "")
    known = {"b": pull, "U": np.outer(met, pull)}
    for slack, room in ((0.0, 1.4e-6), (0.01, 0.01 + 1.4e-6)):  # of what is put to an entry, four fifths are left over
        evidence = replace(suspect(2 * E), slack=np.full((5, 5), slack))
        seen = {"b": pull, "U": known["U"] + off * room / 0.8 * np.array([[0, 0], [0, 1]])}
        made = fixed_point._pull(point, seen, evidence)
        assert (made is not None) is found
        assert made is None or made == pytest.approx(point.pull("U", seen["U"]))
    assert fixed_point._pull(point, {}, suspect(2 * E)) is None


@pytest.mark.parametrize("given", [True, False])
def test_a_step_is_made_of_what_its_words_say(given):
    """As y = f(M y + x V + b): the gradient of y by each tensor of it is that of the measured slope."""
    rng = np.random.default_rng(4)
    arrays = {"M": rng.normal(size=(3, 3)) / 5, "V": rng.normal(size=(2, 3)), "x": rng.normal(size=2)}
    arrays["b"] = rng.normal(size=3)
    step = Update("M", frozenset({"M"}), "b", "V", "x")
    assert step.used == {"M", "V", "x", "b"}
    assert step.words == "M y + x V + b"
    y = np.zeros(3)
    for _ in range(100):
        y = np.tanh(arrays["M"] @ y + arrays["x"] @ arrays["V"] + arrays["b"])
    found = [p for p in fixed_point._of(step, arrays, {}, y if given else None) if p.words.startswith("y = tanh")]
    assert len(found) == 1
    assert found[0].y == pytest.approx(y, abs=1e-12)
    assert found[0].slope == pytest.approx(1 - y * y)
    np.testing.assert_allclose(found[0].J, (1 - y * y)[:, np.newaxis] * arrays["M"], rtol=1e-9)
    assert {name: met.tolist() for name, met in found[0].met.items()} == {
        "V": arrays["x"].tolist(),
        "x": arrays["V"].tolist(),
        "b": [],
        "M": found[0].y.tolist(),
    }
    if not given:
        fs = [p.words.partition("(")[0] for p in fixed_point._of(step, arrays, {}, None)]
        assert fs == [*("y = " + f.short for f in BETWEEN_LAYERS[:4]), "y = M y + x V + b"]


def test_a_gradient_of_rank_one_shows_which_way_its_product_was_pulled():
    """To the left of what it met, and to the right of it."""
    pulled, met = np.array([0.6, 0.0, 0.8]), np.array([0.0, 1.0, 0.0])
    left, right = fixed_point._directions(-5 * np.outer(pulled, met))
    assert abs(left @ pulled) == pytest.approx(1)
    assert abs(right @ met) == pytest.approx(1)
    assert fixed_point._directions(None) == (None, None)


@pytest.mark.parametrize("left", [True, False])
def test_what_a_matrix_met_is_read_off_its_gradient(left):
    """With the pull that another tensor of the step shows, if any shows one."""
    y, pull = np.array([2.0, -1.0, 0.5]), np.array([0.3, 0.7, -0.2])
    step = Update("M", frozenset({"M"} if left else ()), "b")
    of_M, none = np.outer(pull, y) if left else np.outer(y, pull), np.zeros(0)
    assert fixed_point._met_by(step, {"b": none}, {"M": of_M, "b": pull}) == pytest.approx(y)
    assert fixed_point._met_by(step, {"b": none}, {"M": of_M, "b": 0 * pull}) is None
    assert fixed_point._met_by(step, {"b": none}, {"M": of_M}) is None
    assert fixed_point._met_by(step, {"b": none}, {"b": pull}) is None
    both = {"x": np.ones((2, 3)), "b": none}
    assert fixed_point._met_by(step, both, {"M": of_M, "x": np.ones(2), "b": pull}) == pytest.approx(y)
