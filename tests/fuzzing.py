"""A short fuzz, for the tests of what looks for networks that fail, and of how that is shown."""

from __future__ import annotations

from gradcheck._fuzz.search import Fuzz

QUICK = {"neighbours": 0, "entries": 2}


def fuzzed(examples=12, **options):
    fuzz = Fuzz(examples, keywords=QUICK, **options)
    fuzz.run()
    return fuzz
