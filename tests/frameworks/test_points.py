"""What is not finite is held, what is empty is said, and a shape that fits by broadcasting is a wrong gradient."""

from __future__ import annotations

import pytest

from gradcheck import Verdict, check_gradients

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
jnp = jax.numpy
INF, NAN = float("inf"), float("nan")
EMPTY = "empty, so there is nothing to differentiate: e"


def double(*numbers):
    return torch.tensor(numbers, dtype=torch.float64)


class Squares(torch.autograd.Function):
    """Its gradient has one row of two."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return (x**2).sum()

    @staticmethod
    def backward(ctx, u):
        return (2 * ctx.saved_tensors[0] * u)[:1]


@jax.custom_vjp
def squares(x):
    return jnp.sum(x**2)


squares.defvjp(lambda x: (squares(x), x), lambda x, u: ((2 * x * u)[:1],))


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: torch.nansum(x**2), double(1.0, NAN, 2.0)),
        (lambda x: torch.logsumexp(x, 0), double(1.0, -INF, 2.0)),
        (lambda x: jnp.nansum(x**2), jnp.array([1.0, NAN, 2.0])),
        (jax.nn.logsumexp, jnp.array([1.0, -INF, 2.0])),
    ],
    ids=["nan in torch", "a mask in torch", "nan in jax", "a mask in jax"],
)
def test_entries_that_are_not_finite_are_held(f, x):
    """The others are checked."""
    report = check_gradients(f, x)
    assert report.verdict is Verdict.CORRECT
    assert report.checked == 2
    assert "held fixed, since not finite: " in str(report.notes)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x, e: (x**2).sum() + e.sum(), (double(1.0, 2.0), torch.zeros(0, 3))),
        (lambda x, e: jnp.sum(x**2) + jnp.sum(e), (jnp.ones(3), jnp.zeros((0, 3)))),
    ],
    ids=["torch", "jax"],
)
def test_an_empty_tensor_beside_others_is_a_note(f, args):
    """It has nothing to differentiate."""
    report = check_gradients(f, *args)
    assert report.verdict is Verdict.CORRECT
    assert EMPTY in report.notes


@pytest.mark.parametrize(
    ("f", "x"),
    [(Squares.apply, torch.ones(2, 3, dtype=torch.float64)), (squares, jnp.ones((2, 3)))],
    ids=["torch", "jax"],
)
def test_a_shape_that_fits_by_broadcasting_is_wrong(f, x):
    """The framework raises; that is a report."""
    report = check_gradients(f, x)
    assert report.verdict is Verdict.WRONG
    assert "shape (1, 3) where the input has (2, 3)" in report.problems[0].sentence


@pytest.mark.parametrize(("f", "x"), [(lambda x: (x**3).sum(), double(1.0, 2.0))], ids=["torch"])
def test_a_direction_may_be_a_tensor(f, x):
    """In the form of the point, and of another type."""
    assert check_gradients(f, x, along=torch.ones(2)).verdict is Verdict.CORRECT
