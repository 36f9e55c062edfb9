"""Whole networks, put together from the layers of the other files."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from .activation import ReLU
from .combine import Chain
from .conv import Conv2d
from .dense import Dense
from .norm import GroupNorm
from .pool import MaxPool2d
from .reshape import Flatten, Reshape


def convnet(
    rng: np.random.Generator, *, channels: tuple[int, int] = (8, 16), n_out: int = 10, dtype: DTypeLike = np.float64
) -> Chain:  # (N, 64) -> (N, n_out)
    """Return a small convolutional network for the digits, whose 64 pixels it takes as pictures of 8 by 8.

    Two blocks, each of a 3 by 3 convolution, GroupNorm, ReLU and 2 by 2 max pooling; `channels` says
    how many channels each has. Then a dense layer turns the 2 by 2 places that are left of the
    picture into one number for each digit. The convolutions have no biases: β takes their place.

    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document
    recognition, Proceedings of the IEEE 86, 1998, has the plan; ReLU and GroupNorm came later.

    >>> from gradcheck.networks import convnet, parameters
    >>> network = convnet(np.random.default_rng(0))
    >>> {path: array.shape for path, array in parameters(network).items() if path.endswith("W")}
    {'layers[1].W': (8, 1, 3, 3), 'layers[5].W': (16, 8, 3, 3), 'layers[10].W': (64, 10)}
    """
    first, second = channels
    return Chain(
        (
            Reshape((1, 8, 8)),
            Conv2d.random(1, first, 3, rng, init="he", padding=1, bias=False, dtype=dtype),
            GroupNorm.plain(first, 2, dtype=dtype),
            ReLU(),
            MaxPool2d(2),
            Conv2d.random(first, second, 3, rng, init="he", padding=1, bias=False, dtype=dtype),
            GroupNorm.plain(second, 2, dtype=dtype),
            ReLU(),
            MaxPool2d(2),
            Flatten(),
            Dense.random(4 * second, n_out, rng, dtype=dtype),
        )
    )
