"""Between tall jumps f is looked at from so near that there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tested import looked_at, on_the_sine

from gradcheck._entries.second_opinions import sawtooth as module
from gradcheck._entries.second_opinions.sawtooth import between_jumps
from gradcheck._results.estimate import Estimate, Rung

X = np.random.default_rng(1).uniform(0.3, 3, 8)


def rest(x):
    return float(np.sum(70 % x))


def test_between_jumps_speaks():
    """The rest of 70 by a third jumps two hundred times from there to twice as much: from a millionth none is seen."""
    look, lost = looked_at(rest, -np.floor(70 / X), X, k=int(np.argmin(X)), sigma=5.0)
    found = between_jumps(look, lost)
    assert abs(found.value - look.claim) <= found.uncertainty < lost.uncertainty / 10


def test_between_jumps_is_silent():
    """Where f is sharp, is rounded by a small part of itself and moves over it, or stands still between its jumps."""
    assert between_jumps(*on_the_sine()) is None
    look, lost = looked_at(lambda x: 1000 + rest(x), np.ones(8), X, k=int(np.argmin(X)), sigma=5.0)
    assert between_jumps(look, lost) is None
    look, lost = looked_at(lambda x: float(np.floor(300 * x[0])), np.array([300.0]), X[:1], sigma=5.0)
    assert between_jumps(look, lost) is None
    look, lost = looked_at(rest, -np.floor(70 / X), X, k=int(np.argmin(X)), sigma=5.0)
    look.tested.experience.rounded = True  # as another entry showed: the noise is that of its stairs
    assert between_jumps(look, lost) is None


@pytest.mark.parametrize(
    ("fields", "claim", "smooth"),
    [
        ({}, 1.0, True),
        ({"uncertainty": 0.9e-2}, 1.0, True),
        ({"uncertainty": 1.1e-2}, 1.0, False),
        ({"value": -2.0, "uncertainty": 1.9e-2}, 1.0, True),
        ({"kink": True}, 1.0, False),
        ({"jump": True}, 1.0, False),
        ({"flat": True, "value": 0.0, "uncertainty": 0.0}, 1.0, False),
        ({"flat": True, "value": 0.0, "uncertainty": 0.0}, 0.0, True),
    ],
)
def test_what_is_smooth_nearby(fields, claim, smooth):
    """To a hundredth, without kink or jump; what does not move, where nothing is claimed."""
    near = Estimate(**{"value": 1.0, "uncertainty": 1e-9, "left": 1.0, "right": 1.0} | fields)
    assert module._smooth(near, claim) is smooth


@pytest.mark.parametrize(
    ("claim", "far", "near", "over"),
    [(2.0, 2.0, 1.0, True), (1.0, 2.0, 1.0, False), (5.0, 2.0, 1.0, False), (2.0, 2.0, 2.0, False)],
)
def test_a_claim_may_be_the_slope_over_the_jumps(claim, far, near, over):
    """Where that between them accuses it, and that over them does not: they are apart by more than is unknown."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([claim]), np.array([4.0]), sigma=1e-12)
    there, here = (Estimate(v, u, v, v) for v, u in ((far, 1e-3), (near, 1e-9)))
    assert module._over_the_jumps(look, there, here) is over
    vague = Estimate(far, 1.1, far, far)
    assert module._over_the_jumps(look, vague, here) is False


def nearer(monkeypatch, answers, noises=(0.0, 0.0, 0.0), nearest=0.0, **fields):
    """Return what is said where this is measured from ever nearer, and from where it was."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([1.0]), np.array([4.0]), sigma=fields.pop("sigma", 1.0))
    look.tested.experience.rounded = fields.pop("rounded", False)
    left, quiet, asked = iter(answers), iter(noises), []
    estimate = Estimate(**{"value": 1.0, "uncertainty": 0.5, "left": 1.0, "right": 1.0} | fields)
    with monkeypatch.context() as patch:
        patch.setattr(type(look.tested.subject), "rounding_of", lambda *_: 0.35 * 2.0**-52 * 8)
        patch.setattr(module, "noise_of", lambda *_: next(quiet))
        patch.setattr(module, "window_noise", lambda _, spacing: nearest * (spacing == 4 * 2.0**-36))
        patch.setattr(module.derivative, "estimate", lambda ladder: asked.append(ladder.scale) or next(left))
        return between_jumps(look, estimate), asked


SMOOTH = Estimate(1.0, 1e-9, 1.0, 1.0)


def test_f_is_measured_from_nearer_until_it_is_smooth(monkeypatch):
    """A thousandth of the scale, a millionth, and so on; where it is as noisy there, nothing is measured."""
    blunt = Estimate(1.0, 0.5, 1.0, 1.0)
    assert nearer(monkeypatch, [blunt, SMOOTH]) == (SMOOTH, [4 * 2.0**-10, 4 * 2.0**-20])
    assert nearer(monkeypatch, [SMOOTH], noises=(1.0, 1.0, 0.0)) == (SMOOTH, [4 * 2.0**-30])
    assert nearer(monkeypatch, [blunt] * 3)[0] is None


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({}, True),
        ({"sigma": 1.1 * 2.0**-6 * 8}, True),
        ({"sigma": 0.9 * 2.0**-6 * 8}, False),  # rounding may be as coarse
        ({"uncertainty": 3e-6}, False),
        ({"uncertainty": 3e-6, "value": 0.0, "scale": 0.5}, True),
        ({"uncertainty": 3e-6, "value": 0.0, "scale": 1.0}, True),  # the claim, 1, is accused
        ({"flat": True}, False),
        ({"rounded": True}, False),
    ],
)
def test_tall_jumps_are_looked_between(fields, asked, monkeypatch):
    """Several times the last of eight digits of f; where it is sharp as it is, or its noise is that of a part, not."""
    assert bool(nearer(monkeypatch, [SMOOTH], **fields)[1]) is asked


@pytest.mark.parametrize(
    ("claim", "fields", "settled"),
    [
        (1.0, {}, True),
        (1.0, {"uncertainty": 5e-6}, False),
        (1.0, {"uncertainty": 5e-6, "scale": 2.0}, True),
        (2.0, {}, False),  # it is accused
        (2.0, {"flat": True}, True),
        (2.0, {"jump": True}, True),
        (1.0, {"nearest": (0.0, 0.04, 0.0, 0.0, 0.0)}, True),
        (1.0, {"nearest": (0.0, 0.06, 0.0, 0.0, 0.0)}, False),
        (1.0, {"nearest": (0.06, 0.0, 0.0, 0.0, 0.0)}, True),
    ],
)
def test_what_is_settled_is_not_looked_at_from_nearer(claim, fields, settled):
    """What is known, as no other slope shows at one of the four finest steps, and accuses nothing; and jumps at 0."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([claim]), np.array([4.0]), sigma=1e-12)
    rungs = tuple(Rung(4.0**-k, s, s, 0.0) for k, s in enumerate(fields.pop("nearest", ())))
    known = {"value": 1.0, "uncertainty": 3e-6, "left": 1.0, "right": 1.0, "scale": 1.0, "rungs": rungs}
    assert module._settled(look, Estimate(**known | fields)) is settled


