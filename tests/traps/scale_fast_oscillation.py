"""Is the step short enough for sin(1000 x), and for sin(x^2) at 145?

Its period is 0.006: a step chosen for functions that change over lengths of 1 steps across it, and the extrapolation
of slopes over many periods converges to nothing. The feature sin(2 pi t / day) of a time stamp has a period of 5e-5 of
its argument. Values far apart look like noise; close together they are smooth.
"""

import numpy as np

from traps import right, times, wrong

x = np.ones(3)
far = np.array([145.0, 1.0])
stamp, day = np.array([1.7e9]), 2 * np.pi / 86400


def f(x):
    return np.sum(np.sin(1000 * x))


def df(x):
    return 1000 * np.cos(1000 * x)


def chirp(x):
    return np.sum(np.sin(x**2))


def dchirp(x):
    return 2 * x * np.cos(x**2)


def hour(t):
    return np.sum(np.sin(day * t))


def dhour(t):
    return day * np.cos(day * t)


CASES = [
    right("1000 cos(1000 x)", f, x, grad=df),
    wrong("1 % too large", f, x, grad=times(1.01, df)),
    wrong("without the inner derivative", f, x, grad=times(1e-3, df)),
    right("sin(x^2) at 145", chirp, far, grad=dchirp),
    wrong("sin(x^2) at 145, 1 % too large", chirp, far, grad=times(1.01, dchirp)),
    wrong("sin(x^2) at 145, zero", chirp, far, grad=lambda x: dchirp(x) * [0, 1], named=("x[0]",)),
    right("the hour of a time stamp", hour, stamp, grad=dhour),
    wrong("the hour of a time stamp, zero", hour, stamp, grad=np.zeros_like),
]
