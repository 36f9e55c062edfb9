"""Where do the figures of docs/mathematics.md come from? `python docs/mathematics.py` fills its blocks again.

Between `<!-- word argument -->` and `<!-- end -->` stands what the function of that name below returns. The constants
are read from the code with what is said behind them; the experiments call the functions that a check calls.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from functools import cache
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from readme import BLOCK
from tabulate import tabulate

from benchmarks.ablation.constants import assigned, constants
from benchmarks.ablation.sources import ROOT, functions, numerics

PAGE = ROOT / "docs" / "mathematics.md"
CALIBRATION = ROOT / "reports" / "calibration.md"
EPS = 2.0**-52

Floats = NDArray[np.float64]
Line = Callable[[float], tuple[float, float]]


def written(text: str) -> str:
    """Return the page with every block filled again."""
    return BLOCK.sub(lambda m: f"{m[1]}{WORDS[m[2]](m[3] or '').rstrip()}\n{m[4]}", text)


@cache
def places() -> list[str]:
    """Return the full names of everything in the numerics: constants, functions, classes and methods."""
    found = []
    for source in numerics():
        tree = source.tree
        names = [name for node in tree.body for name, _ in assigned(node)]
        names += [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        found += [f"{source.module}:{name}" for name in (*names, *(name for name, _ in functions(tree)))]
    return found


def named(place: str) -> Any:  # noqa: ANN401  a function, a class or a constant
    """Return what has a name in the numerics, wherever it stands; "file.NAME" where two have the same.

    Raises LookupError if there is none, or more than one.
    """
    found = [there for there in places() if f".{there.replace(':', '.')}".endswith(f".{place}")]
    if len(found) != 1:
        msg = f"{len(found) or 'nothing'} in the numerics is called {place}"
        raise LookupError(msg)
    module, _, name = found[0].partition(":")
    return attrgetter(name)(import_module(module))


def table(rows: list[list[str]], head: list[str]) -> str:
    """Return a table in Markdown."""
    return str(tabulate(rows, head, tablefmt="github", disable_numparse=True))


def line_of(f: Callable[[float], float], x: float) -> Line:
    """Return the line through x: the step really taken, and f there minus f at x."""
    base = f(x)
    return lambda t: (x + t - x, f(x + t) - base)


def noisy(f: Callable[[float], float], sigma: float) -> Callable[[float], float]:
    """Return a function with noise that is random in its argument, and the same at every call."""
    return lambda x: f(x) + sigma * float(np.random.default_rng([*np.float64(x).tobytes()]).standard_normal())


# ----------------------------------------------------------------------------------------------------- the noise


def rounding(_: str) -> str:
    """Round random numbers, and say how large the error is in units of eps |y|."""
    rng = np.random.default_rng(0)
    rows = []
    for name, low, high in (("just above a power of two", 1.0, 1.01), ("just below one", 1.99, 2.0), ("all", 1.0, 2.0)):
        y = rng.uniform(low, high, 100_000)
        error = (y.astype(np.float32) - y) / (2.0**-23 * y)
        rows.append([name, f"{error.std():.2f}"])
    return table(rows, ["y", "standard deviation of its rounding, in eps y"])


def levels(_: str) -> str:
    """Draw windows of nothing but noise, and say what each level of differences makes of sigma."""
    window, orders, alike = named("noise.WINDOW"), named("noise.LEVELS"), named("noise.ALIKE")
    values = np.random.default_rng(0).standard_normal((20_000, window))
    found = np.array([_sigma(values, k) for k in orders])
    named_rows = [*zip(map(str, orders), found, strict=True), ("the largest", found.max(0))]
    rows = [
        [k, f"{np.median(s):.1f}", " to ".join(f"{q:.1f}" for q in np.quantile(s, (0.05, 0.95)))] for k, s in named_rows
    ]
    lost = float(np.mean(found.max(0) > alike * found.min(0)))
    return (
        table(rows, ["level k", "median", "nine in ten"])
        + f"\n\nLevels further apart than `noise.ALIKE`: {100 * lost:.1g} %."
    )


def _sigma(values: Floats, k: int) -> Floats:
    scaled = math.factorial(k) ** 2 / math.factorial(2 * k)
    sigma: Floats = np.sqrt(scaled * np.mean(np.diff(values, k) ** 2, axis=1))
    return sigma


NOISES: dict[str, tuple[Callable[[float], float], float]] = {
    "sin x": (math.sin, 0.29 * EPS * 0.6),
    "sin x + 1e6": (lambda x: math.sin(x) + 1e6, 0.29 * 2.0**-33),
    "sin x, cast to float32": (lambda x: float(np.float32(math.sin(x))), 0.29 * 2.0**-24),
    "sin of x cast to float32": (lambda x: math.sin(float(np.float32(x))), 0.29 * 2.0**-24 * 0.8),
    "sin x, seven decimals": (lambda x: round(math.sin(x), 7), 0.29e-7),
    "sin x + 1e-9 random": (noisy(math.sin, 1e-9), 1e-9),
    "a kink at 0.7, + 1e-9 random": (noisy(lambda x: abs(x - 0.7), 1e-9), 1e-9),
    "sin 1000 x": (lambda x: math.sin(1000 * x), 0.29 * 2.0**-43 * 0.8),  # of 1000 x
}


def noise(_: str) -> str:
    """Measure the noise of some functions at 0.7, and hold it against what is known of it."""
    rows = []
    for name, (f, sigma) in NOISES.items():
        found = named("noise_of")(line_of(f, 0.7), 0.7, named("ROUNDED") * EPS * abs(f(0.7)), 8 * EPS * 0.7)
        rows.append([name, f"{sigma:.0e}", f"{found:.0e}"])
    return table(rows, ["f", "σ, as it is made", "σ, as it is measured"])


# -------------------------------------------------------------------------------------- truncation and the best step


def gain(_: str) -> str:
    """Say what every order of extrapolation makes of the noise."""
    ratio, orders = named("extrapolate.RATIO"), named("extrapolate.ORDERS")
    rows, gains = [], {1: 1.0, 2: 1.0}
    for order in range(orders):
        for power in gains if order else ():
            factor = ratio ** (power * order)
            gains[power] *= (factor + 1) / (factor - 1)
        rows.append([str(order), f"h^{order + 1}", f"{gains[1]:.2f}", f"h^{2 * order + 2}", f"{gains[2]:.2f}"])
    return table(rows, ["extrapolations", "one-sided", "noise times", "central", "noise times"])


def best(_: str) -> str:
    """Measure a slope under noise of several sizes, and hold what is stated against the truth and the theory."""
    rows, safe = [], named("estimate.DEVIATIONS")
    for sigma in (1e-15, 1e-12, 1e-9, 1e-6):
        found = [_estimate(noisy(math.sin, sigma), x, sigma) for x in np.linspace(0.5, 1.1, 41)]
        stated = float(np.median([e.uncertainty for e, _ in found]))
        error = float(np.median([abs(e.value - truth) for e, truth in found]))
        step = float(np.median([e.rungs[e.best - e.first].step for e, _ in found]))
        plain = 1.5 * (safe * sigma / math.sqrt(2)) ** (2 / 3) * (0.7 / 3) ** (1 / 3)
        rows.append([f"{v:.0e}" for v in (sigma, step, stated, error, plain)])
    head = ["σ", "step of the best rung", "stated uncertainty", "true error", "without extrapolation"]
    return table(rows, head)


def _estimate(f: Callable[[float], float], x: float, sigma: float) -> tuple[Any, float]:
    ladder = named("Ladder")(line_of(f, x), x, sigma, finest=4 * EPS * x)
    return named("derivative.estimate")(ladder), math.cos(x)


# ---------------------------------------------------------------------------------------------------- kinks and jumps

SIDES: dict[str, Callable[[float], float]] = {
    "smooth: exp t": math.exp,
    "kink: t + abs t": lambda t: t + abs(t),
    "kink at 0.001": lambda t: t + abs(t - 0.001),
    "jump: t + (t > 0)": lambda t: t + (t > 0),
    "cusp: root of abs t": lambda t: math.sqrt(abs(t)),
    "noise: t + 1e-6 random": noisy(lambda t: t, 1e-6),
}


def gaps(_: str) -> str:
    """Say by what the gap between the sides is multiplied from rung to rung."""
    rows = []
    for name, f in SIDES.items():
        slopes = named("Ladder")(line_of(f, 0.0), 1.0, 0.0).climb(0, 10)
        gap = np.abs(slopes.right - slopes.left)
        found = named("derivative.estimate")(named("Ladder")(line_of(f, 0.0), 1.0, 1e-6 if "noise" in name else 1e-17))
        says = (
            "jump" if found.jump else "kink" if found.kink else "nothing" if math.isinf(found.uncertainty) else "slope"
        )
        rows.append([name, _falls(gap[:2]), _falls(gap[-4:]), says])
    return table(rows, ["f", "first two rungs", "fine rungs, on average", "said of it"])


def _falls(gap: Floats) -> str:
    """Return by what a gap is multiplied from rung to rung, on average."""
    return f"{(gap[-1] / gap[0]) ** (1 / (len(gap) - 1)):.1g}" if gap.all() else "no gap"


def fit(_: str) -> str:
    """Say what a fit of each degree makes of the noise, in units of sigma over the reach."""
    pairs, degrees = named("least_squares.PAIRS"), named("least_squares.DEGREES")
    places = np.concatenate([np.arange(-pairs, 0), np.arange(1, pairs + 1)]) / pairs
    rows = [["two values, at the ends", f"{1 / math.sqrt(2):.2f}"]]
    for degree in degrees:
        inverse = np.linalg.pinv(np.vander(places, degree + 1, increasing=True))
        rows.append([f"degree {degree}", f"{np.linalg.norm(inverse[1]):.2f}"])
    return table(rows, ["slope", "standard deviation, in σ / R"])


# ------------------------------------------------------------------------------------------------ tolerance and chance


def budget(_: str) -> str:
    """Say which relative error is allowed besides the uncertainty, by the precision of the claim."""
    rows = []
    for name, eps in (("float64", EPS), ("float32", 2.0**-23), ("bfloat16", 2.0**-7)):
        standard = named("Standard")(rounding=eps, largest=1.0)
        rows.append([name, f"{eps:.0e}", *(f"{standard.tolerance(size) / size:.0e}" for size in (1.0, 0.1, 0.01))])
    return table(rows, ["claim in", "its rounding", "largest entry", "a tenth of it", "a hundredth"])


def chance(_: str) -> str:
    """Say how often one of n entries is off by more than k standard deviations: once, and at all other steps too."""
    rows, times = [], 1 + len(named("OTHER_STEPS"))
    for k in (2.0, 3.0, 4.0, 6.0):
        p = math.erfc(k / math.sqrt(2))
        rows.append([f"{k:.0f}", *(f"{v:.1g}" for v in (p, _any(1e3, p), _any(1e6, p), _any(1e6, p**times)))])
    return table(rows, ["k", "one entry", "any of a thousand", "any of a million", f"the same, {times} times in a row"])


def _any(n: float, p: float) -> float:
    """Return the probability that any of n things happens, each of which does with probability p."""
    return -math.expm1(n * math.log1p(-p))


def calibration(_: str) -> str:
    """Count the entries of right gradients in reports/calibration.md, and say what none accused means."""
    lines = CALIBRATION.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")]
    rows = [row for row in rows if row[0].startswith(("smooth", "kinked", "functions", "float32"))]
    entries = [int(row[1].replace(",", "")) for row in rows]
    accused = sum(int(row[2]) for row in rows)
    over = sum(n * float(row[4].rstrip(" %")) / 100 for n, row in zip(entries, rows, strict=True))
    bound = f"; so, at 95 % confidence, fewer than one in {sum(entries) / 3:,.0f} are" if not accused else ""
    return (
        f"Of {sum(entries):,} entries {accused} were accused{bound}. The stated uncertainty was exceeded in {over:.0f}."
    )


# ------------------------------------------------------------------------------------------------- large tensors


def cancel(_: str) -> str:
    """Say in how many directions next to nothing is left of errors of one size: of all sizes, or of signs alone."""
    rng, many = np.random.default_rng(0), 200_000
    rows = []
    for wrong in (1, 2, 4, 8):
        drawn = rng.uniform(-1.0, 1.0, (many, wrong))
        signs = np.copysign(1.0, drawn)
        left = [np.abs(r.sum(axis=1)) for r in (signs, drawn + signs)]
        shares = [
            f"{100 * np.mean(rest < part):.2g} %" for rest, part in zip([left[0], left[1], left[1]], PARTS, strict=True)
        ]
        rows.append([str(wrong), *shares])
    return table(rows, ["equal errors", "along signs, nothing", "of all sizes, a tenth of one", "a thousandth"])


PARTS = (1e-9, 0.1, 0.001)  # of one error, that is left of them


def screened(_: str) -> str:
    """Say how the difference that is allowed along a direction grows with the entries, relative to one of them."""
    units = named("glance.CLAIM_NOISE")
    rows = []
    for m in (100, 10_000, 1_000_000):
        slack = units * EPS * (math.sqrt(m) + 1)
        rows.append([f"{m:,}", f"{math.sqrt(m):,.0f}", f"{slack:.0e}", f"{math.log2(m):.0f}"])
    return table(rows, ["entries m", "slope along a direction", "its allowed rounding", "slopes to halve it away"])


# ----------------------------------------------------------------------------------------------------- the constants


def listed(room: str) -> str:
    """Return the constants of a room, file by file: value as it is written, unit and reason as they stand behind it."""
    rows = [
        [f"`{c.place.removeprefix(f'{room}.')}`", f"`{c.text}`", c.comment[:1].upper() + c.comment[1:]]
        for c in constants()
        if c.place.startswith(f"{room}.")
    ]
    return table(rows, ["constant", "value", "unit and reason"])


WORDS: dict[str, Callable[[str], str]] = {
    "rounding": rounding,
    "levels": levels,
    "noise": noise,
    "gain": gain,
    "best": best,
    "gaps": gaps,
    "fit": fit,
    "budget": budget,
    "chance": chance,
    "calibration": calibration,
    "cancel": cancel,
    "screened": screened,
    "constants": listed,
}


def main(page: Path = PAGE) -> None:
    """Fill the blocks of the page."""
    page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
