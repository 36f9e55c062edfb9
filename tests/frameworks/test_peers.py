"""Are the peers of reports/traps.md asked what they can answer?"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import curves
from benchmarks.peers import ACCUSES, FAILS, PASSES, PEERS
from benchmarks.questions import question

X = np.array([0.3, -0.7, 1.1])


@pytest.fixture(params=[peer for peer in PEERS if peer.package in {"fdm", "fiddy"}], ids=lambda peer: peer.name)
def peer(request):
    """Those that estimate derivatives by themselves."""
    pytest.importorskip(request.param.package)
    return request.param


@pytest.mark.parametrize(("factor", "answer"), [(1, PASSES), (1.1, ACCUSES)])
def test_it_accuses_the_wrong_gradient_and_no_other(peer, factor, answer):
    """Of one number, and of several outputs."""
    told = {"grad": lambda x: factor * np.cos(x)}, {"vjp": lambda x, dy: factor * np.cos(x) * dy}
    for f, keywords in zip((lambda x: np.sum(np.sin(x)), np.sin), told, strict=True):
        assert peer.says(question(f, (X,), keywords)) == answer


def test_slopes_that_disagree_make_no_derivative():
    """One that finds them so says nothing."""
    pytest.importorskip("fiddy")
    (fiddy,) = (peer for peer in PEERS if peer.name == "fiddy")
    rounded = question(lambda x: round(float(np.sum(np.sin(x))), 6), (X,), {"grad": np.cos})
    assert fiddy.says(rounded) == FAILS


def test_the_peers_are_asked_what_grows():
    """PyTorch two calls for each entry, JAX five in all; neither passes a gradient that is off."""
    pytest.importorskip("torch")
    pytest.importorskip("jax")
    asked = curves.checkers(quick=False)
    axis = curves.Axis("width", "", (3,), lambda n: curves.Network((2, n, 2), 4))
    costs = curves.row(axis, 3, asked).costs
    assert set(costs) == set(curves.COLOURS)
    assert all(cost.passed for cost in costs.values())
    assert costs[curves.SLOW].calls == 2 * 17 + 2
    assert costs[curves.JAX].calls == 5

    class Spoiled(curves.Network):
        def grad(self, p):
            return {name: 1.5 * g for name, g in super().grad(p).items()}

    costs = curves.row(curves.Axis("width", "", (3,), lambda n: Spoiled((2, n, 2), 4)), 3, asked).costs
    assert [name for name in (curves.SLOW, curves.JAX) if costs[name].passed] == []
