"""Autoencoders: what remains of a picture that must pass through a few numbers?

The network is asked to put out what it was given, which would be easy without the narrow place in
the middle. What passes it is a code, and for the picture to come out alike on the other side, the
code must hold what matters. Nobody says what that is; the picture is its own label.

`autoencoder` has a matrix for the way into the code and another for the way out. In the
`TiedAutoencoder` one matrix does both, as it is on the way in and transposed on the way out. It is
one parameter used twice, so its gradient is a sum of two: what the encoder would ask, xᵀ da, and
what the decoder would ask, dyᵀ h. To forget one of them is a mistake that still trains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, Self

import numpy as np
from numpy.typing import DTypeLike

from .activation import Tanh
from .combine import Chain, L, mlp
from .init import glorot
from .layer import Array, Backward, Layer

_TANH = Tanh()


@dataclass(frozen=True)
class TiedAutoencoder(Generic[L]):
    """y = h Wᵀ + c, h = activation(x W + b): the decoder's matrix is the encoder's, transposed.

    P. Vincent, H. Larochelle, Y. Bengio and P.-A. Manzagol, Extracting and composing robust
    features with denoising autoencoders, ICML 2008, section 2.2.
    """

    W: Array  # (I, H)
    b: Array  # (H,)
    c: Array  # (I,)
    activation: L

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, I) -> (N, I)
        _refuse_misfits(x, self.W, self.b, self.c)
        h, back_activation = self.activation.forward(x @ self.W + self.b)

        def backward(dy: Array) -> tuple[Array, Self]:
            da, dactivation = back_activation(dy @ self.W)
            dW = x.T @ da + dy.T @ h
            grad = replace(self, W=dW, b=da.sum(axis=0), c=dy.sum(axis=0), activation=dactivation)
            return da @ self.W.T, grad

        return h @ self.W.T + self.c, backward

    @classmethod
    def random(
        cls, n_in: int, width: int, activation: L, rng: np.random.Generator, *, dtype: DTypeLike = np.float64
    ) -> Self:
        """Return a layer with weights by Glorot's rule and biases of zero."""
        return cls(glorot(n_in, width, rng, dtype=dtype), np.zeros(width, dtype), np.zeros(n_in, dtype), activation)


def autoencoder(
    widths: Sequence[int],
    rng: np.random.Generator,
    *,
    activation: Layer = _TANH,
    dtype: DTypeLike = np.float64,
) -> Chain:
    """Return dense layers from the first width to the last, which is the code's, and back.

    The pictures are their own labels: `train(network, x, x, loss=MeanSquaredError, ...)`.

    >>> from gradcheck.networks import autoencoder, parameters
    >>> network = autoencoder((64, 32, 8), np.random.default_rng(0))
    >>> [W.shape for W in parameters(network).values() if W.ndim == 2]
    [(64, 32), (32, 8), (8, 32), (32, 64)]
    """
    if len(widths) < 2:
        message = f"autoencoder takes at least two widths, of the input and of the code, not {widths}"
        raise ValueError(message)
    return mlp((*widths, *reversed(widths[:-1])), activation, rng, dtype=dtype)


def _refuse_misfits(x: Array, W: Array, b: Array, c: Array) -> None:
    """Raise where NumPy would broadcast in silence, or complain about a matmul."""
    if W.ndim != 2 or b.shape != W.shape[1:] or c.shape != W.shape[:1]:
        message = (
            f"TiedAutoencoder takes W of shape (I, H), b of shape (H,) and c of shape (I,), not {W.shape}, {b.shape} "
            f"and {c.shape}: one bias for each number of the code, and one for each of the output"
        )
        raise ValueError(message)
    if x.ndim != 2 or x.shape[1] != W.shape[0]:
        message = f"TiedAutoencoder with W of shape {W.shape} takes x of shape (N, {W.shape[0]}), not {x.shape}"
        raise ValueError(message)
