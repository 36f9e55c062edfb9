"""An iteration that takes another number of steps nearby leaves unknown what a step more would change."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from tested import ONE, looked_at, on_the_sine

from gradcheck._entries.look import Look
from gradcheck._entries.second_opinions import iterations
from gradcheck._entries.second_opinions.iterations import Edge, _edge, another_step
from gradcheck._model.steps import Steps
from gradcheck._results.estimate import Estimate
from gradcheck.networks import Array

X = np.array([0.12573022, -0.13210486, 0.64042265])


def fixed_points(x: Array, tolerance: float = 1e-6) -> Array:
    z, before = np.tanh(x), np.full_like(x, 9.0)
    while np.max(np.abs(z - before)) > tolerance:
        z, before = np.tanh(0.5 * np.sin(z) + x), z
    return z


def implicit(x):
    z = fixed_points(x, 1e-14)
    d = 1 - z**2
    return d / (1 - d * 0.5 * np.cos(z))


def summed(x):
    return float(fixed_points(x).sum())


def branches(x):
    return float(sum(math.sin(v) for v in x)) if x[0] < 1.1 else float(np.sum(np.sin(x)))


def test_another_step_speaks():
    """The slope is that of sixteen steps, off by 6e-6; that the solution has another is not excluded by any step."""
    look, estimate = looked_at(summed, implicit(X), X)
    assert look.accuses(estimate)
    found = another_step(look, estimate)
    assert 1e-6 < found.uncertainty < 1e-3
    assert abs(found.value - look.claim) <= found.uncertainty
    assert not look.tally.steady
    assert any("looks like an iteration stopped" in note for note in look.tested.subject.tally.said)


def test_another_step_is_silent():
    """Of a function that takes the same steps everywhere, of a gross error, and of a branch that changes nothing."""
    look, estimate = on_the_sine(claim=1.001 * math.cos(1.0))
    assert another_step(look, estimate) is None
    assert look.tally.steady
    assert another_step(*looked_at(summed, 2 * implicit(X), X)) is None
    look, estimate = looked_at(branches, np.array([1.001 * math.cos(1.0)]), ONE)
    assert another_step(look, estimate) is None
    assert not look.tally.steady


@pytest.mark.parametrize(
    ("tolerance", "off", "excused"), [(1e-3, 0.004, True), (1e-3, 0.012, False), (1e-6, 1e-3, False)]
)
def test_a_tolerance_that_a_solver_is_told_is_a_measure(tolerance, off, excused):
    """Eight thousandths of the largest slope for one, and not more."""

    def solved(x, rtol):
        return sum(math.sin(float(v)) for v in x for _ in range(int(10 * abs(v)) + 3) if rtol) / (
            int(10 * abs(x[0])) + 3
        )

    look, estimate = looked_at(lambda x: float(solved(x, tolerance)), np.array([(1 + off) * math.cos(1.0)]), ONE)
    assert look.accuses(estimate)
    assert (another_step(look, estimate) is not None) is excused


@pytest.mark.parametrize(("tolerance", "excused"), [(1e-3, True), (1e-6, False)])
def test_a_tolerance_bounds_what_an_edge_shows(tolerance, excused):
    """A kink of the function, where a solver takes more steps as well, is not what a tolerance of 1e-6 leaves."""

    def solved(x, rtol):
        number = float(x[0])
        return sum(math.sin(number) for _ in range(4 + 2 * (number > 1.2)) if rtol) / (4 + 2 * (number > 1.2))

    def bent(x):
        return solved(x, tolerance) + 0.02 * abs(float(x[0]) - 1.2)

    look, estimate = looked_at(bent, np.array([1.02 * math.cos(1.0) - 0.02]), ONE)
    assert look.accuses(estimate)
    assert (another_step(look, estimate) is not None) is excused


def test_a_tolerance_of_what_does_not_iterate_excuses_nothing():
    """A function that takes the same steps everywhere has no solver in it, whatever it calls its numbers."""

    def cut(x, tol=1e-2):
        return sum(math.sin(float(v)) * (abs(float(v)) > tol) for v in x)

    look, estimate = looked_at(lambda x: float(cut(x)), np.array([1.02 * math.cos(1.0)]), ONE)
    assert look.accuses(estimate)
    assert another_step(look, estimate) is None
    assert look.tally.steady


def restless(period: int, offset: int):
    """Return a line of a function that makes two more calls now and then, wherever it is."""
    calls = itertools.count(offset)

    def line(t: float) -> tuple[float, float]:
        for _ in range(2 * (next(calls) % period == 0)):
            abs(t)
        return t, math.sin(t)

    return line


def test_calls_that_come_and_go_are_no_steps():
    """As those of a library that tidies up: asked again, the same place tells another number."""
    found = [_edge(restless(period, offset), 1.0) for period in range(5, 12) for offset in range(period)]
    assert found == [None] * len(found)


def stepping(number, own=lambda _: 5):
    """Return a line, and a count of its steps by place and call."""
    at = []

    def line(t):
        at.append(t)
        return t, t if abs(t) < 100 else math.inf

    def count(call):
        call()
        return Steps(number=number(at[-1], len(at)), own=own(at[-1]))

    return line, count, at


@pytest.mark.parametrize("scale", [1.0, 8.0])
@pytest.mark.parametrize(
    ("edge", "beyond", "below", "several"),
    [(0.3, 12, 10, False), (0.3, 12, 14, True), (0.3, 12, 12, False), (3.0, 12, 10, False), (-0.3, 10, 14, False)],
)
def test_where_the_number_of_steps_changes_is_found(edge, beyond, below, several, scale):
    """By halving from where it is another; it says whether there are several others, as a branch has not."""

    def number(t, _):
        return beyond if t >= abs(edge) * scale else below if t <= -abs(edge) * scale else 10

    line, count, _ = stepping(number)
    found = _edge(line, scale, count)
    assert abs(found.low) < abs(edge) * scale <= abs(found.high)
    assert math.copysign(1, found.high) == math.copysign(1, edge)
    first = scale * (4.0 if abs(edge) > 1 else 1.0)
    assert abs(found.high - found.low) == first * 2.0**-16
    assert found.several is several


def test_where_all_places_take_as_many_steps_there_is_no_edge():
    """Eleven calls tell: three at the point, and eight around it."""
    line, count, at = stepping(lambda *_: 10)
    assert _edge(line, 2.0, count) is None
    assert at == [0.0, 0.0, 0.0, 0.5, -0.5, 2.0, -2.0, 8.0, -8.0, 32.0, -32.0]


@pytest.mark.parametrize(("third", "seen"), [(10, True), (12, False)])
def test_the_first_call_may_take_more_steps(third, seen):
    """As things are prepared in it; two that follow must take as many."""

    def number(t, call):
        return {1: 90, 2: 10, 3: third}.get(call, 10 if abs(t) < 0.3 else 20)

    line, count, _ = stepping(number)
    assert (_edge(line, 1.0, count) is not None) is seen


@pytest.mark.parametrize(
    ("there", "alike"),
    [((1024, 5), True), ((1025, 5), True), ((1026, 5), False), ((1023, 5), True), ((1024, 6), False), ((0, 0), True)],
)
def test_two_numbers_of_steps_are_one(there, alike):
    """To a thousandth, in all and of those that are given a tolerance; where f is not finite nothing is told."""
    assert iterations._alike(Steps(*there[:1], own=there[1]), Steps(1024, own=5)) is alike


def test_where_f_is_not_finite_no_steps_are_taken():
    """It stops for that."""
    line, count, _ = stepping(lambda *_: 10)
    assert iterations._steps(line, 1.0, count).number == 10
    assert iterations._steps(line, 200.0, count) == Steps()


def broken(at, jump, kink, slope=3.0, bend=0.01):
    """Return a line that jumps at a place, and is steeper beyond."""

    def line(t):
        beyond = (t - at) * math.copysign(1, at) >= 0
        return t, slope * t + bend * (t - at) ** 2 + beyond * (jump + kink * abs(t - at))

    return line


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("scale", [1.0, 4.0])
@pytest.mark.parametrize(("jump", "kink"), [(1e-3, 0.0), (0.0, 0.01), (1e-3, 0.01), (0.0, 0.0)])
def test_what_changes_at_an_edge_tells_what_is_left(jump, kink, scale, side):
    """Thirty-two jumps, and eight changes of the slope over the scale; a curve that goes on shows neither."""
    edge = Edge(side * (0.5 - 2.0**-16), side * (0.5 + 2.0**-17), several=True)
    found = iterations._left(broken(side * 0.5, jump, kink), scale, edge, 1e-12)
    assert found == pytest.approx(32 * jump + 8 * kink * scale, rel=1e-2, abs=1e-9)


@pytest.mark.parametrize(("part", "seen"), [(1.2, True), (0.8, False)])
def test_a_change_that_the_noise_would_make_is_none(part, seen):
    """Of twenty standard deviations it is one: of f, and of its slope over the steps that are taken."""
    edge = Edge(0.5 - 2.0**-16, 0.5, several=True)
    jumping = iterations._left(broken(0.5, part * 20e-6, 0.0, 0.0, 0.0), 2.0, edge, 1e-6)
    assert (jumping > 100e-6) is seen
    bent = iterations._left(broken(0.5, 0.0, part * 20e-6 / (2.0 * 2.0**-9), 0.0, 0.0), 2.0, edge, 1e-6)
    assert (bent > 0) is seen
    little = iterations._left(broken(0.5, 0.0, part * 1e-6 * 7, 7.0, 0.0), 2.0, edge, 1e-15)
    assert (little > 0) is seen


def test_what_is_left_of_what_is_not_finite_is_nothing():
    """It is not known."""
    edge = Edge(0.5 - 2.0**-16, 0.5, several=True)
    assert iterations._left(lambda t: (t, math.inf if t > 0.5 else t), 1.0, edge, 0.0) == 0


@pytest.mark.parametrize("h", [0.1, -0.2])
def test_a_slope_on_one_side_is_that_of_a_parabola(h):
    """Three values tell it."""
    assert iterations._one_sided(lambda t: (t, 3 * t + 2 * t * t - 5), 0.5, h) == pytest.approx(5.0)


def look_of(claim, x=4.0, unfinished=0.0, **tally):
    """Return what an opinion is given of a function that leaves so much unfinished."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([claim]), np.array([x]), sigma=1e-300)
    look.tested.experience.unfinished = unfinished
    for name, value in tally.items():
        setattr(look.tally, name, value)
    return look


