"""What is known of some lines, to how many digits, and for how many evaluations? As it was measured before.

Whoever changes a constant of the measurement sees here what it buys and what it costs. The lines consist of sums,
products and roots, which are the same on every machine.
"""

from __future__ import annotations

import math

import exact
import numpy as np
import pytest
from lines import line_of

from gradcheck._measure.derivative import estimate, slope, smooth_at_once, summarise
from gradcheck._measure.jump import continuous_to, jump_nearby, jumps
from gradcheck._measure.least_squares import widest
from gradcheck._measure.noise import noise_of, window_noise
from gradcheck._measure.plateaus import fall, stairs_beneath
from gradcheck._measure.slopes import Slopes
from gradcheck._measure.step import FIRST, Ladder

LINES = vars(exact) | {
    "kink at 1e-4": exact.beside(1e-4),
    "kink at 0.1": exact.beside(0.1),
    "weak kink": exact.beside(0.01, 1e-4),
    "leap": exact.leaping(0.01, 1e-5),
    "noise": exact.noisy(exact.rational, 1e-9),
    "noisy cubic": exact.noisy(exact.cubic, 1e-2),
    "rough noise": exact.noisy(exact.rational, 1e-4),
    "x log x": lambda t: t * math.log(abs(t)) if t else 0.0,
    "half a root": lambda t: math.sqrt(t) if t > 0 else 3 * t,
    "noise at 1e-12": exact.noisy(exact.two_roots, 1e-12),
    "noise at 1e-9": exact.noisy(exact.two_roots, 1e-9),
    "stairs of 1e-4": lambda t: exact.stairs(exact.rational(t), 1e-4),
    "one side": lambda t: exact.rational(t) if t >= 0 else math.nan,
    "steeper": lambda t: exact.rational(1e7 * t),
    "faster waves": lambda t: t + 1e-3 * exact.ripple(1e6 * t),
    "nothing beside it": lambda t: math.nan if t else 0.0,
    "huge": lambda t: 1e300 * exact.rational(t),
    "tiny": lambda t: 1e-270 * exact.rational(t),
    "cast": lambda t: exact.single(exact.rational(t)),
    "coarse": lambda t: exact.rational(exact.single(t)),
    "fine stairs": lambda t: exact.stairs(exact.rational(t), 1e-9),
    "even stairs": lambda t: t + 1e-6 * exact.stairs(1e3 * t, 2.0**-8),
    "rough": lambda t: exact.two_roots(t) + 1e-7 * exact.scatter(t),
    "stairs beneath": lambda t: t + exact.stairs(t, 2.0**-10) / 4,
    "faint stairs": lambda t: t + 1e-5 * exact.stairs(t, 2.0**-15),
    "fast": lambda t: t + 1e-6 * exact.ripple(1e4 * t),
    "faster": lambda t: t + 1e-6 * exact.ripple(1e8 * t),
}
ALIKE = 1e-3  # relative


def counted(name, x):
    """Return a line, and a list that grows by one with each value that is asked for."""
    calls, line = [], line_of(LINES[name], x)
    return lambda t: (calls.append(t), line(t))[1], calls


def ladder(name, x, scale, sigma):
    return Ladder(line_of(LINES[name], x), scale, sigma, finest=4 * 2.0**-52 * abs(x))


