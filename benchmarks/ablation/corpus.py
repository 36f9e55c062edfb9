"""What is asked of the numerics after each change? Hard cases, planted faults, random right gradients, kept records.

What is found is kept as plain numbers and words, so that a change can be held against what was found without it.
"""

from __future__ import annotations

import hashlib
import math
import signal
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from typing import Any

import numpy as np

from benchmarks.ablation.records import RECORD, records

DRAWN = 3  # random networks of each row of the calibration
MORE_UNDECIDED = 0.005  # of the entries of a network, from which more of them are a loss
PATIENCE = 20.0  # times as long as without a change, after which a case is given up
FEWEST = 10.0  # seconds that it has in any case


@dataclass(frozen=True)
class Answers:
    """What one case showed."""

    key: str
    fault: str = ""  # what is wrong with the answer, by the case's own expectation
    verdict: str = ""
    cause: str = ""  # the first sentence of the diagnosis
    entries: int = 0
    accused: int = 0
    undecided: int = 0
    over: int = 0  # entries whose true error exceeds the stated uncertainty
    known: float = math.nan  # mean of the natural logarithms of the uncertainties
    planted: str = ""  # of an error in one entry: "found", "missed", or "hidden" by the stated uncertainty
    evaluations: int = 0
    print: str = ""  # of all that was found, to the last bit
    seconds: float = 0.0
    seen: Collection[str] = ()  # what of the numerics was read

    def complaints(self, before: Answers) -> list[str]:
        """Return what is worse than before."""
        if self.fault:
            return [] if before.fault else [f"{self.key}: {self.fault}"]
        worse = []
        if self.key.startswith(CLEAN) and self.verdict != before.verdict:
            worse.append(f"{self.verdict} instead of {before.verdict}")
        if self.key.startswith(FAULT) and self.cause != before.cause:
            worse.append("another cause is named" if self.cause else "no cause is named")
        if self.key.startswith((CLEAN, DRAW)):
            worse += self._figures(before)
        return [f"{self.key}: {text}" for text in worse]

    def same(self, other: Answers) -> bool:
        """Return whether two answers are the same to the last bit, at the same cost."""
        return self.print == other.print and self.evaluations == other.evaluations and self.fault == other.fault

    def _figures(self, before: Answers) -> Iterator[str]:
        if self.accused > before.accused:
            yield f"{self.accused} of {self.entries} accused"
        if self.over > before.over:
            yield f"{self.over} of {self.entries} overconfident"
        if self.undecided > before.undecided + MORE_UNDECIDED * self.entries:
            yield f"{self.undecided} of {self.entries} undecided"
        if self.planted != before.planted and before.planted == "found":
            yield f"the planted error is {self.planted}"


CLEAN, FAULT, TRAP, DRAW = "clean ", "fault ", "trap ", "calibration "


class TooLongError(BaseException):
    """A case takes far longer than it did: no Exception, since these are caught where a user's function may raise."""


def keys(*, quick: bool) -> list[str]:
    """Return the names of the cases: of all of them, or of a few, those that the second opinions exist for included."""
    every = (12, 40, DRAWN * 14, 40) if quick else (1, 1, 1, 1)
    kinds = (_traps(), _planted(), _drawn(), records())
    found = [key for kind, step in zip(kinds, every, strict=True) for key in list(kind)[::step]]
    return [*dict.fromkeys([*found, *named()])]


def named() -> list[str]:
    """Return the hard cases that the second opinions exist for."""
    from gradcheck._entries.second_opinions.opinions import OPINIONS

    return [f"{TRAP}{opinion.trap}" for opinion in OPINIONS]


