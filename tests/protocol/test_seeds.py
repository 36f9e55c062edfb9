"""A claim that is right on average is undecided, one that no draw explains is wrong, and draws are pinned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made import tensor

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._model.subject import Subject
from gradcheck._protocol import seeds
from gradcheck._protocol.deterministic import settled

X = np.linspace(0.5, 1.5, 8)


class Dropout:
    """x through a random mask and a sine: its mean network has no mask."""

    def __init__(self, seed=0):
        self.rng = np.random.default_rng(seed)

    def value(self, x):
        return float(np.sum(np.sin(x) * 2 * (self.rng.random(x.shape) > 0.5)))


@pytest.mark.parametrize("seed", range(20))
def test_the_gradient_of_the_mean_network_is_undecided(seed):
    """It is that of no draw, and of all of them on average; the report says what it may be."""
    report = check_gradients(Dropout(seed).value, X, grad=np.cos)
    assert report.verdict is Verdict.UNDECIDED
    assert any("the gradient of the expectation?" in note for note in report.notes)
    assert not any("leave out constants" in note for note in report.notes)


def test_a_mask_that_the_gradient_draws_anew_is_said_to_be_one():
    """Its claims are the slopes of other draws; one that keeps the mask of the function is right."""
    layer = Dropout()

    def mask():
        return 2 * (layer.rng.random(X.shape) > 0.5)

    def anew(x):
        mask()
        return np.cos(x) * mask()

    report = check_gradients(layer.value, X, grad=anew)
    assert report.verdict is Verdict.UNDECIDED
    assert any("the gradient draws again" in note for note in report.notes)
    assert check_gradients(layer.value, X, grad=lambda x: np.cos(x) * mask()).verdict is Verdict.CORRECT
    report = check_gradients(layer.value, X, grad=np.cos)
    assert not any("the gradient draws again" in note for note in report.notes)


@pytest.mark.parametrize("seed", range(20))
def test_what_no_draw_explains_is_wrong(seed):
    """Slopes lie between 0 and 2 cos x: five times the cosine is none, and nor is its opposite."""
    report = check_gradients(Dropout(seed).value, X, grad=lambda x: 5 * np.cos(x))
    assert report.verdict is Verdict.WRONG


@pytest.mark.parametrize("factor", [1.0, 5.0], ids=["mean", "wrong"])
def test_what_no_draw_explains_is_asked_for_no_more_than_a_direction(factor):
    """Two evaluations a draw; every entry at every step only where the direction leaves it open."""
    subject, _ = settled(Subject.of(Oracle(X, Dropout().value, lambda x: factor * np.cos(x)), promote=False))
    result = tensor([Verdict.WRONG] * 8, factor * np.cos(X))
    before = subject.tally.evaluations
    excused = seeds.excused(subject, {"": result})[""].verdict
    spent = (subject.tally.evaluations - before) / seeds.SEEDS
    assert (excused, spent > 8) == ((Verdict.UNDECIDED, True) if factor == 1 else (Verdict.WRONG, False))


@pytest.mark.parametrize("seed", range(20))
def test_a_claim_that_follows_the_draw_is_judged_by_it(seed):
    """Half of every draw's own slope is within what draws make of it, and wrong all the same."""
    rng = np.random.default_rng(seed)
    report = check_gradients(
        lambda x: float(np.sum(np.sin(x) * rng.standard_normal(8))),
        X,
        grad=lambda x: np.cos(x) * rng.standard_normal(8) / 2,
    )
    assert report.verdict is Verdict.WRONG


def test_a_draw_that_does_not_matter_excuses_nothing():
    """Another seed changes the value by less than its rounding, so what is wrong is wrong."""
    rng = np.random.default_rng(0)
    report = check_gradients(lambda x: float(np.sum(x**2) + 0 * rng.random()), X, grad=lambda x: 2.002 * x)
    assert report.verdict is Verdict.WRONG