# line, place, scale, noise: the slope and what is not known of it, the largest slope, rung, evaluations, remarks
ESTIMATES = [
    ("coarse", 0.3, 1.0, 1e-12, 0.0, 0.003221, 6.127, 14, 40, "", 0.0, 0.0),
    ("deep", 0.0, 1.0, 1e-16, 1.71268646e10, 7.438e07, 1.711e10, 37, 80, "", 0.0, 0.0),
    ("x log x", 0.0, 1.0, 1e-09, -math.inf, 0.0, 20.79, 15, 40, "", -20.8, -8.32e13),
    ("kink at 1e-4", 0.0, 1.0, 1e-12, 1.0, 4.261e-08, 1.995, 5, 40, "", 0.0, 0.0),
    ("half a root", 0.0, 1.0, 1e-06, math.inf, 4.8e-05, 6.554e04, -1, 40, "kink", 6.55e04, 1.35e175),
    ("rational", 0.0, 1.0, 1e-06, 0.99999905, 0.0003818, 0.9998, 2, 16, "", 0.0, 0.0),
    ("rational", 0.3, 1.0, 1e-16, 0.765928794, 4.005e-12, 0.9014, 6, 16, "", 0.0, 0.0),
    ("rational", 0.3, 1.0, 1e-09, 0.765928794, 1.311e-06, 0.9014, 3, 32, "", 0.0, 0.0),
    ("rational", 0.3, 1.0, 0.0001, 0.765847825, 0.01482, 0.9014, 2, 16, "", 0.0, 0.0),
    ("rational", 0.0, 1.0, 1e-12, 1.0, 2.483e-09, 1.0, 4, 40, "", 0.0, 0.0),
    ("rational", 1.0, 1.0, 1e-13, 0.0, 9.847e-10, 0.08, 5, 40, "", 0.0, 0.0),
    ("witch", 0.2, 1.0, 1e-16, -2.5, 1.943e-11, 2.865, 7, 16, "", 0.0, 0.0),
    ("witch", 0.2, 0.25, 1e-16, -2.5, 1.399e-11, 2.865, 6, 16, "", 0.0, 0.0),
    ("witch", 0.2, 8.0, 1e-16, -2.5, 7.894e-11, 3.014, 8, 24, "", 0.0, 0.0),
    ("bend", 0.0, 1.0, 1e-16, 0.0, 3.476e-12, 0.4142, 6, 18, "", 0.0, 0.0),
    ("bend", 1.0, 64.0, 1e-12, 0.707106781, 2.483e-09, 0.9759, 7, 48, "", 0.0, 0.0),
    ("cubic", 0.7, 1.0, 1e-10, -0.33, 6.155e-08, 0.3323, 3, 32, "", 0.0, 0.0),
    ("tenth", 0.5, 1.0, 1e-16, -0.976785765, 4.117e-12, 1.023, 6, 16, "", 0.0, 0.0),
    ("tenth", 0.5, 1.0, 1e-07, -0.976785765, 6.203e-05, 1.023, 3, 24, "", 0.0, 0.0),
    ("root", 0.001, 1.0, 1e-16, 15.8113883, 8.955e-09, 27.42, 10, 24, "", 0.0, 0.0),
    ("root", 0.0, 1.0, 1e-16, math.inf, 0.0, 1.678e07, 23, 104, "", 1.13e15, 2.53e174),
    ("root", 1e-05, 1.0, 1e-10, 158.113883, 0.004069, 177.0, 11, 40, "", 0.0, 0.0),
    ("two_roots", 0.0, 1.0, 1e-14, math.inf, 0.0, 1.678e07, 23, 88, "", 8.8e12, 3.43e174),
    ("cusp", 0.0, 1.0, 1e-16, math.nan, 0.0, 1.678e07, -2, 106, "kink", 1.13e15, 2.53e174),
    ("cusp", 0.0001, 1.0, 1e-16, 50.0, 1.141e-07, 61.57, 11, 48, "", 0.0, 0.0),
    ("relu", 0.0, 1.0, 1e-16, 0.5, 4.8e-15, 1.0, -1, 48, "kink", 0.0, 0.0),
    ("elbow", 0.0, 1.0, 1e-12, 2.0, 1.28e-09, 3.25, -1, 40, "kink", 0.0, 0.0),
    ("elbow", 0.0, 1.0, 0.0001, 2.0, 0.032, 4.0, -2, 18, "kink", 0.0, 0.0),
    ("jump", 0.0, 1.0, 1e-16, math.nan, math.inf, 2.815e11, -1, 48, "jump", 0.0, 0.0),
    ("jump", 0.0, 1.0, 1e-05, math.nan, math.inf, 2.815e11, -1, 48, "jump", 0.0, 0.0),
    ("quarter", 0.0, 1.0, 1e-16, 0.0, 0.000933, 1.0, 20, 50, "", 0.0, 0.0),
    ("quarter", 0.0, 1.0, 1e-10, 0.0, 0.01424, 1.0, 12, 34, "", 0.0, 0.0),
    ("deep", 0.0, 1.0, 1e-26, 1.71798692e10, 6670.0, 1.718e10, 39, 80, "", 0.0, 0.0),
    ("deep", 0.0, 1.0, 1e-11, math.inf, 0.0, 1.677e07, 23, 64, "", 3.79e09, 1.24e172),
    ("still", 1.0, 1.0, 1e-16, 0.0, 8.485e-16, 0.0, 0, 50, "flat", 0.0, 0.0),
    ("half_dead", 0.0, 1.0, 1e-09, 0.5, 1.2e-08, 1.0, -2, 34, "kink", 0.0, 0.0),
    ("edged", 0.0, 1.0, 1e-14, 1.0, 1.576e-09, 1.0, 7, 48, "", 0.0, 0.0),
    ("gated", 0.3, 1.0, 1e-16, 1.5, 3.394e-15, 1.5, 1, 16, "", 0.0, 0.0),
    ("kink at 1e-4", 0.0, 1.0, 1e-13, 1.0, 6.267e-08, 1.995, 8, 40, "", 0.0, 0.0),
    ("kink at 1e-4", 0.0, 1.0, 1e-09, 0.999999996, 6.858e-06, 1.995, 4, 32, "", 0.0, 0.0),
    ("kink at 0.1", 0.0, 1.0, 1e-13, 1.0, 9.934e-10, 1.541, 5, 16, "", 0.0, 0.0),
    ("weak kink", 0.0, 1.0, 1e-12, 1.0, 3.939e-08, 1.0, 6, 40, "", 0.0, 0.0),
    ("leap", 0.0, 1.0, 1e-14, 1.0, 3.948e-10, 1.0, 6, 16, "", 0.0, 0.0),
    ("noise", 0.3, 1.0, 1e-09, 0.765928732, 1.311e-06, 0.9014, 3, 32, "", 0.0, 0.0),
    ("noise", 0.3, 1.0, 1e-11, math.nan, math.inf, 0.9504, -1, 32, "", 0.0, 0.0),
    ("huge", 0.3, 1.0, 1e280, 7.65928794e299, 3.477e288, 9.014e299, 6, 16, "", 0.0, 0.0),
    ("tiny", 0.3, 1.0, 1e-290, 7.65928794e-271, 5.201e-282, 9.014e-271, 6, 16, "", 0.0, 0.0),
]


