"""Is the angle of no rotation, an arccos at 1, known to have a cusp though the cosine rounds it to stairs nearby?"""

import numpy as np

from traps import right, wrong


def angle(v):
    return float(np.arccos(np.clip(np.cos(np.sqrt(v @ v)), -1, 1)))


def slope(v):
    length = np.sqrt(v @ v)
    return v / length if length else np.zeros(3)


def two(v):
    return slope(v) if v @ v else np.array([2.0, 0.0, 0.0])


CASES = [
    right("zero, one of its slopes", angle, np.zeros(3), grad=slope, verdict="KINK or UNDECIDED"),
    wrong("twice as steep", angle, np.zeros(3), grad=two, named=("v[0]",)),
]
