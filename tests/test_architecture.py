"""Which module may import which? The arrows of the house, held against its imports.

One row for each room; a star marks an import that is allowed only inside a function (or for types).
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ARROWS = {
    # results and judgement
    "_report": "render*",
    "_verdict": "_report",
    "_case": "_report",
    "_arranged": "_case",
    "_backward": "_case",
    "_factors": "_case",
    "_slopes": "_case",
    "_terms": "_case",
    "_hidden": "_case _slopes",
    "_means": "_case",
    "_products": "_case _slopes",
    "_heard": "_case",
    "_otherwise": "_case _tree",
    "_uses": "_case _tree",
    "_lab": "_case _tree _oracle _parts _subject",
    "_patterns": "_case _arranged _backward _factors _heard _hidden _means _otherwise _products _slopes _terms _uses",
    "_diagnose": "_report _case _patterns",
    "_power": "_report _case",
    "_remarks": "_report _case _diagnose _lab _power _neighbours _oracle _subject _parts _tree",
    "_run": "_report render*",
    "render": "_report _run",
    # numerics: functions of arrays
    "_differences": "_report",
    "_kinks": "_report _differences",
    "_jumps": "_report _differences",
    "_fits": "_differences",
    # frameworks, by way of the oracle
    "_tree": "",
    "_held": "",
    "_state": "_held",
    "_restore": "_held _tree",
    "_oracle": "_report _state _numpy* _torch* _jax*",
    "_seen": "_held _tree",
    "_cotangent": "_report _tree _state _oracle",
    "_parts": "_report _tree _oracle",
    "_layers": "_report _tree _oracle _seen _cotangent _parts",
    "_numpy": "_report _tree _restore _oracle _seen _cotangent _layers",
    "_torch": "_report _tree _held _restore _state _oracle _point _seen _cotangent _parts _numpy _torch",
    "_jax": "_report _tree _held _restore _oracle _seen _cotangent _layers _numpy _jax",
    # a subject, and its entries: numerics on its lines
    "_point": "_report _tree _oracle",
    "_subject": "_report _tree _state _oracle _point",
    "_columns": "_report",
    "_bench": "_report _verdict _columns _differences _kinks _jumps _fits _point _subject",
    "_entries": "_report _differences _fits _bench",
    "_screen": "_report _differences _kinks _bench _entries",
    "_neighbours": "_report _verdict _columns _bench _screen _oracle _subject",
    "_protocol": "_report _oracle _subject",
    "_outputs": "_report _kinks _oracle _point _subject",
    "_forward": "_report _kinks _oracle _subject",
    "_precision": "_report _oracle _point _subject",
    # the recipe, and the edges
    "_options": "_report _verdict",
    "_workers": "_report _oracle _precision _subject",
    "_check": "gradcheck _report _verdict _options _columns _remarks _workers render* "
    "_bench _entries _screen _neighbours _tree _state _oracle _point _subject _precision _protocol _outputs _forward",
    "gradcheck": "_check* _oracle* _report* _run* _fuzz_gradients*",
    "cli": "gradcheck* _check* _report* _run* render* demo* explain* fuzz* replay* compare*",
    "demo": "gradcheck _report render networks",
    "explain": "gradcheck _report render networks",
    "__main__": "cli",
    "strategies": "gradcheck networks",
    "_search": "_report",
    "_fuzz_gradients": "gradcheck _search",
    "fuzz": "gradcheck _search strategies render replay",
    "compare": "_report _run render",
    "_told": "_tree",
    "_cases": "_report _told",
    "replay": "strategies _cases _told",
    "compat": "_check _cotangent _options _oracle _report _seen _torch _tree _verdict render compat",
    "_pytest": "gradcheck _cases _check _report _run render _gradcheck_pytest",
    "plugin": "_pytest*",
    "networks": "networks",
    "stand-in": "networks",
    "benchmarks": "benchmarks gradcheck _check _report networks compat*",
}

OUTSIDE = {
    "_torch": "numpy torch",
    "_jax": "numpy jax",
    "compat": "numpy torch jax",
    "render": "numpy tabulate jinja2 markupsafe",
    "explain": "numpy matplotlib*",
    "strategies": "numpy hypothesis",
    "_search": "hypothesis",
    "_fuzz_gradients": "hypothesis",
    "fuzz": "hypothesis tqdm",
    "replay": "numpy",
    "_pytest": "pytest",
    "plugin": "pytest",
    "networks": "numpy tqdm*",
    "_check": "numpy tqdm*",
    "_workers": "numpy joblib* threadpoolctl*",
    "cli": "tqdm* argcomplete*",
    "__main__": "",
    "gradcheck": "",
    "benchmarks": "numpy torch* jax* autograd* scipy* numdifftools* threadpoolctl* matplotlib* tabulate tqdm",
}
OUTSIDE_OF_THE_OTHERS = "numpy"


def room(path: Path) -> str:
    """Return the room that a file belongs to: its module, or the package it is part of."""
    top, *rest = path.relative_to(ROOT).with_suffix("").parts
    if top != "gradcheck":
        return "plugin" if top == "_gradcheck_pytest" else top
    names = {"__init__": "gradcheck", "networks": "stand-in"}
    return names.get(rest[0], rest[0])


def imports(path: Path) -> set[str]:
    """Return what a file imports, with a star for an import inside a function or for types."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {
        id(below)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        for below in ast.walk(node)
    }
    return {
        target + "*" * (id(node) in late)
        for node in ast.walk(tree)
        for name in _names(node, path)
        if (target := _room_of_import(name)) not in {room(path), "standard library"}
    }


def _names(node: ast.AST, path: Path) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
        return [".".join(filter(None, [*package, node.module, a.name])) for a in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        return [a.value for a in node.args[:1] if isinstance(a, ast.Constant)]
    return []


def _room_of_import(name: str) -> str:
    top, *rest = name.split(".")
    if top in sys.stdlib_module_names:
        return "standard library"
    if top == "gradcheck" and rest:
        file = ROOT / "gradcheck" / rest[0]
        if file.is_dir() or file.with_suffix(".py").exists() or re.match("_[a-z]", rest[0]):
            return rest[0]
    return top


FILES = sorted(
    path
    for place in ("gradcheck", "networks", "benchmarks", "_gradcheck_pytest.py")
    for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
)


@pytest.mark.parametrize("path", FILES, ids=[str(f.relative_to(ROOT)) for f in FILES])
def test_every_import_follows_an_arrow(path):
    """Judgement knows only results, numerics only arrays, frameworks only the oracle."""
    own = room(path)
    assert own in ARROWS, f"{own}: give it a row in the table"
    allowed = set(f"{ARROWS[own]} {OUTSIDE.get(own, OUTSIDE_OF_THE_OTHERS)}".split())
    allowed |= {name + "*" for name in allowed}
    assert imports(path) - allowed == set()


def test_an_import_inside_a_function_is_told_from_one_at_the_top(tmp_path, monkeypatch):
    """The walk sees every import, and stars those that are made late."""
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    file = tmp_path / "gradcheck" / "_check.py"
    file.parent.mkdir()
    file.with_name("_report.py").touch()
    file.write_text(
        "import json, numpy.linalg\n"
        "from gradcheck import __version__, _report\n"
        "from .. import networks\n"
        "def f():\n"
        "    from gradcheck._report import Report\n"
        "    import_module('torch.nn')\n",
    )
    expected = {"numpy", "gradcheck", "_report", "networks", "_report*", "torch*"}
    assert imports(file) == expected