@pytest.mark.parametrize(
    ("name", "x", "scale", "sigma", "value", "off", "largest", "best", "cost", "what", "reached", "furthest"), ESTIMATES
)
def test_what_is_known_of_a_slope(name, x, scale, sigma, value, off, largest, best, cost, what, reached, furthest):
    """The digits that it has, and what they cost; where it kinks, jumps or has no end, that is said."""
    climbed = ladder(name, x, scale, sigma)
    found = estimate(climbed)
    assert found.value == pytest.approx(value, rel=1e-8, abs=off or None, nan_ok=True)
    assert (found.uncertainty, found.scale) == pytest.approx((off, largest), rel=ALIKE)
    assert (found.reached, found.furthest) == pytest.approx((reached, furthest), rel=1e-2)
    assert (found.best, climbed.evaluations) == (best, cost)
    assert " ".join(w for w in ("kink", "jump", "flat") if getattr(found, w)) == what


# line, place, scale, noise: what is not known of the slope if both sides are taken for one, its scale and rung
MIDDLES = [
    ("rational", 0.3, 1.0, 1e-16, (4.005e-12, 0.9014, 6)),
    ("rational", 0.3, 1.0, 1e-09, (1.311e-06, 0.9014, 3)),
    ("rational", 0.3, 1.0, 0.0001, (0.01482, 0.9014, 2)),
    ("rational", 0.0, 1.0, 1e-12, (2.483e-09, 1.0, 4)),
    ("rational", 1.0, 1.0, 1e-13, (9.847e-10, 0.08, 5)),
    ("witch", 0.2, 1.0, 1e-16, (1.943e-11, 2.865, 7)),
    ("witch", 0.2, 0.25, 1e-16, (1.399e-11, 2.865, 6)),
    ("witch", 0.2, 8.0, 1e-16, (7.894e-11, 3.014, 8)),
    ("bend", 0.0, 1.0, 1e-16, (3.476e-12, 0.1231, 6)),
    ("bend", 1.0, 64.0, 1e-12, (2.483e-09, 0.9759, 7)),
    ("cubic", 0.7, 1.0, 1e-10, (6.155e-08, 0.3323, 3)),
    ("tenth", 0.5, 1.0, 1e-16, (4.117e-12, 1.023, 6)),
    ("tenth", 0.5, 1.0, 1e-07, (6.203e-05, 1.023, 3)),
    ("root", 0.001, 1.0, 1e-16, None),
    ("root", 0.0, 1.0, 1e-16, None),
    ("root", 1e-05, 1.0, 1e-10, None),
    ("two_roots", 0.0, 1.0, 1e-14, (4139.0, 256.0, 7)),
    ("cusp", 0.0, 1.0, 1e-16, None),
    ("cusp", 0.0001, 1.0, 1e-16, (1.141e-07, 61.57, 11)),
    ("relu", 0.0, 1.0, 1e-16, None),
    ("elbow", 0.0, 1.0, 1e-12, None),
    ("elbow", 0.0, 1.0, 0.0001, (1.14, 3.25, 5)),
    ("jump", 0.0, 1.0, 1e-16, None),
    ("jump", 0.0, 1.0, 1e-05, None),
    ("quarter", 0.0, 1.0, 1e-16, None),
    ("quarter", 0.0, 1.0, 1e-10, None),
    ("deep", 0.0, 1.0, 1e-26, (4139.0, 256.0, 7)),
    ("deep", 0.0, 1.0, 1e-11, (4139.0, 256.0, 7)),
    ("still", 1.0, 1.0, 1e-16, (3.394e-15, 0.0, 1)),
    ("half_dead", 0.0, 1.0, 1e-09, None),
    ("edged", 0.0, 1.0, 1e-14, None),
    ("gated", 0.3, 1.0, 1e-16, None),
    ("kink at 1e-4", 0.0, 1.0, 1e-13, (6.267e-08, 1.995, 8)),
    ("kink at 1e-4", 0.0, 1.0, 1e-09, (0.0005561, 1.995, 8)),
    ("kink at 0.1", 0.0, 1.0, 1e-13, (9.934e-10, 1.541, 5)),
    ("weak kink", 0.0, 1.0, 1e-12, (3.939e-08, 1.0, 6)),
    ("leap", 0.0, 1.0, 1e-14, (3.948e-10, 1.0, 6)),
    ("noise", 0.3, 1.0, 1e-09, (1.311e-06, 0.9014, 3)),
    ("noise", 0.3, 1.0, 1e-11, None),
    ("huge", 0.3, 1.0, 1e280, (3.477e288, 9.014e299, 6)),
    ("tiny", 0.3, 1.0, 1e-290, (5.201e-282, 9.014e-271, 6)),
]