def test_a_draw_that_changes_the_last_digits_excuses_nothing():
    """Over the cube root of the rounding they are no spread; over the square of that they would hide a millionth."""
    rng, claims = np.random.default_rng(0), 2 * X * (1 + 1e-6)
    oracle = Oracle(X, lambda x: float(np.sum((x + 1e-12 * rng.random(8)) ** 2)), lambda x: 2 * x * (1 + 1e-6))
    subject, _ = settled(Subject.of(oracle, promote=False))
    result = replace(tensor([Verdict.WRONG] * 8, claims), estimates=2 * X)
    assert seeds.excused(subject, {"": result})[""].verdict is Verdict.WRONG


def test_a_draw_that_is_pinned_is_said_to_be():
    """By the name of the generator, and in one note."""
    report = check_gradients(lambda x: float(np.sum(x * np.random.random(8))), X, grad=lambda x: np.random.random(8))  # noqa: NPY002
    assert report.verdict is Verdict.CORRECT
    assert [note for note in report.notes if "NumPy's global generator" in note]


def test_a_generator_is_put_back_after_other_draws():
    """Each of them gives other numbers, and afterwards the first ones come again."""
    function = Dropout()
    subject, _ = settled(Subject.of(Oracle(X, function.value, np.cos), promote=False))
    first = subject.output()
    seen = {subject.output() for _ in subject.pins.seeds((subject.output,), 10)}
    assert len(seen) > 5
    assert subject.output() == first


def test_a_single_wrong_entry_beside_an_honest_mean_is_found():
    """The entry that is furthest off is always among those that are looked at."""

    def one_off(x):
        claim = np.cos(x)
        claim[3] *= -6
        return claim

    assert check_gradients(Dropout().value, X, grad=one_off).verdict is Verdict.WRONG


def chance(claims, slopes):
    return seeds._within(np.asarray(claims), np.asarray(slopes), 2.0**-52)


def test_by_how_much_a_mean_may_be_off():
    """A constant claim by DEVIATIONS of the slopes, one that is drawn by UNBIASED errors of their mean; not by more."""
    rng = np.random.default_rng(0)
    slopes, drawn = rng.standard_normal((2, seeds.SEEDS))
    slopes -= slopes.mean()
    error = np.std(drawn - slopes, ddof=1) / seeds.SEEDS**0.5
    for part, verdict in ((0.9, True), (1.1, False)):
        assert chance(np.full(seeds.SEEDS, part * 3.0 * np.std(slopes, ddof=1)), slopes) is verdict
        assert chance(drawn - drawn.mean() + part * 6.0 * error, slopes) is verdict


def test_what_follows_the_slopes_is_no_mean_of_them():
    """A claim that is its draw's slope and a part of its own is one draw's, though a wrong one, from FOLLOWS on."""
    slopes, own = np.random.default_rng(0).standard_normal((2, seeds.SEEDS))
    slopes, own = slopes - slopes.mean(), own - own.mean()
    assert not chance(2 * slopes + 0.05 * own, slopes)
    assert chance(2 * slopes + 0.5 * own, slopes)


