"""Pymanopt: Euclidean gradients of costs on manifolds, and what the manifold makes of them."""

import numpy as np
import pymanopt
from pymanopt.manifolds import Sphere, Stiefel

from ecosystem import derivative, normal

A = normal(4, 4)
S = A + A.T
sphere, stiefel = Sphere(4), Stiefel(4, 2)
unit = normal(4)
on_sphere, on_stiefel = unit / np.linalg.norm(unit), np.linalg.qr(normal(4, 2))[0]
half = normal(3, 3)
spd = half @ half.T


@pymanopt.function.numpy(sphere)
def rayleigh(x):
    return x @ S @ x


@pymanopt.function.numpy(sphere)
def rayleigh_gradient(x):
    return 2 * S @ x


@pymanopt.function.numpy(stiefel)
def brockett(X):
    return np.trace(X.T @ S @ X @ np.diag([1.0, 2.0]))


@pymanopt.function.numpy(stiefel)
def brockett_gradient(X):
    return 2 * S @ X @ np.diag([1.0, 2.0])


CASES = [
    derivative("the Rayleigh quotient on a sphere", rayleigh, on_sphere, grad=rayleigh_gradient),
    derivative("Brockett's cost on a Stiefel manifold", brockett, on_stiefel, grad=brockett_gradient),
    derivative(
        "log det on positive definite matrices",
        lambda X: np.linalg.slogdet(X)[1],
        spd,
        grad=lambda X: np.linalg.inv(X).T,
    ),
    derivative(
        "log det on positive definite matrices, no transpose",
        lambda X: np.linalg.slogdet(X)[1],
        spd,
        grad=np.linalg.inv,  # without a transpose: right where X is symmetric, which is where it is used
    ),
]
