"""Four evaluations along one direction show whether several tensors agree with their claims; they accuse nobody."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._entries import glance as subject
from gradcheck._entries.glance import bands, influence, seen_at_once
from gradcheck._entries.under_test import UnderTest
from gradcheck._judge.tolerance import Standard
from gradcheck._model.subject import Subject

POINT = {"a": np.linspace(0.3, 1.2, 4), "b": np.linspace(-2.0, 1.0, 6)}


def f(p, *, scale=1.0):
    return float(np.sum(np.sin(p["a"])) + scale * np.sum(p["b"] ** 3))


def df(p, *, scale=1.0):
    return {"a": np.cos(p["a"]), "b": scale * 3 * p["b"] ** 2}


def tensors(f=f, claims=None, sigma=1e-16):
    claims = df(POINT) if claims is None else claims
    opened = Subject.of(Oracle(dict(POINT), f, lambda _: claims), promote=False).settled()
    rng = np.random.default_rng(0)
    return [UnderTest.of(opened, p, c.ravel(), Standard(), rng, sigma=sigma) for p, c in claims.items()]


@pytest.mark.parametrize("name", ["a", "b"])
@pytest.mark.parametrize("error", [1e-6, 1e-3, 1.0])
def test_an_error_in_one_entry_of_one_tensor_is_seen(name, error):
    """Wherever it is: then nobody agrees, and each is looked at by itself."""
    claims = df(POINT)
    claims[name][2] *= 1 + error
    assert seen_at_once(tensors(claims=claims)) is None


def test_right_claims_agree_for_four_evaluations():
    """And it is said which error of one entry would still have been seen, in each of them."""
    tested = tensors()
    before = tested[0].subject.evaluations
    seen = seen_at_once(tested)
    assert tested[0].subject.evaluations - before == 4
    assert all(0 < least < 1e-6 * np.abs(t.columns.claims).max() for least, t in zip(seen, tested, strict=True))


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_what_moves_f_by_more_is_moved_by_less(scale):
    """So that an error in the other one is seen as well as before."""
    claims = df(POINT, scale=scale)
    small = "b" if scale < 1 else "a"
    right = seen_at_once(tensors(lambda p: f(p, scale=scale), claims))
    claims[small][3] *= 1 + 1e-5
    assert right is not None
    assert seen_at_once(tensors(lambda p: f(p, scale=scale), claims)) is None


def test_nothing_is_said_where_it_cannot_be_told():
    """Of noise, of a kink within the steps, of a function that has no value there, and of claims that are all zero."""
    rng = np.random.default_rng(0)
    noisy = lambda p: f(p) + 1e-6 * float(rng.standard_normal())  # noqa: E731
    assert seen_at_once(tensors(noisy, sigma=1e-6)) is None
    kinked = lambda p: f(p) + abs(float(p["a"][0]) - 0.30001)  # noqa: E731
    assert seen_at_once(tensors(kinked, df(POINT) | {"a": np.cos(POINT["a"]) - np.eye(4)[0]})) is None
    assert seen_at_once(tensors(lambda p: f(p) if p["a"][0] == POINT["a"][0] else float("nan"))) is None
    assert seen_at_once(tensors(claims={"a": np.zeros(4), "b": np.zeros(6)})) is None


def test_tensors_that_move_f_alike_are_looked_at_together(monkeypatch):
    """Within a factor of 64 or so; those of very many numbers stay alone."""
    together = tensors(claims=df(POINT, scale=0.5))
    assert [len(band) for band in bands(together)] == [2]
    apart = tensors(claims=df(POINT, scale=1e6))
    assert [len(band) for band in bands(apart)] == [1, 1]
    assert influence(apart[1]) > 64 * influence(apart[0])
    monkeypatch.setattr(subject, "MOST", 9)
    assert [len(band) for band in bands(together)] == [1, 1]


def test_a_mistake_of_the_neighbours_is_still_found():
    """Of one tensor among twenty that are looked at together: right at the given point, where its last term is zero."""
    point = {f"w{n}": np.linspace(0.5, 1.5, 3) for n in range(20)}
    point["w7"] = np.zeros(3)

    def value(p):
        return float(sum(np.sum(np.sin(w)) for w in p.values()) + np.sum(p["w7"] ** 3))

    report = check_gradients(value, point, grad=lambda p: {name: np.cos(w) for name, w in p.items()})
    assert report.verdict is Verdict.WRONG
    assert {entry.tensor for entry in report.wrong} == {"w7"}