@pytest.mark.parametrize(("name", "x", "scale", "sigma", "known"), MIDDLES)
def test_what_the_middle_alone_knows(name, x, scale, sigma, known):
    """On twelve rungs; nothing where the sides do not meet at the finest, or f is not defined on one of them."""
    found = smooth_at_once(ladder(name, x, scale, sigma).climb(0, 11))
    assert (found is None) is (known is None)
    if known:
        assert (found.uncertainty, found.scale) == pytest.approx(known[:2], rel=ALIKE)
        assert (found.best, found.first, found.last) == (known[2], 0, 11)
        assert found.left == found.value == found.right
        assert found.flat is (name == "still")


# line, place, scale, floor, finest: the noise, and how many values it is read from
NOISES = [
    ("nothing beside it", 0.0, 1.0, 1e-17, 0.0, 1e-17, 164),
    ("bend", 0.0, 1.0, 1e-17, 8 * 2.0**-52, 8.972e-17, 190),
    ("noise at 1e-12", 0.0, 0.01, 1e-17, 0.0, 4.051e-13, 164),
    ("stairs of 1e-4", 0.3, 0.01, 1e-17, 8 * 2.0**-52, 4.091e-05, 120),
    ("cast", 0.3, 1.0, 1e-17, 0.0, 1.219e-08, 54),
    ("rational", 1.0, 0.01, 1e-17, 8 * 2.0**-52, 2.157e-17, 11),
    ("noise at 1e-9", 0.0, 1.0, 1e-17, 8 * 2.0**-52, 5.732e-09, 120),
    ("witch", 0.0, 1.0, 1e-17, 0.0, 8.206e-17, 188),
    ("cusp", 0.0001, 1.0, 1e-17, 8 * 2.0**-52, 1e-17, 57),
    ("relu", 0.0, 1.0, 1e-17, 8 * 2.0**-52, 1e-17, 167),
    ("one side", 0.0, 1.0, 1e-17, 8 * 2.0**-52, 1e-17, 35),
    ("rational", 0.3, 1.0, 1e-17, 8 * 2.0**-52, 4.051e-17, 13),
    ("rational", 0.3, 1.0, 1e-16, 8 * 2.0**-52, 1e-16, 13),
    ("witch", 0.2, 1.0, 1e-17, 8 * 2.0**-52, 8.637e-17, 13),
    ("noise", 0.3, 1.0, 1e-17, 8 * 2.0**-52, 3.508e-10, 54),
    ("tenth", 0.5, 1.0, 1e-17, 8 * 2.0**-52, 2.833e-16, 54),
    ("noise", 0.3, 64.0, 1e-17, 8 * 2.0**-52, 3.679e-10, 54),
    ("cast", 0.3, 1.0, 1e-17, 8 * 2.0**-52, 6.974e-09, 54),
    ("coarse", 0.3, 1.0, 1e-17, 8 * 2.0**-52, 7.411e-09, 54),
    ("fine stairs", 0.3, 1.0, 1e-17, 8 * 2.0**-52, 4.256e-10, 188),
    ("relu", 0.0, 1.0, 1e-17, 0.0, 1e-17, 167),
    ("relu", 1e-05, 1.0, 1e-17, 0.0, 1e-17, 35),
    ("two_roots", 0.0, 1.0, 1e-17, 0.0, 1e-17, 186),
    ("root", 0.0, 1.0, 1e-17, 0.0, 1e-17, 186),
    ("root", 0.001, 1.0, 1e-17, 8 * 2.0**-52, 1e-17, 57),
    ("cusp", 0.0, 1.0, 1e-17, 0.0, 1e-17, 186),
    ("still", 1.0, 1.0, 1e-17, 8 * 2.0**-52, 1e-17, 76),
    ("jump", 0.0, 1.0, 1e-17, 0.0, 1e-17, 35),
    ("rough", 0.0, 1.0, 1e-17, 0.0, 7.243e-08, 120),
    ("fast", 0.3, 1.0, 1e-17, 8 * 2.0**-52, 2.747e-17, 57),
    ("faster", 0.3, 1.0, 1e-17, 8 * 2.0**-52, 1.328e-08, 54),
    ("edged", 0.0, 1.0, 1e-17, 0.0, 1e-17, 13),
    ("huge", 0.3, 1.0, 1e283, 8 * 2.0**-52, 5.622e283, 13),
    ("tiny", 0.3, 1.0, 1e-287, 8 * 2.0**-52, 4.601e-287, 13),
    ("gated", 0.3, 1.0, 1e-17, 8 * 2.0**-52, 3.137e-08, 65),
    ("even stairs", 0.3, 1.0, 1e-17, 8 * 2.0**-52, 9.087e-10, 65),
]


