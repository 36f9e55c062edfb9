"""How does a network write? One letter after the other, each a guess at what comes next.

Shown a text, it is asked at every letter for the following one; the text itself is the label, one
letter on. The cross-entropy asks the right letter of each place to be more probable, the way back
goes through time, and so the state at the first letters learns to hold what the last ones need.

To write, the network is given a beginning, and its best guess is appended to what it reads next.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .combine import Chain
from .dense import Dense
from .embedding import Embedding, Ids
from .layer import Layer
from .pointwise import Pointwise
from .recurrent import LSTMCell
from .unroll import Recurrent


def encode(text: str, alphabet: str) -> Ids:  # (T,)
    """Return the place of each letter in the alphabet.

    >>> from gradcheck.networks import encode
    >>> encode("abba", alphabet="ab")
    array([0, 1, 1, 0])

    Raises:
        ValueError: a letter is not in the alphabet, or twice.
    """
    foreign = sorted(set(text) - set(alphabet))
    if foreign or len(set(alphabet)) != len(alphabet):
        message = f"encode: the alphabet {alphabet!r} lacks {foreign}, or has a letter twice; write sorted(set(text))"
        raise ValueError(message)
    return np.array([alphabet.index(letter) for letter in text], dtype=np.intp)


def character_lstm(alphabet: str, width: int, rng: np.random.Generator, *, dtype: DTypeLike = np.float64) -> Chain:
    """Return a network from letters (N, T), as numbers, to the logits (N, T, V) of the letters after.

    An embedding of each letter, an LSTM of the width given, and a dense layer at every place. Train
    it with `train(network, ids[:, :-1], ids[:, 1:], ...)`, the ids being those of `encode`.
    """
    V = len(alphabet)
    layers: tuple[Any, ...] = (  # the first takes whole numbers, and has no dx
        Embedding.random(V, width, rng, dtype=dtype),
        Recurrent(LSTMCell.random(width, width, rng, dtype=dtype)),
        Pointwise(Dense.random(width, V, rng, dtype=dtype)),
    )
    return Chain(layers)


def continued(network: Layer, start: str, length: int, alphabet: str) -> str:
    """Return the start and, after it, `length` letters, each the network's best guess.

    Raises:
        ValueError: the start is empty, or has a letter that is not in the alphabet.
    """
    if not start:
        message = "continued: give at least one letter to start from"
        raise ValueError(message)
    text = start
    for _ in range(length):
        ids: Any = encode(text, alphabet)[np.newaxis]
        logits, _ = network.forward(ids)
        text += alphabet[int(logits[0, -1].argmax())]
    return text
