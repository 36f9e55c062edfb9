"""A slow function, its evaluations handed out in blocks."""

import time

import numpy as np

from gradcheck import check_gradients


def simulation(x):
    time.sleep(0.001)
    return np.sum(np.sin(x) * np.roll(x, 1))


def gradient(x):
    return np.cos(x) * np.roll(x, 1) + np.sin(np.roll(x, -1))


class Queue:
    """Whatever has a `map`: here it works in turn, and counts."""

    handed_out = 0

    def map(self, task, blocks):
        for block in blocks:
            self.handed_out += 1
            yield task(block)


x, queue = np.linspace(0, 2, 200), Queue()
shared = check_gradients(simulation, x, grad=gradient, workers=queue)
alone = check_gradients(simulation, x, grad=gradient)
print(shared.verdict.name, f"{shared.evaluations} evaluations; at least 12 blocks handed out: {queue.handed_out >= 12}")
print("the same numbers:", np.array_equal(alone.tensors["x"].estimates, shared.tensors["x"].estimates))