def known(value=1.0, uncertainty=1e-3):
    return Estimate(value, uncertainty, value, value, scale=abs(value))


@pytest.mark.parametrize(
    ("claim", "value", "part", "iterates", "allowed"),
    [
        (1.02, 1.0, 0.049, False, 0.049),
        (1.02, 1.0, 0.053, False, None),
        (1.02, 1.0, 0.053, True, 0.053),
        (1.02, 1.0, 0.3, True, 0.1275),
        (1.02, 1.0, 0.01, False, None),
        (0.0, 1e-3, 0.01, True, None),
        (1.0, 0.85, 0.3, True, None),
        (0.9, 1.0, 0.3, True, 0.125),
    ],
    ids=["a little", "more than a twentieth", "of an iteration", "an eighth at most", "too little", "nothing claimed",
         "too far off", "an eighth off"],
)  # fmt: skip
def test_what_missing_steps_leave_is_allowed_for(claim, value, part, iterates, allowed):
    """A twentieth of the largest slope; of an iteration up to an eighth, if that makes the claim right."""
    look = look_of(claim, unfinished=4.0 * part, iterates=iterates)
    found = another_step(look, known(value))
    assert (found is not None) is (allowed is not None)
    if allowed is not None:
        assert found.uncertainty == pytest.approx(1e-3 + allowed)
        assert look.tested.allowed == pytest.approx(4.0 * allowed)
        (note,) = [n for n in look.tested.subject.tally.said if "looks like an iteration" in n]
        assert f"stopped at about {4.0 * allowed / 32:.0e}:" in note


