"""What did a fuzz find out? Plain data: the networks by family and by layer, the failures with their code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from gradcheck import Verdict
from gradcheck._fuzz.search import MISSED
from gradcheck.replay import command

if TYPE_CHECKING:
    from gradcheck._fuzz.search import CheckedNetwork, Fuzz


SCHEMA = 1


def told(fuzz: Fuzz) -> dict[str, Any]:
    """Return what was found, in what JSON can hold."""
    families = sorted({row.family for row in fuzz.rows})
    return {
        "schema": SCHEMA,
        "verdict": verdict(fuzz),
        "seed": fuzz.seed,
        "examples": fuzz.examples,
        "keywords": dict(fuzz.keywords),
        "layers": fuzz.layers,
        "faulty": fuzz.faulty,
        "families": [_group(name, [row for row in fuzz.rows if row.family == name]) for name in families],
        "all": _group("all", fuzz.rows),
        "kinds": _kinds(fuzz.rows),
        "depths": {str(depth): n for depth, n in sorted(Counter(len(row.kinds) for row in fuzz.rows).items())},
        "faults": _counted(row.fault for row in fuzz.rows if row.fault),
        "failures": _failures(fuzz),
    }


def verdict(fuzz: Fuzz) -> str:
    """Return the worst that was found, in a word: WRONG or MISSED, BROKEN, or CORRECT."""
    failures = {failure.failure for failure in fuzz.failures}
    for word in (str(Verdict.WRONG), MISSED):
        if word in failures:
            return word
    return str(Verdict.BROKEN if failures else Verdict.CORRECT)


def _group(name: str, rows: Sequence[CheckedNetwork]) -> dict[str, Any]:
    counts: Counter[Verdict] = sum((row.counts for row in rows), Counter())
    return {
        "family": name,
        "networks": len(rows),
        "entries": counts.total(),
        "verdicts": {str(v): counts[v] for v in Verdict},
        "worst": max((row.worst for row in rows), default=0.0),
    }


def _kinds(rows: Sequence[CheckedNetwork]) -> list[dict[str, Any]]:
    """Return how often each kind of layer was drawn, and in how many networks."""
    layers = _counted(chain.from_iterable(row.kinds for row in rows))
    networks = Counter(chain.from_iterable(set(row.kinds) for row in rows))
    return [{"kind": kind, "layers": n, "networks": networks[kind]} for kind, n in layers.items()]


def _counted(words: Iterable[str]) -> dict[str, int]:
    """Return how often each word occurs, the most frequent first, those of one frequency by name."""
    return dict(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))


def _failures(fuzz: Fuzz) -> list[dict[str, Any]]:
    from gradcheck._render.faces import render  # noqa: PLC0415  a picture, needed only for what failed

    return [
        {
            "failure": failure.failure,
            "sentence": failure.sentence,
            "case": failure.example.told(),
            "code": command(failure.example, fuzz.keywords),
            "report": None if failure.report is None else json.loads(render(failure.report, "json")),
        }
        for failure in fuzz.failures
    ]
