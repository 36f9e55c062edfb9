"""Which patterns does a wrong tensor follow, from which point on not any more, and what is said? As decided before."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from misled import MISLED
from mistakes import MISTAKES
from record import differences, kept
from suspects import suspect

from gradcheck import check_gradients
from gradcheck._diagnose.catalogue import PATTERNS

CASES = {}
RNG = np.random.default_rng(7)
E = RNG.normal(size=(4, 5))
SQUARE = RNG.normal(size=(4, 4))
VALUE = RNG.normal(size=(4, 5))
NOISE = RNG.uniform(-1, 1, size=(4, 5))
X, D = RNG.normal(size=(6, 4)), RNG.normal(size=(6, 5))  # with which E might be a product
SUM = X.T @ D
WHOLE = {"values": {"W": VALUE, "x": X}, "inputs": ("x",), "cotangent": D, "output": D + 1, "data": {"t": D * 2}}


def named(pattern):
    return f"{pattern.__module__.rpartition('.')[2]}.{pattern.__name__}"


def followed(evidence):
    """Return what each pattern says of a wrong tensor, whether it is asked first or last."""
    if not evidence.wrong.any():
        return ["nothing is wrong"]
    with np.errstate(all="ignore"):
        found = [(named(pattern), pattern(evidence)) for pattern in PATTERNS]
    return [f"{name}: {cause.sentence}" for name, cause in found if cause]


def of(name, claim, estimate=E, **keywords):
    """Enter made-up claims in the table: exact, and off by more and more."""
    estimate = np.asarray(estimate, dtype=float)
    noise = np.resize(NOISE, estimate.shape)
    for off in (0.0, 1e-10, 1e-7, 1e-3):
        rough = claim * (1 + off * noise)
        CASES[f"{name}, off by {off}"] = partial(
            lambda *a, **k: followed(suspect(*a, **k)), rough, estimate, **keywords
        )


def where(condition, one, other):
    return np.where(condition, one, other)


for factor in (2, 0.5, -1, 6, 1 / 6, 1 / 20, 1.1, 3.7, 1 + 1e-3, 1 - 1e-5):
    of(f"times {factor:.4g}", factor * E, sizes={"the batch size": 6, "the width": 20})
    of(f"a row times {factor:.4g}", where(np.arange(4)[:, None] == 1, factor * E, E))
of("a column is zero", where(np.arange(5) == 2, 0, E))
of("zero", 0 * E)
of("zero above", np.tril(E))
of("a block is the opposite", where(np.outer(np.arange(4) < 2, np.arange(5) > 2), -E, E))
of("one entry", where(np.arange(20).reshape(4, 5) == 7, E + 1, E))
of("a constant", E + 0.25)
of("decay", E + 0.01 * VALUE, **WHOLE)
of("decay of its sign", E + 0.01 * np.sign(VALUE), **WHOLE)
of("times the value", E * VALUE, **WHOLE)
of("over the value", E / VALUE, **WHOLE)
of("times one minus its square", E * (1 - VALUE**2), **WHOLE)
of("over one minus its square", E / (1 - VALUE**2), **WHOLE)
of("masked by its sign", E * (VALUE > 0), **WHOLE)
of("clipped", np.clip(E, -0.5, 0.5))
of("clipped, and the slopes", E, np.clip(E, -0.5, 0.5))
of("its sign", np.sign(E))
of("its length", E / np.linalg.norm(E))
of("shifted by a row", np.roll(E, 1, 0))
of("shifted by a column", np.roll(E, 2, 1))
of("flipped", E[::-1])
of("flipped both ways", E[::-1, ::-1])
of("transposed and reshaped", E.T.reshape(4, 5))
of("transposed", SQUARE.T, SQUARE)
of("symmetric", (SQUARE + SQUARE.T) / 2, SQUARE)
of("symmetric, twice", SQUARE + SQUARE.T, SQUARE)
of("without its trace", SQUARE - np.trace(SQUARE) / 4 * np.eye(4), SQUARE)
of("its lower half", np.tril(SQUARE), SQUARE)
of("sorted", np.sort(E, axis=1))
of("averaged along rows", E - E.mean(1, keepdims=True))
of("averaged along columns", E - E.mean(0))
of("averaged", E - E.mean())
of("projected on the value", E - VALUE * np.sum(E * VALUE) / np.sum(VALUE**2), **WHOLE)
of("projected by rows", E - VALUE * np.sum(E * VALUE, 1, keepdims=True) / np.sum(VALUE**2, 1, keepdims=True), **WHOLE)
of("rows averaged", np.broadcast_to(E.mean(0), (4, 5)))
of("factors of rows", E * np.arange(1.0, 5.0)[:, None])
of("factors of columns", E * np.arange(1.0, 6.0))
of(
    "factors of rows that are known",
    E * np.sqrt(np.arange(1.0, 5.0))[:, None],
    data={"s": np.sqrt(np.arange(1.0, 5.0))},
)
of("an array more", E + VALUE, data={"t": VALUE})
of("times an array", E * VALUE, data={"t": VALUE})
of("only the last example", np.outer(X[-1], D[-1]), SUM, **WHOLE)
of("without an example", SUM - np.outer(X[2], D[2]), SUM, **WHOLE)
of("one example alone", np.outer(X[2], D[2]), SUM, **WHOLE)
of("of sums", np.outer(X.sum(0), D.sum(0)), SUM, **WHOLE)
of("of means", np.outer(X.mean(0), D.mean(0)), SUM, **WHOLE)
of("of the other examples", X[::-1].T @ D, SUM, **WHOLE)
of("of the output", X.T @ (D + 1), SUM, **WHOLE)
of("mean for sum", SUM / 6, SUM, **WHOLE)
of("a bias, the last alone", D[-1], D.sum(0), kind="bias", **WHOLE | {"values": {"W": D[0], "x": X}})
of("a bias, the mean", D.mean(0), D.sum(0), kind="bias", **WHOLE | {"values": {"W": D[0], "x": X}})
of("an input handed on", D[:, :4], D[:, :4] * SQUARE[0], kind="input", values={"W": X}, cotangent=D[:, :4])
for share, name in ((0.7, "one minus p"), (1.3, "one and p"), (0.3, "p"), (1 / 0.3, "one over p")):
    of(f"times {name}", share * E, numbers={"p": 0.3})
CUBE, GAIN = RNG.normal(size=(2, 3, 4)), np.array([0.5, 1.7, 2.9, 0.2])
of("factors along the last axis", CUBE * GAIN, CUBE, data={"gain": GAIN})
of("factors that are forgotten", CUBE, CUBE * GAIN, data={"gain": GAIN})
of("factors of all", CUBE * np.abs(CUBE), CUBE, data={"size": np.abs(CUBE)})
of("not a number", where(E > 1, np.nan, E))
of("infinite", E, where(E > 1, np.inf, E))
of("in single precision", (E.astype(np.float32) * np.float32(1.0000002)).astype(float))
of("stale", VALUE, earlier={"W": VALUE})
of("part is measured", 2 * E, measured=np.array([0, 3, 7, 8, 19]))
of("two are measured", 2 * E, measured=np.array([3, 8]))
of("one is measured", 2 * E, measured=np.array([3]))
of("two entries", [2.0, 4.0], [1.0, 2.0])
of("three entries", [2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
of("three entries by their place", [1.0, 4.0, 9.0], [1.0, 2.0, 3.0])
of("one number", 2.0, 1.0)


def told(one):
    """Return the causes that a report tells."""
    report = check_gradients(one.f, *one.args, **one.keywords)
    return [f"{report.verdict.name}: {sorted(t.name for t in report.tensors.values() if t.wrong)}", *report.diagnosis]


CASES |= {name: partial(told, one) for name, one in (MISTAKES | MISLED).items()}


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told_as_it_was_told(name):
    """And another one by nobody: each pattern has its say, though the first is taken."""
    assert differences(CASES[name](), kept(__file__)[name]) == []
