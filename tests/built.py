"""How is the manual built for a test? With warnings as errors, where Sphinx and what it needs are installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NEEDED = ("furo", "latex2mathml", "myst_parser", "sphinx")  # the packages of the group docs


def manual(out):
    """Build the manual in a folder, and return that; skips the test where Sphinx is not installed."""
    for package in NEEDED:
        pytest.importorskip(package)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs", ".", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return out
