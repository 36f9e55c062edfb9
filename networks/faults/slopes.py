"""Activations and losses that are wrong on purpose: the slopes that are taken for one another.

planting.py says how a mistake is planted.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..activation import ELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh, sigmoid
from ..gelu import GELU, erfc
from ..loss import L1, BinaryCrossEntropy, CrossEntropy, Huber, MeanSquaredError
from .planting import Met, fault

Back = tuple[Any, Any]


@fault(Tanh)
def tanh_missing(met: Met) -> Back:
    """The derivative of tanh is missing: the cotangent is passed on unchanged."""
    return met.dy, met.grad


@fault(Tanh)
def tanh_of_input(met: Met) -> Back:
    """1 - x², of what tanh was given, where 1 - y² of what it returned is meant."""
    return met.dy * (1 - met.x**2), met.grad


@fault(Tanh)
def tanh_sign(met: Met) -> Back:
    """A sign in the derivative of tanh is wrong: 1 + y² instead of 1 - y²."""
    return met.dy * (1 + met.y**2), met.grad


@fault(Tanh)
def tanh_twice(met: Met) -> Back:
    """The derivative of tanh is taken at its output, not at its input."""
    return met.dy * (1 - np.tanh(met.y) ** 2), met.grad


@fault(Sigmoid)
def sigmoid_missing(met: Met) -> Back:
    """The derivative of the sigmoid is missing: the cotangent is passed on unchanged."""
    return met.dy, met.grad


@fault(Sigmoid)
def sigmoid_of_input(met: Met) -> Back:
    """The sigmoid takes x (1 - x), of what it was given, where y (1 - y) of what it returned is meant."""
    return met.dy * met.x * (1 - met.x), met.grad


@fault(Sigmoid)
def sigmoid_twice(met: Met) -> Back:
    """The derivative of the sigmoid is taken at its output, not at its input."""
    s = sigmoid(met.y)
    return met.dy * s * (1 - s), met.grad


@fault(Sigmoid)
def sigmoid_as_tanh(met: Met) -> Back:
    """The derivative of tanh is used for the sigmoid: 1 - y² instead of y (1 - y)."""
    return met.dy * (1 - met.y**2), met.grad


@fault(ReLU)
def relu_missing(met: Met) -> Back:
    """The mask of the ReLU is missing: the cotangent is passed on unchanged."""
    return met.dy, met.grad


@fault(ReLU)
def relu_mask_of_cotangent(met: Met) -> Back:
    """The ReLU is masked where the cotangent is negative, not where its input was."""
    return met.dy * (met.dy > 0), met.grad


@fault(ReLU)
def relu_itself(met: Met) -> Back:
    """The slope of the ReLU above zero is its input, in place of 1."""
    return met.dy * met.y, met.grad


@fault(LeakyReLU)
def leaky_slope_forgotten(met: Met) -> Back:
    """The slope of the leaky ReLU below zero is forgotten, as if it were a ReLU."""
    return met.dy * (met.x > 0), met.grad


@fault(ELU)
def elu_missing(met: Met) -> Back:
    """The derivative of the ELU is missing: the cotangent is passed on unchanged."""
    return met.dy, met.grad


@fault(Softplus)
def softplus_as_relu(met: Met) -> Back:
    """The derivative of the softplus is taken for a step, as if it were a ReLU."""
    return met.dy * (met.x > 0), met.grad


@fault(SiLU)
def silu_first_term(met: Met) -> Back:
    """The second term of the derivative of the SiLU, x s (1 - s), is missing."""
    return met.dy * sigmoid(met.x), met.grad


@fault(GELU)
def gelu_first_term(met: Met) -> Back:
    """The second term of the derivative of the GELU, x times the density, is missing."""
    return met.dy * erfc(-met.x / math.sqrt(2)) / 2, met.grad


@fault(Softmax)
def softmax_diagonal(met: Met) -> Back:
    """Only the diagonal of the derivative of softmax is used, y (1 - y)."""
    return met.dy * met.y * (1 - met.y), met.grad


@fault(Softmax)
def softmax_without_sum(met: Met) -> Back:
    """The sum over the outputs in the derivative of softmax is missing."""
    return met.dy * met.y, met.grad


@fault(Softmax)
def softmax_missing(met: Met) -> Back:
    """The derivative of softmax is missing: the cotangent is passed on unchanged."""
    return met.dy, met.grad


@fault(MeanSquaredError)
def square_without_2(met: Met) -> Back:
    """The 2 of the derivative of the square is forgotten."""
    return met.dx / 2, met.grad


@fault(MeanSquaredError)
def square_without_mean(met: Met) -> Back:
    """The mean over the examples and outputs is forgotten in the gradient of the squared error."""
    return met.dx * met.x.size, met.grad


@fault(MeanSquaredError)
def square_mean_of_examples(met: Met) -> Back:
    """The squared error is averaged over the examples, but not over the outputs."""
    return met.dx * met.x.shape[-1], met.grad


@fault(MeanSquaredError)
def square_without_target(met: Met) -> Back:
    """The target is not subtracted in the gradient of the squared error."""
    return float(met.dy) * 2 * met.x / met.x.size, met.grad


@fault(MeanSquaredError)
def square_wrong_sign(met: Met) -> Back:
    """The truth is added, not subtracted: the gradient of the squared error has the wrong sign."""
    return -met.dx, met.grad


@fault(CrossEntropy)
def cross_entropy_without_truth(met: Met) -> Back:
    """The truth is not subtracted from the softmax in the gradient of the cross-entropy."""
    e = np.exp(met.x - met.x.max(axis=-1, keepdims=True))
    return float(met.dy) * e / e.sum(axis=-1, keepdims=True) / len(met.x), met.grad


@fault(CrossEntropy)
def cross_entropy_without_mean(met: Met) -> Back:
    """The mean over the examples is forgotten in the gradient of the cross-entropy."""
    return met.dx * len(met.x), met.grad


@fault(Huber)
def huber_without_clipping(met: Met) -> Back:
    """Large errors are not limited in the gradient of Huber's loss."""
    return float(met.dy) * (met.x - met.layer.target) / met.x.size, met.grad


@fault(L1)
def l1_without_sign(met: Met) -> Back:
    """The gradient of L1 is made with the error itself, where its sign is meant."""
    return float(met.dy) * (met.x - met.layer.target) / met.x.size, met.grad


@fault(BinaryCrossEntropy)
def binary_without_sigmoid(met: Met) -> Back:
    """The sigmoid is missing in the gradient of the binary cross-entropy."""
    return float(met.dy) * (met.x - met.layer.target) / met.x.size, met.grad
