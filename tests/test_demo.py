"""The story of the demo has a mistake in it that fits its network, and its end depends on what was found."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck import Verdict, _demo
from gradcheck.networks import FAULTS, Tanh, mlp


@pytest.fixture
def network():
    """Return a small network of the same kind."""
    return mlp((3, 4, 2), Tanh(), np.random.default_rng(0))


def test_a_mistake_that_there_is_not_is_refused(network):
    """And one that does not fit; those that do are named."""
    with pytest.raises(ValueError, match=rf"no fault 'nonsense' is known; those that do fit are .*{_demo.PLANTED}"):
        _demo._with("nonsense", network)
    misfit = next(name for name, fault in FAULTS.items() if not _fits(fault, network))
    with pytest.raises(ValueError, match=f"no fault '{misfit}' fits this network"):
        _demo._with(misfit, network)


def _fits(fault, network):
    try:
        fault.apply(network)
    except ValueError:
        return False
    return True


def test_a_mistake_that_fits_is_planted(network):
    """That which the story plants is one of them."""
    assert _demo._with(_demo.PLANTED, network) != network


@pytest.mark.parametrize(
    ("start", "trained", "planted", "wrong"),
    [
        ("CORRECT", "CORRECT", "WRONG", False),
        ("CORRECT", "CORRECT", "CORRECT", True),
        ("WRONG", "CORRECT", "WRONG", True),
        ("CORRECT", "WRONG", None, True),
        ("CORRECT", "UNDECIDED", None, False),
    ],
)
def test_the_end_depends_on_what_was_found(start, trained, planted, wrong, monkeypatch, tmp_path, capsys):
    """A wrong gradient is wrong, and not to find the planted one is too; what is undecided is not."""
    reports = [verdict and SimpleNamespace(verdict=Verdict[verdict]) for verdict in (start, trained, planted)]
    monkeypatch.setattr(_demo, "_learn", lambda *_, **__: _demo.Findings(1, "95.0%", *reports))
    monkeypatch.setattr(_demo, "_write", lambda *_: None)
    assert _demo.demo(tmp_path) is wrong


def test_the_strongest_gradient_is_told_by_its_entry(network):
    """With its sign."""
    W = np.zeros((3, 4))
    W[1, 2] = -7.0
    first, *others = network.layers
    layers = (type(first)(W, np.ones(4)), *others)
    assert _demo._strongest(type(network)(layers)) == "layers[0].W[1,2]: -7"
