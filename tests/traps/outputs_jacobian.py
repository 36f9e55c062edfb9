"""Is every entry of a Jacobian looked at in its own row, and what lies outside of its pattern?

One output moves by a million, another by a millionth: along one cotangent the second is lost in the first. A pattern
says which columns may be moved at once; what moves beside it shows in a group of columns, and has to be located in it.
"""

import numpy as np

from traps import normal, right, wrong

X = normal(6)
K = np.arange(6)


def uneven(x):
    return np.array([1e6 * x[0], 1e-6 * x[1] ** 2, np.sin(x[2])])


def d_uneven(x, small=2e-6):
    J = np.zeros((3, 6))
    J[0, 0], J[1, 1], J[2, 2] = 1e6, small * x[1], np.cos(x[2])
    return J


def chain(x):
    return np.sin(x) + np.r_[0, x[:-1] ** 2]


def d_chain(x):
    return np.r_[K, K[1:]], np.r_[K, K[:-1]], np.r_[np.cos(x), 2 * x[:-1]]


def without_the_last(x):
    rows, columns, values = d_chain(x)
    return rows[:-1], columns[:-1], values[:-1]


def hidden_at_zero(x):
    return np.array([x[0] ** 2 + x[1], x[1]])


CASES = [
    right("rows of many sizes", uneven, X, jac=d_uneven),
    wrong("the smallest row", uneven, X, jac=lambda x: d_uneven(x, 2.001e-6), named=("J[1,1]",)),
    right("a pattern", chain, X, jac=d_chain),
    wrong("an entry that the pattern lacks", chain, X, jac=without_the_last, named=("J[5,4]",)),
    wrong(
        "zero at the given point, and wrong nearby",
        hidden_at_zero,
        np.array([0.0, 1.0]),
        jac=lambda x: np.array([[3 * x[0], 1], [0, 1]]),
        named=("J[0,0]",),
    ),
]
