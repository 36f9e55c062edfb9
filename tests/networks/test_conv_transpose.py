"""Transposed convolutions, and with which weights they begin."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d, parameters


def array(*numbers):
    return np.array(numbers, dtype=float)


def test_by_hand():
    """Two strokes of a brush of three, two apart: in the middle they overlap."""
    y, backward = ConvTranspose1d(W=array([[1, 2, 3]]), b=array(100), stride=2).forward(array([[1, 10]]))
    np.testing.assert_array_equal(y, [[[101, 102, 113, 120, 130]]])
    dx, grad = backward(array([[1, 0, 0, 0, 2]]))
    np.testing.assert_array_equal(dx, [[[1, 6]]])
    np.testing.assert_array_equal(grad.W, [[[1, 0, 20]]])
    np.testing.assert_array_equal(grad.b, [3])


def test_the_edges_are_cut_off_and_the_output_padding_put_on():
    """The padding takes a pixel on either side, the output padding gives one back on the right."""
    W, x = array([[1, 2, 3]]), array([[1, 10]])
    assert ConvTranspose1d(W, stride=2, padding=1).forward(x)[0].tolist() == [[[2, 13, 20]]]
    assert ConvTranspose1d(W, stride=2, padding=1, output_padding=1).forward(x)[0].tolist() == [[[2, 13, 20, 30]]]
    assert ConvTranspose1d(W, stride=2, output_padding=1).forward(x)[0].tolist() == [[[1, 2, 13, 20, 30, 0]]]


@pytest.mark.parametrize("size", [7, 8, 9])
def test_it_is_the_transpose_of_the_convolution(size, rng):
    """With the same W, Σ conv(x) · y = Σ x · transposed(y); and each goes the other's way back."""
    W, x = rng.normal(size=(4, 2, 3, 2)), rng.normal(size=(2, 4, size, size))
    moves = {"stride": 3, "padding": 1, "dilation": (2, 1), "groups": 2}
    y, conv_back = Conv2d(W, **moves).forward(x)
    dy = rng.normal(size=y.shape)
    dx, grad = conv_back(dy)
    least = ConvTranspose2d(W, **moves).forward(dy)[0].shape[2:]
    extra = size - least[0], size - least[1]
    drawn, back = ConvTranspose2d(W, output_padding=extra, **moves).forward(dy)
    read, back_grad = back(x)
    assert np.sum(y * dy) == pytest.approx(np.sum(x * drawn), rel=1e-12)
    for one, other in ((drawn, dx), (read, y), (back_grad.W, grad.W)):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


def test_a_convolution_reads_into_the_size_it_was_drawn_from(rng):
    """Whatever the output padding."""
    for extra in (0, 1, 2):
        x = rng.normal(size=(1, 1, 4))
        y, _ = ConvTranspose1d(rng.normal(size=(1, 1, 2)), stride=3, output_padding=extra).forward(x)
        assert Conv1d(rng.normal(size=(1, 1, 2)), stride=3).forward(y)[0].shape == x.shape


@pytest.mark.parametrize(
    ("x", "layer", "message"),
    [
        ((2, 3, 8), ConvTranspose1d(np.ones((4, 5, 3))), r"takes x of shape \(N, 4, L\), not \(2, 3, 8\)"),
        ((2, 4, 8), ConvTranspose1d(np.ones((4, 5, 3)), np.ones(4)), r"takes b of shape \(5,\)"),
        ((2, 4, 8), ConvTranspose1d(np.ones((4, 5, 3)), groups=3), r"W of shape \(C, O/groups, K\), .* C a multiple"),
        ((2, 4, 8), ConvTranspose1d(np.ones((4, 5, 3)), np.ones(5), groups=2), r"takes b of shape \(10,\)"),
        ((2, 4, 8), ConvTranspose1d(np.ones((4, 5, 3)), stride=2, output_padding=2), r"must be below the stride"),
        ((2, 4, 8), ConvTranspose1d(np.ones((4, 5, 3)), output_padding=-1), r"output_padding=-1\): write one whole"),
        ((2, 4, 2), ConvTranspose1d(np.ones((4, 5, 1)), padding=1), r"nothing is left of an image .* of size \(0,\)"),
        ((2, 4, 0), ConvTranspose1d(np.ones((4, 5, 1))), r"nothing is left"),
        ((2, 4, 8), ConvTranspose2d(np.ones((4, 5, 3, 3))), r"takes x of shape \(N, 4, H, W\), not \(2, 4, 8\)"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_shapes_that_do_not_fit_are_refused(x, layer, message):
    """Nothing is broadcast in silence."""
    with pytest.raises(ValueError, match=message):
        layer.forward(np.ones(x))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("kind", "kernel", "shape"), [(ConvTranspose1d, 3, (4, 3, 3)), (ConvTranspose2d, (3, 2), (4, 3, 3, 2))]
)
def test_a_random_layer(kind, kernel, shape, dtype, rng):
    """Weights and biases of zero in the dtype asked for, and the moves handed on."""
    layer = kind.random(4, 6, kernel, rng, dtype=dtype, groups=2, stride=2, padding=1, output_padding=1)
    assert {path: (a.shape, a.dtype) for path, a in parameters(layer).items()} == {
        "W": (shape, np.dtype(dtype)),
        "b": ((6,), np.dtype(dtype)),
    }
    assert not np.any(layer.b)
    assert (layer.stride, layer.padding, layer.output_padding, layer.groups) == (2, 1, 1, 2)
    assert kind.random(4, 6, kernel, rng, bias=False).b is None


def test_a_random_layer_keeps_a_signal_as_strong_as_it_is(rng):
    """By He, with ReLU before it, and whatever the stride: each place that is drawn is met by fewer strokes."""
    x = np.maximum(rng.normal(size=(4, 64, 24, 24)), 0)
    for kernel, stride in ((2, 2), (4, 2), (3, 1)):
        y, _ = ConvTranspose2d.random(64, 32, kernel, rng, init="he", stride=stride).forward(x)
        assert y[:, :, 4:-4, 4:-4].var() == pytest.approx(1, rel=0.1)
