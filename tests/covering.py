"""Which tests run which line of a room, and how long does each take? A plugin of pytest under coverage, and its reader.

What a fixture runs may serve every test of its file, and counts for all of them.
"""

from __future__ import annotations

import ast
import json
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import coverage
import pytest

TIMES = "test_times.json"
took = defaultdict(float)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Count what a fixture runs for the whole file."""
    coverage.Coverage.current().switch_context(item.nodeid.partition("::")[0])
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Count what a test runs for it alone, and its seconds."""
    coverage.Coverage.current().switch_context(item.nodeid)
    begun = time.perf_counter()
    try:
        return (yield)
    finally:
        took[item.nodeid] += time.perf_counter() - begun


def pytest_sessionfinish():
    """Keep the seconds."""
    Path(TIMES).write_text(json.dumps(took))


@dataclass(frozen=True)
class Covering:
    """The tests of a room: the seconds of each, and which lines they run."""

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[str]]]  # file, line: tests, or files of tests

    @classmethod
    def read(cls, tree, data, below):
        """Read what a run in a tree left behind, of the files below a folder."""
        kept = coverage.CoverageData(str(data))
        kept.read()
        files = {Path(file).relative_to(tree.resolve()).as_posix(): file for file in kept.measured_files()}
        lines = {
            name: of_calls((tree / name).read_text(encoding="utf-8"), kept.contexts_by_lineno(file))
            for name, file in files.items()
            if name.startswith(below)
        }
        return cls(json.loads((tree / TIMES).read_text()), lines)

    def tests(self, tree, path, line):
        """Return the tests that a change of a line of a file may concern, the quickest first.

        A line that only the import runs concerns all that run a line with a name that it binds, or else the file.
        """
        source = (tree / path).read_text(encoding="utf-8")
        found = self._run(path, _statement(source, line))
        if not found:
            bound = re.match(r"\s*([A-Za-z_]\w*)\b[^=(]*=", source.splitlines()[line - 1])
            name = re.compile(rf"\b{bound[1]}\b") if bound else None
            for file in self.lines if name else [path]:
                source = (tree / file).read_text(encoding="utf-8")
                at = [n for n, text in enumerate(source.splitlines(), 1) if not name or name.search(text)]
                found |= self._run(file, [n for one in at for n in (_statement(source, one) if name else [one])])
        return sorted(found, key=self.seconds.__getitem__)

    def _run(self, path, lines):
        at = {test for line in lines for test in self.lines.get(path, {}).get(line, [])} - {""}
        return {test for test in self.seconds if test in at or test.partition("::")[0] in at}


def of_calls(source, contexts):
    """Leave out the lines that an import runs: they concern others than the test that first needed the file.

    What a lambda is made of is on such a line, and is called as well.
    """
    nodes = [*ast.walk(ast.parse(source))]
    functions = [n for n in nodes if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    parts = [(n.body[0].lineno, n.end_lineno) for n in functions]
    parts += [(n.body.lineno, n.body.end_lineno) for n in nodes if isinstance(n, ast.Lambda)]
    called = {n for first, last in parts for n in range(first, last + 1)}
    return {line: tests for line, tests in contexts.items() if line in called}


def _statement(source, line):
    """Return the lines of the innermost statement that a line is part of; of a block, of its head."""
    spans = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and node.lineno <= line <= node.end_lineno:
            body = getattr(node, "body", None)
            end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno
            if line <= end:
                spans.append(range(node.lineno, end + 1))
    return min(spans, key=len, default=range(line, line + 1))
