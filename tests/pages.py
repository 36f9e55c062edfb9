"""How is a page of examples held against what they print now?"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?(?!\w)")


def structure(text):
    """Return a page without what depends on the machine: digits, and the widths of columns that hold them."""
    text = re.sub(r"-{2,}", "--", NUMBER.sub("#", text))
    return [re.sub(r" +", " ", line) for line in text.splitlines()]


def _loaded(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


readme = _loaded(Path(__file__).parents[1] / "docs" / "readme.py")  # the program that writes the pages
