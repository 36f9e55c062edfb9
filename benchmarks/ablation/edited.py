"""How do tests see the package with one thing changed, and which of them read what? A plugin, loaded before it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from functools import partial
from pathlib import Path

import pytest

from benchmarks.ablation import notes, sources, worker

EDIT = "ABLATION_EDIT"  # the environment variable that tells what is changed
ASK = "ABLATION_ASK"  # that which tells the file that names the tests to be run, in their order
NOTE = "ABLATION_NOTE"  # and that which tells what is to be noted, and in which file


class Noting:
    """Writes a line of JSON for each test that passes: how long it takes, and what of the numerics it reads."""

    def __init__(self, seen: set[str], file: Path) -> None:
        """Know where reads are noted, and where they are to be written."""
        self.seen, self.file = seen, file
        self.at_import: frozenset[str] | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Note one test."""
        if self.at_import is None:
            self.at_import = frozenset(self.seen)
        self.seen.clear()
        failed, start = item.session.testsfailed, time.process_time()
        done = yield
        if item.session.testsfailed == failed:
            line = {"test": item.nodeid, "seconds": time.process_time() - start}
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**line, "seen": sorted(self.seen | self.at_import)}) + "\n")
        return done


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that are asked; one may be called otherwise, after a number that is changed."""
    if ASK in os.environ:
        order = {name: n for n, name in enumerate(json.loads(Path(os.environ[ASK]).read_text(encoding="utf-8")))}
        items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])


def pytest_configure(config: pytest.Config) -> None:
    """Note what is read, if that is wanted."""
    if NOTE in os.environ:
        config.pluginmanager.register(Noting(_seen, Path(_wanted["file"])))


_seen: set[str] = set()
if EDIT in os.environ:
    _edit = json.loads(os.environ[EDIT])
    sources.install({_edit["module"]: partial(worker.changed, _edit)})
if NOTE in os.environ:
    _wanted = json.loads(os.environ[NOTE])
    sources.install(notes.noting(_seen, map(tuple, _wanted["constants"]), map(tuple, _wanted["rules"])))