@pytest.mark.parametrize(("name", "x", "scale", "floor", "finest", "sigma", "cost"), NOISES)
def test_how_much_noise_is_seen(name, x, scale, floor, finest, sigma, cost):
    """No more than there is: none of bends, kinks and waves; and no less."""
    line, calls = counted(name, x)
    assert noise_of(line, scale, floor, finest) == pytest.approx(sigma, rel=ALIKE)
    assert len(calls) == cost


@pytest.mark.parametrize(
    ("name", "x", "spacing", "sigma"),
    [
        ("noise", 0.3, 1e-06, 3.355e-10),
        ("noise", 0.3, 0.001, 4.759e-10),
        ("cast", 0.3, 0.0001, 0.0),
        ("rational", 0.3, 0.0001, 4.792e-17),
        ("relu", 0.0, 0.001, 3.148e-19),
        ("edged", 0.0, 0.001, 0.0),
    ],
)
def test_what_noise_one_window_shows(name, x, spacing, sigma):
    """On the rougher side; none where f bends, kinks or ends."""
    assert window_noise(line_of(LINES[name], x), spacing) == pytest.approx(sigma, rel=ALIKE)


# height, distance, noise, what is asked: the size that is seen, and how many values it is read from
JUMPS = [
    (0.001, 0.03, 1e-16, {}, 0.001, 207),
    (1e-06, -0.03, 1e-16, {}, 1e-06, 207),
    (1e-12, 0.03, 1e-16, {}, None, 201),
    (0.001, 0.2, 1e-16, {}, 0.001, 273),
    (1e-05, -0.2, 1e-09, {}, 1e-05, 239),
    (1e-05, 0.2, 1e-06, {}, None, 116),
    (1.0, 0.9, 1e-16, {}, 1.0, 340),
    (0.001, 0.2, 1e-16, {"clear": 0.1}, 0.001, 206),
    (0.001, 0.2, 1e-16, {"clear": 0.13}, 0.001, 208),
    (0.001, 0.2, 1e-16, {"least": 0.0049}, 0.001, 239),
    (0.001, 0.2, 1e-16, {"least": 0.0052}, None, 184),
    (0.001, 0.2, 1e-16, {"least": 0.006}, None, 150),
    (0.0, 0.2, 1e-16, {}, None, 201),
    (0.001, 1.01, 1e-16, {}, None, 201),
]


