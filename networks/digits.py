"""1,797 handwritten digits of 8 by 8 pixels: real data, small enough to travel with the code.

They are the test set of *Optical Recognition of Handwritten Digits* by E. Alpaydin and C. Kaynak
(UCI Machine Learning Repository, 1998, doi:10.24432/C50P49), under the licence CC BY 4.0.
Thirteen people wrote them. A pixel counts the black dots in a square of 4 by 4, so it runs from 0
to 16. Where digits.npz comes from, and how it was made, is told in digits.LICENSE.txt beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Digits:
    """The digits in two parts: to train on, and to test with."""

    x_train: NDArray[np.float64]  # (1438, 64), 0 for white to 1 for black; row by row from the top
    y_train: NDArray[np.int64]  # (1438,), 0 to 9
    x_test: NDArray[np.float64]  # (359, 64)
    y_test: NDArray[np.int64]  # (359,)


def load_digits() -> Digits:
    """Return the digits, always in the same two parts.

    Two of every ten consecutive images are for the test, a different two each time: image i is for
    the test if i % 5 == (i // 10) % 5. So each digit has 32 to 39 of the 359 test images (with every
    fifth image it would not, since parts of the file run from 0 to 9 in order), and the same people
    wrote both parts. An unknown hand is harder to read: networks that were trained on the first
    1,437 images and tested on the last 360, presumably other writers', had 91 % right instead of
    98 %.
    """
    with np.load(Path(__file__).with_name("digits.npz")) as file:
        x, y = file["images"] / 16, file["labels"].astype(np.int64)
    i = np.arange(len(y))
    test = i % 5 == (i // 10) % 5
    return Digits(x[~test], y[~test], x[test], y[test])