def scattered(noise):
    """Return a line of slope 1 that scatters, at random, by what it says of values so far apart."""
    draws = np.random.default_rng(0)
    return lambda t: (t, t + noise(abs(t)) * draws.normal())


@pytest.mark.parametrize("claim", [1.0, 1.01])
@pytest.mark.parametrize("iterates", [True, False])
def test_larger_steps_average_over_the_steps_of_an_iteration(claim, iterates, monkeypatch):
    """Its noise is that of values some 2^-11 of the scale apart, where fine steps see less of it."""
    look = look_of(claim, unfinished=4e-6, iterates=iterates)
    monkeypatch.setattr(Look, "careful", property(lambda look: look.ladder))
    look = replace(look, ladder=replace(look.ladder, line=scattered(lambda t: 1e-7 if t > 1e-5 else 0.0)))
    found = another_step(look, known(1.02, 1e-9))
    assert (found is not None) is (iterates and claim == 1.0)
    if found is not None:
        assert abs(found.value - 1) <= found.uncertainty < 1e-4


def test_what_does_not_scatter_is_not_measured_again():
    """A slope that is known is known."""
    assert another_step(look_of(1.01, unfinished=4e-6, iterates=True), known(1.02, 1e-9)) is None


def test_what_is_left_unfinished_is_asked_once_of_a_tensor(monkeypatch):
    """The most that was found of it counts; of a function that takes the same steps everywhere nobody asks."""
    asked = []
    monkeypatch.setattr(iterations, "_unfinished", lambda _: asked.append(1) or 0.08)
    look = look_of(1.02, unfinished=None)
    look.tally.unfinished["x"] = 0.12
    assert another_step(look, known()).uncertainty == pytest.approx(1e-3 + 0.03)
    assert another_step(look, known()) is not None
    assert asked == [1]
    assert another_step(look_of(1.02, unfinished=None, steady=True), known()) is None
    assert asked == [1]
    assert another_step(look_of(1.02, unfinished=0.0), known()) is None


