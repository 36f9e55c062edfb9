"""Is a maximum with a tie let share its gradient as it likes?

Where two entries are the largest, raising one moves the maximum, lowering it does not: each slope is between 0 and 1.
One entry may take all, both may take half; that both claim all is no subgradient, since raising both raises it by one.
"""

import numpy as np

from traps import neither, wrong

x = np.array([1.0, 1.0, 0.5])


def claim(*g):
    return lambda x: np.array(g, float)


CASES = [
    neither("the first takes all", np.max, x, grad=claim(1, 0, 0)),
    neither("half and half", np.max, x, grad=claim(0.5, 0.5, 0)),
    wrong("both take all", np.max, x, grad=claim(1, 1, 0), named=("a[0]", "a[1]")),
    wrong("nobody takes any", np.max, x, grad=claim(0, 0, 0), named=("a[0]", "a[1]")),
    wrong("more than all", np.max, x, grad=claim(1.1, -0.1, 0), named=("a[0]", "a[1]")),
    wrong("the smallest takes some", np.max, x, grad=claim(0.5, 0.5, 0.1), named=("a[2]",)),
]
