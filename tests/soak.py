"""What breaks that nobody has thought of? Random examples for the tests, and random networks, until the time is up.

`make soak` runs it. Each round has a seed of its own; what fails is printed, and kept in .hypothesis and .gradcheck.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
FUZZ = ("-m", "gradcheck", "fuzz", "--examples", "200")
SORTS = ((), ("--layers",), ("--faulty",), ("--faulty", "--layers"))


def searches(seed, options):
    """Return what one round runs: for each command the variables of the environment that it needs, and its words."""
    fuzz = [(*FUZZ, "--seed", str(seed), *sort) for sort in SORTS]
    tests = ("-m", "pytest", "-q", "-m", "hypothesis", "-p", "no:cacheprovider", *options, "tests")
    endurance = ("tests/endurance.py", "--minutes", "1", "--seed", str(seed))
    return [({}, words) for words in (*fuzz, endurance)] + [({"SOAK_SEED": str(seed)}, tests)]


def main():
    """Run one round after the other, and return whether anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="no search begins after these; default: %(default)s")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="of the first round; default: a new one")
    given, options = parser.parse_known_args()  # the others are for pytest
    seed, end, failed = given.seed, time.monotonic() + 60 * given.minutes, []
    while True:
        for variables, words in searches(seed, options):
            typed = shlex.join([*(f"{name}={value}" for name, value in variables.items()), "python", *words])
            print(f"\nsoak: {typed}", flush=True)  # noqa: T201
            done = subprocess.run([sys.executable, *words], cwd=ROOT, env=os.environ | variables, check=False)
            if done.returncode:
                failed.append(typed)
            if time.monotonic() > end:
                print("\nsoak: " + "\n  ".join(["these found something:", *failed] if failed else ["nothing found"]))  # noqa: T201
                return bool(failed)
        seed += 1


if __name__ == "__main__":
    sys.exit(main())
