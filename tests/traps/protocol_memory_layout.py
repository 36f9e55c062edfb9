"""Does the layout of an array in memory make no difference?

Fortran order, strides, reversed, read-only, overlapping and broadcast arrays: the entry at an index is the entry at an
index. `x.ravel()[k] += h` moves a copy of it; in an array of stride 0 it moves all.
"""

import numpy as np

from traps import normal, right, wrong

weights = np.arange(1.0, 13).reshape(3, 4)
read_only = normal(6, 8)[::2, ::2]
read_only.flags.writeable = False
LAYOUTS = {
    "Fortran order": np.asfortranarray(normal(3, 4)),
    "transposed": normal(4, 3).T,
    "every second": normal(6, 8)[::2, ::2],
    "reversed": normal(3, 4)[::-1, ::-1],
    "read-only": read_only,
    "stride 0": np.broadcast_to(normal(1, 4), (3, 4)),
    "all one number": np.broadcast_to(0.7, (3, 4)),
    "overlapping": np.lib.stride_tricks.sliding_window_view(normal(6), 4),
}


def f(x):
    return np.sum(np.sin(x) * weights)


def df(x):
    return np.cos(x) * weights


def one_off(x):
    return df(x) * np.where(weights == 7, 1.01, 1)


CASES = [
    *(right(name, f, x, grad=df) for name, x in LAYOUTS.items()),
    *(wrong(f"{name}, one entry 1 % off", f, x, grad=one_off, named=("x[1,2]",)) for name, x in LAYOUTS.items()),
    wrong("flattened in the wrong order", f, LAYOUTS["Fortran order"], grad=lambda x: df(x).ravel("F").reshape(3, 4)),
]
