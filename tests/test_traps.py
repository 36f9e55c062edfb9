"""Does every hard case get the verdict that is true of it, at default settings?"""

from __future__ import annotations

from dataclasses import astuple, is_dataclass

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from traps import collect

from gradcheck import Verdict, check_gradients

TRAPS = collect()
FEW = settings(max_examples=10)  # `make soak` tries many times as many

GOOD = {Verdict.CORRECT, Verdict.KINK}


def marked(trap):
    flaws = [pytest.mark.xfail(strict=True, reason=trap.flaw)] if trap.flaw else []
    return pytest.param(trap, id=trap.id.replace("[", "(").replace("]", ")"), marks=flaws)


def bits(value):
    """Return everything that is in a point, as bytes."""
    if isinstance(value, dict):
        return {key: bits(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [bits(v) for v in value]
    if is_dataclass(value):
        return bits(astuple(value))
    return np.asarray(value).tobytes()


@pytest.mark.parametrize("trap", [marked(trap) for trap in TRAPS])
def test_every_trap_gets_its_verdict_and_its_entries_are_named(trap):
    """The verdict is true, the wrong entries and no others are named, and the point is bit for bit what it was."""
    before = bits([*trap.args, getattr(trap.f, "params", None)])
    with np.errstate(all="ignore"):
        report = check_gradients(trap.f, *trap.args, **trap.keywords)
    assert bits([*trap.args, getattr(trap.f, "params", None)]) == before
    assert report.verdict in trap.verdicts, f"\n{report}"
    if trap.named:
        assert {entry.name for entry in report.wrong} == set(trap.named)


def test_every_family_has_right_gradients_and_wrong_ones():
    """A family of wrong gradients alone would be passed by a checker that accuses everything, and the reverse."""
    for family in {trap.family for trap in TRAPS}:
        assert {"wrong"} < {trap.truth for trap in TRAPS if trap.family == family}, family


def test_no_two_traps_have_the_same_name():
    """A name stands for one case."""
    assert len({trap.id for trap in TRAPS}) == len(TRAPS)


# ---------------------------------------------------------- the families at random sizes, scales and layouts

SCALES = st.integers(-8, 8).map(lambda e: 10.0**e)
FACTORS = st.sampled_from([0.0, 0.5, -1.0, 2.0, 10.0, 1.01, 0.999])
SEEDS = st.integers(0, 2**31)

LAYOUTS = {
    "C": lambda x: x,
    "Fortran": np.asfortranarray,
    "transposed": lambda x: np.ascontiguousarray(x.T).T,
    "strided": lambda x: np.repeat(np.repeat(x, 2, 0), 3, 1)[::2, ::3],
    "reversed": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
}


def verdict(f, *args, **keywords):
    return check_gradients(f, *args, **keywords).verdict


@FEW
@example(0, 1, 1e-5, 1e6, 0.999)
@given(SEEDS, st.integers(1, 40), SCALES, st.sampled_from([0.0, 1.0, -1e3, 1e6]), FACTORS)
def test_scale_and_offset(seed, n, scale, offset, factor):
    """A right gradient is never accused, a wrong one never passed, whatever the size of f and its offset."""
    rng = np.random.default_rng(seed)
    x, w = rng.standard_normal(n), rng.uniform(0.5, 1.5, n)

    def f(x):
        return offset + scale * np.sum(w * np.sin(x))

    def df(x):
        return scale * w * np.cos(x)

    hidden = abs(offset) > 1e8 * scale
    assert verdict(f, x, grad=df) in ({Verdict.CORRECT, Verdict.UNDECIDED} if hidden else {Verdict.CORRECT})
    wrong = check_gradients(f, x, grad=lambda x: factor * df(x))
    assert wrong.verdict is Verdict.WRONG or (hidden and (wrong.verdict is Verdict.UNDECIDED or stated(wrong, df(x))))


def stated(report, truth):
    """Return whether a report states as much uncertainty as the errors that it let pass."""
    tensor = report.tensors["x"]
    return (np.abs(tensor.claims - truth[tensor.flat]) <= 2.1 * tensor.uncertainties).all()


@FEW
@given(SEEDS, st.integers(2, 40), SCALES, st.floats(1e-5, 1), st.booleans())
def test_small_errors_are_named(seed, n, scale, error, up):
    """One entry that is off by 1e-5 of it or more is the one that is named."""
    rng = np.random.default_rng(seed)
    x, k = scale * rng.uniform(0.3, 1.2, n), int(rng.integers(n))

    def df(x):
        g = np.cos(x / scale)
        g[k] *= 1 + error if up else 1 - error
        return g

    report = check_gradients(lambda x: scale * np.sum(np.sin(x / scale)), x, grad=df)
    assert [entry.name for entry in report.wrong] == [f"x[{k}]"]


@FEW
@example(5, 1e5, 0.0, 1.0)
@given(SEEDS, SCALES, st.floats(0, 1), st.floats(1e-3, 10))
def test_kinks(seed, scale, share, beyond):
    """Between the slopes of the two sides anything is legal, and nothing outside of them."""
    rng = np.random.default_rng(seed)
    x = scale * rng.standard_normal(6)
    corner = x[2]
    low, high = np.sort(rng.standard_normal(2))
    assume(high - low > 0.1)

    def f(x):
        return np.sum(np.where(x > corner, high, low) * (x - corner))

    def df(at_corner):
        return lambda x: np.where(x == corner, at_corner, np.where(x > corner, high, low))

    assert verdict(f, x, grad=df(low + share * (high - low)), neighbours=0) is Verdict.KINK
    report = check_gradients(f, x, grad=df(high + beyond), neighbours=0)
    assert [entry.name for entry in report.wrong] == ["x[2]"]


@FEW
@given(SEEDS, st.sampled_from([*LAYOUTS]), st.integers(1, 5), st.integers(1, 5), st.sampled_from(["f8", "f4"]))
def test_memory_layouts(seed, layout, rows, columns, dtype):
    """The entry at an index is the entry at an index, however it lies in memory, and in either precision."""
    rng = np.random.default_rng(seed)
    x, w = rng.uniform(0.2, 1, (rows, columns)).astype(dtype), rng.uniform(0.5, 1.5, (rows, columns)).astype(dtype)
    x = LAYOUTS[layout](x)
    i, j = int(rng.integers(rows)), int(rng.integers(columns))

    def df(x):
        return w * np.cos(x)

    def spoilt(x):
        g = df(x)
        g[i, j] *= 1.01
        return g

    assert verdict(lambda x: np.sum(w * np.sin(x)), x, grad=df) is Verdict.CORRECT
    report = check_gradients(lambda x: np.sum(w * np.sin(x)), x, grad=spoilt)
    assert [entry.name for entry in report.wrong] == [f"x[{i},{j}]"]


@FEW
@example(0, 5, 0.1, 2.0)
@example(1048576, 17, 1.0, 0.0)
@given(SEEDS, st.integers(1, 30), SCALES, FACTORS)
def test_hidden_float32(seed, n, scale, factor):
    """A cast inside the function costs precision; it makes no right gradient wrong and no wrong one right."""
    assume(abs(factor - 1) >= 0.01)
    x = np.random.default_rng(seed).uniform(0.2, 1.2, n)

    def f(x):
        return scale * float(np.sum(np.sin(x.astype(np.float32))))

    assert verdict(f, x, grad=lambda x: scale * np.cos(x)) in {Verdict.CORRECT, Verdict.UNDECIDED}
    assert verdict(f, x, grad=lambda x: factor * scale * np.cos(x)) in {Verdict.WRONG, Verdict.UNDECIDED}


@FEW
@given(SEEDS, st.lists(st.integers(1, 6), min_size=4, max_size=4))
def test_zero_initialised_layers(seed, sizes):
    """A mistake below a layer of zeros is found at a point nearby, and a right gradient passes there."""
    batch, inputs, hidden, outputs = sizes
    rng = np.random.default_rng(seed)
    X, Y = rng.uniform(0.5, 1, (batch, inputs)), rng.uniform(1, 2, (batch, outputs))
    p = {"W1": rng.uniform(0.5, 1, (inputs, hidden)), "W2": np.zeros((hidden, outputs))}

    def loss(p):
        return np.sum((np.tanh(X @ p["W1"]) @ p["W2"] - Y) ** 2)

    def back(slope):
        def df(p):
            h = np.tanh(X @ p["W1"])
            d = 2 * (h @ p["W2"] - Y)
            return {"W1": X.T @ (d @ p["W2"].T * slope(h)), "W2": h.T @ d}

        return df

    assert verdict(loss, p, grad=back(lambda h: 1 - h**2)) in GOOD
    assert verdict(loss, p, grad=back(lambda h: 1 - h)) is Verdict.WRONG


@FEW
@given(SEEDS, st.integers(1, 20), st.sampled_from([np.nan, np.inf, -np.inf]))
def test_what_is_not_finite_is_named(seed, n, value):
    """A single nan or infinity in a gradient is wrong, and the entry that it stands in is named."""
    rng = np.random.default_rng(seed)
    x, k = rng.standard_normal(n), int(rng.integers(n))
    report = check_gradients(lambda x: np.sum(x**2), x, grad=lambda x: np.where(np.arange(n) == k, value, 2 * x))
    assert [entry.name for entry in report.wrong] == [f"x[{k}]"]


@FEW
@example(0, 1, np.abs)
@given(SEEDS, st.integers(1, 20), st.sampled_from([np.abs, np.square, np.tanh, np.sign, lambda u: np.clip(u, -1, 1)]))
def test_nothing_but_a_linear_backward_passes(seed, n, bend):
    """A backward that bends its cotangent is wrong, whatever the cotangent of the check happens to be."""
    x = np.random.default_rng(seed).uniform(0.2, 1.2, n)
    assert verdict(np.sin, x, vjp=lambda x, dy: bend(dy) * np.cos(x), seed=seed) is Verdict.WRONG
    assert verdict(np.sin, x, vjp=lambda x, dy: dy * np.cos(x), seed=seed) is Verdict.CORRECT
