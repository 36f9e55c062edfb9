"""What should work, and was not tried: none of these is installed where this was written."""

import cupy as cp
import mlx.core as mx
import numpy as np
import tensorflow as tf

from gradcheck import check_gradients

x = np.linspace(0, 1, 4)


# --8<--
# CuPy: not tried
check_gradients(lambda x: cp.sin(cp.asarray(x)).sum().get(), x, grad=lambda x: cp.cos(cp.asarray(x)).get())


# MLX: not tried
def loss(x):
    return mx.sum(mx.sin(x))


check_gradients(lambda x: np.array(loss(mx.array(x))), x, grad=lambda x: np.array(mx.grad(loss)(mx.array(x))))


# TensorFlow: not tried
def gradient(x):
    x = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.sin(x))
    return tape.gradient(y, x).numpy()


check_gradients(lambda x: tf.reduce_sum(tf.sin(x)).numpy(), x, grad=gradient)
