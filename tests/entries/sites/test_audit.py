"""Is a tensor believed whose slopes are those of the whole function, and no other?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from tested import under_test

from gradcheck import check_gradients
from gradcheck._entries.sites import audit
from gradcheck._results.estimate import Estimate
from gradcheck.networks import Dense, Tanh, mlp

RNG = np.random.default_rng(4)
X = RNG.standard_normal((8, 24))


@dataclass(frozen=True)
class Hidden:
    """A layer whose weight goes into its own input, unseen by whoever looks at calls."""

    inner: object
    rate: float

    def forward(self, x):
        W = self.inner.W
        mixed = x + self.rate * (x @ W) @ W.T
        y, back = self.inner.forward(mixed)

        def backward(dy):
            dmixed, grad = back(dy)
            both = x.T @ (dmixed @ W) + dmixed.T @ (x @ W)
            dx = dmixed + self.rate * (dmixed @ W) @ W.T
            return dx, Hidden(Dense(grad.W + self.rate * both, grad.b), self.rate)

        return y, backward


@pytest.mark.parametrize("rate", [0.0, 1e-3])
def test_a_weight_that_is_read_elsewhere_is_measured_otherwise(rate):
    """And is right, as it is found to be."""
    report = check_gradients(Hidden(Dense.random(24, 16, RNG), rate), X)
    means = report.tensors["inner.W"].means
    assert report.verdict.name == "CORRECT"
    assert (means == "one by one") == (rate > 0)


def test_a_claim_that_leaves_that_out_is_wrong():
    """The shifts have it right, and the whole function has not."""

    @dataclass(frozen=True)
    class Forgetful(Hidden):
        def forward(self, x):
            y, back = super().forward(x)
            mixed = x + self.rate * (x @ self.inner.W) @ self.inner.W.T
            inner = self.inner.forward(mixed)[1]
            return y, lambda dy: (back(dy)[0], Forgetful(inner(dy)[1], self.rate))

    report = check_gradients(Forgetful(Dense.random(24, 16, RNG), 1e-3), X)
    assert {t.name for t in report.tensors.values() if t.wrong} == {"inner.W"}


def test_tensors_of_quite_other_sizes_are_each_believed():
    """None hides in the slope of another."""
    net = mlp((24, 16, 4), Tanh(), RNG)
    net.layers[2].W[...] *= 1e-6
    report = check_gradients(net, X)
    assert {t.means for t in report.tensors.values()} == {"shifts of pre-activations"}


class Slopes:
    """Slopes of entries that are made up, in blocks of one row."""

    def __init__(self, slopes, unknown=0.0, moved=True):
        self.slopes = np.atleast_2d(np.asarray(slopes, dtype=float))
        self.unknown, self.moves = np.broadcast_to(unknown, self.slopes.shape), moved
        self.shape = self.slopes.shape

    def blocks(self):
        rows, columns = self.shape
        for row in range(rows):
            yield slice(row, row + 1), slice(row * columns, (row + 1) * columns)

    def some(self, rows):
        return self.slopes[rows], self.unknown[rows]


def summed(claims, x=None, f=None):
    """Return the sum of some numbers under test."""
    x = np.full(len(claims), 4.0) if x is None else np.asarray(x, float)
    return under_test(f or (lambda x: float(x.sum())), np.asarray(claims, float), x, sigma=1e-300)


def test_a_tensor_moves_f_by_its_slopes_as_far_as_entries_go():
    """The Euclidean norm over all blocks."""
    tested = summed(np.ones(4), [3.0, 4.0, 1.0, 1.0])
    slopes = Slopes([[1.0, 2.0], [3.0, -4.0]])
    assert audit._influence(tested, slopes) == pytest.approx(float(np.linalg.norm([1, 2, 3, -4] * tested.leaf.spread)))


@pytest.mark.parametrize(("off", "expected"), [(0.9, True), (1.1, False), (-0.9, True), (-1.1, False)])
@pytest.mark.parametrize(
    ("slack", "size", "known"), [(1e-3, 1.0, 1e-30), (0.0, 1.0, 1e-5), (1e-3, 1.0, 1e-5), (0.0, 64.0, 0.0)]
)
def test_a_slope_is_as_expected_within_what_is_unknown(off, expected, slack, size, known, monkeypatch):
    """Of it, and of the sum of slopes that it is held against."""
    shown = Estimate(2.0, known, 2.0, 2.0)
    monkeypatch.setattr(audit, "slope_along", lambda *_: shown)
    room = known + slack + 2.0**-52 * size
    assert audit._is_as_expected(None, 0.0, 2.0 + off * room, slack, size) is expected


def test_a_slope_is_looked_at_from_nearer_until_it_tells(monkeypatch):
    """To a ten-thousandth of its size and without a kink; else nothing is believed."""
    asked = []

    def meet(*shown):
        asked.clear()
        left = iter(shown)
        monkeypatch.setattr(audit, "slope_along", lambda _, __, step: asked.append(step) or next(left))
        return audit._is_as_expected(None, 0.0, 2.0, 1.0, 5.0)

    sharp, blunt = Estimate(2.0, 4.9e-4, 2.0, 2.0), Estimate(2.0, 5.1e-4, 2.0, 2.0)
    assert meet(blunt, replace(sharp, kink=True), sharp)
    assert asked == [2.0**-12, 2.0**-16, 2.0**-20]
    assert meet(sharp)
    assert not meet(blunt, blunt, blunt)


@pytest.mark.parametrize("unknown", [0.0, 1e-3])
def test_along_random_coefficients_slopes_add_up(unknown, monkeypatch):
    """What is unknown of them as that of independent ones; a tensor that moves f by more is moved by less."""
    asked = []

    def seen(line, sigma, expected, slack, size):
        asked.append((line(1.0)[1] - line(0.0)[1], expected, slack, size, sigma))
        return True

    monkeypatch.setattr(audit, "_is_as_expected", seen)
    tested = summed(np.ones(4))
    assert audit._along([tested], {"x": Slopes(np.ones((2, 2)), unknown)})
    ((rise, expected, slack, size, sigma),) = asked
    assert rise == pytest.approx(expected)
    assert 4.0 * 2 <= size <= 2 * 4.0 * 2
    assert slack == pytest.approx(4 * unknown * size + 64 * 2.0**-52 * size)
    assert sigma == 1e-300
    asked.clear()
    assert audit._along([summed(np.zeros(4), f=lambda _: 0.0)], {"x": Slopes(np.zeros((2, 2)))})
    assert asked[0][1:4] == (0.0, 0.0, 0.0)


def test_of_several_tensors_each_is_moved_as_far_as_the_least(monkeypatch):
    """So that none hides another's slope."""
    asked = []
    monkeypatch.setattr(audit, "_is_as_expected", lambda *given: asked.append(given) or True)
    moved = {}
    small, large, none = (replace(summed(np.ones(4)), path=path) for path in "abc")
    subject = SimpleNamespace(
        direction=moved.update, leaves=dict.fromkeys("abc", small.subject.leaves["x"]), tally=None
    )
    band = [replace(tested, subject=subject) for tested in (small, large, none)]
    found = {"a": Slopes(np.ones((2, 2))), "b": Slopes(np.full((2, 2), 100.0)), "c": Slopes(np.zeros((2, 2)))}
    assert audit._along(band, found)
    sizes = {path: np.abs(move) for path, move in moved.items()}
    assert ((sizes["a"] >= 4) & (sizes["a"] <= 8)).all()
    assert ((sizes["b"] >= 0.04) & (sizes["b"] <= 0.08)).all()
    assert ((sizes["c"] >= 4) & (sizes["c"] <= 8)).all()