@pytest.mark.parametrize(("height", "distance", "sigma", "asked", "size", "cost"), JUMPS)
def test_what_is_seen_of_a_jump(height, distance, sigma, asked, size, cost):
    """Its size and its distance, within reach and where it matters; after how many values there is none."""
    calls, leaping = [], exact.leaping(distance, height)
    found = jump_nearby(lambda t: (calls.append(t), (t, leaping(t)))[1], 1.0, sigma, **asked)
    assert (found and found.size) == (size and pytest.approx(size, rel=ALIKE))
    assert found is None or found.distance == pytest.approx(abs(distance), rel=1e-4)
    assert len(calls) == cost


# line, place, noise, what would show: up to which step nothing does
CLEAR = [
    ("rational", 0.3, 1e-16, 0.001, 2.0**-2),
    ("rational", 0.3, 1e-16, 1e-09, 0.0),
    ("witch", 0.2, 1e-16, 0.01, 2.0**-4),
    ("witch", 0.2, 1e-16, 1e-05, 2.0**-6),
    ("leap", 0.0, 1e-16, 0.001, 2.0**-6),
    ("leap", 0.0, 1e-16, 0.0001, 2.0**-8),
    ("kink at 0.1", 0.0, 1e-16, 0.01, 2.0**-4),
    ("rational", 0.3, 1e-07, 0.001, 2.0**-6),
    ("rational", 0.3, 1e-06, 0.001, 0.0),
    ("rational", 0.3, 1e-05, 0.001, 0.0),
    ("elbow", 0.0, 1e-16, 0.001, 0.0),
    ("edged", 0.0, 1e-12, 0.001, 2.0**-10),
]


@pytest.mark.parametrize(("name", "x", "sigma", "least", "clear"), CLEAR)
def test_how_far_slopes_foretell_one_another(name, x, sigma, least, clear):
    """As far as the series that they are goes on, and the noise lets it be seen."""
    assert continuous_to(Ladder(line_of(LINES[name], x), 1.0, sigma).climb(-1, FIRST), least) == clear


# line, place, noise: the step at which the slope falls, to what, on which side, and what is rounded there
FALLS = [
    ("gated", 0.3, 1e-16, None),
    ("rational", 0.3, 1e-16, None),
    ("elbow", 0.0, 1e-16, None),
    ("kink at 0.1", 0.0, 1e-16, None),
    ("weak kink", 0.0, 1e-13, None),
    ("leap", 0.0, 1e-14, None),
    ("stairs beneath", 0.3, 1e-16, (2.0**-10, 1.0, 1, 2.36e-16, 0.0002441, 103)),
    ("stairs beneath", 0.301, 1e-16, (2.0**-10, 1.0, 1, 2.36e-16, 0.0002441, 103)),
    ("stairs beneath", 0.0, 1e-16, None),
    ("faint stairs", 0.3, 1e-16, (2.0**-14, 1.0, 1, 2.12e-16, 3.052e-10, 99)),
    ("fast", 0.3, 1e-16, None),
    ("faster", 0.3, 1e-16, None),
    ("root", 0.001, 1e-16, None),
]


@pytest.mark.parametrize(("name", "x", "sigma", "falls"), FALLS)
def test_where_a_slope_falls_from_one_plateau_to_the_next(name, x, sigma, falls):
    """Where a part of f stands on stairs, and how high these are; nowhere else."""
    climbed = ladder(name, x, 1.0, sigma)
    found = fall(estimate(climbed).rungs)
    if falls is None:
        assert found is None
        return
    line, calls = counted(name, x)
    rounded = stairs_beneath(line, found, sigma, climbed.finest)
    assert (found.step, found.slope, found.side, found.scatter, rounded) == pytest.approx(falls[:5], rel=1e-2)
    assert len(calls) == falls[5]


# line, place, scale, noise: the slope, what is not known of it, its degree and its reach
FITS = [
    ("rational", 0.3, 1.0, 1e-06, 0.765929, 3.987e-05, 3, 0.25),
    ("rational", 0.3, 1.0, 0.001, 0.7662372, 0.007877, 1, 0.5),
    ("rational", 0.3, 0.1, 1e-06, 0.7659316, 3.775e-05, 2, 2.0),
    ("noise", 0.3, 1.0, 1e-09, math.nan, math.inf, -1, 4.0),
    ("witch", 0.2, 1.0, 0.001, -2.501496, 0.04848, 3, 0.25),
    ("cubic", 0.7, 1.0, 0.001, -0.33, 0.0009082, 1, 4.0),
    ("elbow", 0.0, 1.0, 0.01, 2.0, 0.1267, 3, 1.0),
    ("elbow", 0.0, 1.0, 1.0, 2.0, 0.3604, 0, 4.0),
    ("edged", 0.0, 1.0, 1e-06, math.nan, math.inf, -1, 4.0),
    ("noisy cubic", 0.7, 1.0, 0.003, -0.329671, 0.01463, 3, 4.0),
]


