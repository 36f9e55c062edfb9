"""A layer of one's own, at shapes and values that nobody chose."""

import numpy as np
from hypothesis import strategies as st

from gradcheck import GradientError, fuzz_gradients
from gradcheck.strategies import arrays


def smoothed(x, kernel):
    return np.convolve(x, kernel, mode="same")


def pullback(x, kernel, dy):  # right for kernels of odd length
    return np.convolve(dy, kernel[::-1], mode="same")


def build(x, width):
    kernel = np.arange(1.0, width + 1)
    return smoothed, x, kernel, {"vjp": pullback, "wrt": "x"}


try:
    fuzz_gradients(build, x=st.integers(4, 12).flatmap(arrays), width=st.integers(1, 4))
except GradientError as error:
    print(error)
