"""What are things called? A nested function by its own name, as its author calls it; of many things the first."""

from __future__ import annotations

import re
from collections.abc import Sequence

NAMED = 3  # of many
LISTED = 8  # of those that a sentence is about
AROUND = re.compile(r"[\w.<>]*<locals>\.")


def without_locals(said: str) -> str:
    """Return a name, or a sentence, without what functions were made inside of: `test.<locals>.loss` is `loss`."""
    return AROUND.sub("", said) if "<locals>" in said else said


def plain_name(thing: object) -> str:
    """Return the name of a function or a class, or that of the class of a thing."""
    return without_locals(str(getattr(thing, "__qualname__", type(thing).__qualname__)))


def few_of(names: Sequence[str], most: int = NAMED) -> str:
    """Return some names, and how many more there are: `a, b, c and 2 more`."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
