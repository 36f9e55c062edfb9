"""Is the slope known where many numbers are rounded to single precision inside, each with stairs of its own height?

The stair that is found may be a low one, and the noise of all of them a hundred times that; a point may lie at the edge
of a stair, on one side or just beside it; and a small entry, taken at its own scale, sees one stair alone.
"""

import numpy as np

from traps import normal, right, times, wrong

W = normal(3, 4, seed=5)


def softmax(x):
    x = x.astype(np.float32)
    e = np.exp(x - x.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)).astype(np.float64)


def weighed(x):
    return np.sum(x * softmax(x))


def weighed_slope(x):
    s = softmax(x)
    return s + s * (x - np.sum(s * x))


def attention(q):
    return np.sum(softmax(q @ q.T) @ q * W)


def attention_slope(q):
    a = softmax(q @ q.T)
    da = W @ q.T
    ds = a * (da - np.sum(a * da, axis=1, keepdims=True))
    return a.T @ W + ds @ q + ds.T @ q


def held(q):
    return softmax(q @ q.T).T @ W


CASES = [
    *(right(f"weighed ({n})", weighed, normal(8, seed=n), grad=weighed_slope) for n in (0, 2, 7, 13, 21, 25, 28)),
    *(right(f"attention ({n})", attention, normal(3, 4, seed=n), grad=attention_slope) for n in (0, 3, 6, 15)),
    wrong("the weights held constant", weighed, normal(8, seed=7), grad=softmax),
    wrong("weighed, 2 % off", weighed, normal(8, seed=25), grad=times(1.02, weighed_slope)),
    wrong("the attention held constant", attention, normal(3, 4, seed=3), grad=held),
    wrong("attention, 2 % off", attention, normal(3, 4, seed=6), grad=times(1.02, attention_slope)),
]
