"""Does the wheel do, in an empty environment, what the front page promises? Run with the interpreters to try.

For each, by default the one that runs this: build the wheel, install it with what it needs and no more, and from an
empty folder run the command, the demo, and the first example of README.md.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FIRST = re.compile(r"^```python\n(.*?)^```.*?^```text\n(.*?)^```", re.MULTILINE | re.DOTALL)


def run(folder, *words):
    """Return what a program prints in the folder; it must end well."""
    done = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def first_example():
    """Return the first program of README.md, and the first line of what it prints."""
    program, output = FIRST.search((ROOT / "README.md").read_text(encoding="utf-8")).groups()
    return program, output.splitlines()[0]


def built(folder):
    """Return the wheel that is made of this repository."""
    run(folder, sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def tried(python, wheel, folder):
    """Install the wheel, and let it do what the front page shows."""
    home, work = folder / "home", folder / "work"
    work.mkdir(parents=True)
    run(folder, python, "-m", "venv", home)
    inside = home / ("Scripts" if sys.platform == "win32" else "bin")
    run(folder, inside / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install", wheel)
    program, expected = first_example()
    (work / "first.py").write_text(program, encoding="utf-8")
    said = run(work, inside / "python", "-W", "error", "first.py")
    if said.splitlines()[0] != expected:
        sys.exit(f"README.md shows\n{expected}\nand this is printed\n{said}")
    told = run(work, inside / "gradcheck", "demo")
    return [run(work, inside / "gradcheck", "--version").strip(), said.splitlines()[0], told.strip().splitlines()[-1]]


def main():
    """Try one interpreter after the other."""
    with tempfile.TemporaryDirectory() as name:
        wheel = built(Path(name))
        for number, python in enumerate(sys.argv[1:] or [sys.executable]):
            version = run(name, python, "--version").strip()
            print(version, *tried(python, wheel, Path(name) / str(number)), sep="\n    ", flush=True)


if __name__ == "__main__":
    main()
