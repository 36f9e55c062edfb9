"""How does PyTorch go back? By way of grad(), or of backward(), with the same result."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from gradcheck._adapters.torch.backward import accumulated, pulled  # noqa: E402


@pytest.mark.parametrize("way", [pulled, accumulated])
def test_where_no_way_leads_there_is_no_gradient(way):
    """Not even zeros; by backward() what was gathered in .grad stays there."""
    x, y = (torch.ones(2, requires_grad=True) for _ in range(2))
    x.grad = torch.full((2,), 5.0)
    found = way({"out": 3 * x}, {"x": x, "y": y}, {"out": torch.tensor([1.0, 2.0])})
    assert found["y"] is None
    assert found["x"].tolist() == [3, 6]
    assert x.grad.tolist() == [5, 5]
    assert pulled({"out": torch.ones(2)}, {"x": x}, {"out": torch.ones(2)}) == {"x": None}


@pytest.mark.parametrize("way", [pulled, accumulated])
def test_a_graph_can_be_retained(way):
    """And gone through again; where nothing carries a gradient there is none."""
    x = torch.ones(2, requires_grad=True)
    outputs, us = {"out": x**2}, {"out": torch.ones(2)}
    assert way(outputs, {"x": x}, us, retain_graph=True)["x"].tolist() == [2, 2]
    assert way(outputs, {"x": x}, us)["x"].tolist() == [2, 2]
    assert way({"out": torch.ones(2)}, {"x": x}, us) == {"x": None}
