"""Are claims beside a function of tensors taken, whatever they claim, and are both called with tensors?"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gradcheck import GradientError, InputError, Verdict, check_gradients

X = torch.from_numpy(np.random.default_rng(0).normal(size=4))
A = torch.from_numpy(np.random.default_rng(1).normal(size=(3, 4)))


def f(x):
    return torch.tanh(A @ x)


def jacobian(x):
    return (1 - torch.tanh(A @ x) ** 2)[:, None] * A


def cost(x):
    return (f(x) ** 2).sum()


gradient = torch.func.grad(cost)
hessian = torch.func.jacrev(gradient)
CLAIMS = {
    "jac": (f, {"jac": jacobian}),
    "an array": (f, {"jac": lambda x: jacobian(x).numpy()}),
    "vjp": (f, {"vjp": lambda x, u: jacobian(x).T @ u}),
    "grad": (cost, {"grad": gradient}),
    "hess": (cost, {"grad": gradient, "hess": hessian}),
    "hessp": (cost, {"grad": gradient, "hessp": lambda x, p: hessian(x) @ p}),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_is_taken(name):
    """Twice the last one is wrong, the right ones pass."""
    function, claims = CLAIMS[name]
    last = list(claims)[-1]
    wrong = check_gradients(function, X, **{**claims, last: lambda *args: 2 * claims[last](*args)})
    assert (wrong.verdict, "twice the measured value" in wrong.diagnosis[0]) == (Verdict.WRONG, True)
    assert check_gradients(function, X, **claims).verdict is Verdict.CORRECT


def test_a_constant_jacobian_is_a_tensor_too():
    """Of a linear function."""
    assert check_gradients(lambda x: A @ x, X, jac=A).verdict is Verdict.CORRECT
    assert check_gradients(lambda x: A @ x, X, jac=-A).verdict is Verdict.WRONG


def test_complex_tensors_are_refused():
    """With what to write."""
    with pytest.raises(InputError, match="write the claim as a backward instead"):
        check_gradients(f, X + 0j, jac=jacobian)


NARROW = A.float()


def narrow(x):
    return torch.tanh(NARROW @ x).sum()


SLOPE = torch.func.grad(narrow)
BEND = torch.func.jacrev(SLOPE)


@pytest.mark.parametrize(
    ("function", "claims"),
    [
        (lambda x: torch.tanh(NARROW @ x), {"jac": lambda x: NARROW}),
        (narrow, {"grad": SLOPE, "hess": BEND}),
        (narrow, {"grad": SLOPE, "hessp": lambda x, p: BEND(x) @ p}),
    ],
    ids=["jac", "hess", "hessp"],
)
def test_weights_in_single_precision_are_told_of(function, claims):
    """A matrix is measured in double, which PyTorch multiplies by no others; what to write is said."""
    with pytest.raises(InputError, match=r"takes float32 alone, and is measured in float64; .* W\.double\(\)") as told:
        check_gradients(function, X.float(), **claims)
    assert isinstance(told.value.__cause__, RuntimeError)
    with pytest.raises(GradientError, match=r"raised RuntimeError: .*same dtype"):  # as it does by itself
        check_gradients(function, X, **claims)
