"""Is a sort of many equal numbers left alone, whatever order they come in, and a maximum of all of them so far?

NumPy's and PyTorch's sorts keep no order among equal numbers: which of forty gets which weight is anybody's choice,
and a legal one, though moving one number alone shows the first weight and the last. That one gets nothing is none.
"""

import numpy as np

from traps import neither, normal, wrong

N, M, ROW = 40, 18, 3
w, equal, order = normal(N), np.ones(N), np.random.default_rng(1).permutation(N)
NAME = f"J[{ROW},{order[:M].argsort()[ROW]}]"
halves = np.repeat([1.0, 2.0], N // 2)


def weighed(x):
    return float(w @ np.sort(x))


def back(x):
    g = np.empty(N)
    g[np.lexsort((order, x))] = w
    return g


def so_far(x):
    return float(w @ np.maximum.accumulate(x))


def last(x):
    g, at = np.zeros(N), 0
    for k in range(N):
        at = k if x[k] >= x[at] else at
        g[at] += w[k]
    return g


def without(gradient):
    return lambda x: np.where(np.arange(N) == order[0], 0.0, gradient(x))


def rows(x):
    return np.eye(M)[np.lexsort((order[:M], x))]


def doubled(x):
    return rows(x) * (1 + (np.arange(M) == ROW))[:, None]


def off_by(part):
    return lambda x: back(x) * (1 + part * (np.arange(N) == order[0]))


CASES = [
    neither("all are equal", weighed, equal, grad=back),
    neither("two values", weighed, halves, grad=back),
    neither("the last of the largest so far", so_far, equal, grad=last),
    neither("a matrix", np.sort, equal[:M], jac=rows),
    wrong("one is left out", weighed, equal, grad=without(back)),
    wrong("one is 1 % off, which only other points show", weighed, equal, grad=off_by(1e-2)),
    wrong("one is 1e-5 off, which only other points show", weighed, equal, grad=off_by(1e-5)),
    wrong("one is left out, of two values", weighed, halves, grad=without(back)),
    wrong("one is left out of the largest so far", so_far, equal, grad=lambda x: last(x) * (np.arange(N) != N - 1)),
    wrong("a row of a matrix that is doubled", np.sort, equal[:M], jac=doubled, named=(NAME,)),
]