@pytest.mark.parametrize(("name", "x", "scale", "sigma", "value", "error", "degree", "reach"), FITS)
def test_what_a_fit_knows(name, x, scale, sigma, value, error, degree, reach):
    """Of a curve in noise: the wider the better, as far as some polynomial is the function."""
    found, width = widest(Ladder(line_of(LINES[name], x), scale, sigma))
    assert (found.value, found.error) == pytest.approx((value, error), rel=ALIKE, nan_ok=True)
    assert (found.rung, width) == (degree, reach)


# line, place, noise, rungs, size, rounding: noise at three of them, what a kink adds, steepest slopes
SLOPES = [
    (
        "rough noise",
        0.3,
        1e-16,
        (-1, 7),
        1000.0,
        2.0**-23,
        (6.674e-05, 0.005157, 31.86, 0.1785, 1.008, 0.9012, 1.008),
        "dme",
    ),
    ("still", 1.0, 1e-16, (-1, 7), 0.0, 2.0**-52, (3e-16, 1.92e-14, 1.966e-11, 0.0, 0.0, 0.0, 0.0), "mw"),
    ("cusp", 0.0001, 0.0001, (-1, 7), 0.0, 2.0**-52, (0.0003, 0.0192, 19.66, 36.41, 61.57, 3.843, 48.23), "dew"),
    ("gated", 0.3, 1e-06, (-1, 7), 0.0, 2.0**-52, (3e-06, 0.000192, 0.1966, 0.0, 1.5, 1.5, 1.5), "dmew"),
    ("jump", 0.0, 1e-16, (-1, 7), 1000.0, 2.0**-23, (8.968e-05, 0.006088, 389.9, 1.974, 5.096, 1.016, 5.096), "dme"),
    ("tenth", 0.5, 1e-16, (-1, 7), 0.0, 2.0**-52, (3e-16, 1.92e-14, 1.966e-11, 0.197, 1.023, 1.023, -0.9768), "me"),
    ("faint stairs", 0.3, 1e-16, (0, 11), 0.0, 2.0**-52, (1.2e-15, 7.68e-14, 5.033e-09, 2e-05, 1.0, 1.0, 1.0), "m"),
    (
        "rational",
        0.3,
        1e-16,
        (0, 7),
        0.0,
        2.0**-52,
        (1.2e-15, 7.68e-14, 1.966e-11, 0.005556, 0.9014, 0.9014, 0.7659),
        "me",
    ),
]


@pytest.mark.parametrize(("name", "x", "sigma", "rungs", "size", "rounding", "numbers", "said"), SLOPES)
def test_what_slopes_show(name, x, sigma, rungs, size, rounding, numbers, said):
    """What noise and rounding make of them, how far a kink puts them off, the steepest of them, and what is wanted."""
    climbed = Ladder(line_of(LINES[name], x), 1.0, sigma, rounding, size, finest=4 * 2.0**-52 * abs(x))
    found = climbed.climb(*rungs)
    noise = (found.noise[0], found.noise[3], found.noise[-1])
    steep = (found.scale(), found.scale(3), found.steepest(found.right))
    assert (*noise, found.kinked.max(), *steep) == pytest.approx(numbers, rel=ALIKE)
    assert "".join(w[0] for w in ("drowned", "meets", "enough", "wants_larger_steps") if getattr(found, w)) == said


def test_what_is_no_number_has_no_slope_and_no_part_in_the_noise():
    """Beside numbers at the edge of what there is."""
    rungs = [(0.5, 2.0, 0.25, -0.5), (0.5, math.inf, 0.5, -1.0), (0.0, 0.0, 0.5, -1.0), (0.1, 1e308, 0.1, -1e308)]
    rungs += [(1e-3, 1e306, 1e-3, 1.0), (0.1, math.nan, 0.1, 1.0), (0.1, 0.0, 0.1, 0.0), (0.1, 0.0, 0.2, 1.0)]
    found = Slopes.of(rungs, 7, sigma=0.0, scale=1.0, relative=2.0**-52)
    nan, inf = math.nan, math.inf
    assert found.step == pytest.approx([0.25, 0.5, 0.0, 0.1, 1e-3, 0.1, 0.1, 0.1])
    assert found.right == pytest.approx([4, nan, nan, inf, inf, nan, 0, 0], nan_ok=True)
    assert found.left == pytest.approx([2, 2, nan, inf, -1e3, -10, -0.0, -5], nan_ok=True)
    assert found.moved.tolist() == [True, True, True, True, True, True, False, True]
    noise = [5.32907e-15, 1.33227e-15, inf, 6.32443e293, 3.02707e295, 2.99376e293, 2.99376e293, 2.99376e293]
    assert found.noise == pytest.approx(noise, rel=1e-4)


