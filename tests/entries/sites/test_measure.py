"""Is every entry of a network's weights judged by shifts, at the price of few calls, and what is wrong found?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck._entries.sites import measure
from gradcheck.networks import CrossEntropy, ReLU, Tanh, mlp, parameters, rebuild

RNG = np.random.default_rng(5)
X = RNG.standard_normal((12, 40))
LOSS = CrossEntropy(RNG.integers(0, 6, 12))
SHIFTS = "shifts of pre-activations"


@dataclass(frozen=True)
class Spoiled:
    """A network with something done to one of its gradients."""

    inner: object
    name: str
    how: object

    def forward(self, x):
        y, back = self.inner.forward(x)

        def backward(dy):
            dx, grad = back(dy)
            wrong = {self.name: self.how(parameters(grad)[self.name].copy())}
            return dx, replace(self, inner=rebuild(grad, wrong))

        return y, backward


def one_entry(G, index=(3, 5), by=1.0 + 1e-5):
    G[index] *= by
    return G


def a_row(G):
    G[3] *= 1.01
    return G


@pytest.mark.parametrize("act", [Tanh(), ReLU()], ids=["tanh", "relu"])
@pytest.mark.parametrize(
    ("name", "how", "wrong"),
    [
        ("layers[0].W", one_entry, 1),
        ("layers[0].W", a_row, 30),
        ("layers[0].W", lambda G: 2 * G, 40 * 30),
        ("layers[0].b", lambda b: 0 * b, 30),
        ("layers[2].W", one_entry, 1),
    ],
    ids=["one", "row", "all", "bias", "last"],
)
def test_what_is_wrong_is_found_entry_by_entry(act, name, how, wrong):
    """Nothing else is accused, and dead units are not called wrong."""
    net = mlp((40, 30, 6), act, np.random.default_rng(6))
    alive = parameters(_gradient(net))[name] != 0
    report = check_gradients(Spoiled(net, name, how), X, loss=LOSS)
    found = report.tensors[f"inner.{name}"]
    counted = wrong if wrong in {1, 30 * (name[-1] == "b")} else int((alive & (how(alive * 1.0) != alive)).sum())
    assert found.wrong == counted
    assert report.counts[Verdict.WRONG] == counted
    assert found.means == SHIFTS


def _gradient(net):
    y, back = net.forward(X)
    return back(LOSS.forward(y)[1]()[0])[1]


def test_all_entries_of_a_right_network_take_few_calls():
    """One by one they are 1,832, and twice as many evaluations."""
    report = check_gradients(mlp((40, 30, 6), Tanh(), RNG), X, loss=LOSS)
    assert report.verdict is Verdict.CORRECT
    assert report.checked == 40 * 30 + 30 + 30 * 6 + 6 + 12 * 40
    assert report.evaluations < 100
    assert max(t.resolution for t in report.tensors.values()) < 1e-6


def test_more_entries_than_are_measured_one_by_one_are_all_measured():
    """The cliff at ten thousand is none for them."""
    x = RNG.standard_normal((4, 200))
    report = check_gradients(mlp((200, 80, 3), Tanh(), RNG), x)
    assert report.tensors["layers[0].W"].checked == 16_000


@pytest.mark.parametrize("keywords", [{"entries": 7}, {"wrt": "layers[2].*"}, {"max_evaluations": 30}])
def test_what_the_user_says_is_heeded(keywords):
    """So many entries, these tensors, no more calls."""
    report = check_gradients(mlp((40, 30, 6), Tanh(), RNG), X, loss=LOSS, neighbours=0, **keywords)
    if "entries" in keywords:
        assert report.tensors["layers[0].W"].checked == 7
    elif "wrt" in keywords:
        assert set(report.tensors) == {"layers[2].W", "layers[2].b"}
    else:
        assert report.evaluations <= 30


DOUBLED = Spoiled(mlp((40, 30, 6), Tanh(), np.random.default_rng(6)), "layers[0].W", lambda G: 2 * G)


def test_what_is_wrong_throughout_takes_one_ladder_and_few_entries(monkeypatch):
    """The slopes hold through the whole function; where they do not, each is measured otherwise."""
    report = check_gradients(DOUBLED, X, loss=LOSS)
    assert report.tensors["inner.layers[0].W"].wrong == 40 * 30
    assert report.spent["ladders"] < 2 * report.spent["noise"]
    assert "two evaluations an entry" not in report.spent
    monkeypatch.setattr("gradcheck._entries.sites.measure.holds", lambda *_: False)
    doubted = check_gradients(DOUBLED, X, loss=LOSS)
    assert doubted.tensors["inner.layers[0].W"].wrong == 40 * 30
    assert doubted.spent["two evaluations an entry"] > 0


def test_slopes_that_a_ladder_contradicts_accuse_nobody(monkeypatch):
    """Were the shifts off by half, a right gradient would seem wrong: what the whole function says is what counts."""
    of_site = measure.of_site

    def halved(site, found):
        return of_site(site, replace(found, slopes=found.slopes / 2))

    monkeypatch.setattr(measure, "of_site", halved)
    monkeypatch.setattr(measure, "audited", lambda tensors, _: list(tensors))
    report = check_gradients(DOUBLED.inner, X, loss=LOSS)
    assert report.verdict is Verdict.CORRECT
    assert all(t.means != SHIFTS for t in report.tensors.values())


def test_no_jump_is_looked_for_along_all_where_one_entry_of_many_is_wrong():
    """A solver that stops early moves all of them, and all others agree; where many seem wrong it is looked for."""
    slight = 1 + 1e-3
    net = DOUBLED.inner
    one = check_gradients(Spoiled(net, "layers[0].W", lambda G: one_entry(G, by=slight)), X, loss=LOSS)
    all_ = check_gradients(Spoiled(net, "layers[0].W", lambda G: slight * G), X, loss=LOSS)
    assert (len(one.wrong), len(all_.wrong)) == (1, 40 * 30)
    assert one.spent["second opinions"] < 200 < all_.spent["second opinions"]
