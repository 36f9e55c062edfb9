"""Is the gradient at a minimum judged within what its solver leaves, where the value is known far better than it?

At a minimum that is off by e the value is off by e^2, and its derivative by the envelope theorem by e. Steps of a
secant method are few and change the value by next to nothing: what is left is told by the tolerance of the gradient.
"""

import numpy as np

from traps import right, wrong


def slope(y, a):
    return 2 * (y - a) + 4 * y**3


def least(a, gtol=1e-3):
    """Return where (y - a)^2 + y^4 is least, by secants of its slope."""
    before, y = 0.0, 0.5
    while abs(slope(y, a)) > gtol:
        g, h = slope(before, a), slope(y, a)
        before, y = y, y - h * (y - before) / (h - g)
    return y


def value(a):
    y = least(a)
    return (y - a) ** 2 + y**4


def envelope(factor):
    return lambda a: -2 * factor * (least(a) - a)


def of_each(a):
    return np.array([envelope(1.0)(each) for each in a])


CASES = [
    *(right(f"the least at {a:g}", value, a, grad=envelope(1.0)) for a in (0.7, 0.9, 1.7, 2.5)),
    right("several at once", lambda a: sum(map(value, a)), np.array([0.7, 1.7]), grad=of_each),
    wrong("the least, 2 % off", value, 0.9, grad=envelope(1.02)),
    wrong("the least, the other sign", value, 1.7, grad=envelope(-1.0)),
]
