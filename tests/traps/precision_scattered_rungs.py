"""Is more noise believed than was measured beforehand, where the rungs themselves scatter by more?

A sum is rounded at every term, and values close to one another share these roundings: looked at from near they are
quieter than the steps find them. One of the two is a kink of which both slopes are known to ten digits at coarse steps,
and denied by finer ones; the other a sum in float32, which climbs stairs that the entry's window happened to stand on.
"""

import numpy as np

from traps import neither, right, wrong

rng = np.random.default_rng(5)
x = 1e5 * rng.standard_normal(6)
low, high = np.sort(rng.standard_normal(2))
single = np.random.default_rng(1048576).uniform(0.2, 1.2, 17)


def bent(x, at=x[2]):
    return np.sum(np.where(x > at, high, low) * (x - at))


def slopes(at_corner):
    return lambda x, at=x[2]: np.where(x == at, at_corner, np.where(x > at, high, low))


def sines(x):
    return float(np.sum(np.sin(x.astype(np.float32))))


CASES = [
    neither("a kink, its lower slope", bent, x, grad=slopes(low), neighbours=0),
    neither("a kink, its upper slope", bent, x, grad=slopes(high), neighbours=0),
    wrong("a kink, below its lower slope", bent, x, grad=slopes(low - 0.01), neighbours=0, named=("x[2]",)),
    right("float32", sines, single, grad=np.cos),
    wrong("float32, 1 % off", sines, single, grad=lambda x: 1.01 * np.cos(x)),
]
