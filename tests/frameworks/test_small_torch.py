"""Is the very same function put to both, when the price of a check is measured? And its price taken in turn."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from benchmarks import small_torch  # noqa: E402


def test_both_are_asked_about_the_same_function():
    """Of the same inputs and parameters, as many as the name says."""
    counts = {}
    for name, model, args, _ in small_torch.models():
        f, tensors = small_torch._function(model, args)
        assert torch.equal(f(*tensors), model(*args))
        counts[name] = sum(t.numel() for t in tensors[len(args) :])
    assert counts == {
        "Function of 10 inputs": 0,
        "Linear(4, 3)": 15,
        "LSTM of 144 weights": 144,
        "encoder layer of 600 weights": 600,
    }


def test_every_way_is_asked_and_passes():
    """As a module, through the door, and in its fast mode; each beside PyTorch's own in the same mode."""
    rows = list(small_torch.rows())
    assert [name.rpartition(", ")[2] for name, *_ in rows[1:3]] == ["the door", "fast mode"]
    for _, ours, theirs, _ in rows[:6]:
        assert str(getattr(ours(), "verdict", "CORRECT")) == "CORRECT"
        assert theirs()


def test_medians_of_turns_after_a_first_one():
    """The first calls make ready what is to be made ready."""
    asked = []
    ratio, ours, theirs = small_torch.measured(lambda: asked.append("ours"), lambda: asked.append("theirs"), 3)
    assert asked == ["ours", "theirs"] * 4
    assert min(ours, theirs) >= 0
    assert ratio >= 0