@pytest.mark.parametrize(("claim", "largest"), [(5.0, 5.0), (0.5, 1.0)])
def test_a_random_entry_has_the_slope_that_it_is_said_to_have(claim, largest, monkeypatch):
    """Over its scale, and to what is unknown of it; beside the largest claim, or itself."""
    asked = []
    monkeypatch.setattr(audit, "_is_as_expected", lambda *given: asked.append(given) or True)
    tested = summed(np.full(6, claim))
    assert audit._entry(tested, Slopes(np.ones((2, 3)), 0.25))
    line, sigma, expected, slack, size = asked[0]
    assert line(0.5) == (0.5, 2.0)
    assert (sigma, expected, slack, size) == (1e-300, 4.0, 1.0, 4 * largest)


def audited_of(monkeypatch, along, entry=lambda _: True, sizes=(4, 8)):
    """Return which of two tensors are believed, and of which entries were asked for."""
    tensors = {}
    for path, size in zip("ab", sizes, strict=True):
        leaf = SimpleNamespace(array=np.zeros(size))
        tensors[path] = SimpleNamespace(path=path, leaf=leaf)
    monkeypatch.setattr(audit, "_influence", lambda *_: 1.0)
    asked = []
    monkeypatch.setattr(audit, "_along", lambda band, _: along("".join(t.path for t in band)))
    monkeypatch.setattr(audit, "_entry", lambda tested, _: asked.append(tested.path) or entry(tested.path))
    return audit.audited(tensors, dict.fromkeys("ab")), asked


def test_tensors_that_move_f_alike_are_believed_together_or_one_by_one(monkeypatch):
    """Four entries are measured besides, of the largest first; of what is not believed none."""
    assert audited_of(monkeypatch, lambda _: True) == (["a", "b"], ["b", "a", "b", "a"])
    assert audited_of(monkeypatch, lambda band: band == "a") == (["a"], ["a"] * 4)
    assert audited_of(monkeypatch, lambda band: False) == ([], [])
    assert audited_of(monkeypatch, lambda _: True, lambda path: path == "a")[0] == ["a"]
    looks = []
    audited_of(monkeypatch, lambda band: looks.append(band) or True)
    assert looks == ["ab", "ab"]
    looks.clear()
    audited_of(monkeypatch, lambda band: looks.append(band) or len(band) == 1)
    assert looks == ["ab", "a", "a", "b", "b"]