def test_a_line_of_which_nothing_is_known_is_asked_for_its_noise_first():
    """With steps up to one, if no scale is given."""
    found = slope(line_of(LINES["cast"], 0.3), 1e-17, 8 * 2.0**-52)
    assert (found.value, found.uncertainty) == pytest.approx((0.765932, 7.212e-06), rel=ALIKE)
    assert found.evaluations == 24


def test_a_jump_that_few_rungs_show_leaves_nothing_known():
    """Neither a slope nor an infinite one, though it is not yet sure to be a jump."""
    found = summarise(Ladder(line_of(exact.jump, 0.0), 1.0, 1e-16).climb(0, 7), 1e-16)
    assert math.isnan(found.value)
    assert (found.uncertainty, found.kink, found.jump, found.best, found.evaluations) == (math.inf, False, False, -1, 0)


@pytest.mark.parametrize(
    ("name", "x", "sigma", "least", "last", "clear"),
    [
        ("bend", 1.0, 1e-09, 0.0001, 7, 2.0**-4),
        ("fast", 0.3, 1e-16, 0.01, 3, 2.0**0),
        ("rational", 1.0, 1e-06, 0.01, 3, 2.0**-4),
        ("cusp", 0.0, 1e-06, 0.01, 3, 2.0**-6),
    ],
)
def test_how_far_few_slopes_foretell_one_another(name, x, sigma, least, last, clear):
    """To the coarsest of them, where the finer ones say all of it."""
    slopes = Ladder(line_of(LINES[name], x), 1.0, sigma, finest=4 * 2.0**-52 * x).climb(-1, last)
    assert continuous_to(slopes, least) == clear


@pytest.mark.parametrize(
    ("name", "height", "distance", "scale", "asked", "size", "cost"),
    [
        ("rational", 0.001, 0.9, 4.0, {"clear": 0.0, "least": 0.001}, 0.001, 239),
        ("rational", 0.0, 0.03, 4.0, {"clear": 0.1, "least": 0.0}, None, 201),
        ("tenth", 0.0, 0.03, 1.0, {"clear": 0.0, "least": 0.0}, None, 201),
        ("rational", 1e-06, 0.03, 1.0, {"clear": 0.0, "least": 0.001}, None, 150),
        ("weak kink", 0.0, 0.03, 1.0, {"clear": 0.0, "least": 0.0}, None, 405),
        ("fast", 1e-06, 0.03, 1.0, {"clear": 0.0, "least": 0.0}, 1e-06, 207),
        ("steeper", 0.0, 0.03, 1.0, {"clear": 0.0, "least": 0.0}, None, 633),
        ("faster waves", 1e-06, 0.03, 1.0, {"clear": 0.0, "least": 0.0}, None, 507),
    ],
)
def test_what_is_seen_of_a_jump_on_a_curve(name, height, distance, scale, asked, size, cost):
    """A kink and a steep rise are none, and fast waves hide none; on a larger scale it is looked for further away."""
    calls, f = [], LINES[name]
    found = jump_nearby(
        lambda t: (calls.append(t), (t, f(t) - f(0.0) + height * (t > distance)))[1], scale, 1e-16, **asked
    )
    assert (found and found.size) == (size and pytest.approx(size, rel=ALIKE))
    assert len(calls) == cost


@pytest.mark.parametrize(("falls", "rungs", "jump"), [(0.98, 6, True), (0.98, 5, True), (0.97, 6, 0), (1.0, 4, 0)])
def test_how_steadily_a_jump_must_stand(falls, rungs, jump):
    """A tenth lower at the finest of five rungs is none, nor is what four rungs alone show."""
    rise = falls ** np.arange(float(rungs))
    step, none = 0.25 * 4.0 ** -np.arange(rungs), np.full(rungs, math.nan)
    assert jumps(Slopes(step, rise / step, none, rise / step, 0 * step, rise > 0, rungs - 1), 0.04) is bool(jump)
