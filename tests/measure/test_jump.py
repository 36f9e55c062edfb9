"""A function that jumps nearby is known no better than the jump; a kink is no jump."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck import Verdict, check_gradients
from gradcheck._measure import jump as module
from gradcheck._measure.jump import Jump, continuous_along, continuous_to, jump_nearby
from gradcheck._measure.slopes import Slopes
from gradcheck._measure.step import FIRST, Ladder


def line(f, x=1.0):
    base = f(x)
    return lambda t: (t, f(x + t) - base)


def solver(x, tolerance):
    """Return the root of y = cos(y) + x by fixed points, stopped where they move less than the tolerance."""
    y = 0.0
    for _ in range(200):
        y, before = 0.5 * (y + math.cos(y) + x), y
        if abs(y - before) < tolerance:
            break
    return y


def slope(x):
    return 1 / (1 + math.sin(solver(x, 1e-16)))


@pytest.mark.parametrize("factor", [2.0, -1.0, 0.0, 1.1])
def test_a_wrong_gradient_of_a_solver_is_found(factor):
    """Though the solver stops at 1e-4, an adjoint that is off by a tenth is more than its tolerance explains."""
    report = check_gradients(lambda x: solver(x, 1e-4), 0.7, grad=lambda x: factor * slope(x), neighbours=0)
    assert [e.name for e in report.wrong] == ["x"]


@pytest.mark.parametrize("tolerance", [1e-6, 1e-4])
@pytest.mark.parametrize("x", [0.3, 0.7, 1.1, 1.5])
def test_the_right_gradient_of_a_solver_is_not_accused(x, tolerance):
    """The derivative of the solution is not that of the truncated iteration; the jumps excuse the difference."""
    report = check_gradients(lambda x: solver(x, tolerance), x, grad=slope, neighbours=0)
    assert report.wrong == ()


@pytest.mark.parametrize("place", [0.13, -0.02, 0.2])
@pytest.mark.parametrize("height", [1e-8, 1e-4, 1.0])
def test_a_jump_is_found_and_measured(height, place):
    """Its size, to within a factor, wherever it lies within reach."""
    found = jump_nearby(line(lambda x: math.sin(x) + height * (x > 1 + place)), 1.0, 1e-16)
    assert height / 2 <= found.size <= 2 * height
    assert found.distance == pytest.approx(abs(place), abs=1e-3)


@given(st.floats(-0.2, 0.2), st.floats(-5, 5), st.floats(-5, 5))
def test_a_kink_is_no_jump(place, left, right):
    """It vanishes as one looks closer."""

    def bent(x):
        u = x - 1 - place
        return math.sin(x) + (right if u > 0 else left) * u

    assert jump_nearby(line(bent), 1.0, 1e-16) is None


@given(st.sampled_from([math.sin, math.exp, math.tanh, lambda x: x**5]), st.floats(-3, 3), st.floats(1e-3, 10))
def test_a_smooth_function_has_none(f, x, scale):
    """Whatever its curvature."""
    largest = 1 + max(abs(f(x - scale / 4)), abs(f(x + scale / 4)))
    assert jump_nearby(line(f, x), scale, 2.0**-50 * largest) is None


@pytest.mark.parametrize("sigma", [1e-9, 1e-6])
def test_noise_is_no_jump(sigma):
    """Values that scatter everywhere by what is known as noise are not taken for one jump."""

    def noisy(x):
        return math.sin(x) + sigma * float(np.random.default_rng(list(np.float64(x).tobytes())).standard_normal())

    assert jump_nearby(line(noisy), 1.0, sigma) is None


def test_a_function_that_leaves_its_domain_says_nothing():
    """Not finite within reach: no jump can be made out."""
    assert jump_nearby(lambda t: (t, math.nan if t > 0.01 else float(t > 0.005)), 1.0, 1e-16) is None


def test_a_solver_with_a_tight_tolerance_is_correct():
    """And then its gradient is known to many digits."""
    report = check_gradients(lambda x: solver(x, 1e-14), 0.7, grad=slope, neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert report.tensors["x"].uncertainties[0] < 1e-7


def steps(x):
    """Return a smooth rise with a step of 1e-3 just above 1.9."""
    return math.sin(x) + 1e-3 * (x > 1.9)


def test_how_far_away_a_jump_is_seen():
    """As far as the scale, and no further: REACHES end at 1."""
    assert jump_nearby(line(steps), 1.0, 1e-16).distance == pytest.approx(0.9, abs=1e-3)
    assert jump_nearby(line(steps), 0.85, 1e-16) is None


def test_the_nearest_look_comes_first():
    """A small jump within a sixteenth of the scale counts before a large one far away, which excuses less."""
    found = jump_nearby(line(lambda x: steps(x) + 1e-6 * (x > 1.03)), 1.0, 1e-16)
    assert found.distance == pytest.approx(0.03, abs=1e-4)
    assert found.size == pytest.approx(1e-6, rel=0.2)


@pytest.mark.parametrize(("height", "seen"), [(15.0, False), (30.0, True)])
def test_a_jump_must_stand_out_of_the_noise(height, seen):
    """By CLEAR standard deviations, 20: the largest of 61 fourth differences of mere noise is 8 of them at most."""
    found = jump_nearby(line(lambda x: 1e-9 * height * (x > 1.03)), 1.0, 1e-9)
    assert (found is not None) is seen


@pytest.mark.parametrize(("height", "seen"), [(15.0, False), (30.0, True)])
def test_a_jump_must_stand_out_of_the_rounding(height, seen):
    """Of the largest value within reach: ROUNDING is eight of its last places, times CLEAR."""
    found = jump_nearby(lambda t: (t, 1.0 + 2.0**-49 * height * (t > 0.03)), 1.0, 0.0)
    assert (found is not None) is seen


def test_what_a_look_costs():
    """65 values for each reach, 8 closer looks of 17 more, and a bisection to the last digits of x for a jump."""
    calls = []

    def counted(x):
        calls.append(x)
        return math.sin(x) + 1e-3 * (x > 1.03)

    assert jump_nearby(line(counted), 1.0, 1e-16) is not None
    assert 0 < len(calls) - (1 + 65 + 8 * 17) <= 2 + 40


def test_the_slope_between_jumps():
    """A jump of some size, at some distance; at no distance it has none."""
    assert Jump(1e-6, 0.01).slope == pytest.approx(1e-4)
    assert Jump(1e-6, 0.0).slope == math.inf


def test_what_bends_within_a_hundredth_is_no_jump():
    """A smooth step as narrow as 1e-3 falls to its noise over LAST zooms; after fewer it would still stand."""
    assert jump_nearby(line(lambda x: math.tanh((x - 1.03) / 1e-3)), 1.0, 1e-16) is None


@pytest.mark.parametrize("width", [1e-5, 1e-7, 1e-9])
def test_what_is_steep_but_continuous_is_no_jump(width):
    """However steep: it falls at last, as one looks closer."""
    assert jump_nearby(line(lambda x: math.tanh((x - 1.03) / width)), 1.0, 1e-16) is None


@pytest.mark.parametrize("pulse", [1e7, 1e12, 1e20])
def test_waves_too_short_to_be_followed_are_no_jump(pulse):
    """They bend everywhere as much as at the worst place."""
    assert jump_nearby(line(lambda x: math.sin(pulse * x)), 1.0, 1e-16) is None


def clear(f, least, x=1.0):
    """Return the step up to which the slopes of f say that it does not jump by as much as would show."""
    far = continuous_to(Ladder(line(f, x), 1.0, 1e-16).climb(-1, FIRST), least)
    assert continuous_along(Ladder(line(f, x), 1.0, 1e-16), least) >= far
    return far


def clear_along(f, least, x=1.0):
    """Return the same with rungs in between, and how many evaluations that takes."""
    ladder = Ladder(line(f, x), 1.0, 1e-16)
    return continuous_along(ladder, least), ladder.evaluations


@pytest.mark.parametrize("f", [math.sin, math.exp, math.tanh, lambda x: x**3])
def test_slopes_of_a_smooth_function_foretell_one_another(f):
    """Up to a quarter of the scale, to a thousandth."""
    assert clear(f, 1e-3) >= 0.25


@given(st.floats(1e-3, 0.9), st.sampled_from([-1, 1]), st.floats(-6, -2))
def test_no_step_beyond_a_jump_is_clear(place, side, size):
    """Whatever its distance and its side, if it puts more into the slope there than is looked for."""
    height = 10.0**size
    assert clear(lambda x: math.sin(x) + height * (side * (x - 1) > place), height / (16 * place)) <= place


@given(st.floats(1e-3, 0.9), st.sampled_from([-1, 1]), st.floats(-6, -3), st.sampled_from([math.sin, math.exp]))
def test_no_step_beyond_a_jump_is_clear_with_rungs_in_between(place, side, size, f):
    """Nor where the ladder alone does not reach."""
    height = 10.0**size
    reach, _ = clear_along(lambda x: f(x) + height * (side * (x - 1) > place), height / (32 * place))
    assert reach <= place


@pytest.mark.parametrize(("f", "least"), [(math.tanh, 1e-6), (math.exp, 1e-8), (lambda x: math.cos(3 * x), 1e-5)])
def test_rungs_in_between_reach_further_than_a_ladder(f, least):
    """To half of the scale, beyond which nothing is looked for, by no more than 24 evaluations."""
    reach, evaluations = clear_along(f, least)
    assert clear(f, least) < 0.5 <= reach
    assert evaluations <= 18 + 24


def test_rungs_are_put_in_between_once():
    """Where those do not predict one another either, f is not smooth there, and the search begins."""
    reach, evaluations = clear_along(lambda x: math.sin(x) + 1e-3 * (x > 1.1), 1e-6)
    assert reach <= 0.1
    assert evaluations <= 18 + 12


def test_a_pair_of_jumps_that_one_mean_hides_shows_in_the_other():
    """Up on one side and down on the other: the central slope is what it was; both up: the gap between the sides is."""
    for down in (1, -1):
        f = lambda x, down=down: math.sin(x) + 1e-3 * ((x > 1.1) - down * (x < 0.9))  # noqa: E731
        assert clear(f, 1e-4) <= 0.1


def test_nothing_is_clear_that_noise_hides():
    """Where slopes are not known well enough to show a jump, nothing is said."""
    slopes = Ladder(line(math.sin), 1.0, 1e-3).climb(-1, FIRST)
    assert continuous_to(slopes, 1e-4) == 0.0


def test_no_jump_is_looked_for_where_none_is_or_matters():
    """Within the steps that are clear, and below the slope that would excuse anything."""
    calls = 0

    def counted(x):
        nonlocal calls
        calls += 1
        return math.sin(x) + 1e-6 * (x > 1.5)

    assert jump_nearby(line(counted), 1.0, 1e-16, clear=0.5) is None
    assert calls == 1
    assert jump_nearby(line(counted), 1.0, 1e-16, clear=0.4) is not None
    assert jump_nearby(line(counted), 1.0, 1e-16, least=1e-3) is None
    assert calls < 500
    assert jump_nearby(line(counted), 1.0, 1e-16, least=1e-7).distance == pytest.approx(0.5, abs=1e-3)


def test_the_search_for_a_jump_beside_nothing_ends():
    """Beside 0 there are ever smaller numbers: of a look's spacing so many halvings are enough."""
    calls = []

    def counted(t):
        calls.append(t)
        return t, float(t > 1e-30)

    assert jump_nearby(counted, 1.0, 1e-16) is not None
    assert len(calls) == 33 + 8 * 17 + 2 + 40