def ask(key: str, before: Answers | None = None) -> Answers:
    """Put one case to the checker."""
    start = time.perf_counter()
    patience = max(FEWEST, PATIENCE * before.seconds) if before else 0.0
    try:
        np.random.seed(0)  # noqa: NPY002  one of the traps draws from it
        with warnings.catch_warnings(), np.errstate(all="ignore"), _at_most(patience):
            warnings.simplefilter("ignore")
            facts = _cases(next(kind for kind in KINDS if key.startswith(kind)))[key]()
    except (Exception, TooLongError) as error:  # noqa: BLE001  a change may break anything
        facts = {"fault": f"raises {type(error).__name__}" if isinstance(error, Exception) else "takes too long"}
    return Answers(key, **facts, seconds=time.perf_counter() - start)


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Give up after some seconds, where the system can."""
    if not seconds or not hasattr(signal, "setitimer"):
        yield
        return

    def give_up(_: int, __: object) -> None:
        raise TooLongError

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@cache
def _cases(kind: str) -> Mapping[str, Callable[[], dict[str, Any]]]:
    return KINDS[kind]()


def _traps() -> dict[str, Callable[[], dict[str, Any]]]:
    from benchmarks.traps import traps

    return {f"{TRAP}{trap.id}": partial(_trap, trap) for trap in traps()}


def _trap(trap: Any) -> dict[str, Any]:  # noqa: ANN401
    from gradcheck import check_gradients

    report = check_gradients(trap.f, *trap.args, **trap.keywords)
    named = {entry.name for entry in report.wrong}
    fault = "" if report.verdict in trap.verdicts else f"{report.verdict}"
    if not fault and trap.named and named != set(trap.named):
        fault = f"names {', '.join(sorted(named)[:3]) or 'none'}"
    return {**_facts(report), "fault": fault}


def _planted() -> dict[str, Callable[[], dict[str, Any]]]:
    from gradcheck.networks import FAULTS, SPECIMENS

    clean = {f"{CLEAN}{kind.__name__}": partial(_specimen, kind) for kind in SPECIMENS}
    return clean | {f"{FAULT}{fault.name}": partial(_specimen, fault.kind, fault.apply) for fault in FAULTS.values()}


def _specimen(kind: type, plant: Callable[[Any], Any] | None = None) -> dict[str, Any]:
    from gradcheck import Verdict, check_gradients
    from gradcheck.networks import SPECIMENS

    network, *inputs = SPECIMENS[kind]()
    report = check_gradients(plant(network) if plant else network, *inputs)
    accuses = report.verdict in {Verdict.WRONG, Verdict.BROKEN}
    fault = "" if accuses is bool(plant) else f"{report.verdict}"
    return {**_facts(report), "fault": fault}


def _drawn() -> dict[str, Callable[[], dict[str, Any]]]:
    from benchmarks import calibration

    return {
        f"{DRAW}{row}, {n}": partial(_network, row, n) for row, *_ in calibration.rows(DRAWN, 0) for n in range(DRAWN)
    }


def _network(row: str, number: int) -> dict[str, Any]:
    from benchmarks import calibration
    from gradcheck import check_gradients

    _, sought, precision, cases = next(one for one in calibration.rows(DRAWN, 0) if one[0] == row)
    case = next(islice(cases, number, None))
    report = check_gradients(case.oracle(), precision=precision)
    tally = calibration.Counts()
    tally.add(report, case.gradient({k: a.astype(np.float64) for k, a in case.point.items()}))
    planted = ""
    if sought:
        name, flat = calibration.plant(case, report, np.random.default_rng(number))
        visible = calibration.visible(report.tensors[name], flat)
        planted = ("found" if calibration.found(case, name, flat) else "missed") if visible else "hidden"
    return {**_facts(report), "over": tally.over, "planted": planted}


def _facts(report: Any) -> dict[str, Any]:  # noqa: ANN401
    from gradcheck import Verdict

    counts = report.counts
    return {
        "verdict": str(report.verdict),
        "cause": report.diagnosis[0] if report.diagnosis else "",
        "entries": report.checked,
        "accused": counts[Verdict.WRONG] + counts[Verdict.BROKEN],
        "undecided": counts[Verdict.UNDECIDED],
        "known": _known(report),
        "evaluations": report.evaluations,
        "print": _print(report),
    }


def _known(report: Any) -> float:  # noqa: ANN401
    """Return the mean logarithm of the uncertainties that are numbers above zero."""
    every = [tensor.uncertainties for tensor in report.tensors.values()]
    known = np.concatenate(every) if every else np.zeros(0)
    known = known[np.isfinite(known) & (known > 0)]
    return float(np.log(known).mean()) if len(known) else math.nan


def _print(report: Any) -> str:  # noqa: ANN401
    """Return a fingerprint of all columns, and of all that is said."""
    seen = hashlib.sha256()
    for name, tensor in sorted(report.tensors.items()):
        columns = ("flat", "claims", "estimates", "uncertainties", "lefts", "rights", "codes")
        seen.update(name.encode())
        for column in columns:
            seen.update(np.ascontiguousarray(getattr(tensor, column)).tobytes())
    problems = [problem.sentence for problem in report.problems]
    said = [str(report.verdict), *report.diagnosis, *report.power, *report.notes, *problems]
    seen.update("\n".join(said).encode())
    return seen.hexdigest()[:16]


KINDS = {TRAP: _traps, CLEAN: _planted, FAULT: _planted, DRAW: _drawn, RECORD: records}  # by how their keys begin
