"""Is the root of an equation, found by bisection to 1e-7, judged by that tolerance?

The root is one of a grid of numbers 1e-7 apart: a staircase again. By the implicit function theorem r^3 + r = a gives
dr/da = 1 / (3 r^2 + 1).
"""

from traps import right, times, wrong


def root(a):
    low, high = 0.0, 10.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (low, middle) if middle**3 + middle > a else (middle, high)
    return (low + high) / 2


def slope(a):
    return 1 / (3 * root(a) ** 2 + 1)


CASES = [
    right("the implicit derivative", root, 2.3, grad=slope),
    wrong("1 % off", root, 2.3, grad=times(1.01, slope)),
]
