"""Are functions along axes known by their values, and is the way back through them right?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._diagnose.steps.joint_function import JOINT, listed

RNG = np.random.default_rng(0)
X, U = RNG.normal(size=(4, 5)) + 1, RNG.normal(size=(4, 5))
E = np.exp(X)
VALUES = {
    "a softmax": E / E.sum(axis=1, keepdims=True),
    "the logarithm of a softmax": X - np.log(E.sum(axis=1, keepdims=True)),
    "a normalisation": (X - X.mean(axis=1, keepdims=True)) / np.sqrt(X.var(axis=1, keepdims=True) + 1e-3),
    "a division by the root of a mean square": X / np.sqrt((X * X).mean(axis=1, keepdims=True)),
    "a norm of one": X / np.linalg.norm(X, axis=1, keepdims=True),
}


@pytest.mark.parametrize("function", JOINT, ids=lambda function: function.name)
def test_it_is_known_by_its_values(function):
    """Along the axis along which it goes, and no other of them is."""
    assert [name for name, y in VALUES.items() if function.axes_of(X, y)] == [function.name]
    assert function.axes_of(X, VALUES[function.name]) == (1,)
    assert function.axes_of(X.T, VALUES[function.name].T) == (0,)


@pytest.mark.parametrize("function", JOINT, ids=lambda function: function.name)
def test_sums_along_another_axis_are_the_right_way_back_of_the_transpose(function):
    """So that all ways back of the right axis are as they should be."""
    y = VALUES[function.name]
    h = 1e-6
    moved = [(X + h * V, X - h * V) for V in np.eye(X.size).reshape(-1, *X.shape)]
    slopes = [np.sum(U * (value(function.name, up) - value(function.name, down))) / (2 * h) for up, down in moved]
    back = dict(function.mistakes((0,), 2))
    wrong = f"sums over axis 1 where those over axis 0 are meant, on the way back through {function.name}"
    if function.name in ("a softmax", "the logarithm of a softmax"):  # the others are divided by what they have there
        np.testing.assert_allclose(back[wrong](U, X, y), np.reshape(slopes, X.shape), rtol=1e-6, atol=1e-8)
    else:
        assert not np.allclose(back[wrong](U, X, y), np.reshape(slopes, X.shape))


def value(name, x):
    e = np.exp(x)
    return {
        "a softmax": lambda: e / e.sum(axis=1, keepdims=True),
        "the logarithm of a softmax": lambda: x - np.log(e.sum(axis=1, keepdims=True)),
    }.get(name, lambda: x)()


def test_what_is_centred_already_has_no_mean_to_be_taken_off():
    """Its mean is no constant that was forgotten."""
    normalisation = next(function for function in JOINT if function.name == "a normalisation")
    c = X - X.mean(axis=1, keepdims=True)
    assert normalisation.axes_of(c, c / c.std(axis=1, keepdims=True)) is None


def test_axes_are_listed():
    """One or several."""
    assert (listed((1,)), listed((0, 2))) == ("axis 1", "axes 0 and 2")


def whole(name, x):
    """Return a function along the last axis, with what it is divided by."""
    c = x - x.mean(axis=-1, keepdims=True)
    e = np.exp(x)
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-3)
    root, norm = np.sqrt((x * x).mean(axis=-1, keepdims=True)), np.linalg.norm(x, axis=-1, keepdims=True)
    return {
        "a softmax": (e / e.sum(axis=-1, keepdims=True), 1.0),
        "the logarithm of a softmax": (x - np.log(e.sum(axis=-1, keepdims=True)), 1.0),
        "a normalisation": (c / deviation, deviation),
        "a division by the root of a mean square": (x / root, root),
        "a norm of one": (x / norm, norm),
    }[name]


@pytest.mark.parametrize("function", JOINT, ids=lambda function: function.name)
def test_the_right_way_back_is_the_slope(function):
    """By differences; and its scale is what was divided by."""
    h = 1e-6
    slopes = [
        np.sum(U * (whole(function.name, X + h * V)[0] - whole(function.name, X - h * V)[0])) / (2 * h)
        for V in np.eye(X.size).reshape(-1, *X.shape)
    ]
    y, scale = whole(function.name, X)
    np.testing.assert_allclose(y, VALUES[function.name], rtol=1e-12)
    made = function._back(function.right, (1,), (1,))(U, X, y)
    np.testing.assert_allclose(made, np.reshape(slopes, X.shape), rtol=1e-6, atol=1e-8)
    total = np.add.reduce
    found = function.scale(X, y, lambda a: total(a, 1, keepdims=True), lambda a: total(a, 1, keepdims=True) / 5)
    np.testing.assert_allclose(found, scale, rtol=1e-9)


def along(a):
    return a.sum(axis=1, keepdims=True)


WRONG = {  # of the pull u, the value y and its scale s over five entries
    "a softmax": [
        lambda u, y, s: u * y,
        lambda u, y, s: u * y - u * y * y,
        lambda u, y, s: y * u - y * along(u * y) / 5,
        lambda u, y, s: u,
    ],
    "the logarithm of a softmax": [
        lambda u, y, s: u,
        lambda u, y, s: u - along(u) * np.exp(y) / 5,
        lambda u, y, s: u - along(u) * y,
        lambda u, y, s: u * (1 - np.exp(y)),
    ],
    "a normalisation": [
        lambda u, y, s: u / s,
        lambda u, y, s: u / s - along(u) / s / 5,
        lambda u, y, s: u / s - along(u * y) * y / s / 5,
        lambda u, y, s: u - along(u) / 5 - along(u * y) * y / 5,
        lambda u, y, s: u / s - along(u) / s - along(u * y) * y / s,
    ],
    "a division by the root of a mean square": [
        lambda u, y, s: u / s,
        lambda u, y, s: u / s - along(u * y) * y / s,
    ],
    "a norm of one": [lambda u, y, s: u / s, lambda u, y, s: u - along(u * y) * y],
}


@pytest.mark.parametrize("function", JOINT, ids=lambda function: function.name)
def test_what_is_taken_for_the_way_back_is_what_its_words_say(function):
    """In the order of the table."""
    y, s = whole(function.name, X)
    made = list(function.mistakes((1,), 2))
    assert len(made) == len(WRONG[function.name]) + 2  # the sums over another axis, and over both
    for (words, back), formula in zip(made, WRONG[function.name], strict=False):
        assert words.endswith(f", on the way back through {function.name}")
        np.testing.assert_allclose(back(U, X, y), formula(U, y, s), rtol=1e-9, err_msg=words)
