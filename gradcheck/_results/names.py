"""What is a nested function called? By its own name, as its author calls it."""

from __future__ import annotations

import re

AROUND = re.compile(r"[\w.<>]*<locals>\.")


def without_locals(said: str) -> str:
    """Return a name, or a sentence, without what functions were made inside of: `test.<locals>.loss` is `loss`."""
    return AROUND.sub("", said) if "<locals>" in said else said


def plain_name(thing: object) -> str:
    """Return the name of a function or a class, or that of the class of a thing."""
    return without_locals(str(getattr(thing, "__qualname__", type(thing).__qualname__)))
