"""Does a pullback leave its cotangent alone, and does it not matter to it how the cotangent lies in memory?

A gradient that comes from further on may be a slice of a larger array, or transposed, and others may need it still. A
kernel that walks over memory, or works in place, is right for a contiguous cotangent that nobody needs any more.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(3, 4)


def walks(x, dy):  # as a kernel does that is given a pointer
    return np.cos(x) * np.lib.stride_tricks.as_strided(dy, (3, 4), (32, 8))


def flattens(x, dy):  # in the order in which it lies, not in which it is indexed
    return np.cos(x) * dy.ravel(order="K").reshape(3, 4)


def in_place(x, dy):
    dy *= np.cos(x)
    return dy


def masked(x, dy):
    dy[x <= 0] = 0
    return dy


def relu(x):
    return np.maximum(x, 0)


CASES = [
    right("the cosine", np.sin, x, vjp=lambda x, dy: dy * np.cos(x)),
    right("the cotangent itself", np.positive, x, vjp=lambda x, dy: dy),
    right("made contiguous", np.sin, x, vjp=lambda x, dy: walks(x, np.ascontiguousarray(dy))),
    right("a copy that is masked", relu, x, vjp=lambda x, dy: masked(x, dy.copy())),
    right("two outputs", lambda x: (np.sin(x), x.sum()), x, vjp=lambda x, dy: dy[0] * np.cos(x) + dy[1]),
    wrong("over its memory", np.sin, x, vjp=walks),
    wrong("flattened as it lies", np.sin, x, vjp=flattens),
    wrong("in place", np.sin, x, vjp=in_place, verdict="BROKEN"),
    wrong("masked in place", relu, x, vjp=masked, verdict="BROKEN"),
]
