"""Is an iteration judged within what it leaves where no step more is near?

As long as the number of steps stays the same it is as smooth as any function, with the slope of the steps taken. That
it takes others elsewhere is seen from the calls that are made in it, and what one more changes says how far it stopped.
"""

import numpy as np

from traps import normal, right, times, wrong


def iterated(tolerance):
    """Return the fixed point of z = tanh(sin(z) / 2 + x), and its implicit derivative."""

    def solved(x):
        z, before = np.tanh(x), np.full_like(x, 9.0)
        while np.max(np.abs(z - before)) > tolerance:
            z, before = np.tanh(0.5 * np.sin(z) + x), z
        return z

    def pulled(x, u):
        z = solved(x)
        d = 1 - z**2
        return u * d / (1 - d * 0.5 * np.cos(z))

    return solved, {"vjp": pulled}


def heun(steps):
    """Return y' = -a y + b sin t by so many steps of Heun's method, which stops nowhere."""

    def solved(p):
        y, h = 1.0, 2.0 / steps
        for n in range(steps):
            t = n * h
            k = -p[0] * y + p[1] * np.sin(t)
            y += h / 2 * (k - p[0] * (y + h * k) + p[1] * np.sin(t + h))
        return float(y)

    return solved


def slopes(p, steps=20, h=1e-5):
    f = heun(steps)
    return np.array([(f(p + h * e) - f(p - h * e)) / (2 * h) for e in np.eye(2)])


def contracted(x):
    """Return the sum of the fixed points of y = (y^2 + x) / 4 to 1e-6, without a call in the loop."""
    total = 0.0
    for number in x:
        y, before = 0.0, 1.0
        while (y - before) ** 2 > 1e-12:
            before, y = y, (y * y + float(number)) / 4
        total += y
    return total


def contracted_slope(x):
    return 1 / (4 - 2 * (2 - np.sqrt(4 - x)))


p = np.array([1.3, 0.4])

CASES = [
    right("a fixed point to 1e-6, far from another step", iterated(1e-6)[0], normal(3), **iterated(1e-6)[1]),
    right("a fixed point to 1e-3", iterated(1e-3)[0], normal(3), **iterated(1e-3)[1], verdict="CORRECT or UNDECIDED"),
    wrong(
        "a fixed point to 1e-6, one slope 20 % off",
        iterated(1e-6)[0],
        normal(3),
        vjp=lambda x, u: iterated(1e-6)[1]["vjp"](x, u) * np.array([1, 1.2, 1]),
        named=("x[1]",),
    ),
    right("fixed points to 1e-6, without a call", contracted, np.array([1.3, 2.2]), grad=contracted_slope),
    right("twenty steps of Heun's method", heun(20), p, grad=slopes, verdict="CORRECT", rtol=1e-5),
    wrong("twenty steps of Heun's method, 0.2 % off", heun(20), p, grad=times(1.002, slopes)),
    wrong("twenty steps of Heun's method, the solution's slopes", heun(20), p, grad=lambda p: slopes(p, 400)),
]
