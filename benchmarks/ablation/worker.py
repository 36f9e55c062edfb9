"""What do the cases show after one change? Asked in a fresh process: `python -m benchmarks.ablation.worker`.

It reads a question as JSON, and writes a line of JSON for each case.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from importlib import import_module
from typing import Any

from benchmarks.ablation import notes, sources


def changed(edit: Mapping[str, Any], tree: ast.Module) -> ast.Module:
    """Return a module with a change: another value, another body, or an opinion less."""
    if "body" in edit:
        dict(sources.functions(tree))[edit["function"]].body = ast.parse(edit["body"]).body
        return tree
    name = edit["name"]
    after = edit["value"] if "value" in edit else f"{name}[:{edit['index']}] + {name}[{edit['index'] + 1}:]"
    place = next(n for n, node in enumerate(tree.body) if _gives(node, name))
    tree.body[place + 1 : place + 1] = ast.parse(f"{name} = {after}").body
    return tree


def _gives(node: ast.stmt, name: str) -> bool:
    targets, _ = sources.given(node)
    return any(isinstance(n, ast.Name) and n.id == name for target in targets for n in ast.walk(target))


def main() -> None:
    """Answer the question on stdin: an edit, or what is to be noted; the cases; what was found before; a limit."""
    question = json.load(sys.stdin)
    seen: set[str] = set()
    edit = question.get("edit")
    if edit:
        sources.install({edit["module"]: partial(changed, edit)})
    else:
        constants, rules = ([(module, name) for module, name in question[what]] for what in ("constants", "rules"))
        sources.install(notes.noting(seen, constants, rules))
    try:
        for source in sources.numerics():
            import_module(source.module)
    except Exception as error:  # noqa: BLE001  a change may break anything
        print(json.dumps({"key": "import", "fault": f"raises {type(error).__name__}"}))
        return
    _ask(question, seen)


def _ask(question: Mapping[str, Any], seen: set[str]) -> None:
    from benchmarks.ablation.corpus import Answers, ask

    at_import = frozenset(seen)
    failures = 0
    for key in question["cases"]:
        seen.clear()
        before = question.get("before", {}).get(key)
        known = Answers(**before) if before else None
        found = ask(key, known)
        print(json.dumps(asdict(replace(found, seen=tuple(sorted(seen | at_import))))), flush=True)
        failures += bool(known and found.complaints(known))
        if failures >= question.get("limit", len(question["cases"]) + 1):
            break


if __name__ == "__main__":
    main()
