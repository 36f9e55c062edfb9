"""Is a right gradient of any function whatever let be, and one entry that is off found? Compositions drawn at random.

Their gradients come from HIPS autograd, so nothing of ours is on either side of the comparison.
"""

from __future__ import annotations

import warnings

import numpy  # noqa: ICN001  autograd's twin is np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gradcheck import Verdict, check_gradients

np = pytest.importorskip("autograd.numpy")
grad = pytest.importorskip("autograd").grad

OF_ONE = {
    "tanh": np.tanh,
    "sin": np.sin,
    "exp": lambda a: np.exp(3 * np.tanh(a)),
    "log": lambda a: np.log(a * a + 0.01),
    "square root": lambda a: np.sqrt(a * a + 1e-4),
    "square": lambda a: a * a,
    "cube": lambda a: a**3,
    "ReLU": lambda a: np.maximum(a, 0),
    "absolute": np.abs,
    "inverse": lambda a: 1 / (a * a + 0.1),
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "ten": lambda a: 10 * a,
    "hundredth": lambda a: 0.01 * a,
    "cumulative": np.cumsum,
    "softmax": lambda a: np.exp(a - np.max(a)) / np.sum(np.exp(a - np.max(a))),
    "normal": lambda a: (a - np.mean(a)) / np.sqrt(np.var(a) + 1e-5),
    "fast cosine": lambda a: np.cos(30 * np.tanh(a)),
    "clip": lambda a: np.clip(a, -1, 1),
    "sort": np.sort,
}
OF_TWO = {
    "sum": np.add,
    "product": np.multiply,
    "difference": np.subtract,
    "maximum": np.maximum,
    "quotient": lambda a, b: a / (b * b + 0.1),
}


def composition(rng):
    """Draw a function of an array, its names, and a point."""
    steps = []
    for _ in range(int(rng.integers(2, 8))):
        kind = OF_ONE if rng.random() < 0.65 else OF_TWO
        steps.append((kind, list(kind)[rng.integers(len(kind))], int(rng.integers(100))))
    scale, offset = 10.0 ** rng.integers(-8, 9), [0, 0, 0, 1.0, 1e4][rng.integers(5)]

    def f(x):
        found = [x]
        for kind, name, which in steps:
            earlier = found[which % len(found)]
            found.append(kind[name](found[-1], earlier) if kind is OF_TWO else kind[name](found[-1]))
        return scale * (np.sum(found[-1]) + offset)

    x = rng.standard_normal(int(rng.integers(1, 12))) * 10.0 ** rng.integers(-3, 3)
    return f, [name for _, name, _ in steps], x


def usable(f, x):
    """Whether value and gradient are finite, and f does not turn thousands of times on the way from 0 to x."""
    value, slope = f(x), grad(f)(x)
    slow = numpy.all(numpy.abs(slope * x) <= 1e5 * max(abs(value), 1e-300))
    return bool(numpy.isfinite(value) and numpy.isfinite(slope).all() and slow)


def check(seed):
    """Draw a composition, and check it, right and spoilt."""
    rng = numpy.random.default_rng(seed)
    f, names, x = composition(rng)
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if not usable(f, x):
            return
        right = grad(f)(x)
        k = int(numpy.argmax(numpy.abs(right)))
        spoilt = numpy.where(numpy.arange(x.size) == k, 1.01, 1.0)
        report = check_gradients(f, x, grad=grad(f))
        assert report.verdict not in {Verdict.WRONG, Verdict.BROKEN}, f"{names}\n{report}"
        known = report.tensors["x"].uncertainties[k] < 1e-3 * abs(right[k])
        if report.verdict is Verdict.CORRECT and known:
            wrong = check_gradients(f, x, grad=lambda y: spoilt * grad(f)(y))
            assert [e.index for e in wrong.wrong] == [(k,)], f"{names}\n{wrong}"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(150))
def test_a_composition(seed):
    """Neither accused where it is right nor passed where it is not."""
    check(seed)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # no seed is smaller than another
@given(st.integers(150, 2**63))
def test_a_composition_that_nobody_has_seen(seed):
    """Others than those above in every soak."""
    check(seed)
