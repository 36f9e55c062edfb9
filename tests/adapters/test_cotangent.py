"""How do several outputs become one number? Each by a random number of its own, in its shape and dtype."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._adapters.cotangent import by_columns, is_float, random_cotangent, with_cotangent

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 2))


def made(forward, pullback=None, **more):
    """Return the oracle of a function of X alone, called f."""
    return with_cotangent(forward=forward, pullback=pullback, seed=0, point=X, name="f", **more)


def worst(report):
    return {name: t.verdict for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, Verdict.CORRECT)


def test_a_pullback_that_mixes_up_two_outputs():
    """Is found: the cotangents of the two are different random numbers."""
    report = check_gradients(lambda x: (np.sin(x), np.cos(x)), X, vjp=lambda x, u: u[1] * np.cos(x) - u[0] * np.sin(x))
    assert report.verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (np.arange(3), r"f returned no float array \(ndarray\); there is nothing to pull back"),
        ("low", r"f returned no float array \(str\)"),
        (np.zeros((0, 2)), "f returned an empty array: there is nothing to differentiate"),
    ],
)
def test_what_has_nothing_to_pull_back_is_refused(output, message):
    """The sentence says what came instead."""
    with pytest.raises(InputError, match=message):
        made(lambda _: output)


def test_forward_mode_claims_a_column_for_each_entry():
    """J v for each unit vector, against the cotangent, is the gradient that the pullback says; a wrong one is not."""
    right = made(np.sin, lambda x, u: u * np.cos(x), push=lambda x, v: np.cos(x) * v[""])
    wrong = made(np.sin, push=lambda x, v: 2 * np.cos(x) * v[""])
    expected = right.gradient(X)
    assert np.allclose(by_columns(right).gradient(X), expected, rtol=1e-14)
    assert np.allclose(by_columns(wrong).gradient(X), 2 * expected, rtol=1e-14)
    assert by_columns(right).pullback is None
    u = np.arange(6.0)
    assert np.allclose(by_columns(right).columns(X, u), u.reshape(X.shape) * np.cos(X), rtol=1e-14)


def test_the_cotangent_that_was_met_is_taken_where_it_says_anything():
    """Not one of another size, of zeros, or that is not finite."""
    met = np.arange(1.0, 7.0)
    assert made(np.sin, met=met).cotangent is met
    for useless in (np.ones(5), np.zeros(6), np.full(6, np.nan)):
        assert np.array_equal(made(np.sin, met=useless).cotangent, random_cotangent(6, 0))


def test_an_output_of_integers_is_no_claim_of_anybody():
    """It is left out, and that is said."""
    oracle = made(lambda x: {"y": x, "best": np.argmax(x, axis=0)})
    assert oracle.outputs == {"y": slice(0, 6)}
    assert oracle.notes == ("output best is of int64: no derivative, left out",)


OUTPUTS = {
    "a tuple": (lambda x: (np.sin(x), np.exp(x)), lambda x, u: u[0] * np.cos(x) + u[1] * np.exp(x)),
    "a dict": (lambda x: {"s": np.sin(x), "n": 3}, lambda x, u: u["s"] * np.cos(x)),
    "an integer between": (lambda x: (np.sin(x), np.argmax(x), x), lambda x, u: u[0] * np.cos(x) + u[2]),
    "a scalar": (lambda x: float(np.sum(np.sin(x))), lambda x, u: u * np.cos(x)),
    "a matrix and a number": (lambda x: [x, np.sum(x)], lambda x, u: u[0] + u[1]),
    "float32": (lambda x: x.astype(np.float32), lambda x, u: u.astype(np.float64)),
}


@pytest.mark.parametrize(("f", "pullback"), OUTPUTS.values(), ids=OUTPUTS)
def test_outputs_of_any_structure(f, pullback):
    """The cotangent has the structure, shapes and dtypes of the output; None where it is no float."""
    report = check_gradients(f, X, vjp=pullback)
    assert worst(report) == right("x")
    assert report.problems == ()


def test_the_cotangent_has_the_dtype_of_the_output():
    """A pullback that relies on it is not disturbed."""
    seen = []

    def pullback(x, u):
        seen.append((u.dtype, u.shape))
        return u.astype(np.float64)

    check_gradients(lambda x: x.astype(np.float32), X, vjp=pullback)
    assert set(seen) == {(np.dtype(np.float32), X.shape)}


def test_the_seed_draws_the_cotangent():
    """Of which no entry is near zero: nothing of the output is left out."""
    u = random_cotangent(10_000, 0)
    assert np.array_equal(u, random_cotangent(10_000, 0))
    assert not np.array_equal(u, random_cotangent(10_000, 1))
    assert 0.5 <= np.abs(u).min() <= np.abs(u).max() <= 1.5
    assert 4000 < np.count_nonzero(u > 0) < 6000


@pytest.mark.parametrize(
    ("dtype", "digits"), [(np.float64, 53), (np.float32, 24), (np.float16, 11)], ids=["double", "single", "half"]
)
def test_the_cotangent_is_exact_in_the_dtype_of_the_output(dtype, digits):
    """The pullback is given just the numbers that are multiplied by the outputs; they use all the digits there are."""
    u = made(lambda x: (x.ravel()[:4] / 3).astype(dtype)).cotangent
    assert np.array_equal(u, u.astype(dtype))
    assert np.array_equal(np.ldexp(u, digits), np.round(np.ldexp(u, digits)))
    assert not np.array_equal(np.ldexp(u, digits - 4), np.round(np.ldexp(u, digits - 4)))


def test_of_bfloat16_in_the_clothes_of_float32_it_has_eight_digits():
    """NumPy has no such dtype, but the numbers give it away."""
    brain = np.array([1.0, 3.140625, -0.0078125, 96.0], dtype=np.float32)
    u = made(lambda x: brain + 0 * x.ravel()[:4].astype(np.float32)).cotangent
    assert not (u.astype(np.float32).view(np.uint32) & 0xFFFF).any()
    assert not np.array_equal(u * 64, np.round(u * 64))


def test_what_cannot_be_an_array_is_no_float():
    """Nor are integers, complex numbers and words."""

    class Key:
        def __array__(self, dtype=None, copy=None):
            raise TypeError

    assert not any(map(is_float, (Key(), 1, np.arange(2), 1j, "1.0", None)))
    assert all(map(is_float, (1.0, np.float16(1), np.ones((0, 2)))))
