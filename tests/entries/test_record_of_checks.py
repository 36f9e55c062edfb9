"""Which entries are measured, by which means, how well, and for how many evaluations? As it was decided before."""

from __future__ import annotations

from functools import cache

import exact
import numpy as np
import pytest
from record import differences, kept, said

from gradcheck import check_gradients

CASES, CHECKS = {}, {}


def case(name, f, *args, **keywords):
    """Enter a check in the table."""
    CHECKS[name] = f, args, keywords
    CASES[name] = lambda: said(checked(name))


@cache
def checked(name):
    """Make a check of the table, once."""
    f, args, keywords = CHECKS[name]
    return check_gradients(f, *args, **keywords)


def spread(n, low=0.3, high=1.2):
    return low + (high - low) * np.arange(n) / max(1, n - 1)


def curve(x):
    return float(np.sum(x / (1 + x * x)))


def slope(x):
    return (1 - x * x) / (1 + x * x) ** 2


def off(factor, *places):
    """Return the slope of the curve, off by a factor at some places, or everywhere."""

    def grad(x):
        claim = slope(x)
        claim.ravel()[list(places) if places else slice(None)] *= factor
        return claim

    return grad


for n in (1, 3, 4, 5, 14, 60, 300, 2000, 20_000):
    case(f"{n} right entries", curve, spread(n), grad=slope)
    if n <= 2000:
        case(f"{n} entries, all off by a tenth", curve, spread(n), grad=off(1.1))
        case(f"{n} entries, one off by a tenth", curve, spread(n), grad=off(1.1, n // 2))
case("five of 20000 entries are wrong", curve, spread(20_000), grad=off(2.0, 3, 777, 5000, 12_345, 19_999))
case("a hundred of 2000 entries are wrong", curve, spread(2000), grad=off(0.5, *range(100)))
case("all entries are asked for", curve, spread(3000), grad=slope, entries="all")
case("few entries are asked for", curve, spread(3000), grad=off(1.5, 1500), entries=20)
case("no neighbours", curve, spread(40), grad=off(1.001, 7), neighbours=0)
case("many neighbours", curve, spread(40), grad=slope, neighbours=5)
case("right at the point, wrong beside it", lambda x: float(np.sum(x * x * x)), np.ones(6), grad=lambda x: 3 * x)
case("zero at the point", lambda x: float(np.sum(x**2)), np.zeros(6), grad=lambda x: 2 * x)
case("zero at the point, and wrong", lambda x: float(np.sum(x**2)), np.zeros(6), grad=lambda x: 3 * x)
case("nothing moves it", lambda x: 5.0 + 0 * float(x[0]), np.ones(4), grad=np.zeros_like)
case("one entry moves it", lambda x: float(x[1] ** 2), np.ones(40), grad=lambda x: 2 * x * (np.arange(40) == 1))
case("few evaluations", curve, spread(200), grad=slope, max_evaluations=50)
case("very few evaluations", curve, spread(200), grad=off(1.1), max_evaluations=12)
case("another tolerance", curve, spread(8), grad=off(1.01), rtol=0.05)
case("a narrow tolerance", curve, spread(8), grad=slope, rtol=1e-9)
case("an offset", lambda x: 1e9 + curve(x), spread(8), grad=slope)
case("an offset, many entries", lambda x: 1e9 + curve(x), spread(80), grad=off(1.2, 11))
case("tiny", lambda x: 1e-200 * curve(x), spread(8), grad=lambda x: 1e-200 * slope(x))
case("huge", lambda x: 1e200 * curve(x), spread(80), grad=lambda x: 1e200 * slope(x))
case("of many sizes", lambda x: float(np.sum(x**2)), 10.0 ** np.arange(-8.0, 8.0), grad=lambda x: 2 * x)
case("of many sizes, one wrong", lambda x: float(np.sum(x**2)), 10.0 ** np.arange(-8.0, 8.0),
     grad=lambda x: 2 * x * (1 + 0.1 * (np.arange(16) == 2)))  # fmt: skip
case("single precision", lambda x: float(np.sum(x / (1 + x * x))), spread(12).astype(np.float32), grad=slope)
case("single precision, as it is", lambda x: np.sum(x / (1 + x * x)), spread(12).astype(np.float32), grad=off(1.1, 2),
     precision="as-is")  # fmt: skip
case("a hidden cast", lambda x: float(np.sum(np.float32(x / (1 + x * x)))), spread(12), grad=slope)
case("a hidden cast, and wrong", lambda x: float(np.sum(np.float32(x / (1 + x * x)))), spread(12), grad=off(1.02))
case("noise", lambda x: curve(x) + 1e-6 * exact.scatter(float(x[0] + x[-1] ** 2)), spread(12), grad=slope)
case("noise, and wrong", lambda x: curve(x) + 1e-6 * exact.scatter(float(x[0] * 3 + x[5])), spread(12), grad=off(1.5))
case("much noise", lambda x: curve(x) + 0.3 * exact.scatter(float(np.sum(x * x))), spread(6), grad=slope)
case("kinks", lambda x: float(np.sum(np.abs(x))), np.array([-1.0, 0.0, 1e-9, 2.0, 0.0]), grad=np.sign)
case("kinks, one wrong", lambda x: float(np.sum(np.maximum(x, 0))), np.array([-1.0, 0.0, 2.0, 0.0]),
     grad=lambda x: np.where(x == 0, 2.0, x > 0))  # fmt: skip
case("a kink nearby", lambda x: float(np.sum(np.maximum(x, 0.3001))), spread(5), grad=lambda x: 1.0 * (x > 0.3001))
case("a cusp", lambda x: float(np.sum(np.sqrt(np.abs(x)))), np.array([0.0, 1.0]), grad=lambda x: x / 2)
case("a root at its edge", lambda x: float(np.sum(np.sqrt(x))), np.array([0.0, 1e-6, 1.0]),
     grad=lambda x: 0.5 / np.sqrt(np.maximum(x, 1e-12)))  # fmt: skip
case("a jump", lambda x: float(np.sum(np.sign(x) + x)), np.array([-1.0, 0.0, 2.0]), grad=np.ones_like)
case("a jump nearby", lambda x: curve(x) + 1e-3 * float(np.sum(x > 1.25)), spread(4), grad=off(1.004))
case("stairs", lambda x: float(np.sum(np.floor(x * 2**12) / 2**12)), spread(4), grad=np.ones_like)
case("stairs beneath", lambda x: curve(x) + float(np.sum(np.floor(x * 2**12))) / 2**14, spread(4), grad=slope)
case("fast waves", lambda x: curve(x) + 1e-6 * exact.ripple(1e7 * float(x[0])), spread(4), grad=slope)
case("coarse parts", lambda x: float(np.sum(x * np.float32(1 / (1 + x * x)))), spread(4), grad=off(1.01))
case("two tensors", lambda a, b: curve(a) + float(np.sum(a[:3] * b * b)), spread(5), spread(3),
     grad=lambda a, b: (slope(a) + np.pad(b * b, (0, 2)), 2 * a[:3] * b))  # fmt: skip
case("two tensors, one wrong", lambda a, b: curve(a) + float(np.sum(a[:3] * b * b)), spread(5), spread(3),
     grad=lambda a, b: (slope(a) + np.pad(b * b, (0, 2)), a[:3] * b))  # fmt: skip
case("two tensors of other sizes", lambda a, b: curve(a) + 1e-7 * curve(b), spread(5), spread(300),
     grad=lambda a, b: (slope(a), 1e-7 * slope(b)))  # fmt: skip
case("one tensor is nothing", lambda a, b: curve(a) + float(np.sum(b - b)), spread(5), spread(7),
     grad=lambda a, b: (slope(a), 1e-17 * b))  # fmt: skip
case("outputs", lambda x: x / (1 + x * x), spread(6), vjp=lambda x, u: u * slope(x))
case("outputs, one wrong", lambda x: x / (1 + x * x), spread(6), vjp=lambda x, u: u * off(1.1, 4)(x))
case("outputs of many sizes", lambda x: 10.0 ** np.arange(-9.0, 3.0) * x * x, spread(12),
     vjp=lambda x, u: u * 2 * x * 10.0 ** np.arange(-9.0, 3.0) * (1 + (np.arange(12) == 1)))  # fmt: skip
case("along a direction", curve, spread(9), grad=off(1.1, 3), along=np.ones(9))
case("a matrix of symmetric numbers", lambda a: float(np.sum(a * a * a)), np.ones((3, 3)) + np.eye(3),
     grad=lambda a: 3 * a * a)  # fmt: skip
case("unit vectors", lambda x: float(x[0] * x[1]), np.array([0.6, 0.8]), grad=lambda x: x[::-1].copy())
case("whole numbers beside", lambda x, k: curve(x) * float(k[0]), spread(4), np.array([3]),
     grad=lambda x, k: (3 * slope(x), None))  # fmt: skip
case("one domain", lambda x: float(np.sum(np.sqrt(x - 0.3))), spread(5, 0.3001), grad=lambda x: 0.5 / np.sqrt(x - 0.3))
case("fails beyond", lambda x: 1 / float(np.all(x < 1.21)) * curve(x), spread(5), grad=slope)


@pytest.mark.parametrize("name", CASES)
def test_a_check_says_what_it_said_and_costs_what_it_cost(name):
    """To two digits of what is unknown, and to the last evaluation."""
    if "20000" in name and np.__version__ < "2":
        pytest.skip("of many entries NumPy 1 draws others")
    assert differences(CASES[name](), kept(__file__)[name]) == []


F, X = 2.0**30, 2.0**-12  # another unit of f, and of what it is of; of powers of two no digit is lost
OF_THEIR_OWN = ("unit vectors", "right at the point, wrong beside it", "zero at the point")  # of ones, or of nothing
MANY = ("2000", "of other sizes")


def in_other_units(f, args, keywords):
    """Return the same check, with everything that is asked and claimed in other units."""
    grad = keywords["grad"]

    def back(arrays):
        return [a / X if a.dtype.kind == "f" else a for a in arrays]

    def claims(*arrays):
        found = grad(*back(arrays))
        several = found if isinstance(found, tuple) else (found,)
        made = tuple(None if claim is None else claim * (F / X) for claim in several)
        return made if isinstance(found, tuple) else made[0]

    given = [a * a.dtype.type(X) if a.dtype.kind == "f" else a for a in args]
    return check_gradients(lambda *arrays: F * f(*back(arrays)), *given, **{**keywords, "grad": claims})


def found(report, unit=1.0):
    """Return all numbers of a report, in some unit."""
    yield report.verdict, report.evaluations, report.gradients
    for t in report.tensors.values():
        yield t.counts, t.means, sorted(t.places), {k: len(rungs) for k, rungs in t.rungs.items()}
        yield from ((column / unit).tolist() for column in (t.estimates, t.uncertainties, t.lefts, t.rights))


@pytest.mark.parametrize(
    "name",
    [n for n in CHECKS if "grad" in CHECKS[n][2] and not any(part in n for part in (*OF_THEIR_OWN, *MANY))],
)
def test_units_do_not_matter(name):
    """Every bound is relative to what f or the point is: not an evaluation, nor a digit, is another."""
    assert str([*found(checked(name))]) == str([*found(in_other_units(*CHECKS[name]), F / X)])
