"""What becomes of the answers when one constant or one rule is changed? One fresh process for each change, or a cache.

A case that reads no changed constant, and calls no changed rule, need not be asked: its answer is the same. The kept
records are asked last: they notice most of what is changed, and do not say whether it was for the better.
"""

from __future__ import annotations

import ast
import hashlib
import json
import math
import subprocess
import sys
import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks.ablation.constants import Constant, constants, is_number
from benchmarks.ablation.corpus import Answers, keys, named
from benchmarks.ablation.notes import outcomes
from benchmarks.ablation.records import RECORD, RECORDED
from benchmarks.ablation.rules import opinions, rules
from benchmarks.ablation.sources import PARTS, ROOMS, ROOT

CACHE = ROOT / ".ablation"
ENOUGH = 3  # failures of a change, after which no more are looked for
# Cases of up to so many evaluations are asked, one in so many of the dearer ones, and so many for each change at most.
SIZES = {
    "full": (math.inf, 1, sys.maxsize),
    "core": (1000, 6, sys.maxsize),
    "spread": (1000, 12, 24),
    "sample": (500, 24, sys.maxsize),
    "quick": (math.inf, 1, sys.maxsize),
}
FACTORS = {"halved": 0.5, "doubled": 2.0}
FAR = {"a thousandth": 2.0**-10, "a thousand times": 2.0**10}  # of what may be halved and doubled without harm
TESTED = tuple(f"tests/{room.removeprefix('_')}" for room in (*ROOMS, *PARTS))
TESTS = dict.fromkeys(("tests/traps", *RECORDED, *TESTED))
READ = ("gradcheck", "networks", *TESTS)  # by whose code the cache is good, and by that of these files
ASKING = (
    "calibration",
    "ablation/corpus",
    "ablation/edited",
    "ablation/records",
    "ablation/sources",
    "ablation/worker",
)


@dataclass(frozen=True)
class Alteration:
    """One change in one module."""

    place: str  # what is changed: a constant, a rule, an opinion
    how: str  # in a word
    edit: dict[str, Any]
    kind: str  # "constant", "rule" or "opinion"
    text: str = ""  # what the constant is, and its unit and reason
    spared: str = ""  # what a rule comes to by itself where the change makes no difference


@dataclass(frozen=True)
class AblationRow:
    """What one change does."""

    change: Alteration
    relevant: int  # cases that it could change
    asked: int  # of which so many were asked
    same: int  # and so many gave the same answer to the last bit
    failures: tuple[str, ...]
    evaluations: float  # times those without the change
    uncertainty: float  # likewise
    seconds: float = 0.0


def changes(only: str = "") -> list[Alteration]:
    """Return every change whose place matches a pattern."""
    found = [change for c in constants() for change in _scaled(c, FACTORS)]
    left_out = [
        Alteration(
            o.place, "left out", {"module": o.module, "name": o.tuple_name, "index": o.index}, "opinion", spared="None"
        )
        for o in opinions()
    ]
    found += [
        Alteration(r.place, r.off, {"module": r.module, "function": r.function, "body": r.body}, "rule", "", r.spared)
        for r in rules()
        if r.place not in {opinion.place for opinion in left_out}
    ]
    found += left_out
    return [change for change in found if not only or fnmatchcase(change.place, f"*{only}*")]


def _scaled(constant: Constant, factors: Mapping[str, float]) -> list[Alteration]:
    """Return a constant, many times larger or smaller."""
    values = {how: constant.times(by) for how, by in factors.items()}
    text = f"{constant.text}: {constant.comment}"
    return [
        Alteration(constant.place, how, _valued(constant.module, constant.name, value), "constant", text)
        for how, value in values.items()
        if value != constant.value and is_number(value)
    ]


def further(rows: Iterable[AblationRow], tested: Collection[str]) -> list[Alteration]:
    """Return larger changes of those constants that may be halved and doubled without harm, by the tests too."""
    harmless: dict[str, bool] = {}
    for row in rows:
        if row.change.kind == "constant":
            place = row.change.place
            harmless[place] = harmless.get(place, True) and bool(row.relevant) and not row.failures
    return [
        change for c in constants() if harmless.get(c.place) and c.place not in tested for change in _scaled(c, FAR)
    ]


def _valued(module: str, name: str, value: object) -> dict[str, Any]:
    return {"module": module, "name": name, "value": repr(value)}


def what_is_noted() -> dict[str, list[tuple[str, str]]]:
    """Return of which constants every read is noted, and of which rules every call."""
    return {
        "constants": [(c.module, c.name) for c in constants()],
        "rules": [(r.module, r.function) for r in rules()],
    }


def baseline(size: str, processes: int = 1) -> dict[str, Answers]:
    """Return what some cases show without any change, and what they read; those alone that show it twice.

    One that reads a clock would seem to be changed by anything.
    """
    cases = keys(quick=size == "quick")
    stored = CACHE / f"{key_of('baseline', size, what_is_noted(), cases)}.json"
    if not stored.exists():
        found = chosen(_unchanged(cases, processes), size)
        again = _unchanged([*found], processes)
        same = [asdict(one) for key, one in found.items() if one.same(again[key])]
        store(stored, [{**line, "seen": sorted(line["seen"])} for line in same])
    return {line["key"]: _found(line) for line in json.loads(stored.read_text(encoding="utf-8"))}