@pytest.mark.parametrize(("height", "alone"), [(0.014, True), (0.03, False)])
def test_a_jump_bends_f_ten_times_as_much_as_anything_else(height, alone):
    """Steps up and down at each place of the last look bend it by sixteen times their height, and a jump by three."""
    spacing = 1 / 16 / 8 / 4**8
    waves = lambda t: (t, float(t > 0.03) + height * (-1) ** round(t / spacing))  # noqa: E731
    assert (module._within(waves, 1 / 16, 1e-12, 0.0) is not None) is alone


def even(values, noise):
    """Return slopes on rungs a quarter of each other, whose sides agree."""
    central = np.array(values)
    step = 0.25 * 4.0 ** -np.arange(len(central))
    return Slopes(step, central, central, central, np.full(len(central), noise), central != 0, len(central) - 1)


def test_slopes_are_foretold_from_three():
    """More follow a bend that one step alone shows: here with the sixth power of it, and a jump could be as high."""
    assert continuous_to(even(1 + (0.25 * 4.0 ** -np.arange(8)) ** 6, 0.0), 1e-5) == 1 / 16


@pytest.mark.parametrize(("noise", "known"), [(0.2, True), (0.3, False)])
def test_a_quarter_of_a_jump_may_be_noise(noise, known):
    """More of it would hide the jump, or make one."""
    assert (continuous_to(even([1.0] * 5, noise), 1.0) > 0) is known


