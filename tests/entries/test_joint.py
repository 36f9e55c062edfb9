"""Do directions through all tensors show what is wrong, in whichever of them? What is right costs few calls."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Oracle, Verdict
from gradcheck._adapters.choose import choose
from gradcheck._check.recipe import examined
from gradcheck._entries import glance, joint
from gradcheck._entries.under_test import UnderTest
from gradcheck._judge.tolerance import Standard
from gradcheck._model.subject import Subject
from gradcheck._options import Options

RNG = np.random.default_rng(3)
POINT = {
    "W": RNG.standard_normal((9, 6)),
    "b": 1e-4 * RNG.standard_normal(6),
    "v": RNG.standard_normal(6),
    "tiny": 1e-3 * RNG.standard_normal(3),
}
X = RNG.standard_normal((5, 9))


def value(p):
    return float(np.sum(np.tanh(X @ p["W"] + p["b"]) @ p["v"]) + 1e-2 * np.sum(p["tiny"] ** 2))


def gradient(p):
    h = np.tanh(X @ p["W"] + p["b"])
    dz = (1 - h**2) * p["v"]
    return {"W": X.T @ dz, "b": dz.sum(0), "v": h.sum(0), "tiny": 2e-2 * p["tiny"]}


def spoiled(name, index, factor):
    def claim(p):
        g = gradient(p)
        g[name][index] *= factor
        return g

    return claim


def check(f, p, claim):
    hasty = Options(grad=claim, neighbours=0, hasty=True)
    return examined(choose(f, (p,), hasty), hasty)


def test_a_right_gradient_for_few_evaluations():
    """No entry is measured by itself; the tensor that moves f least has directions of its own."""
    report = check(value, POINT, gradient)
    assert report.verdict is Verdict.CORRECT
    assert {t.checked for t in report.tensors.values() if t.name != "tiny"} == {0}
    assert all(t.resolution < joint.KNOWN for t in report.tensors.values())
    assert report.tensors["W"].means == joint.MEANS
    assert report.evaluations < 2 * sum(array.size for array in POINT.values())


@pytest.mark.parametrize(("name", "index"), [("W", (4, 2)), ("b", 1), ("v", 5), ("tiny", 2)])
@pytest.mark.parametrize("factor", [1.01, -1, 0])
def test_one_wrong_entry_is_located(name, index, factor):
    """In a large tensor, in a small one, and in one that hardly moves f."""
    report = check(value, POINT, spoiled(name, index, factor))
    where = index if isinstance(index, tuple) else (index,)
    assert [(e.tensor, e.index) for e in report.wrong] == [(name, where)]
    assert {t.name for t in report.tensors.values() if t.verdict is not Verdict.CORRECT} == {name}


def test_errors_that_nearly_cancel():
    """Random coefficients keep them apart."""

    def claim(p):
        g = gradient(p)
        g["W"][0, 0] += 0.5
        g["W"][1, 1] -= 0.5
        return g

    assert {e.index for e in check(value, POINT, claim).wrong} == {(0, 0), (1, 1)}


def test_a_kink_is_looked_at_entry_by_entry():
    """Directions through it tell nothing."""
    x = np.array([0.0, 1.0, -2.0, 3.0])

    def rises(x):
        return float(np.maximum(x, 0).sum())

    assert check(rises, x, lambda x: 1.0 * (x > 0)).verdict is Verdict.KINK
    assert [e.index for e in check(rises, x, lambda x: 1.0 * (x > 0) + 1e-3 * (x == 3)).wrong] == [(3,)]


def test_what_does_not_move_is_untested_and_what_claims_to_stand_still_is_wrong():
    """A claim of zero is looked at as any other."""
    p = {"a": np.array([1.0, 2.0]), "still": np.ones(3)}

    def f(p):
        return float(np.sum(p["a"] ** 2))

    report = check(f, p, lambda p: {"a": 2 * p["a"], "still": np.zeros(3)})
    assert (report.tensors["a"].verdict, report.tensors["still"].verdict) == (Verdict.CORRECT, Verdict.UNTESTED)
    report = check(f, p, lambda p: {"a": np.zeros(2), "still": np.zeros(3)})
    assert {e.tensor for e in report.wrong} == {"a"}


def test_noise_is_not_taken_for_an_error():
    """Where a short ladder knows less than it thinks, a whole one is climbed."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal(8)

    def noisy(x):
        return float(np.float32(np.sum(np.sin(x)))) + 0.0

    assert check(noisy, x, np.cos).verdict in (Verdict.CORRECT, Verdict.UNDECIDED)


def test_a_claim_that_is_not_finite():
    """Is measured by itself."""
    x = np.array([0.0, 1.0, 2.0])
    report = check(lambda x: float(np.sum(np.sqrt(x))), x, lambda x: 0.5 / np.sqrt(np.where(x == 0, 1e-300, x)))
    assert report.verdict is not Verdict.CORRECT or report.checked


def test_two_directions_must_agree(monkeypatch):
    """Errors may cancel along the first; a third is not asked. Many tensors are held to what one large one is."""
    answers = [[1e-9], None, [1e-9]]

    def once(_band):
        return answers.pop(0)

    monkeypatch.setattr(glance, "seen_at_once", once)
    x = np.array([0.3, 0.7])
    subject = Subject.of(Oracle({"x": x}, lambda p: float(p["x"] @ p["x"]), lambda p: p), promote=False).settled()
    standard, rng = Standard(largest=1.4), np.random.default_rng(0)
    tensors = [UnderTest.of(subject, "x", 2 * x, standard, rng, sigma=1e-16)]
    assert joint.seen(tensors) == {}
    assert answers == [[1e-9]]
    answers[:] = [[2e-9], [1e-9]]
    assert joint.seen(tensors) == {"x": 1e-9}
    for error, sharp in ((1.3e-3, True), (1.5e-3, False)):  # a thousandth of the largest claim
        answers[:] = [[error]] * 2
        assert bool(joint.seen(tensors)) is sharp
    for error, sharp in ((1.3e-2, True), (1.5e-2, False)):  # as of a large tensor
        answers[:] = [[error]] * 2
        assert bool(joint.well_known(tensors)) is sharp
