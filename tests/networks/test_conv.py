"""Convolutions, and with which weights they begin."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import Conv1d, Conv2d, parameters


def array(*numbers):
    return np.array(numbers, dtype=float)


def test_by_hand():
    """How much does each number exceed the one before? Three places, two weights, one bias."""
    y, backward = Conv1d(W=array([[-1, 1]]), b=array(10)).forward(array([[1, 4, 9, 16]]))
    dx, grad = backward(array([[1, 0, 2]]))
    np.testing.assert_array_equal(y, [[[13, 15, 17]]])
    np.testing.assert_array_equal(dx, [[[-1, 1, -2, 2]]])
    np.testing.assert_array_equal(grad.W, [[[1 * 1 + 9 * 2, 4 * 1 + 16 * 2]]])
    np.testing.assert_array_equal(grad.b, [3])


def test_two_axes_by_hand():
    """A kernel that takes the number above from the number in the middle; above the edge is zero."""
    W = np.zeros((1, 1, 3, 1))
    W[0, 0, :2, 0] = -1, 1
    y, backward = Conv2d(W, padding=(1, 0)).forward(array([[[1, 2], [5, 8]]]))
    np.testing.assert_array_equal(y, [[[[1, 2], [4, 6]]]])
    dx, grad = backward(array([[[0, 0], [1, 0]]]))
    np.testing.assert_array_equal(dx, [[[[-1, 0], [1, 0]]]])
    np.testing.assert_array_equal(grad.W.ravel(), [1, 5, 0])
    assert grad.b is None


def test_a_kernel_of_one_is_a_dense_layer_at_every_pixel(rng):
    """The same one."""
    layer, x = Conv2d.random(3, 4, 1, rng), rng.normal(size=(2, 3, 5, 6))
    y, _ = layer.forward(x)
    np.testing.assert_allclose(y, np.einsum("oc,nchw->nohw", layer.W[:, :, 0, 0], x), rtol=1e-12, atol=1e-12)


def test_a_kernel_of_the_images_size_is_a_dense_layer(rng):
    """With one place there is nothing to share."""
    layer, x = Conv2d.random(3, 4, (5, 6), rng), rng.normal(size=(2, 3, 5, 6))
    dense = x.reshape(2, -1) @ layer.W.reshape(4, -1).T
    np.testing.assert_allclose(layer.forward(x)[0][:, :, 0, 0], dense, rtol=1e-12, atol=1e-12)


def test_what_moves_in_the_image_moves_in_the_output(rng):
    """That is what it is for."""
    layer, x = Conv1d.random(2, 3, 3, rng), rng.normal(size=(1, 2, 9))
    y, _ = layer.forward(x)
    moved, _ = layer.forward(np.roll(x, 1, axis=2))
    np.testing.assert_allclose(moved[:, :, 1:], y[:, :, :-1], rtol=1e-12)


def test_groups_do_not_hear_one_another(rng):
    """Each output listens to its own stack of channels alone."""
    layer, x = Conv2d.random(4, 6, 2, rng, groups=2), rng.normal(size=(1, 4, 3, 3))
    y, backward = layer.forward(x)
    other = x.copy()
    other[:, 2:] += 1
    np.testing.assert_array_equal(layer.forward(other)[0][:, :3], y[:, :3])
    first = np.zeros_like(y)
    first[:, :3] = 1
    assert np.all(backward(first)[0][:, 2:] == 0)
    halves = [Conv2d(layer.W[o : o + 3]).forward(x[:, c : c + 2])[0] for o, c in ((0, 0), (3, 2))]
    np.testing.assert_allclose(y, np.concatenate(halves, axis=1), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("x", "W", "b", "groups", "message"),
    [
        (
            (2, 3, 8),
            (5, 4, 3),
            None,
            1,
            r"Conv1d with W of shape \(5, 4, 3\) and groups=1 takes x of shape \(N, 4, L\)",
        ),
        ((3, 8), (5, 3, 3), None, 1, r"not \(3, 8\): .* a single image x is the batch x\[np.newaxis\]"),
        ((2, 3, 8), (5, 3, 3), (3,), 1, r"takes b of shape \(5,\), one for each output channel, or None, not \(3,\)"),
        ((2, 3, 8), (5, 3, 3), (5, 1), 1, r"not \(5, 1\)"),
        ((2, 6, 8), (5, 3, 3), None, 2, r"O a multiple of groups; not \(5, 3, 3\) with groups=2"),
        ((2, 3, 8), (4, 3, 3), None, 2, r"takes x of shape \(N, 6, L\), not \(2, 3, 8\)"),
        ((2, 3, 8), (4, 3, 3), None, 0, r"groups=0"),
        ((2, 3, 8), (4, 3), None, 1, r"takes W of shape \(O, C/groups, K\), none of them 0"),
        ((2, 3, 8), (4, 3, 0), None, 1, r"not \(4, 3, 0\)"),
        ((2, 3, 2), (4, 3, 3), None, 1, r"no room for a window that spans \(3,\)"),
    ],
    ids=str,
)
def test_shapes_that_do_not_fit_are_refused(x, W, b, groups, message):
    """Nothing is broadcast in silence."""
    layer = Conv1d(np.ones(W), None if b is None else np.ones(b), groups=groups)
    with pytest.raises(ValueError, match=message):
        layer.forward(np.ones(x))


def test_images_have_two_axes(rng):
    """The message names them."""
    with pytest.raises(ValueError, match=r"takes x of shape \(N, 3, H, W\), not \(2, 3, 8\)"):
        Conv2d.random(3, 4, 2, rng).forward(np.ones((2, 3, 8)))
    with pytest.raises(ValueError, match=r"Conv2d takes W of shape \(O, C/groups, KH, KW\)"):
        Conv2d(np.ones((4, 3, 2))).forward(np.ones((2, 3, 8, 8)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("kind", "kernel", "shape"), [(Conv1d, 3, (6, 2, 3)), (Conv2d, (3, 2), (6, 2, 3, 2))])
def test_a_random_layer(kind, kernel, shape, dtype, rng):
    """Weights and biases of zero in the dtype asked for, and the moves handed on."""
    layer = kind.random(4, 6, kernel, rng, dtype=dtype, groups=2, stride=2, padding=1, dilation=3)
    assert {path: (a.shape, a.dtype) for path, a in parameters(layer).items()} == {
        "W": (shape, np.dtype(dtype)),
        "b": ((6,), np.dtype(dtype)),
    }
    assert not np.any(layer.b)
    assert (layer.stride, layer.padding, layer.dilation, layer.groups) == (2, 1, 3, 2)
    assert kind.random(4, 6, kernel, rng, bias=False).b is None


def test_a_random_layer_keeps_a_signal_as_strong_as_it_is(rng):
    """By He, with ReLU before it; by Glorot, with as many channels in as out."""
    x = rng.normal(size=(4, 32, 24, 24))
    he, _ = Conv2d.random(32, 64, 5, rng, init="he", groups=2).forward(np.maximum(x, 0))
    glorot, _ = Conv2d.random(32, 32, 5, rng).forward(x)
    assert he.var() == pytest.approx(1, rel=0.1)
    assert glorot.var() == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"init": "zeros"}, "init='zeros' is not known; write init='glorot'"),
        ({"groups": 2}, r"Conv2d.random\(3, 4, ..., groups=2\): channels, in and out, must be multiples of groups"),
        ({"kernel": (1, 2, 3)}, r"Conv2d\(kernel=\(1, 2, 3\)\)"),
    ],
    ids=str,
)
def test_a_random_layer_that_cannot_be_is_refused(asked, message, rng):
    """The message says what to write."""
    with pytest.raises(ValueError, match=message):
        Conv2d.random(**({"n_in": 3, "n_out": 4, "kernel": 2, "rng": rng} | asked))
