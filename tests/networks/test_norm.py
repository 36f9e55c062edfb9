"""What each normalisation takes together."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import GroupNorm, InstanceNorm, LayerNorm, RMSNorm, parameters

ROOT = np.sqrt(2.5)
X = np.array([[[1.0, 2], [4, 5]], [[10.0, 10], [20, 40]]])  # two examples of two channels of two pixels


def test_layer_norm_by_hand():
    """Each example by itself; here over all of it, then each entry its own γ and β."""
    gamma, beta = np.array([[1.0, 2], [1, 1]]), np.array([[0.0, 0], [10, 0]])
    y, _ = LayerNorm(gamma, beta, eps=1e-30).forward(X)
    np.testing.assert_allclose(y[0], [[-2 / ROOT, -2 / ROOT], [10 + 1 / ROOT, 2 / ROOT]], rtol=1e-14)
    last, _ = LayerNorm(np.ones(2), eps=1e-30).forward(X)
    np.testing.assert_allclose(last, [[[-1, 1], [-1, 1]], [[0, 0], [-1, 1]]], rtol=1e-14)


def test_rms_norm_by_hand():
    """Only divided by the size: 3 and 4 have the root mean square √12.5."""
    y, backward = RMSNorm(np.array([1.0, 2]), eps=1e-30).forward(np.array([[3.0, 4]]))
    np.testing.assert_allclose(y, [[3 / np.sqrt(12.5), 8 / np.sqrt(12.5)]], rtol=1e-14)
    dx, grad = backward(np.array([[1.0, 0]]))
    np.testing.assert_allclose(dx, [[(1 - 9 / 25) / np.sqrt(12.5), -12 / 25 / np.sqrt(12.5)]], rtol=1e-14)
    np.testing.assert_allclose(grad.gamma, [3 / np.sqrt(12.5), 0], rtol=1e-14)


def test_instance_norm_by_hand():
    """Each channel of each example by itself."""
    y, _ = InstanceNorm(np.array([1.0, 10]), np.array([0.0, 5]), eps=1e-30).forward(X)
    np.testing.assert_allclose(y, [[[-1, 1], [-5, 15]], [[0, 0], [-5, 15]]], rtol=1e-14)


def test_group_norm_lies_between_the_two(rng):
    """With a group for each channel it is InstanceNorm, with one for all LayerNorm over channels and pixels."""
    x, ones, zeros = rng.normal(size=(3, 4, 5)), np.ones(4), np.zeros(4)
    instance, layer = InstanceNorm.plain(4), LayerNorm.plain((4, 5))
    for groups, other in ((4, instance), (1, layer)):
        y, _ = GroupNorm(ones, zeros, groups).forward(x)
        np.testing.assert_allclose(y, other.forward(x)[0], rtol=1e-12)
    two, _ = GroupNorm(None, None, 2).forward(x)
    halves = [layer.forward(half)[0] for half in (x[:, :2], x[:, 2:]) for layer in [LayerNorm.plain((2, 5))]]
    np.testing.assert_allclose(two, np.concatenate(halves, axis=1), rtol=1e-12)


@pytest.mark.parametrize(
    "layer", [LayerNorm.plain(2), RMSNorm.plain(2), GroupNorm.plain(2, 1), InstanceNorm.plain(2)], ids=repr
)
def test_examples_do_not_hear_of_one_another(layer):
    """What one gives and what it feels is the same without the other."""
    y, backward = layer.forward(X)
    alone, backward_alone = layer.forward(X[1:])
    np.testing.assert_array_equal(alone, y[1:])
    dy = np.array([[[1.0, 2], [0, 3]]])
    np.testing.assert_array_equal(backward_alone(dy)[0][0], backward(np.concatenate([9 * dy, dy]))[0][1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("plain", "shapes"),
    [
        (lambda dtype: LayerNorm.plain(3, dtype=dtype), {"gamma": (3,), "beta": (3,)}),
        (lambda dtype: LayerNorm.plain((2, 3), dtype=dtype), {"gamma": (2, 3), "beta": (2, 3)}),
        (lambda dtype: RMSNorm.plain(3, dtype=dtype), {"gamma": (3,)}),
        (lambda dtype: GroupNorm.plain(4, 2, dtype=dtype), {"gamma": (4,), "beta": (4,)}),
        (lambda dtype: InstanceNorm.plain(4, dtype=dtype), {"gamma": (4,), "beta": (4,)}),
    ],
)
def test_a_plain_layer_changes_nothing_yet(plain, shapes, dtype):
    """γ is 1 and β is 0, in the dtype asked for."""
    arrays = parameters(plain(dtype))
    assert {path: array.shape for path, array in arrays.items()} == shapes
    assert all(np.all(array == (path == "gamma")) and array.dtype == dtype for path, array in arrays.items())


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (LayerNorm.plain(3), (2, 4), r"LayerNorm with gamma of shape \(3,\) takes x whose last axes have that shape"),
        (LayerNorm.plain((2, 3)), (2, 3, 3), r"not \(2, 3, 3\)"),
        (LayerNorm.plain((2, 3)), (3,), r"not \(3,\)"),
        (LayerNorm(np.array(1.0)), (3,), r"gamma of shape \(\)"),
        (LayerNorm(np.ones(3), np.ones((1, 3))), (2, 3), r"takes beta in the shape of gamma, \(3,\), or None"),
        (RMSNorm.plain(3), (2, 4), r"RMSNorm with gamma .* begin with RMSNorm.plain\(x.shape\[-1\]\)"),
        (GroupNorm.plain(4, 3), (2, 4), r"GroupNorm\(groups=3\) takes x .* with C a multiple of groups"),
        (GroupNorm.plain(4, 0), (2, 4), r"GroupNorm\(groups=0\)"),
        (GroupNorm.plain(4, 2), (2, 6), r"GroupNorm takes gamma of shape \(6,\), one entry for each channel"),
        (GroupNorm(None, np.ones(3), 2), (2, 4), r"GroupNorm takes beta of shape \(4,\)"),
        (GroupNorm(None, None, 2), (4,), r"GroupNorm takes x of shape \(N, C, ...\), not \(4,\)"),
        (InstanceNorm.plain(4), (2, 4), r"InstanceNorm takes x of shape \(N, C, L\), \(N, C, H, W\) or more"),
        (InstanceNorm(None, None, 0.0), (2, 4, 3), r"eps=0.0: write a number above 0"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_shapes_that_do_not_fit_are_refused(layer, shape, message):
    """Nothing is broadcast in silence."""
    with pytest.raises(ValueError, match=message):
        layer.forward(np.ones(shape))
