"""How is a page of examples held against what they print now?"""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?(?!\w)")

KNOWN = 3  # a number with fewer digits is a rough one, such as an uncertainty


def structure(text):
    """Return a page without what depends on the machine: digits, seconds, and the widths of columns that hold them."""
    text = NUMBER.sub("#", re.sub(r"cases/\w+|\b[\d.]+s\b", "#", text))
    text = re.sub(r"-{2,}", "--", re.sub("={2,}", "==", text))
    return [re.sub(r" +", " ", line) for line in text.splitlines()]


def numbers(text):
    """Return the numbers of a page that do not depend on the machine: those with digits to spare, and counts."""
    found = [m[0].replace(",", "") for m in NUMBER.finditer(text)]
    return [float(n) for n in found if len(re.sub(r"e.*|\D", "", n).lstrip("0")) >= KNOWN]


def _loaded(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)  # where dataclasses look for themselves
    spec.loader.exec_module(module)
    return module


DOCS = Path(__file__).parents[1] / "docs"
readme = _loaded(DOCS / "readme.py")  # the program that writes the pages
gallery = _loaded(DOCS / "gallery.py")  # the program that writes those in reports/gallery