def test_a_choice_is_seen_in_coarse_steps():
    """A draw that is compared with a threshold stands still at small ones; two entries in three would at an eighth."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        p = rng.uniform(0.2, 0.8, 6)
        report = check_gradients(lambda p: float(np.sum(rng.random(6) < p)), p, grad=np.ones_like)  # noqa: B023
        assert report.verdict is Verdict.UNDECIDED


def test_a_threshold_that_some_draws_cross_at_the_smallest_step():
    """Few slopes are then no zeros, and those are huge: at a longer step three times the mean is none."""
    rng = np.random.default_rng(1)

    def digital(s):
        return float(np.mean(s[0] * np.exp(0.2 * rng.standard_normal(4000)) > 1.0))

    def density(s):
        u = np.log(s[0]) / 0.2
        return np.array([np.exp(-u * u / 2) / np.sqrt(2 * np.pi) / 0.2 / s[0]])

    at = np.array([1.1])
    assert check_gradients(digital, at, grad=density).verdict is Verdict.UNDECIDED
    assert check_gradients(digital, at, grad=lambda s: 3 * density(s)).verdict is Verdict.WRONG


def test_the_step_at_which_a_function_moves():
    """The first whose zeros are at most STILL times those of the best: a mask makes as many at every step."""
    slopes = np.broadcast_to(np.arange(1.0, 4.0)[None, :, None], (20, 3, 2)).copy()
    slopes[:11, :, 0] = 0  # a mask
    slopes[:12, 0, 1] = 0  # a threshold
    slopes[:11, 1:, 1] = 0
    assert seeds._moving(slopes)[-1].tolist() == [1.0, 1.0]
    slopes[:13, 0, 1] = 0
    assert seeds._moving(slopes)[-1].tolist() == [1.0, 2.0]


def test_slopes_along_all_that_is_wrong_tell_twice_the_mean():
    """Each entry alone spreads so much that it does not."""
    x, rng = np.random.default_rng(0).uniform(0.5, 1.5, 200), np.random.default_rng(1)

    def value(x):
        return float(np.sum(np.sin(x) * 2 * (rng.random(200) > 0.5)))

    assert check_gradients(value, x, grad=np.cos).verdict is Verdict.UNDECIDED
    assert check_gradients(value, x, grad=lambda x: 2 * np.cos(x)).verdict is Verdict.WRONG


def test_who_draws_is_said():
    """The function or, where that does not, its gradient."""
    rng = np.random.default_rng(0)
    report = check_gradients(lambda x: float(x @ x), X, grad=lambda x: 2 * x * rng.uniform(0.5, 1.5, 8))
    assert report.verdict is Verdict.UNDECIDED
    assert any(note.startswith("the gradient function draws from a generator of NumPy") for note in report.notes)


def network(fault):
    """A mask in the middle, and a layer on either side of it; the gradient keeps the mask in what is above."""
    rng = np.random.default_rng(3)

    def parts(w):
        h = np.tanh(w["below"])
        return h, h * 2 * (rng.random(h.shape) > 0.5)

    def value(w):
        return float(np.sum(np.sin(parts(w)[1] * w["above"])))

    def grad(w):
        h, kept = parts(w)
        slope = np.cos(kept * w["above"])
        mask = {"drawn anew": lambda: 2 * (rng.random(h.shape) > 0.5), "": lambda: kept / h, "forgotten": lambda: 1.0}
        return {"above": slope * kept, "below": slope * w["above"] * mask[fault]() * (1 - h**2)}

    return value, {"below": X - 0.3, "above": X + 0.1}, grad


@pytest.mark.parametrize(("fault", "verdict"), [("", "CORRECT"), ("forgotten", "WRONG"), ("drawn anew", "WRONG")])
def test_what_is_right_for_every_draw_above_is_meant_to_be_so_below(fault, verdict):
    """A backward that keeps the mask in one tensor and not in another is wrong, however right on average."""
    value, at, grad = network(fault)
    report = check_gradients(value, at, grad=grad)
    assert report.tensors["above"].verdict is Verdict.CORRECT
    assert report.tensors["below"].verdict.name == verdict


def test_the_score_function_below_what_is_right_for_every_draw_stays_open():
    """Where f stands still there is no slope for each draw: the estimate is all that there is."""
    rng = np.random.default_rng(3)

    def drawn(w):
        p = 1 / (1 + np.exp(-w["p"]))
        return p, rng.random(8) < p

    def grad(w):
        p, a = drawn(w)
        return {"p": 3 * w["r"] ** 2 * (a - p) * a, "r": 6 * w["r"] * a}

    at = {"p": X - 1, "r": X}
    report = check_gradients(lambda w: float(np.sum(3 * w["r"] ** 2 * drawn(w)[1])), at, grad=grad)
    assert report.tensors["r"].verdict is Verdict.CORRECT
    assert report.tensors["p"].verdict is Verdict.UNDECIDED


EPS = 2.0**-52
ROUNDED = 100 * EPS ** (2 / 3)  # of a slope: what central differences at the best step leave of it
DRAWS = np.tile([-1.0, 1.0], 16)  # of mean zero and, as they are 32, of a standard deviation a little above one


@pytest.mark.parametrize(
    ("claims", "slopes", "may_be"),
    [
        (np.full(32, 3.04), DRAWS, True),  # the same for every draw, within three deviations of their mean
        (np.full(32, 3.06), DRAWS, False),
        (np.full(32, 10.0), 10.0 + DRAWS, True),  # wherever that mean lies
        (0.9 * DRAWS + 0.1 * np.repeat([-1.0, 1.0], 16) + 0.3, DRAWS, False),  # of the difference, which spreads less
        (np.full(32, 3.0) + 0.5 * ROUNDED * DRAWS, DRAWS, True),  # what rounding leaves is the same
        (1.0 + np.roll(DRAWS, 1), DRAWS, False),  # it differs from draw to draw: six errors of the mean, 6 / sqrt(32)
        (np.repeat([-1.0, 1.0], 16) + 1.4, DRAWS, True),
        (np.repeat([-1.0, 1.0], 16) + 1.6, DRAWS, False),
        (0.5 * DRAWS, DRAWS, False),  # it follows the draws: one of each, though a wrong one
        (0.5 * DRAWS + 0.05 * np.repeat([-1.0, 1.0], 16), DRAWS, True),  # it follows them only in part
        (np.full(32, 2.0), 2.0 + 1.5 * ROUNDED * DRAWS, False),  # draws that do not spread excuse nothing
        (np.full(32, 2.0), 2.0 + 3.0 * ROUNDED * DRAWS, True),
    ],
)
def test_what_may_be_a_mean_of_slopes(claims, slopes, may_be):
    """What is the same for all draws lies within three deviations, what is not within six errors of the mean."""
    assert bool(seeds._within(claims, slopes, EPS)) is may_be


@pytest.mark.parametrize("hole", ["claims", "slopes"])
def test_of_draws_that_are_no_numbers_nothing_is_explained(hole):
    """Whichever of the two is none."""
    columns = {"claims": np.full((32, 1), 0.5), "slopes": DRAWS[:, None].copy()}
    assert seeds._Draws(np.array([0]), **columns, eps=EPS, smooth=True).explain
    columns[hole][3] = np.nan
    assert not seeds._Draws(np.array([0]), **columns, eps=EPS, smooth=True).explain


def test_slopes_are_those_of_the_first_step_at_which_f_moves():
    """A step at which a tenth more of them are zero than at the longest is too short: there f mostly stands still."""
    still, moving = np.zeros(20), np.arange(1.0, 21.0)
    some = np.where(np.arange(20) < 10, 0, 7.0)
    more = np.where(np.arange(20) < 11, 0, 5.0)
    far_more = np.where(np.arange(20) < 12, 0, 5.0)
    for steps, first in (((still, moving, some), 1), ((more, some, some), 0), ((far_more, some, some), 1)):
        slopes = np.stack(steps, axis=1)[:, :, None]
        assert np.array_equal(seeds._moving(slopes)[:, 0], steps[first])


def test_a_slope_is_of_the_steps_that_were_taken():
    """Central, whatever each side makes of its step."""
    assert seeds._slope(lambda t: (1.5 * t if t > 0 else t, 3 * t), 0.5) == pytest.approx(3.0 / 1.25)


def test_an_extent_is_told():
    """One number where they are one."""
    assert seeds._extent(np.array([2.0, 2.0])) == "is 2"
    assert seeds._extent(np.array([3.0, -1.0])) == "lies between -1 and 3"
    assert seeds._extent(np.array([-0.0])) == "is 0"


@pytest.mark.parametrize(
    ("size", "off", "varies"),
    [(1.0, 0.0, False), (1.0, 0.5, False), (1.0, 2.0, True), (1e-9, 0.5, False), (1e-9, 2.0, True), (0.0, 0.0, False)],
)
def test_a_claim_varies_by_more_than_its_rounding_and_what_is_unknown(size, off, varies):
    """In units of both; a tensor whose claims are small has small roundings."""
    uncertainty = 1e-10 * size
    result = tensor([Verdict.CORRECT] * 3, [size, -size, size / 2], uncertainty=uncertainty)
    one = seeds._Right(result)
    assert not one.varies
    one.meet(np.array([size, -size, size / 2 - off * (uncertainty + ROUNDED * size)]), EPS)
    assert one.varies is varies


@pytest.mark.parametrize(("moving", "smooth"), [(0, False), (9, False), (26, True), (32, True)])
def test_f_has_a_slope_for_each_draw_where_it_moves_at_the_smallest_step(moving, smooth, monkeypatch):
    """For most draws; at longer steps every choice moves."""
    draws = iter(range(1000))

    class Asked:
        flat = np.array([0])

        @staticmethod
        def claimed(claims):
            return claims

        @staticmethod
        def slopes(*given):
            step = given[-1]
            return np.array([1.0 if step in seeds.COARSE else float(next(draws) % 32 < moving)])

    subject, _ = settled(Subject.of(Oracle(X, Dropout().value, np.cos), promote=False))
    monkeypatch.setattr(seeds, "SEEDS", 32)
    (found,) = seeds._over_seeds(subject, {"": Asked()}, {}, (1e-5, *seeds.COARSE)).values()
    assert found.smooth is smooth


def test_six_entries_are_looked_at_the_furthest_off_first():
    """And some evenly among the others."""
    asked = seeds._Asked.of(tensor([Verdict.WRONG] * 40, np.arange(1.0, 41.0)))
    assert len(asked.flat) == 6
    assert {0, 39} <= {*asked.flat.tolist()}


def test_the_direction_of_all_that_is_wrong_leaves_out_what_is_not_finite():
    """As far as each is off, of the furthest; where the claim is no number there is no way to go."""
    asked = seeds._Asked.of(tensor([Verdict.WRONG] * 3 + [Verdict.CORRECT], [np.nan, 1.5, -1.5, 0.5]))
    assert asked.across.tolist() == [0.0, 0.5, -1.0, 0.0]
    assert asked.flat.tolist() == [0, 1, 2]


def test_the_finest_step_is_where_central_differences_are_best():
    """At the cube root of the rounding; at its sixth root a sine that swings fast would have lost its slope."""
    rng, w = np.random.default_rng(0), 2000.0
    report = check_gradients(
        lambda x: float(np.sum(np.sin(w * x) * 2 * (rng.random(8) > 0.5))) / w, X, grad=lambda x: np.cos(w * x)
    )
    assert report.verdict is Verdict.UNDECIDED
    assert any("the gradient of the expectation?" in note for note in report.notes)


def test_a_direction_goes_as_far_as_its_entries_go_alone():
    """The one that is moved most, by the step times its scale, either way."""
    seen = []
    oracle = Oracle(np.full(2, 4.0), lambda x: seen.append(x.copy()) or float(x.sum()), lambda x: x)
    subject = Subject.of(oracle, promote=False).settled()
    seen.clear()
    asked = seeds._Asked(np.array([], dtype=int), np.array([0.5, -1.0]))
    assert asked.slopes(subject, "", 0.25) == pytest.approx([-0.5])
    assert np.array(seen) == pytest.approx(np.array([[4.5, 3.0], [3.5, 5.0]]))