def _unchanged(cases: list[str], processes: int) -> dict[str, Answers]:
    """Return what cases show without any change, some of them in each process."""
    parts = [{**what_is_noted(), "cases": cases[n::processes]} for n in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        found = pool.map(lambda part: [*_asked(part, len(part["cases"]))], parts)
        return {line["key"]: _found(line) for lines in found for line in lines}


def _found(line: Mapping[str, Any]) -> Answers:
    return Answers(**{**line, "seen": frozenset(line.get("seen", ()))})


def _asked(question: Mapping[str, Any], count: int) -> Iterable[dict[str, Any]]:
    """Put a question to a fresh process, and yield its answers."""
    command = [sys.executable, "-m", "benchmarks.ablation.worker"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  our own module
        assert process.stdin is not None  # noqa: S101  it is a pipe, by the line above
        assert process.stdout is not None  # noqa: S101  likewise
        json.dump(question, process.stdin)
        process.stdin.close()
        quiet = "edit" in question
        for line in tqdm(process.stdout, "as it is", count, leave=False, disable=True if quiet else None):
            yield json.loads(line)
    if process.returncode:
        yield {"key": "the process", "fault": f"ends with {process.returncode}"}


def row(change: Alteration, before: Mapping[str, Answers], most: int = sys.maxsize) -> AblationRow:
    """Return what one change does to so many of the cases that it concerns, asked now or before."""
    concerned = [key for key, found in before.items() if concerns(change, found.seen)]
    relevant, (others, kept) = len(concerned), _parted(concerned)
    own = [key for key in others if key in named()] if change.kind == "opinion" else []
    concerned = [*dict.fromkeys([*own, *spread(others, most), *kept])]  # records are cheap
    stored = CACHE / f"{key_of(change.edit, concerned, [before[k].print for k in concerned])}.json"
    if stored.exists():
        known = json.loads(stored.read_text(encoding="utf-8"))
        return AblationRow(change, **{**known, "failures": tuple(known["failures"])})
    question = {
        "edit": change.edit,
        "cases": concerned,
        "before": {key: {**asdict(before[key]), "seen": ()} for key in concerned},
        "limit": ENOUGH,
    }
    found = [_found(line) for line in _asked(question, len(concerned))] if concerned else []
    result = _compared(change, relevant, found, before)
    store(stored, {k: v for k, v in asdict(result).items() if k != "change"})
    return result


def concerns(change: Alteration, seen: Collection[str]) -> bool:
    """Whether a change can make a difference: the constant was read, or the rule came to something else."""
    if change.place not in seen or not change.spared:
        return change.place in seen
    return outcomes(change.place, seen) != {change.spared}


def _parted(cases: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the other cases, and the kept records."""
    parts: tuple[list[str], list[str]] = ([], [])
    for key in cases:
        parts[key.startswith(RECORD)].append(key)
    return parts


def spread(cases: list[str], most: int) -> list[str]:
    """Return so many of some cases, from the cheapest to the dearest."""
    return cases if len(cases) <= most else [cases[n * len(cases) // most] for n in range(most)]


def chosen(found: Mapping[str, Answers], size: str) -> dict[str, Answers]:
    """Return a part of the cases, the cheapest first: all cheap ones, those of opinions, and some of the dearer."""
    most, every, _ = SIZES[size]
    order = sorted(found.values(), key=lambda one: (one.evaluations, one.key))
    dear = [one.key for one in order if one.evaluations > most]
    left_out = {*dear} - {*dear[::every], *named()}
    return {one.key: one for one in order if one.key not in left_out}


def _compared(change: Alteration, relevant: int, found: list[Answers], before: Mapping[str, Answers]) -> AblationRow:
    known = [f for f in found if f.key in before]
    failures = [text for f in known for text in f.complaints(before[f.key])]
    failures += [f"{f.key}: {f.fault}" for f in found if f.key not in before]
    whole = [f for f in known if f.evaluations]  # the others raised
    spent = sum(f.evaluations for f in whole), sum(before[f.key].evaluations for f in whole)
    shifts = [f.known - before[f.key].known for f in whole]
    shifts = sorted(shift for shift in shifts if math.isfinite(shift))
    return AblationRow(
        change,
        relevant,
        asked=len(found),
        same=sum(f.same(before[f.key]) for f in known),
        failures=tuple(failures),
        evaluations=spent[0] / spent[1] if spent[1] else 1.0,
        uncertainty=math.exp(sum(shifts) / len(shifts)) if shifts else 1.0,
        seconds=sum(f.seconds for f in found),
    )


def ask_all(
    wanted: list[Alteration],
    before: Mapping[str, Answers],
    most: int = sys.maxsize,
    processes: int = 1,
    until: float = math.inf,
) -> list[AblationRow]:
    """Make every change in turn, until a time; return what each does to so many of the cases that it concerns."""
    with ThreadPoolExecutor(processes) as pool:
        found = pool.map(lambda change: row(change, before, most) if time.monotonic() < until else None, wanted)
        return [one for one in tqdm(found, "changes", len(wanted), disable=None) if one]


def key_of(*parts: object) -> str:
    """Return a name for an answer: of the question, and of all code that the answer could depend on."""
    return hashlib.sha256("\n".join([_code(), *map(str, parts)]).encode()).hexdigest()[:24]


@cache
def _code() -> str:
    """Return a fingerprint of the code of the checker and of the cases; comments do not count."""
    files = [path for folder in READ for path in sorted((ROOT / folder).rglob("*.py"))]
    files += [ROOT / "benchmarks" / f"{name}.py" for name in ASKING]
    seen = hashlib.sha256()
    for path in files:
        seen.update(ast.dump(ast.parse(path.read_bytes())).encode())
    return seen.hexdigest()


def store(path: Path, what: object) -> None:
    """Write an answer, so that it is there entirely or not at all."""
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(what), encoding="utf-8")
    part.replace(path)
