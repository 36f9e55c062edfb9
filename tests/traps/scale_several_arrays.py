"""Do several small arrays find a step each, of numbers near 0.1 beside numbers near 100?

A step of a quarter of 100 is many waves of a sine: ladders there begin at finer and finer steps, entry by entry, until
the last one begins where the first one had ended.
"""

import numpy as np

from traps import right, wrong

drawn = np.random.default_rng(10)
p = {f"W{k}": drawn.standard_normal(2 + k % 3) * 10.0 ** ((k + 2) % 4 - 1) for k in range(6)}


def f(p):
    return sum(np.sin(a).sum() for a in p.values())


def grad(p):
    return {name: np.cos(a) for name, a in p.items()}


def one_off(p):
    return {**grad(p), "W5": np.cos(p["W5"]) * np.array([1, 1.01, 1, 1])}


CASES = [
    right("cosines", f, p, grad=grad),
    wrong("1 % in an entry of the last", f, p, grad=one_off, named=("W5[1]",)),
]
