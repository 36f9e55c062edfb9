"""Is an iteration that stops early judged by how early?

Newton's method stopped when its last step was below 1e-2, or a fixed point stopped at 1e-7, is smooth until the number
of iterations changes; there it jumps by the error that was left. The exact derivative is that of the limit.
"""

import numpy as np

from traps import right, times, wrong


def newton(tolerance):
    def root(a):
        x = 1.0
        for _ in range(50):
            step = (x**3 + x - a) / (3 * x * x + 1)
            x -= step
            if abs(step) < tolerance:
                break
        return x

    return root


def implicit(a):
    return 1 / (3 * newton(1e-12)(a) ** 2 + 1)


def fixed_point(a):
    x = 0.0
    for _ in range(200):
        x, before = np.cos(a * x), x
        if abs(x - before) < 1e-7:
            break
    return x


def fixed_slope(a):
    x = 0.0
    for _ in range(1000):
        x = np.cos(a * x)
    return -np.sin(a * x) * x / (1 + np.sin(a * x) * a)


CASES = [
    *(right(f"Newton to {t:g}", newton(t), 2.3, grad=implicit, verdict="CORRECT or UNDECIDED") for t in (1e-3, 1e-5)),
    wrong("Newton to 1e-5, 1 % off", newton(1e-5), 2.3, grad=times(1.01, implicit)),
    right("a fixed point to 1e-7", fixed_point, 0.9, grad=fixed_slope, verdict="CORRECT or UNDECIDED"),
    wrong("a fixed point to 1e-7, 1 % off", fixed_point, 0.9, grad=times(1.01, fixed_slope)),
]