@pytest.mark.parametrize(
    ("claim", "far", "ways", "found"),
    [
        (1.0, (0.0, 1e-3), (False, False), "near"),
        (1.0, (0.3, 1e-3), (False, False), None),  # f moves over the jumps, which are low: as what is rounded does
        (1.0, (0.3, 1e-3), (True, False), "near"),
        (0.01, (0.01, 1e-3), (True, True), None),  # the slope over the jumps is what is claimed
        (0.0, (0.0, 1e-3), (False, False), "neither"),
        (0.0, (0.0, 1e-3), (True, False), "near"),
        (0.0, (0.0, 1e-3), (False, True), "near"),
    ],
)
def test_which_slope_is_asked_for(claim, far, ways, found):
    """That between jumps, if they are tall or known, or f stands still over them; unless that over them is claimed."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([claim]), np.array([4.0]), sigma=1e-3)
    there, here = Estimate(*far, far[0], far[0]), Estimate(1.0, 1e-9, 1.0, 1.0)
    tall, known = ways
    chosen = module._chosen(look, there, here, tall=tall, known=known)
    assert chosen == {"near": here, "neither": replace(there, uncertainty=1.0), None: None}[found]
    assert look.tested.experience.waves == (1e-3 if found == "near" else np.inf)


def test_waves_that_agree_with_what_was_seen_before_are_none():
    """The slope is the same from near and far: there is nothing to remember."""
    look, _ = looked_at(lambda x: float(x.sum()), np.array([1.0]), np.array([4.0]), sigma=1e-3)
    same = Estimate(1.0, 1e-9, 1.0, 1.0)
    assert module._chosen(look, Estimate(1.0, 1e-3, 1.0, 1.0), same, tall=True, known=False) is same
    assert look.tested.experience.waves == np.inf


@pytest.mark.parametrize(("value", "steep", "still"), [(0.2, 1.0, True), (0.3, 1.0, False), (-0.3, 1.0, False)])
def test_what_stands_still_over_jumps(value, steep, still):
    """It moves by a quarter of the slope between them, or less."""
    assert module._still(Estimate(value, 1e-3, value, value), steep) is still


@pytest.mark.parametrize(("noise", "quiet"), [(0.9 * 2.0**-10, True), (1.1 * 2.0**-10, False)])
def test_noise_between_jumps_is_a_thousandth_of_them(noise, quiet, monkeypatch):
    """It is that of a large argument, which is rounded more than f."""
    assert nearer(monkeypatch, [SMOOTH], noises=(noise,) * 3)[0] == (SMOOTH if quiet else None)


@pytest.mark.parametrize(("nearest", "looked"), [(0.24, True), (0.26, False)])
def test_noise_that_is_as_loud_from_nearest_is_no_train_of_jumps(nearest, looked, monkeypatch):
    """From a quarter of it on: between jumps f is quiet, and of noise that is rounding a part is left there."""
    found, asked = nearer(monkeypatch, [SMOOTH], nearest=nearest)
    assert (found is SMOOTH, bool(asked)) == (looked, looked)


def test_rounding_of_a_long_sum_is_looked_through_in_two_windows():
    """As many values as they hold, where the three distances would take ten windows and more."""
    rng, calls = np.random.default_rng(3), []
    look, lost = looked_at(lambda x: calls.append(1) or float(rng.standard_normal()), np.ones(8), X, sigma=1.0)
    before = len(calls)
    assert between_jumps(look, replace(lost, value=0.0, uncertainty=0.1, jump=False, flat=False)) is None
    assert len(calls) - before <= 24
