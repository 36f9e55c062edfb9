"""Keras: layers, on PyTorch."""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import torch

from ecosystem import derivative

keras.utils.set_random_seed(0)
x, tokens, image = torch.randn(3, 4), torch.randn(2, 3, 4), torch.randn(1, 5, 5, 2)


def built(layer, x):
    layer(x)
    return layer


CASES = [
    derivative("layers.Dense", built(keras.layers.Dense(3), x), x),
    derivative("layers.Conv2D", built(keras.layers.Conv2D(2, 3), image), image),
    derivative("layers.LSTM", built(keras.layers.LSTM(2), tokens), tokens),
    derivative("layers.GRU", built(keras.layers.GRU(2), tokens), tokens),
    derivative("layers.LayerNormalization", built(keras.layers.LayerNormalization(), x), x),
    derivative("layers.EinsumDense", built(keras.layers.EinsumDense("abc,cd->abd", (None, 2)), tokens), tokens),
    derivative("activations.gelu", keras.activations.gelu, x),
    derivative("losses.Huber", lambda y: keras.losses.Huber()(torch.zeros(3, 4), y), x),
]
