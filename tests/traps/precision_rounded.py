"""Is a function rounded to seven digits still judged?

np.round(f, 7), or a value printed and read back, is a staircase of steps of 1e-7: flat to a short step, a jump to
one that crosses an edge, and its slope that of f to a long one.
"""

import numpy as np

from traps import normal, right, times, wrong

x = normal(5)


def counted(x):
    return float(np.sum(np.floor(1e6 * x)))


def f(x):
    return np.round(np.sum(np.sin(x)), 7)


def nine(x):
    return float(np.round(np.sum(np.sin(x)), 9))


def printed(x):
    return float(f"{np.sum(np.sin(x)):.6e}")


def millionths(x):
    return float(np.floor(1e6 * np.sum(np.sin(x))))


def inside(x):
    return float(np.sum(np.sin(np.where(np.arange(x.size) == 1, np.round(x, 4), x))))


def one(x):
    return float(np.sum(np.sin(x[:-1])) + np.round(np.sin(x[-1]), 4))


POINT, WAY, WEIGHTS = map(
    np.array,
    (
        [0.002574023189963745, 0.00048179797619192906],
        [0.3367426363654663, 0.19510708987712772],
        [0.6435466245355551, -0.2079266799144402],
    ),
)


def fourteen(x):
    return float(np.round((1e-8 * np.sin(1e3 * x @ WEIGHTS) + 0.01) / 1e-14) * 1e-14)


def fourteen_slope(x):
    return 1e-5 * np.cos(1e3 * x @ WEIGHTS) * WEIGHTS


ALONG = {"along": WAY, "grad": fourteen_slope}

CASES = [
    right("along a direction, to fourteen places", fourteen, POINT, **ALONG, verdict="CORRECT or UNDECIDED"),
    wrong("along a direction, the other sign", fourteen, POINT, along=WAY, grad=times(-1.0, fourteen_slope)),
    right("one entry alone, to four digits", one, np.linspace(0.5, 2, 6), grad=np.cos, verdict="CORRECT or UNDECIDED"),
    wrong("one entry alone, to four digits, twice", one, np.linspace(0.5, 2, 6), grad=times(2.0, np.cos)),
    right("nine decimals", nine, normal(8, seed=147), grad=np.cos, neighbours=0, verdict="CORRECT or UNDECIDED"),
    wrong("nine decimals, 1 % off", nine, normal(8, seed=147), grad=times(1.01, np.cos)),
    right("one entry rounded inside", inside, x, grad=np.cos, verdict="CORRECT or UNDECIDED"),
    right("one entry rounded inside, at little cost", inside, x, grad=np.cos, max_evaluations=600),
    wrong("one entry rounded inside, twice", inside, x, grad=times(2.0, np.cos)),
    right("seven decimals", f, x, grad=np.cos),
    wrong("seven decimals, 1 % off", f, x, grad=times(1.01, np.cos)),
    right("whole millionths", millionths, x, grad=times(1e6, np.cos)),
    wrong("whole millionths, 1 % off", millionths, x, grad=times(1.01e6, np.cos)),
    right(
        "whole millionths of each",
        counted,
        x[:3],
        grad=lambda x: np.full(x.shape, 1e6),
        verdict="CORRECT or UNDECIDED",
    ),
    right("printed and read back", printed, x, grad=np.cos),
    wrong("printed and read back, 1 % off", printed, x, grad=times(1.01, np.cos)),
]
