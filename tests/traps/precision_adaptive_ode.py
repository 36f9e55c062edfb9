"""Is the solution of a differential equation with adaptive steps judged by its tolerance?

y' = a y (1 - y) by Heun's method with Euler's as error estimate: where one step more is taken the result jumps by
about the tolerance. The exact solution is y = 1 / (1 + (1 / y0 - 1) exp(-a t)).
"""

import numpy as np

from traps import right, times, wrong


def solved(tolerance):
    def logistic(a):
        t, y, h = 0.0, 0.1, 0.1
        while t < 1:
            h = min(h, 1 - t)
            k1 = a * y * (1 - y)
            k2 = a * (y + h / 2 * k1) * (1 - y - h / 2 * k1)
            k3 = a * (y - h * k1 + 2 * h * k2) * (1 - y + h * k1 - 2 * h * k2)
            error = h * abs(k1 - 2 * k2 + k3) / 6
            if error <= tolerance:
                t, y = t + h, y + h * (k1 + 4 * k2 + k3) / 6
            h *= min(2.0, max(0.2, 0.9 * (tolerance / max(error, 1e-300)) ** (1 / 3)))
        return y

    return logistic


def slope(a):
    e = 9 * np.exp(-a)
    return e / (1 + e) ** 2


CASES = [
    right("to 1e-9", solved(1e-9), 2.0, grad=slope),
    wrong("to 1e-9, 1 % off", solved(1e-9), 2.0, grad=times(1.01, slope)),
    wrong("to 1e-5, 10 % off", solved(1e-5), 2.0, grad=times(1.1, slope)),
]
