"""Do the tests of a room bite? One place of its code is changed at a time, and its tests are run: do they fail?

`make mutation` draws mutants of the rooms that judge until the time is up. Of a room the fast tests come first; what
survives them is put to the traps. What is left stands in the report, with its place: a test is missing there, or the
change is none that anybody could see.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("_measure", "_judge", "_entries", "_protocol", "_diagnose")
OPERATORS = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
PATIENCE, LEAST = 3, 20  # times what the tests take without a change, and seconds besides, before they are given up


@dataclass(frozen=True)
class Mutant:
    """A change of some bytes of a file."""

    path: Path
    begin: int
    end: int
    new: str

    def text(self):
        """Return the file as it is changed."""
        source = self.path.read_bytes()
        return source[: self.begin] + self.new.encode() + source[self.end :]

    def said(self):
        """Return where, and what became of what."""
        source = self.path.read_bytes()
        line = source.count(b"\n", 0, self.begin) + 1
        whole = source.splitlines()[line - 1].decode().strip()
        return (
            f"{self.path.relative_to(ROOT)}:{line}",
            f"`{source[self.begin : self.end].decode()}` to `{self.new}`",
            whole,
        )


def mutants(path):
    """Yield every mutant of a file: operators, comparisons, numbers and truth values are others."""
    source = path.read_text(encoding="utf-8")
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in ast.walk(ast.parse(source)):
        yield from (Mutant(path, *change) for change in _changes(node, source.encode(), starts))


def _changes(node, source, starts):
    """Yield the changes of a node: where they begin and end, and what stands there instead."""
    if isinstance(node, ast.BinOp):
        yield from _between(node.left, node.right, node.op, source, starts)
    elif isinstance(node, ast.BoolOp):
        for one, other in zip(node.values, node.values[1:], strict=False):
            yield from _between(one, other, node.op, source, starts)
    elif isinstance(node, ast.Compare):
        parts = [node.left, *node.comparators]
        for one, other, operator in zip(parts, parts[1:], node.ops, strict=False):
            yield from _between(one, other, operator, source, starts)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        begin = _at(node, starts)[0]
        end = begin + len("not" if isinstance(node.op, ast.Not) else "-")
        yield begin, end + len(source[end:]) - len(source[end:].lstrip(b" ")), ""
    elif isinstance(node, ast.Constant) and type(node.value) in {int, float, bool}:
        new = repr(not node.value) if type(node.value) is bool else f"{node.value!r} * 2" if node.value else "1"
        yield *_at(node, starts), f"({new})" if "*" in new else new


def _at(node, starts):
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def _between(one, other, operator, source, starts):
    if type(operator) not in OPERATORS:
        return
    old, new = OPERATORS[type(operator)]
    begin, end = _at(one, starts)[1], _at(other, starts)[0]
    place = source.find(old.encode(), begin, end)
    if place >= 0:
        yield place, place + len(old), new


class Trees:
    """Copies of the repository, in each of which one mutant at a time is tried."""

    def __init__(self, folder, number):
        self.free = [folder / str(k) for k in range(number)]
        for tree in self.free:
            shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".*", "__pycache__", "reports", "docs"))
            shutil.copy(ROOT / "pyproject.toml", tree)

    def survives(self, mutant, tests, limit):
        """Return whether all tests pass with a mutant; without one, whether they pass at all."""
        tree = self.free.pop()
        changed = None if mutant is None else tree / mutant.path.relative_to(ROOT)
        try:
            if changed is not None:
                changed.write_bytes(mutant.text())
            words = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", *tests)
            variables = {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
            with tempfile.TemporaryFile() as out:
                done = subprocess.run(
                    [sys.executable, *words], cwd=tree, env=os.environ | variables, stdout=out, stderr=out,
                    timeout=limit, check=False,
                )  # fmt: skip
        except subprocess.TimeoutExpired:  # it goes on without end, which somebody would notice
            return False
        else:
            return done.returncode == 0
        finally:
            if changed is not None:
                shutil.copy(mutant.path, changed)
            self.free.append(tree)


def tried(room, minutes, rng, processes, traps):
    """Return the mutants of a room that were tried, with what killed each: its own tests, the traps, or nothing."""
    tests, end = [f"tests/{room.removeprefix('_')}"], time.monotonic() + 60 * minutes
    drawn = [mutant for path in sorted((ROOT / "gradcheck" / room).rglob("*.py")) for mutant in mutants(path)]
    rng.shuffle(drawn)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(processes) as pool:
        trees, begun = Trees(Path(folder), processes), time.monotonic()
        if not trees.survives(None, tests, None):
            msg = f"the tests of {room} fail without any change"
            raise SystemExit(msg)
        limit = LEAST + PATIENCE * (time.monotonic() - begun)

        def killer(mutant):
            if time.monotonic() > end:
                return None
            if not trees.survives(mutant, tests, limit):
                return "its tests"
            return "the traps" if traps and not trees.survives(mutant, ["tests/test_traps.py"], 900) else "nothing"

        found = list(zip(drawn, pool.map(killer, drawn), strict=True))
    return [(mutant, by) for mutant, by in found if by is not None], len(drawn)


def page(results):
    """Return the report, as Markdown."""
    lines = [
        "# Mutation",
        "",
        "| room | mutants | tried | killed by its tests | by the traps | left |",
        "|--|--:|--:|--:|--:|--:|",
    ]
    for room, (found, total) in results.items():
        by = [killer for _, killer in found]
        share = f"{by.count('its tests')} ({100 * by.count('its tests') / max(1, len(by)):.0f} %)"
        lines.append(f"| {room} | {total} | {len(by)} | {share} | {by.count('the traps')} | {by.count('nothing')} |")
    for room, (found, _) in results.items():
        left = sorted(mutant.said() for mutant, by in found if by == "nothing")
        lines += ["", f"Left in {room}:", "", *(f"- {at}, {what}: `{line}`" for at, what, line in left)] if left else []
    return "\n".join(lines) + "\n"


def main(argv=None):
    """Try mutants of each room, and print what is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for each room; default: %(default)s")
    parser.add_argument("--room", action="append", choices=ROOMS, help="repeatable; default: all")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--processes", type=int, default=2, help="mutants that are tried at once; default: %(default)s")
    parser.add_argument("--no-traps", action="store_true", help="do not put what survives to the traps")
    parser.add_argument("--output", type=Path, help="a file for the report")
    given = parser.parse_args(argv)
    results = {}
    for room in given.room or ROOMS:
        results[room] = tried(room, given.minutes, random.Random(given.seed), given.processes, not given.no_traps)
    print(page(results))  # noqa: T201
    if given.output:
        given.output.write_text(page(results), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
