"""Is a gate in bfloat16 one in a Jacobian too, and for a single number, whose stairs are high beside a small slope?

x times a gate that falls: the slopes of the two nearly cancel, and a stair of the gate is higher than those of what
they leave. Row by row, no other entry makes the noise that shows what is rounded.
"""

import numpy as np

from traps import normal, right, wrong


def brain(x):
    mantissa, exponent = np.frexp(x)
    return np.ldexp(np.round(mantissa * 256) / 256, exponent)


def gate(x):
    return brain(1 / (1 + np.exp(-brain(x))))


def f(x):
    return 1.1 * x * gate(x)


def slope(x):
    return 1.1 * gate(x) * (1 + x * (1 - gate(x)))


def jac(x):
    return np.diag(slope(x))


def total(x):
    return np.sum(f(x))


def but(by):
    return lambda x: jac(x) * np.where(np.eye(6) * (np.arange(6) == 2), by, 1)


OPEN = "CORRECT or UNDECIDED"
CASES = [
    *(right(f"a Jacobian ({n})", f, 2 * normal(6, seed=n), jac=jac, verdict=OPEN) for n in (1, 4, 5, 8, 14, 15)),
    *(right(f"one number ({n})", total, 2 * normal(1, seed=n), grad=slope, verdict=OPEN) for n in (10, 35, 36)),
    *(wrong(f"the other sign ({n})", f, 2 * normal(6, seed=n), jac=but(-1)) for n in (1, 4, 5)),
    *(wrong(f"zero ({n})", f, 2 * normal(6, seed=n), jac=but(0)) for n in (1, 4)),
]
