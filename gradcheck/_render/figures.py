"""How is a number written? Here, and nowhere else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck._results.estimate import Entry


def pair(entry: Entry) -> tuple[str, str]:
    """Return claim and `measured ± uncertainty`, with digits enough to tell one from the other."""
    digits = 6
    if 0 < entry.relative < 1:
        digits = min(9, max(6, 2 - _exponent(entry.relative)))
    if math.isinf(entry.estimate):
        return number(entry.claim, digits), number(entry.estimate, digits)
    return (
        number(entry.claim, digits),
        f"{number(entry.estimate, _known(entry, digits))} ± {number(entry.uncertainty, 1)}",
    )


def _known(entry: Entry, digits: int) -> int:
    """Return how many of the digits of an estimate its uncertainty leaves known, at least one."""
    value, uncertainty = abs(entry.estimate), entry.uncertainty
    if not (0 < value < math.inf and 0 < uncertainty < math.inf):
        return digits
    return min(digits, max(1, _exponent(value) - _exponent(uncertainty) + 1))


def _exponent(value: float) -> int:
    return math.floor(math.log10(value))


def number(value: float, digits: int) -> str:
    """Return a number with so many significant digits: `0.25`, `1e-7`, `inf`; zero without a sign."""
    mantissa, _, exponent = f"{value + 0.0:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def short(value: float) -> str:
    """Return the size of a number: two digits where it can be pictured, else its power of ten."""
    return number(value, 2 if value == 0 or 1e-3 <= abs(value) < 100 else 1)


def power(value: float) -> str:
    """Return the power of ten of a number, and its first digit: `1e-3`."""
    mantissa, _, exponent = f"{value:.0e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def count(n: int) -> str:
    """Return a count: `20,000`."""
    return f"{n:,}"


def plural(n: int, thing: str) -> str:
    """Return a count of things: `1 gradient`, `2,410 gradients`, `32 entries`."""
    many = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{count(n)} {thing if n == 1 else many}"


def sentence(text: str) -> str:
    """Return a phrase as a sentence: a capital, a full stop."""
    return text[:1].upper() + text[1:] + "." * (not text.endswith((".", "!", "?")))


def index(place: tuple[int, ...]) -> str:
    """Return an index as a user writes it: `[3,7]`; nothing for a scalar."""
    return f"[{','.join(map(str, place))}]" if place else ""
