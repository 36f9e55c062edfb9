"""A model of Keras, with a gradient of its own that is wrong."""

import keras
import numpy as np


@keras.ops.custom_gradient
def square(x):
    def backward(*args, upstream=None):
        dy = args[0] if upstream is None else upstream
        return dy * x

    return x * x, backward


class Model(keras.Model):
    def __init__(self):
        super().__init__()
        self.below, self.above = keras.layers.Dense(4), keras.layers.Dense(2)

    def call(self, x):
        return self.above(square(self.below(x)))


keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
model = Model()
model(x)  # now it has its weights
