"""Do kernel, bias and image fit one another, and which weights does a kernel begin with?

What the convolutions of conv.py and the transposed ones of conv_transpose.py have in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from .layer import Array
from .windows import IMAGE, Size, Sizes, each

Rule = Literal["glorot", "he"]

_TAPS = {1: "K", 2: "KH, KW"}


def plus_bias(y: Array, b: Array | None) -> Array:  # (N, O, *T), (O,) -> (N, O, *T)
    """Add b[o] at every place of channel o; nothing, without a bias."""
    return y if b is None else y + b.reshape(-1, *(1,) * (y.ndim - 2))


def bias_gradient(dy: Array, b: Array | None) -> Array | None:  # (N, O, *T) -> (O,)
    """db[o] = Σ dy[n, o, t] over n, t: it spoke at every place of every example, with strength 1."""
    return None if b is None else dy.sum(axis=(0, *range(2, dy.ndim)))


def kernel_size(who: str, x: Array, W: Array, b: Array | None, *, groups: int, axes: int, turned: bool) -> Sizes:
    """Return the size of the window, if all fits; `turned` is a transposed convolution, whose W is (C, O/G, *K).

    Raises:
        ValueError: W, b and x do not fit one another.
    """
    first, second = ("C", "O") if turned else ("O", "C")
    if W.ndim != 2 + axes or not W.size or groups < 1 or len(W) % groups:
        message = (
            f"{who} takes W of shape ({first}, {second}/groups, {_TAPS[axes]}), none of them 0, {first} a multiple "
            f"of groups; not {W.shape} with groups={groups}"
        )
        raise ValueError(message)
    channels = {first: W.shape[0], second: W.shape[1] * groups}
    given = f"{who} with W of shape {W.shape} and groups={groups}"
    if b is not None and b.shape != (channels["O"],):
        message = f"{given} takes b of shape ({channels['O']},), one for each output channel, or None, not {b.shape}"
        raise ValueError(message)
    if x.ndim != 2 + axes or x.shape[1] != channels["C"]:
        message = (
            f"{given} takes x of shape (N, {channels['C']}, {IMAGE[axes]}), not {x.shape}: "
            "one image for each example; a single image x is the batch x[np.newaxis]"
        )
        raise ValueError(message)
    return W.shape[2:]


def random_kernel(
    channels: Sizes, kernel: Sizes, rng: np.random.Generator, *, heard: tuple[float, float], init: Rule
) -> Array:  # (*channels, *kernel)
    """Return weights by the rule named; init.py has the rules.

    `heard` is, for one tap, how many numbers of the input one number of the output listens to, and
    how many of the output listen to one number of the input; times the number of taps they are the
    rule's n_in and n_out.
    """
    n_in, n_out = (n * prod(kernel) for n in heard)
    if init == "glorot":
        a = np.sqrt(6 / (n_in + n_out))
        return rng.uniform(-a, a, (*channels, *kernel))
    if init == "he":
        return rng.normal(0, np.sqrt(2 / n_in), (*channels, *kernel))
    message = f"init={init!r} is not known; write init='glorot' (tanh) or init='he' (ReLU)"
    raise ValueError(message)


@dataclass(frozen=True)
class Beginning:
    """Which weights and biases does a convolution begin with, or, if `turned`, a transposed one?"""

    who: str
    channels: tuple[int, int]  # in and out
    kernel: Size
    axes: int
    groups: int
    stride: Size = 1  # of a transposed one: each tap reaches only one in so many numbers of the output
    turned: bool = False

    def drawn(
        self, rng: np.random.Generator, init: Rule, *, bias: bool, dtype: DTypeLike
    ) -> tuple[Array, Array | None]:
        """Return W, by the rule named, and b: zeros, or None without a bias."""
        (n_in, n_out), kernel = self.channels, each(self.who, kernel=self.kernel, axes=self.axes)
        of_group = per_group(self.who, n_in, n_out, self.groups)
        first, second = (n_in, of_group[1]) if self.turned else (n_out, of_group[0])
        heard = of_group[0] / prod(each(self.who, stride=self.stride, axes=self.axes)), of_group[1]
        W = random_kernel((first, second), kernel, rng, heard=heard, init=init).astype(dtype)
        return W, np.zeros(n_out, dtype) if bias else None


def per_group(who: str, n_in: int, n_out: int, groups: int) -> tuple[int, int]:
    """Return how many channels a group takes and how many it gives.

    Raises:
        ValueError: the channels cannot be divided evenly.
    """
    if min(n_in, n_out, groups) < 1 or n_in % groups or n_out % groups:
        message = (
            f"{who}.random({n_in}, {n_out}, ..., groups={groups}): channels, in and out, must be multiples of groups"
        )
        raise ValueError(message)
    return n_in // groups, n_out // groups
