"""Are all products in which a weight is met found, and no weight that is read elsewhere?"""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from gradcheck._adapters.torch.tape import Recorder  # noqa: E402
from gradcheck._adapters.torch.uses import uses  # noqa: E402

X = torch.randn(6, 5, dtype=torch.float64)
W, B = torch.randn(4, 5, dtype=torch.float64), torch.randn(4, dtype=torch.float64)


def found(f):
    with Recorder() as recorder:
        f(X, W, B)
    moved = {t.untyped_storage().data_ptr(): (name, t) for name, t in (("W", W), ("b", B))}
    return [(use.weight, use.bias, use.turned) for use in uses(recorder.tape, moved)]


def products(x, W, b):
    return x @ W.t() + b


def twice(x, W, b):
    y = torch.nn.functional.linear(x, W, b)
    return torch.addmm(b, y @ W, W.t())


@pytest.mark.parametrize(
    ("f", "met"),
    [
        (torch.nn.functional.linear, [("W", "b", True)]),
        (products, [("W", "b", True)]),
        (lambda x, W, b: torch.einsum("ni,oi->no", x, W) * b, [("W", None, True)]),
        (lambda x, W, b: torch.nn.functional.linear(x.reshape(2, 3, 5), W, b), [("W", "b", True)]),
        (lambda x, W, b: x @ W.t() + b.exp(), [("W", None, True)]),
        (twice, [("W", "b", True), ("W", None, False), ("W", "b", True)]),
    ],
    ids=["linear", "matmul", "einsum", "sequence", "another bias", "twice"],
)
def test_products_are_met(f, met):
    """By whatever name they are called."""
    assert found(f) == met


@pytest.mark.parametrize(
    "f",
    [
        lambda x, W, b: (x @ W.t() + b).sum() + (W**2).sum(),
        lambda x, W, b: x @ (W / W.norm()).t() + b,
        lambda x, W, b: x @ W[:, :].clone().t() + b,
        lambda x, W, b: x[:, :3] @ W[:, :3].t() + b,
        lambda x, W, b: (x @ W.t() + b).sum() * float(W[0, 0]),
    ],
    ids=["decay", "normed", "copied", "a part", "read as a number"],
)
def test_a_weight_that_is_read_elsewhere_is_not(f):
    """What is not known to be a product alone is none."""
    assert found(f) == []


KERNEL, IMAGE = torch.randn(4, 3, 2, 3, dtype=torch.float64), torch.randn(2, 3, 5, 6, dtype=torch.float64)


@pytest.mark.parametrize("moves", [{}, {"stride": 2, "padding": 1}, {"dilation": (1, 2), "padding": (0, 2)}], ids=str)
def test_a_convolution_is_the_product_of_patches_and_its_kernel(moves):
    """Image by image; its outputs lie along the axis of the channels."""
    with Recorder() as recorder:
        z = torch.nn.functional.conv2d(IMAGE, KERNEL, B, **moves)
    moved = {t.untyped_storage().data_ptr(): (name, t) for name, t in (("W", KERNEL), ("b", B))}
    (use,) = uses(recorder.tape, moved)
    assert (use.weight, use.bias, use.turned, use.axis) == ("W", "b", True, 1)
    torch.testing.assert_close(use.rows @ use.matrix + B, z.movedim(1, -1).reshape(-1, 4))
