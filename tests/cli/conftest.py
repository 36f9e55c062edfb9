"""The command, run in a folder with some models of a user."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from users import CUBES

from gradcheck._cli.main import main

MODELS = (
    CUBES
    + """

def flat(x):
    return 1.0


def nothing(x):
    return np.zeros(3)


def raises(x):
    raise ZeroDivisionError("of mine")


def restless(x, calls=[0]):
    calls[0] += 1
    return float(calls[0] + x.sum())


def half_idle(p):
    return float(p["a"] @ p["a"])


wrong = cube, X, {"grad": twice}
fine = [cube, X, {"grad": right, "seed": 3}]
untested = flat, X, {"grad": nothing}
idle = half_idle, {"a": X, "b": X}, {"grad": lambda p: {"a": 2 * p["a"], "b": 0 * p["b"]}}
broken = raises, X, {"grad": right}
unsteady = restless, X, {"grad": right}
misspelt = cube, X, {"gard": right}
incomplete = cube, X
spelled_out = {"model": cube, "args": (X,), "grad": right}
no_model = {"args": (X,)}
not_a_model = 3
named = {"first": wrong, "second": fine}
listed = [fine, spelled_out]
empty = []


class Holder:
    recipe = staticmethod(lambda: fine)


def recipe():
    return wrong


def hungry(x):
    return wrong


def failing():
    return {}["absent"]


def leaving():
    raise SystemExit(0)


def chatty():
    print("of mine")
    return fine


def cases():
    yield fine
    yield "named", wrong
    yield no_model
    yield misspelt
    yield broken
    yield spelled_out


def _nothing():
    pass


def halting():
    yield fine
    raise KeyError("halfway")


def stopped():
    yield wrong
    yield "last", fine
    raise KeyboardInterrupt


class Net:
    def __init__(self, factor):
        self.params, self.factor = {"w": X.copy()}, factor

    def loss(self, p):
        w = self.params["w"]
        return float((w**2 * p["a"]).sum()), {"w": self.factor * w * p["a"]}


net = Net(2), {"a": X}  # a dict that is data, not keywords
"""
)
NAMES = ("models", "faulty", "unreadable", "leaving", "package", "package.inner")


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in a folder with some models; return code, stdout and stderr."""
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "faulty.py").write_text("import numpy\nimport absent_module\n")
    (tmp_path / "unreadable.py").write_text("x = = 1\n")
    (tmp_path / "leaving.py").write_text("import sys\nsys.exit(0)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for variable in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    for name in NAMES:
        monkeypatch.delitem(sys.modules, name, raising=False)

    def command(*argv):
        try:
            code = main(argv)
        except SystemExit as stop:
            code = stop.code
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    yield command
    for name in NAMES:
        sys.modules.pop(name, None)
