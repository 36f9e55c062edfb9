"""Do the tests of a room bite? One place of its code is changed at a time, and its tests are run: do they fail?

`make mutation` draws mutants of the rooms that judge until the time is up. Of the tests of a room those come first that
run the changed line, the quickest before the others; what survives them is put to the traps. What is left stands in the
report, with its place: a test is missing there, or the change is none that anybody could see, for a reason that
tests/unseen.py tells.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from covering import Covering
from mutants import mutants
from unseen import reason

ROOT = Path(__file__).parents[1]
ROOMS = ("_measure", "_judge", "_entries", "_protocol", "_diagnose")
PATIENCE, LEAST = 3, 20  # times what the tests take without a change, and seconds besides, before they are given up
TRAPS, LONGEST = ("tests/test_traps.py",), 900  # seconds
SETTINGS = "[run]\nsource = gradcheck\ndata_file = lines.data\n"
ITS_TESTS, THE_TRAPS, NOTHING, UNSEEN = "its tests", "the traps", "nothing", "nobody sees it"
ABOUT = """One place of the code that judges is changed at a time: an operator, a comparison, a number, a truth value.
Do the tests of its room fail? What they let pass is put to the traps. What nobody could see is left out of the share;
the reason stands below."""


class Trees:
    """Copies of the repository, in each of which one mutant at a time is tried."""

    def __init__(self, folder, number):
        self.free = [folder / str(k) for k in range(number)]
        for tree in self.free:
            shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".*", "__pycache__", "build", "dist"))
            shutil.copy(ROOT / "pyproject.toml", tree)

    def covering(self, room):
        """Return which tests of a room run which of its lines; they must pass."""
        tree, folder = self.free[0], f"tests/{room.removeprefix('_')}"
        (tree / "lines.ini").write_text(SETTINGS)
        before = ("coverage", "run", "--rcfile=lines.ini", "-m")
        if self._run(tree, before, ("-p", "covering", folder), None, PYTHONDONTWRITEBYTECODE=""):
            msg = f"the tests of {room} fail without any change"
            raise SystemExit(msg)
        return Covering.read(tree, tree / "lines.data", f"gradcheck/{room}/")

    def survives(self, mutant, tests, limit):
        """Return whether some tests pass with a mutant."""
        tree = self.free.pop()
        changed = tree / mutant.path.relative_to(ROOT)
        try:
            changed.write_bytes(mutant.text())
            os.utime(changed, (0, 0))  # of another second than what was compiled of it, which may be as long
            return self._run(tree, (), tests, limit) == 0
        except subprocess.TimeoutExpired:  # it goes on without end, which somebody would notice
            return False
        finally:
            shutil.copy2(mutant.path, changed)  # as old as it was, so that what was compiled of it is so again
            self.free.append(tree)

    @staticmethod
    def _run(tree, before, tests, limit, **variables):
        words = ("pytest", "-q", "-x", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly", *tests)
        path = os.pathsep.join((str(tree), str(tree / "tests")))
        variables = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"} | variables
        with tempfile.TemporaryFile() as out:
            return subprocess.run(
                [sys.executable, "-m", *before, *words], cwd=tree, env=os.environ | variables, stdout=out, stderr=out,
                timeout=limit, check=False,
            ).returncode  # fmt: skip


def tried(room, minutes, rng, processes, traps, only=""):
    """Return the mutants of a room that were tried, with what killed each: its own tests, the traps, or nothing."""
    files = [path for path in sorted((ROOT / "gradcheck" / room).rglob("*.py")) if only in path.name]
    drawn = [mutant for path in files for mutant in mutants(path)]
    rng.shuffle(drawn)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(processes) as pool:
        trees = Trees(Path(folder), processes)
        covering = trees.covering(room)
        end = time.monotonic() + 60 * minutes

        def killer(mutant):
            if time.monotonic() > end:
                return None
            path = str(mutant.path.relative_to(ROOT))
            tests = covering.tests(ROOT, path, mutant.line)
            limit = LEAST + PATIENCE * sum(map(covering.seconds.__getitem__, tests))
            if tests and not trees.survives(mutant, tests, limit):
                return ITS_TESTS
            if reason(mutant):
                return UNSEEN
            return THE_TRAPS if traps and not trees.survives(mutant, TRAPS, LONGEST) else NOTHING

        found = list(zip(drawn, pool.map(killer, drawn), strict=True))
    return [(mutant, by) for mutant, by in found if by is not None], len(drawn)


def page(results, *, traps=True):
    """Return the report, as Markdown; `traps`: whether they were asked."""
    lines = [
        "# Mutation",
        "",
        ABOUT,
        "",
        "| room | mutants | tried | nobody could see | killed by its tests | by the traps | left |",
        "|--|--:|--:|--:|--:|--:|--:|",
    ]
    for room, (found, total) in results.items():
        by = [killer for _, killer in found]
        unseen, killed, trapped, left = (by.count(one) for one in (UNSEEN, ITS_TESTS, THE_TRAPS, NOTHING))
        share = f"{killed} ({100 * killed / max(1, len(by) - unseen):.0f} %)"
        columns = (room, total, len(by), unseen, share, trapped if traps else "–", left)
        lines.append(f"| {' | '.join(map(str, columns))} |")
    for room, (found, _) in results.items():
        lines += _listed(f"Left in {room}:", [m.said() for m, by in found if by == NOTHING])
        told = [(*mutant.said(), reason(mutant)) for mutant, by in found if by == UNSEEN]
        lines += _listed(f"What nobody could see in {room}:", told)
    return "\n".join(lines) + "\n"


def _listed(title, rows):
    if not rows:
        return []
    told = [(f"- {at}, {what}: `{line}`", *why) for at, what, line, *why in sorted(rows)]
    return ["", title, "", *map(" – ".join, told)]


def main(argv=None):
    """Try mutants of each room, and print what is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for each room; default: %(default)s")
    parser.add_argument("--room", action="append", choices=ROOMS, help="repeatable; default: all")
    parser.add_argument("--file", default="", help="only files with this in their name")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--processes", type=int, default=2, help="mutants that are tried at once; default: %(default)s")
    parser.add_argument("--no-traps", action="store_true", help="do not put what survives to the traps")
    parser.add_argument("--output", type=Path, help="a file for the report")
    given = parser.parse_args(argv)
    results = {}
    for room in given.room or ROOMS:
        rng = random.Random(given.seed)
        results[room] = tried(room, given.minutes, rng, given.processes, not given.no_traps, given.file)
    text = page(results, traps=not given.no_traps)
    print(text)  # noqa: T201
    if given.output:
        given.output.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
