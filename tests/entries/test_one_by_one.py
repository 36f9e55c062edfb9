"""Two evaluations acquit an entry; none is accused on two."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tested import on_the_sine, under_test, with_noise

from gradcheck import Verdict, check_gradients
from gradcheck._entries import one_by_one
from gradcheck._entries.calibrate import Calibration
from gradcheck._entries.one_by_one import _usual_steps, measure
from gradcheck._measure.slopes import OF_PHI, OF_SCALE
from gradcheck._model.tally import Spent
from gradcheck._results.estimate import Estimate

X = np.random.default_rng(0).uniform(0.2, 2, 60)


def f(x):
    return float(np.sum(np.sin(x) + x**3 / 5))


def df(x):
    return np.cos(x) + 3 * x**2 / 5


def with_errors(errors):
    """Return the gradient with some entries off by a relative error."""
    factor = np.ones(60)
    for k, error in errors.items():
        factor[k] += error
    return lambda x: df(x) * factor


def check(grad, x=X, f=f, **keywords):
    report = check_gradients(f, x, grad=grad, **({"neighbours": 0} | keywords))
    return report, report.tensors["x"]


@settings(max_examples=25)
@given(
    st.dictionaries(
        st.integers(0, 59),
        st.tuples(st.floats(-5, 0.5), st.sampled_from([-1, 1])).map(lambda e: e[1] * 10.0 ** e[0]),
        min_size=1,
        max_size=4,
    )
)
def test_wrong_entries_are_found_one_by_one(errors):
    """Those and no others, from a hundred-thousandth to three hundred per cent; their right neighbours stay right."""
    _, tensor = check(with_errors(errors))
    assert sorted(e.index[0] for e in tensor.entries(Verdict.WRONG)) == sorted(errors)
    assert tensor.counts[Verdict.CORRECT] == 60 - len(errors)


def test_one_entry_calibrates_a_small_tensor_of_a_function_that_was_plain_before():
    """Six rungs instead of eleven, and two evaluations for each of the others."""
    xs = np.random.default_rng(2).uniform(0.5, 1.5, (40, 8))
    spent = [_many(xs[:count]).evaluations for count in (20, 40)]
    assert spent[1] - spent[0] == 20 * (2 * 6 + 2 * 7)
    assert _many(xs, wrong=3).tensors["x7"].wrong == 1


def _many(xs, wrong=None):
    """Check a function of several arrays; one entry of the eighth may be wrong."""
    off = np.ones(xs.shape)
    if wrong is not None:
        off[7, wrong] += 1e-4
    return check_gradients(
        lambda *xs: float(sum(np.sum(np.sin(x)) for x in xs)),
        *xs,
        grad=lambda *xs: tuple(np.cos(x) * o for x, o in zip(xs, off, strict=True)),
        neighbours=0,
    )


def test_a_tensor_is_not_listened_to_before_one_of_its_entries_is_to_be_accused():
    """A second look at finer steps settles the others, with the noise along all at once."""
    rng = np.random.default_rng(0)
    W, V, x = rng.normal(size=(6, 8)), rng.normal(size=(8, 4)), rng.normal(size=(10, 6))

    def grad(W, V):
        h = np.tanh(x @ W)
        d = np.cos(h @ V)
        return x.T @ ((d @ V.T) * (1 - h**2)), h.T @ d

    report = check_gradients(
        lambda W, V: float(np.sum(np.sin(np.tanh(x @ W) @ V))), W, V, grad=grad, seed=0, neighbours=0
    )
    assert report.verdict is Verdict.CORRECT
    assert report.spent["closer looks"] > 0
    assert report.spent["noise"] < 100


def test_right_entries_cost_two_evaluations_each():
    """And some more to calibrate; the uncertainty is small enough to show a millionth."""
    x = np.random.default_rng(1).uniform(0.2, 2, 2000)
    report, tensor = check(df, x)
    assert tensor.counts == {Verdict.CORRECT: 2000}
    assert report.evaluations < 2 * 2000 + 500
    assert np.median(tensor.uncertainties / np.abs(tensor.claims)) < 1e-6
    assert (np.abs(tensor.claims - tensor.estimates) <= tensor.uncertainties).all()


def test_kinks_among_smooth_entries_are_not_judged():
    """Three zeros under an absolute value, each with another legal claim."""
    x = X.copy()
    x[[3, 30, 50]] = 0
    claim = np.sign(x)
    claim[[3, 30, 50]] = [-1, 0.25, 1]
    _, tensor = check(lambda _: claim, x, lambda x: float(np.abs(x).sum()))
    assert sorted(e.index[0] for e in tensor.entries(Verdict.KINK)) == [3, 30, 50]
    assert tensor.counts[Verdict.CORRECT] == 57


def test_no_accusation_rests_on_two_evaluations():
    """Every wrong entry brings the slopes at several steps, which agree with its estimate and not with the claim."""
    _, tensor = check(with_errors({7: 1e-3, 20: 2.0}))
    for entry in tensor.entries(Verdict.WRONG):
        close = [r for r in entry.rungs if abs(r.central - entry.estimate) < abs(entry.claim - entry.estimate) / 10]
        assert len(close) >= 3
    assert tensor.entry(0).rungs == ()


@pytest.mark.parametrize("factor", [-1.0, 2.0, 0.0, 1.01])
def test_where_all_is_wrong_all_is_found_wrong(factor):
    """At no more than some dozens of evaluations each, once the case is plain."""
    x = np.random.default_rng(1).uniform(0.2, 2, 200)
    report, tensor = check(lambda x: factor * df(x), x)
    assert tensor.counts == {Verdict.WRONG: 200}
    assert report.evaluations < 50 * 200


def test_entries_of_very_different_sizes():
    """From 1e-9 to 1e3 in one array: each is judged by its own size or by what its tensor can show."""
    x = np.logspace(-9, 3, 60)
    report, tensor = check(lambda x: 1 / (1 + x), x, lambda x: float(np.log1p(x).sum()))
    assert report.wrong == ()
    assert tensor.counts[Verdict.CORRECT] == 60
    claim = 1 / (1 + x)
    claim[[5, 40]] *= 1.001
    _, tensor = check(lambda _: claim, x, lambda x: float(np.log1p(x).sum()))
    assert {e.index[0] for e in tensor.entries(Verdict.WRONG)} == {5, 40}


@pytest.mark.parametrize("unit", [1e-8, 1.0, 1e8])
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_units_do_not_matter(unit, scale):
    """Of the loss or of the entries: the same mistake is found, and nothing else accused."""
    wrong = with_errors({11: 1e-4})
    _, tensor = check(lambda x: unit / scale * wrong(x / scale), scale * X, lambda x: unit * f(x / scale))
    assert [e.index[0] for e in tensor.entries(Verdict.WRONG)] == [11]
    assert tensor.counts[Verdict.CORRECT] == 59


def test_an_offset_does_not_accuse():
    """A million beside a loss of one takes six digits, and a mistake of one per cent is still found."""
    _, tensor = check(with_errors({11: 1e-2}), f=lambda x: f(x) + 1e6)
    assert [e.index[0] for e in tensor.entries(Verdict.WRONG)] == [11]


@pytest.mark.parametrize("seed", range(2))
def test_white_noise_does_not_accuse(seed):
    """Values that scatter by a ten-millionth, the same at every call of the same point."""

    def noisy(x):
        return f(x) + 1e-7 * float(np.random.default_rng([seed, *x.tobytes()]).standard_normal())

    _, tensor = check(with_errors({11: 0.1}), f=noisy)
    assert [e.index[0] for e in tensor.entries(Verdict.WRONG)] == [11]


def test_a_hidden_cast_to_single_precision_does_not_accuse():
    """Entries are correct or undecided; a factor of two is found still."""

    def single(x):
        return float(np.float32(f(x)))

    _, tensor = check(df, f=single)
    assert tensor.wrong == 0
    _, tensor = check(with_errors({11: 1.0}), f=single)
    assert [e.index[0] for e in tensor.entries(Verdict.WRONG)] == [11]


def test_rounding_to_digits_does_not_accuse():
    """A loss that is printed to six digits and read again, at sixty places."""
    wrong = []
    for x in np.linspace(0.3, 2.3, 60):
        _, tensor = check(np.exp, float(x), lambda x: round(float(np.exp(x)), 6))
        wrong += tensor.entries(Verdict.WRONG)
    assert wrong == []


def test_a_kink_within_the_step_does_not_accuse():
    """A hundred ReLUs, of which some switch just beside the point."""
    x = np.concatenate([X, [1e-3, -1e-3, 1e-5, -1e-5, 1e-7, -1e-7]])
    report, tensor = check(lambda x: (x > 0).astype(float), x, lambda x: float(np.maximum(x, 0).sum()))
    assert report.wrong == ()
    assert tensor.counts[Verdict.CORRECT] >= 63


def test_entries_that_nothing_exercises_are_untested():
    """Half of the array is not used: those entries are untested, the others correct, and the tensor too."""
    _, tensor = check(lambda x: np.where(np.arange(60) < 30, df(x), 0), f=lambda x: f(x[:30]))
    assert tensor.counts == {Verdict.CORRECT: 30, Verdict.UNTESTED: 30}
    assert tensor.verdict is Verdict.CORRECT


def test_a_claim_of_zero_where_the_function_moves_is_wrong():
    """It is not taken for untested."""
    _, tensor = check(lambda x: np.where(np.arange(60) < 30, df(x), 0))
    assert sorted(e.index[0] for e in tensor.entries(Verdict.WRONG)) == list(range(30, 60))


def test_a_claim_where_nothing_moves_is_wrong():
    """A gradient for what is not used."""
    _, tensor = check(df, f=lambda x: f(x[:30]))
    assert sorted(e.index[0] for e in tensor.entries(Verdict.WRONG)) == list(range(30, 60))


def test_single_precision_as_it_is():
    """Measured in float32, where no more can be seen than float32 shows."""
    x = X.astype(np.float32)
    f32 = lambda x: np.sum(np.sin(x), dtype=np.float32)  # noqa: E731  one line, used here alone
    report, _ = check(np.cos, x, f32, precision="as-is")
    assert report.wrong == ()
    report, _ = check(lambda x: np.cos(x) * (1 + (np.arange(60) == 11)), x, f32, precision="as-is")
    assert [e.index[0] for e in report.wrong] == [11]


# ------------------------------------------------------------------------------------ piece by piece


@pytest.mark.parametrize("chosen", [[5], [0, 1, 2], [3, 9, 11, 20, 59, 58], list(range(60))])
def test_only_what_is_chosen_is_measured(chosen):
    """Of the others nothing is known."""
    tested = under_test(f, df(X), X)
    measure(tested, np.array(chosen), tested.subject)
    assert np.flatnonzero(tested.columns.codes == Verdict.CORRECT).tolist() == sorted(chosen)
    assert np.flatnonzero(np.isfinite(tested.columns.estimates)).tolist() == sorted(chosen)


def test_the_array_is_put_back():
    """Bit for bit, after a measurement of all entries."""
    tested = under_test(f, 2 * df(X), X)
    measure(tested, np.arange(60), tested.subject)
    assert tested.leaf.array.tobytes() == X.tobytes()


def test_an_entry_on_steps_of_its_own_calibrates_nothing():
    """What was measured from nearer, as where f jumps further away, says nothing of the steps of the others."""
    look, estimate = on_the_sine()
    assert _usual_steps(look.tested, look.k, estimate)
    nearer = tuple(replace(rung, step=rung.step / 64) for rung in estimate.rungs)
    assert not _usual_steps(look.tested, look.k, replace(estimate, rungs=nearer))


def followed(monkeypatch, verdicts, *, row=0, may_bend=(), said=(), claims=None, estimates=None, **experience):
    """Return what is done with suspects, one after the other, of which a measurement finds such verdicts.

    `said`: which of the cheaper looks settle an entry. Directions are told as a look at -1.
    """
    n, done = len(verdicts), []
    tested = under_test(lambda x: float(x.sum()), np.ones(n) if claims is None else np.array(claims), np.ones(n))
    tested.columns.estimates[:] = 1.0 if estimates is None else estimates
    for name, value in experience.items():
        setattr(tested.experience, name, value)

    def measured(name):
        def look(tested, k, *_):
            done.append((name, k))
            tested.columns.codes[k] = verdicts[k]

        return look

    def cheaper(name):
        def look(_, k, *__, **___):
            done.append((name, k))
            return name in said

        return look

    for name in ("settle", "confirm", "climb"):
        monkeypatch.setattr(one_by_one, name, measured(name))
    for name in ("agrees_by_now", "left_open", "grows", "look_again"):
        monkeypatch.setattr(one_by_one, name, cheaper(name))
    tested.columns.codes[:] = Verdict.UNDECIDED
    vouched = SimpleNamespace(suspects=np.array(may_bend, dtype=int), rung=5, accuse=lambda: done.append(("all", -1)))
    one_by_one._suspect(tested, np.arange(n), vouched, row)
    return done, tested


def number(done, name):
    return sum(what == name for what, _ in done)


WRONG, RIGHT, OPEN, UNTESTED = Verdict.WRONG, Verdict.CORRECT, Verdict.UNDECIDED, Verdict.UNTESTED


@pytest.mark.parametrize(("row", "first"), [(0, 3), (1, 1), (2, 0), (3, 0)])
def test_directions_are_asked_once_two_entries_in_a_row_are_wrong(row, first, monkeypatch):
    """Those that calibrate count as well; a right one in between begins the row anew."""
    done, _ = followed(monkeypatch, [WRONG] * 6, row=row)
    assert done.index(("all", -1)) == next(n for n, what in enumerate(done) if what == ("settle", first)) - 1
    assert number(done, "all") == 6 - first
    assert number(followed(monkeypatch, [WRONG, WRONG, RIGHT] * 3)[0], "all") == 0
    assert number(followed(monkeypatch, [OPEN] * 6)[0], "all") == 0


def test_a_finer_look_comes_first_where_the_entry_before_was_right(monkeypatch):
    """Where it settles an entry no ladder is climbed; among wrong ones, and of a claim without end, nobody asks."""
    assert followed(monkeypatch, [WRONG] * 3, said=["look_again"])[0] == [("look_again", k) for k in range(3)]
    done, _ = followed(monkeypatch, [WRONG] * 4)
    assert done[:5] == [("look_again", 0), ("settle", 0), ("look_again", 1), ("settle", 1), ("settle", 2)]
    assert number(followed(monkeypatch, [RIGHT] * 3, claims=[np.inf] * 3)[0], "look_again") == 0
    assert number(followed(monkeypatch, [WRONG] * 3, row=2)[0], "look_again") == 0


@pytest.mark.parametrize(
    ("verdict", "estimate", "then"),
    [(WRONG, 1, "confirm"), (OPEN, 1, None), (UNTESTED, 1, "climb"), (UNTESTED, 0, None), (RIGHT, 1, "settle")],
)
def test_after_two_dozen_ladders_in_a_row_that_end_alike_less_suffices(verdict, estimate, then, monkeypatch):
    """A short one where all are wrong, none where noise hides all; where nothing moves, none but a look."""
    claims = [float(estimate)] * 30
    done, tested = followed(monkeypatch, [verdict] * 30, claims=claims, estimates=claims)
    whole = 25 if verdict is not RIGHT else 30
    assert number(done, "settle") == whole
    if then not in (None, "settle"):
        assert [k for what, k in done if what == then] == list(range(25, 30))
    if verdict is UNTESTED:
        assert (tested.columns.codes == UNTESTED).all()
    other, _ = followed(monkeypatch, [verdict] * 10 + [RIGHT] + [verdict] * 19, claims=claims, estimates=claims)
    assert number(other, "settle") == 30


def test_a_claim_of_zero_that_was_measured_to_be_none_is_climbed(monkeypatch):
    """Even after two dozen that do not move."""
    claims = [0.0] * 28
    done, _ = followed(monkeypatch, [UNTESTED] * 28, claims=claims, estimates=[0.0] * 26 + [1.0, 0.0])
    assert [k for what, k in done if what == "climb"] == [26]
    done, _ = followed(monkeypatch, [UNTESTED] * 28, claims=[0.0] * 26 + [1.0, 0.0], estimates=claims)
    assert [k for what, k in done if what == "climb"] == [26]


def test_what_others_taught_settles_entries_that_are_as_straight(monkeypatch):
    """And those alone: what two evaluations leave unknown, or what a solver does."""
    taught = {"may_bend": [1], "learnt": 1e-9}
    done, _ = followed(monkeypatch, [WRONG] * 3, said=["agrees_by_now"], **taught)
    assert [k for what, k in done if what == "agrees_by_now"] == [1]
    assert [k for what, k in done if what == "settle"] == [0, 2]
    assert number(followed(monkeypatch, [WRONG] * 3, may_bend=[1])[0], "agrees_by_now") == 0
    assert number(followed(monkeypatch, [WRONG] * 3, may_bend=[1])[0], "left_open") == 0
    monkeypatch.setattr(one_by_one.UnderTest, "allowed", 1e-3)
    done, _ = followed(monkeypatch, [WRONG] * 3, said=["left_open"], may_bend=[1])
    assert [k for what, k in done if what == "left_open"] == [1]
    assert [k for what, k in done if what == "settle"] == [0, 2]


@pytest.mark.parametrize("verdict", [RIGHT, WRONG])
def test_after_four_slopes_that_have_no_end_a_few_rungs_show_the_next(verdict, monkeypatch):
    """If those were rightly claimed; finite claims do not count, nor are they asked."""
    claims = [np.inf, 1.0, np.inf, np.inf, np.inf, np.inf, np.inf, 1.0]
    done, _ = followed(monkeypatch, [verdict] * 8, claims=claims, said=["grows"])
    assert [k for what, k in done if what == "grows"] == ([5, 6] if verdict is RIGHT else [])
    assert 5 not in [k for what, k in done if what == "settle"] or verdict is WRONG


@pytest.mark.parametrize(("left", "number"), [(20, 10), (21, 10), (19, 7), (16, 6), (0, 0)])
def test_where_evaluations_are_too_few_a_quarter_is_kept_for_what_seems_wrong(left, number):
    """Two for each entry; else three quarters of them are swept with."""
    tested = under_test(f, df, X)
    tested.tally.most = tested.tally.evaluations + left
    assert one_by_one._affordable(tested, 10) == number


RUNG, H = 4, 0.25 * 4.0**-4  # at which two evaluations are taken, and the step of an entry of one


def swept(plus, minus, claims, sigma=1e-12, up=H, down=-H, x=None, reach=np.inf, **calibration):
    """Return what two evaluations of some entries say: who is suspected, who of them is straight, and the columns."""
    n = len(claims)
    tested = under_test(lambda x: float(x.sum()), np.array(claims, float), np.ones(n) if x is None else x, sigma=sigma)
    tested.experience.reach = reach
    columns = [np.broadcast_to(np.asarray(c, float), n) for c in (up, plus, down, minus)]
    source = SimpleNamespace(both_ways=lambda *_: columns)
    suspects, straight = one_by_one._sweep(tested, np.arange(n), Calibration(rung=RUNG, **calibration), source)
    return suspects.tolist(), straight.tolist(), tested.columns


@pytest.mark.parametrize(("part", "suspected"), [(0.9, False), (1.1, True)])
@pytest.mark.parametrize(("sigma", "truncation"), [(1e-9, 0.0), (1e-15, 1e-6), (1e-9, 1e-6)])
def test_a_claim_agrees_within_three_deviations_and_what_the_step_leaves(sigma, truncation, part, suspected):
    """Of a slope from two values, of which noise makes a root of two less than of one alone."""
    unknown = 3 * sigma / H / 2**0.5 + truncation
    suspects, straight, columns = swept(H, -H, [1 + part * unknown, 1.0], sigma=sigma, truncation=truncation)
    assert suspects == straight == [0] * suspected
    assert columns.estimates.tolist() == [1.0, 1.0]
    assert columns.uncertainties == pytest.approx([unknown] * 2, rel=1e-4)
    assert columns.codes[1] == RIGHT
    assert columns.codes[0] == (OPEN if suspected else RIGHT)


def test_the_rounding_of_f_and_of_its_argument_counts_where_that_is_more_than_the_noise():
    """Of values that are large beside the slope, and of a slope that is large beside them."""
    for plus, minus in ((1e3 + H, 1e3 - H), (1e3 * H, -1e3 * H), (-2e3 + H, 1e3)):
        _, _, columns = swept(plus, minus, [1.0, 1.0], sigma=1e-300)
        slope = (plus - minus) / (2 * H)
        rounding = 2.0**-52 * (OF_PHI * max(abs(plus), abs(minus)) + OF_SCALE * abs(slope))
        assert columns.uncertainties[0] == pytest.approx(3 * rounding / H / 2**0.5, rel=1e-9)


def test_two_steps_that_are_not_as_long_are_weighted_so_that_a_parabola_has_its_slope():
    """The slope at 0 of 3 t + 5 t^2."""
    _, _, columns = swept(3 * 2 * H + 5 * 4 * H * H, -3 * H + 5 * H * H, [3.0], up=2 * H)
    assert columns.estimates[0] == pytest.approx(3.0, rel=1e-12)
    assert columns.lefts[0] == pytest.approx(3 - 5 * H)
    assert columns.rights[0] == pytest.approx(3 + 10 * H)


@pytest.mark.parametrize(("part", "bent"), [(0.9, False), (1.1, True)])
@pytest.mark.parametrize(
    ("sigma", "bend", "gap"),
    [(1e-300, 0.0, 0.02 * 5), (1e-5, 0.0, 0.02 * 5 + 2 * 3e-5 / H), (1e-300, 3e-3, 0.02 * 5 + 10 * 3e-3)],
    ids=["of the slope", "of the noise", "of calibrated entries"],
)
def test_a_gap_between_the_sides_that_is_more_than_a_bend_is_looked_at(sigma, bend, gap, part, bent):
    """A fiftieth of the slope, two noises of it, and ten times what the calibrated entries bend by."""
    half = part * gap / 2
    suspects, straight, _ = swept((5 + half) * H, -(5 - half) * H, [5.0] * 3, sigma=sigma, bend=bend, truncation=1e-3)
    assert suspects == [0, 1, 2] * bent
    assert straight == []


def test_what_does_not_move_and_claims_nothing_is_untested():
    """What moves, or claims something, is looked at."""
    suspects, straight, columns = swept([0, H, 0, H, 0], [0, 0, -H, -H, 0], [0.0, 0, 0, 1, 1], sigma=1e-12)
    assert suspects == [1, 2, 4]
    assert columns.codes.tolist() == [UNTESTED, OPEN, OPEN, RIGHT, OPEN]
    assert straight == [4]


def test_an_entry_that_is_known_too_badly_is_refined_where_others_are_known_better(monkeypatch):
    """If its claim agrees, and it is no kink; where that settles it, it is suspected no longer."""
    asked = []

    def refine(tested, k, first):
        asked.append((k, first))
        tested.columns.codes[k] = RIGHT

    monkeypatch.setattr(one_by_one, "refine", refine)
    blunt = {"sigma": 1e-4, "best": 6}
    known = swept([H, H, 3 * H], [-H, -H, -H], [1.0, 9.0, 2.0], reach=1e-3, **blunt)
    assert asked == [(0, 4)]
    assert known[0] == [1, 2]
    asked.clear()
    assert swept(H, -H, [1.0] * 3, **blunt)[0] == [0, 1, 2]
    assert asked == []


def opened(number, monkeypatch, *, begin=0, further=False, then=0, verdict=RIGHT, learnt=0.0):
    """Return what is asked of a tensor of so many entries before and after the sweep, which ends as it began."""
    x = np.linspace(1, 2, number)
    tested = under_test(lambda x: float(x.sum()), np.ones(number), x)
    tested.experience.begin, tested.experience.further, tested.experience.learnt = begin, further, learnt
    asked = {"climbed": [], "one": [], "row": None, "swept": None}

    def climb(tested, k):
        asked["climbed"].append(k)
        tested.columns.codes[k] = verdict
        tested.experience.begin = then
        return Estimate(1.0, 1e-9, 1.0, 1.0)

    def typical(_, chosen, *, one=False):
        asked["one"].append(one)
        return chosen[:1] if one else chosen[-2:]

    def sweep(tested, rest, *_):
        asked["swept"] = rest.tolist()
        tested.columns.uncertainties[rest] = 1.0
        return rest[:1], rest[:0]

    for name, stand_in in (("climb", climb), ("typical", typical), ("_sweep", sweep)):
        monkeypatch.setattr(one_by_one, name, stand_in)
    monkeypatch.setattr(one_by_one, "calibrated", lambda _: Calibration(reach=0.125))
    monkeypatch.setattr(one_by_one, "_usual_steps", lambda *_: True)
    monkeypatch.setattr(one_by_one, "_suspect", lambda *given: asked.update(row=given[-1]))
    monkeypatch.setattr(one_by_one, "sharpen", lambda *_: None)
    measure(tested, np.arange(number), tested.subject)
    return asked, tested


@pytest.mark.parametrize(
    ("number", "begin", "further", "then", "climbed"),
    [
        (4, 0, False, 0, [0, 1, 2, 3]),
        (5, 0, False, 0, [3, 4]),
        (5, 1, False, 1, [3, 4]),
        (5, 0, True, 0, [3, 4]),
        (5, 1, True, 1, [0]),
        (2, 1, True, 1, [0]),
        (1, 1, True, 1, [0]),
        (16, 1, True, 1, [0]),
        (17, 1, True, 1, [15, 16]),
        (5, 1, True, 0, [0, 3, 4]),
        (4, 1, True, 0, [0, 1, 2, 3]),
    ],
)
def test_how_many_entries_are_measured_in_full_before_the_sweep(number, begin, further, then, climbed, monkeypatch):
    """Four or fewer are all; else two calibrate, or one of sixteen where others of the same f were plain."""
    asked, tested = opened(number, monkeypatch, begin=begin, further=further, then=then)
    assert asked["climbed"] == climbed
    all_at_once = number == 1 or (number == 4 and not further)
    assert asked["swept"] == (None if all_at_once else sorted({*range(number)} - {*climbed}))
    assert tested.experience.reach == (0.125 if asked["swept"] is not None else np.inf)


@pytest.mark.parametrize(("verdict", "row"), [(WRONG, 2), (RIGHT, 0)])
def test_entries_that_calibrate_begin_the_row_of_wrong_ones(verdict, row, monkeypatch):
    """If all of them are wrong; what two evaluations were found to leave unknown is added to those that were swept."""
    asked, tested = opened(8, monkeypatch, verdict=verdict, learnt=0.5)
    assert asked["row"] == row
    assert tested.columns.uncertainties[:6].tolist() == [1.0] + [1.5] * 5


def test_where_not_all_could_be_swept_the_others_are_left():
    """It is said by an exception, after what could be done was."""
    tested = under_test(f, df, X)
    tested.tally.most = tested.tally.evaluations + 80
    with pytest.raises(Spent):
        measure(tested, np.arange(60), tested.subject)
    assert 20 < np.count_nonzero(tested.columns.codes == RIGHT) < 40


@pytest.mark.parametrize(("noise", "claim"), [(1e-7, 1.0), (0.0, 1.0), (0.0, 2.0)])
def test_a_tensor_is_listened_to_where_its_calibration_is_left_in_doubt(noise, claim):
    """Along all at once f seemed quiet. What is clearly right, or clearly wrong, leaves no doubt, and costs no more."""
    x = np.array([0.4, 0.7, 1.1])
    tested = replace(under_test(with_noise(noise), claim * np.cos(x), x, sigma=1e-16), shared=True)
    measure(tested, np.arange(3), tested.subject)
    assert noise / 10 <= tested.experience.alone <= 10 * noise
    assert (tested.columns.codes == Verdict.WRONG).all() == (claim > 1)


def phases(x):
    return float(np.sum(x[:10]) + np.sum(x[30:] % 1.0))


def test_what_seems_not_to_move_a_noisy_function_is_looked_at_from_nearer():
    """Four entries, the largest; all of them if one is wrong. Those that whole steps leave still for sure are not."""
    x = 1e6 * np.random.default_rng(0).standard_normal(40)
    claim = np.array([1.0] * 10 + [0.0] * 20 + [1.0] * 10)
    claim[[31, 33, 34, 36, 37, 39]] = 0.0
    tested = under_test(phases, claim, x)
    assert tested.sigma > 0.1
    measure(tested, np.arange(40), tested.subject)
    codes = tested.columns.codes
    assert (codes[10:30] == Verdict.UNTESTED).all()
    assert (codes[claim == 0][20:] == Verdict.WRONG).all()
    assert (codes[claim == 1] == RIGHT).all()


def test_who_is_looked_at_from_nearer_beneath_noise():
    """What moves f by less than a hundredth of the tensor's largest, if noise was not believed four times already."""
    x = np.array([3.0, 1.0, 2.0])
    tested = under_test(lambda x: float(x.sum()), np.array([1.0, 0.009, 0.011]), x, sigma=1.0)
    tested.columns.estimates[:] = 0.0
    everyone = np.arange(3)
    assert one_by_one._perhaps_on_waves(tested, everyone).tolist() == [1]
    tested.columns.claims[2] = 0.0
    assert one_by_one._perhaps_on_waves(tested, everyone).tolist() == [2, 1]
    tested.experience.noise = 4
    assert one_by_one._perhaps_on_waves(tested, everyone).tolist() == []
    quiet = under_test(lambda x: float(x.sum()), np.array([1.0, 0.0, 0.0]), x, sigma=1e-16)
    assert one_by_one._perhaps_on_waves(quiet, everyone).tolist() == []
