"""What is in the graph behind some outputs? Its nodes, those written by hand, and where each leads back to."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from models.torches.handwritten import Layer, Product  # noqa: E402
from torch import nn  # noqa: E402

from gradcheck._adapters.torch import graph  # noqa: E402


def test_what_was_written_by_hand():
    """Not what PyTorch itself writes as a Function: a checkpoint, a hook."""
    plain = nn.Linear(3, 3)
    plain.register_full_backward_hook(lambda *_: None)
    x = torch.randn(2, 3, requires_grad=True)
    assert graph.handwritten([plain(x)]) == []
    checkpoint = torch.utils.checkpoint.checkpoint(plain, x, use_reentrant=True)
    assert type(graph.handwritten([Layer(3, 2)(checkpoint)])[0]).__name__ == "ProductBackward"
    assert [graph.title(node) for node in graph.handwritten([Layer(3, 2)(x), plain(x)])] == ["Product"]


def test_a_node_leads_to_some_variables():
    """By either of its inputs."""
    x, w, other = (torch.randn(3, 3, requires_grad=True) for _ in range(3))
    y = Product.apply(x.sin(), w * other)
    leading = graph.leading([y], {"x": x, "w": w, "other": other})
    assert leading[y.grad_fn] == {"x", "w", "other"}
    assert [leading[node] for node, _ in y.grad_fn.next_functions] == [{"x"}, {"w", "other"}]
    assert len(graph.nodes([y])) == len(leading) == 6
