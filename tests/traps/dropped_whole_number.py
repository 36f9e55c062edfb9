"""Is a whole number among parameters one of them?

`[1.5, 2]` has two parameters: the second is an int only since nobody writes 2.0. A checker that moves floats alone
never looks at what is claimed for it.
"""

from traps import right, wrong


def f(p):
    return p[0] ** 2 * p[1] ** 2


def df(p):
    return [2 * p[0] * p[1] ** 2, 2 * p[1] * p[0] ** 2]


def spoilt(p):
    return [2 * p[0] * p[1] ** 2, 99.0]


def named(p):
    return p["rate"] * p["size"] ** 2


def dnamed(p):
    return {"rate": p["size"] ** 2, "size": 2 * p["rate"] * p["size"]}


CASES = [
    right("in a list", f, [1.5, 2], grad=df),
    right("in a tuple", f, (1.5, 2), grad=df),
    right("in a dict", named, {"rate": 0.5, "size": 3}, grad=dnamed),
    right("as an argument", lambda a, b: f([a, b]), 1.5, 2, grad=lambda a, b: tuple(df([a, b]))),
    right("for a pushforward", lambda a, b: a * b**2, 1.5, 2, jvp=lambda a, b, da, db: da * b**2 + 2 * a * b * db),
    wrong("in a list, 99", f, [1.5, 2], grad=spoilt, named=("p[1]",)),
    wrong("in a tuple, 99", f, (1.5, 2), grad=lambda p: tuple(spoilt(p)), named=("p[1]",)),
    wrong("in a list, value and gradient", lambda p: (f(p), spoilt(p)), [1.5, 2], value_and_grad=True, named=("p[1]",)),
    wrong("in a dict, 99", named, {"rate": 0.5, "size": 3}, grad=lambda p: dnamed(p) | {"size": 99.0}, named=("size",)),
    wrong("zero", f, [1.5, 2], grad=lambda p: [df(p)[0], 0], named=("p[1]",)),
    wrong(
        "for a pushforward, 3 for 2",
        lambda a, b: a * b**2,
        1.5,
        2,
        jvp=lambda a, b, da, db: da * b**2 + 3 * a * b * db,
        named=("b",),
    ),
]