@pytest.mark.parametrize(("power", "looks"), [(2.75, 9), (3.25, 3)])
def test_a_search_ends_where_f_only_bends(power, looks):
    """From look to look the fourth differences of |t|^p fall by 4^p, here by 45 and by 91; those of a jump stay."""
    calls = []
    assert module._within(lambda t: (t, calls.append(t) or abs(t - 0.0137) ** power), 1.0, 1e-18, 0.0) is None
    assert len(calls) == 33 + (looks - 1) * 17


@pytest.mark.parametrize(("kink", "found"), [(10.0, True), (100.0, False)])
def test_a_jump_keeps_its_height_over_the_last_three_looks(kink, found):
    """A kink at its place is the higher one before that, and falls to a fourth from look to look."""

    def f(t):
        return t, 1e-3 * (t > 0.3) + kink * abs(t - 0.3)

    assert (module._within(f, 1.0, 1e-18, 0.0) is not None) is found


@pytest.mark.parametrize(("by", "found"), [(-0.1, True), (0.1, True), (0.0, False)])
def test_a_jump_is_followed_beneath_a_steep_rise(by, found):
    """Though f rises by more between two values: what it rises by elsewhere is taken off."""
    edge = 0.3712

    def steep(t):
        return t, t + by * (t > edge)

    places = np.linspace(0.0, 1.0, 5)
    values = np.array([steep(t)[1] for t in places])
    assert module._abrupt(steep, places, values, 0.1) is found
