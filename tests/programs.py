"""Which programs are there in examples/, and what do they print?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"
PROGRAMS = sorted(EXAMPLES.glob("*.py"))
NOTEBOOK = EXAMPLES / "notebook.ipynb"
VERDICT = re.compile(r"\b(WRONG|CORRECT)\b")


def printed(name, folder):
    """Run a program of examples/ in an empty folder, as a user would, and return what it prints."""
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def verdicts(text):
    """Return the verdict of each report, in the order in which they are printed: tables and sentences name them too."""
    lines = [line for line in text.splitlines() if not re.search(r"\[|\(\d*,|claim lies within", line)]
    return [found[1] for line in lines if (found := VERDICT.search(line))]


def words(text):
    """Return a text on one line: a sentence may be broken anywhere."""
    return " ".join(text.split())


def cells():
    """Return the code of the notebook, cell by cell."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
