"""A network that has learned to read digits, once for all tests."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from gradcheck._cli import main
from gradcheck._explain import example as examples


@pytest.fixture(scope="module")
def example():
    """The story of a 2."""
    return examples.learned(digit=2, seed=0)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder; return code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def command(*argv):
        try:
            code = main.main(["explain", *argv])
        except SystemExit as stop:
            code = stop.code
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err, folder=tmp_path)

    return command


@pytest.fixture
def without_matplotlib(monkeypatch):
    """As if it were not installed."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
