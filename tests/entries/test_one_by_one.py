"""Two evaluations acquit an entry; none is accused on two."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tested import on_the_sine, under_test

from gradcheck import Verdict, check_gradients
from gradcheck._entries.one_by_one import _usual_steps, measure

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
