"""What do type checkers see of the installed package? Run with an interpreter that has it, mypy and pyright.

What is checked lies in an empty folder, so that the source beside this file is not taken for the package.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).with_name("project.py")
COMPLETE = "Type completeness score: 100%"


def asked(python: Path, words: list[str], folder: str) -> tuple[int, str]:
    """Return how a checker ends, and what it prints, in an environment that is active."""
    active = os.environ | {
        "VIRTUAL_ENV": str(python.parents[1]),
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
    }
    active.pop("PYTHONPATH", None)
    done = subprocess.run(words, cwd=folder, env=active, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def main() -> int:
    """Ask both of the project, and pyright of the package."""
    python = Path(sys.argv[1]).absolute()
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(PROJECT, folder)
        for words in (["mypy", "--strict", PROJECT.name], ["pyright", PROJECT.name]):
            code, said = asked(python, [str(python), "-m", *words], folder)
            print(f"{words[0]}: {said.strip().splitlines()[-1]}" if code == 0 else said)
            bad += code != 0
        _, said = asked(
            python, [str(python), "-m", "pyright", "--verifytypes", "gradcheck", "--ignoreexternal"], folder
        )
        print(*re.findall(r"^Type completeness.*", said, re.MULTILINE) if COMPLETE in said else [said], sep="\n")
        bad += COMPLETE not in said
    return bad


if __name__ == "__main__":
    sys.exit(main())
