"""Is the slope of a chaotic system known, though over all but the smallest steps it is wild?

The weather of Lorenz after six units of time: steps as large as the entries lead to another wing of its butterfly, so
that values seem to scatter. From nearer slopes converge, sixteen times from rung to rung, as those of any smooth
function; stairs do not.
"""

import numpy as np

from traps import right, times, wrong

STEPS, H = 600, 0.01
HERE = np.array([0.94526691, -2.61374221, 22.93468228])
TINY = 1e-30  # of a complex step, which leaves nothing but the derivative


def weather(x, y, z):
    """Return x after 600 midpoint steps."""
    for _ in range(STEPS):
        u = x + H / 2 * 10 * (y - x)
        v = y + H / 2 * (x * (28 - z) - y)
        w = z + H / 2 * (x * y - 8 / 3 * z)
        x, y, z = x + H * 10 * (v - u), y + H * (u * (28 - w) - v), z + H * (u * v - 8 / 3 * w)
    return x


def lorenz(p):
    return weather(*p.tolist())


def lorenz_slope(p):
    return np.array([weather(*(p + 1j * TINY * way).tolist()).imag / TINY for way in np.eye(3)])


CASES = [
    right("the weather, three numbers", lorenz, HERE, grad=lorenz_slope, neighbours=0),
    wrong("the weather, 1 % off", lorenz, HERE, grad=times(1.01, lorenz_slope), neighbours=0),
]