def left_over(monkeypatch, edges, lefts, size=2, told=0.0, before=None):
    """Return what is left unknown where such edges are met, and leave so much; how many lines, and the tally."""
    met = []
    monkeypatch.setattr(iterations, "_edge", lambda line, scale, _: met.append(scale) or edges[len(met) - 1])
    monkeypatch.setattr(iterations, "_left", lambda _, scale, edge, __: lefts[edge.low])
    monkeypatch.setattr(iterations, "_steps", lambda *_: SimpleNamespace(tolerance=told))
    look, _ = looked_at(lambda x: float(x.sum()), np.full(size, 2.0), np.full(size, 4.0), sigma=1e-300)
    look.tally.unfinished.update(before or {})
    return iterations._unfinished(look), met, look.tally


def edge_of(n, several=False):
    return Edge(n, n + 1, several)


def test_what_is_left_is_what_is_usual_of_several_ways(monkeypatch):
    """The median of those that show something; two that meet no edge are enough, and four if any does."""
    ways = [edge_of(0), edge_of(1), None, edge_of(2)]
    left, met, tally = left_over(monkeypatch, ways, {0: 3.0, 1: 1.0, 2: 2.0})
    assert (left, met, tally.steady, tally.iterates) == (2.0, [1.0] * 4, False, False)
    left, met, _ = left_over(monkeypatch, ways, {0: 3.0, 1: 0.0, 2: 0.0})
    assert left == 3.0
    left, met, tally = left_over(monkeypatch, [None, None], {})
    assert (left, met, tally.steady) == (0.0, [1.0, 1.0], True)
    left, met, tally = left_over(monkeypatch, [None, edge_of(0), None, None], {0: 5.0})
    assert (left, len(met)) == (5.0, 4)
    left, met, tally = left_over(monkeypatch, [edge_of(0)], {0: 5.0}, size=1)
    assert (left, met) == (5.0, [4.0])
    assert left_over(monkeypatch, [None, None], {}, before={"y": 0.0})[2].steady is False
    assert left_over(monkeypatch, [edge_of(0, several=True)], {0: 0.0}, size=1)[2].iterates is True


@pytest.mark.parametrize(
    ("left", "told", "expected"),
    [(1.0, 1e-3, 1.0), (1e-9, 1e-3, 8 * 8e-3), (1e9, 1e-3, 1024 * 8e-3), (0.0, 1e-3, 8 * 8e-3), (3.0, 0.0, 3.0)],
)
def test_a_tolerance_bounds_what_is_left(left, told, expected, monkeypatch):
    """To between eight and a thousand times what the largest claim moves f by, times it."""
    found, _, tally = left_over(monkeypatch, [edge_of(0)], {0: left}, size=1, told=told)
    assert found == pytest.approx(expected)
    assert tally.iterates is (told > 0)


def test_steps_of_an_iteration_are_looked_for_among_values_from_a_256th_of_the_scale_down(monkeypatch):
    """And at an eighth of that, and an eighth again: in step with one of these they may be, and not with all."""
    spacings = []
    monkeypatch.setattr(iterations, "window_noise", lambda _, spacing: spacings.append(spacing) or 0.0)
    look = look_of(1.01, unfinished=4e-6, iterates=True)
    assert iterations._over_the_steps(look) is None
    assert [spacing / look.careful.scale for spacing in spacings] == [2.0**-8, 2.0**-11, 2.0**-14]
