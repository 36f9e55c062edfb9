"""How is a backward asked again? On one graph as often as one likes, counted, with the same random numbers."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from models.torches.handwritten import Product  # noqa: E402
from models.torches.places import place  # noqa: E402
from torch import nn  # noqa: E402

from gradcheck._adapters.torch.trial import outcome  # noqa: E402


def test_the_same_again_and_counted():
    """A dropout draws the same mask in every call, on any graph."""
    dropped, asked = place(lambda x: nn.functional.dropout(x, 0.5) * x, torch.randn(20))
    trial = dropped.called()
    first = trial.gradients()
    assert outcome(trial, first) is outcome(dropped.called(), first) is None
    assert outcome(trial, {"x0": first["x0"] + 1}).variable == "x0"
    assert asked == [1, 1, 1, 1]


def test_a_change_comes_to_what_was_written_by_hand():
    """And what it raises is the outcome."""
    here, _ = place(Product.apply, torch.randn(4, 3), torch.randn(2, 3))
    trial = here.called()
    plain, doubled = trial.gradients(), trial.gradients(lambda us: tuple(2 * u for u in us))
    assert all(torch.allclose(2 * plain[name], doubled[name]) for name in plain)

    def broken(us):
        msg = "no."
        raise ValueError(msg)

    assert outcome(trial, plain, broken).raised == "ValueError: no"


def test_some_variables_only():
    """For a while."""
    here, _ = place(Product.apply, torch.randn(4, 3), torch.randn(2, 3))
    with here.with_only({"x1"}) as trial:
        assert [*trial.gradients()] == ["x1"]
    assert [*here.called().variables] == ["x0", "x1"]
    assert all(v.requires_grad for v in here.called().variables.values())
