"""Is a median a selection, and a quantile between two entries their mixture?

The median of five is one of them and has the slope 1; of four it is the mean of two, each with 1/2. Where the middle
entries tie it has a kink.
"""

import numpy as np

from traps import neither, right, times, wrong

odd, even, tied = np.array([3.0, 1, 2, 5, 4]), np.array([3.0, 1, 2, 5]), np.array([2.0, 1, 2, 5, 2.5])


def middle(*g):
    return lambda x: np.array(g, float)


def quantile(x):
    return np.quantile(x, 0.3)


EQUAL = np.full(30, 0.5)


def hidden(x):
    return float(np.sort(np.arcsinh(x))[5])


def selected(x):
    return (np.arange(30) == np.argsort(x, kind="stable")[5]) / np.sqrt(1 + x**2)


CASES = [
    right("of five", np.median, odd, grad=middle(1, 0, 0, 0, 0)),
    right("of four", np.median, even, grad=middle(0.5, 0, 0.5, 0)),
    wrong("of four, one takes all", np.median, even, grad=middle(1, 0, 0, 0), named=("a[0]", "a[2]")),
    neither("of five with a tie", np.median, tied, grad=middle(1, 0, 0, 0, 0)),
    neither("of three equal ones", np.median, np.ones(3), grad=middle(0, 1, 0)),
    neither("of thirty equal ones in a layer, the sixth", hidden, EQUAL, grad=selected),
    wrong("of thirty equal ones in a layer, the sixth, twice", hidden, EQUAL, grad=times(2, selected)),
    wrong("of three equal ones, each takes all", np.median, np.ones(3), grad=middle(1, 1, 1)),
    right("a quantile", quantile, odd, grad=middle(0.2, 0, 0.8, 0, 0)),
    wrong("a quantile, the shares swapped", quantile, odd, grad=middle(0.8, 0, 0.2, 0, 0), named=("x[0]", "x[2]")),
]
