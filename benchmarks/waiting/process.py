"""How is a fresh Python started? With this very tree, in a folder of its own, and with bytecode."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.waiting.figure import NotAsExpected

ROOT = Path(__file__).parents[2]
OURS = ("PYTEST_", "PYTHONDONTWRITEBYTECODE")  # what the variables that are not handed on begin with


def python(folder: Path, *options: str) -> str:
    """Return what Python prints; raises NotAsExpected if it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, *options]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  our own
    if done.returncode:
        raise NotAsExpected((done.stdout + done.stderr)[-2000:].strip())
    return done.stdout
