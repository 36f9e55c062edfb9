"""Normalisation and dropout that are wrong on purpose: means that are forgotten, and masks.

standardise.py says what the three terms of a normalisation's gradient are, and planting.py how a
mistake is planted.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ..batch_norm import BatchNorm
from ..dropout import Dropout
from ..layer import Array, rebuild
from ..norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from ..standardise import Axes, all_but, mean, standardised
from .planting import Met, fault

Back = tuple[Any, Any]


class _Parts(NamedTuple):
    """What the way back of a normalisation is made of: dx = (dz - mean dz - z mean(z dz)) / σ."""

    dz: Array
    z: Array
    sigma: Array
    axes: Axes


def _parts(met: Met) -> _Parts:
    """Return the parts of a normalisation of each channel over the batch."""
    axes, gamma = all_but(1, met.x), met.layer.gamma
    sigma = np.sqrt(met.x.var(axis=axes, keepdims=True) + met.layer.eps)
    dz = met.dy if gamma is None else np.expand_dims(gamma, axes) * met.dy
    return _Parts(dz, (met.x - mean(met.x, axes)) / sigma, sigma, axes)


@fault(BatchNorm)
def batch_norm_mean_forgotten(met: Met) -> Back:
    """The path through the mean of the batch is forgotten: mean dz is not subtracted."""
    dz, z, sigma, axes = _parts(met)
    return (dz - z * mean(z * dz, axes)) / sigma, met.grad


@fault(BatchNorm)
def batch_norm_variance_forgotten(met: Met) -> Back:
    """The path through the variance of the batch is forgotten: z mean(z dz) is not subtracted."""
    dz, _, sigma, axes = _parts(met)
    return (dz - mean(dz, axes)) / sigma, met.grad


@fault(BatchNorm)
def batch_norm_statistics_as_constants(met: Met) -> Back:
    """Mean and variance of the batch are taken for constants: dx = γ dy / σ."""
    dz, _, sigma, _ = _parts(met)
    return dz / sigma, met.grad


@fault(BatchNorm)
def batch_norm_by_running_statistics(met: Met) -> Back:
    """The running statistics are used on the way back, where those of the batch are meant."""
    dz, *_ = _parts(met)
    return dz / math.sqrt(1 + met.layer.eps), met.grad


@fault(BatchNorm)
def batch_norm_unbiased(met: Met) -> Back:
    """The variance on the way back is the unbiased one, over n - 1, and that of the forward pass is not."""
    n = met.x.size // met.x.shape[1]
    return met.dx * math.sqrt(max(n - 1, 1) / n), met.grad


@fault(BatchNorm)
def batch_norm_eps_forgotten(met: Met) -> Back:
    """The ε under the root is forgotten on the way back."""
    dz, z, sigma, axes = _parts(met)
    sigma = np.sqrt(sigma**2 - met.layer.eps)
    return (dz - mean(dz, axes) - z * mean(z * dz, axes)) / sigma, met.grad


@fault(BatchNorm)
def batch_norm_gamma_forgotten(met: Met) -> Back:
    """The cotangent is not multiplied by γ on its way to the input."""
    gamma = met.layer.gamma
    return (met.dx if gamma is None else met.dx / np.expand_dims(gamma, all_but(1, met.x))), met.grad


@fault(BatchNorm)
def batch_norm_gamma_of_input(met: Met) -> Back:
    """The gradient of γ is the sum of x dy, where that of z dy is meant, z being normalised."""
    if met.grad.gamma is None:
        return met.dx, met.grad
    return met.dx, rebuild(met.grad, {"gamma": (met.x * met.dy).sum(axis=all_but(1, met.x))})


@fault(BatchNorm)
def batch_norm_beta_averaged(met: Met) -> Back:
    """The gradient of β is averaged over the batch, where the sum is meant."""
    if met.grad.beta is None:
        return met.dx, met.grad
    return met.dx, rebuild(met.grad, {"beta": met.dy.mean(axis=all_but(1, met.x))})


def _last_axes(met: Met) -> Axes:
    return tuple(range(met.x.ndim - met.layer.gamma.ndim, met.x.ndim))


@fault(LayerNorm)
def layer_norm_over_the_batch(met: Met) -> Back:
    """The means on the way back are taken over the examples, where the features of each are meant."""
    within = _last_axes(met)
    z, _ = standardised(met.x, within, met.layer.eps)
    sigma = np.sqrt(met.x.var(axis=within, keepdims=True) + met.layer.eps)
    dz = met.layer.gamma * met.dy
    return (dz - mean(dz, (0,)) - z * mean(z * dz, (0,))) / sigma, met.grad


@fault(LayerNorm)
def layer_norm_gamma_forgotten(met: Met) -> Back:
    """The γ of a layer normalisation is forgotten on the way to the input."""
    _, way_back = standardised(met.x, _last_axes(met), met.layer.eps)
    return way_back(met.dy), met.grad


@fault(LayerNorm)
def layer_norm_gamma_of_one_example(met: Met) -> Back:
    """The gradient of γ is that of the last example alone, not the sum over all of them."""
    z, _ = standardised(met.x, _last_axes(met), met.layer.eps)
    last = (z * met.dy).reshape(-1, *met.layer.gamma.shape)[-1:].sum(axis=0)
    return met.dx, rebuild(met.grad, {"gamma": last})


@fault(RMSNorm)
def rms_norm_centred(met: Met) -> Back:
    """The mean is subtracted on the way back, although the forward pass does not centre."""
    return met.dx - mean(met.dx, _last_axes(met)), met.grad


@fault(GroupNorm)
def group_norm_as_instance_norm(met: Met) -> Back:
    """The means on the way back are those of each channel, where a whole group was normalised."""
    layer, axes = met.layer, all_but(1, met.x)
    gamma = 1 if layer.gamma is None else np.expand_dims(layer.gamma, axes)
    _, way_back = standardised(met.x, tuple(range(2, met.x.ndim)), layer.eps)
    return way_back(gamma * met.dy), met.grad


@fault(InstanceNorm)
def instance_norm_as_batch_norm(met: Met) -> Back:
    """The means on the way back run over the examples as well, where each was normalised alone."""
    dz, _, _, axes = _parts(met)
    _, way_back = standardised(met.x, axes, met.layer.eps)
    return way_back(dz), met.grad


def _mask(met: Met) -> Any:  # noqa: ANN401
    return np.ones(met.x.shape, np.bool_) if met.layer.mask is None else met.layer.mask


@fault(Dropout)
def dropout_not_scaled(met: Met) -> Back:
    """The scaling of the forward pass, 1 / (1 - rate), is missing on the way back."""
    return met.dy * _mask(met), met.grad


@fault(Dropout)
def dropout_mask_forgotten(met: Met) -> Back:
    """Units that were dropped get a gradient as well: the mask is forgotten on the way back."""
    louder = 1.0 if met.layer.mask is None else float(1 / (1 - met.layer.rate))
    return met.dy * louder, met.grad


@fault(Dropout)
def dropout_drawn_anew(met: Met) -> Back:
    """The mask of the way back is another draw than that of the forward pass."""
    mask = _mask(met)
    anew = np.random.default_rng(0).permutation(mask.ravel()).reshape(mask.shape)
    louder = 1.0 if met.layer.mask is None else float(1 / (1 - met.layer.rate))
    return met.dy * anew * louder, met.grad
