"""Is a slope seen that any one fixed step would miss?

f = x + sin(2 pi x / h) h / 2 pi at 0 has the slope 2, but f(h) - f(-h) = 2 h: a checker whose step is h measures 1
and passes the claim 1. No single step is safe; a ladder of them disagrees with itself.
"""

import numpy as np

from traps import right, wrong

x = np.zeros(3)


def ripple(h):
    return lambda x: np.sum(x + np.sin(2 * np.pi * x / h) * h / (2 * np.pi))


def slope(h):
    return lambda x: 1 + np.cos(2 * np.pi * x / h)


CASES = [
    right("period 0.001", ripple(1e-3), x, grad=slope(1e-3)),
    right("period 0.0001", ripple(1e-4), x, grad=slope(1e-4)),
    right("period 1e-05", ripple(1e-5), x, grad=slope(1e-5)),
    wrong("period 0.01, ripple forgotten", ripple(1e-2), x, grad=np.ones_like),
    wrong("period 0.001, ripple forgotten", ripple(1e-3), x, grad=np.ones_like),
    wrong("period 0.0001, ripple forgotten", ripple(1e-4), x, grad=np.ones_like),
    wrong("period 1e-06, ripple forgotten", ripple(1e-6), x, grad=np.ones_like),
]
