"""Which networks fail? Random ones are checked one after the other; what fails is made as small as it can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import strategies as st
from tqdm.auto import tqdm

from gradcheck import Report, Verdict, check_gradients
from gradcheck._fuzz.shrink import TRIES, Finding, smallest
from gradcheck.strategies import Case, faults_in, layers_and_inputs, networks_and_inputs
from gradcheck.strategies.architectures import FAMILIES
from gradcheck.strategies.faults import SEEN, effect
from gradcheck.strategies.kinds import every
from gradcheck.strategies.simpler import simplest

SHRUNK = 5  # failures that are made smaller; of more than these, as they were found
MISSED = "MISSED"


class CheckedNetwork(NamedTuple):
    """What is kept of a network that was checked."""

    family: str
    kinds: tuple[str, ...]  # of its layers, those within others counted too
    counts: Counter[Verdict]  # entries by verdict
    worst: float  # the largest multiple of its uncertainty by which a claim and a measured slope differ
    # what became of a planted one: "found", "missed", "changes nothing", "raises", "crashed", "none fits"
    fault: str = ""


@dataclass
class Fuzz:
    """A run, and what it has found so far."""

    examples: int
    seed: int = 0
    faulty: bool = False
    layers: bool = False  # single layers, those of several inputs too, in the place of networks
    keywords: dict[str, Any] = field(default_factory=dict)  # of the check
    rows: list[CheckedNetwork] = field(default_factory=list)
    failures: list[Finding[Case]] = field(default_factory=list)  # each once
    failed: int = 0

    def run(self, *, quiet: bool = True) -> None:
        """Check networks until there were as many as wanted; may be interrupted, and keeps what it has."""
        sorts = [layers_and_inputs()] if self.layers else [networks_and_inputs(families=[f]) for f in FAMILIES]
        with tqdm(total=self.examples, unit="network", disable=quiet or None, leave=False) as bar:
            for k, cases in enumerate(sorts):
                share = self.examples * (k + 1) // len(sorts) - self.examples * k // len(sorts)
                self._search(faults_in(cases) if self.faulty else cases, share, bar.update)

    def _search(self, cases: st.SearchStrategy[Case], examples: int, tick: Callable[[], object]) -> None:
        """Check so many of these; after each failure go on with others."""
        wanted = len(self.rows) + examples

        def seen(finding: Finding[Case]) -> None:
            self.rows.append(_row(finding, faulty=self.faulty))
            tick()

        while len(self.rows) < wanted:
            tries = TRIES if self.failed < SHRUNK else 0
            left, seed = wanted - len(self.rows), self.seed + self.failed
            failure = smallest(cases, self._judge, examples=left, seed=seed, seen=seen, tries=tries)
            if failure is None:
                break
            self.failed += 1
            failure = simplified(failure, self._judge, tries)
            if failure.example not in [known.example for known in self.failures]:
                self.failures.append(failure)

    def _judge(self, case: Case) -> Finding[Case]:
        return judged(case, self.keywords)


def simplified(failure: Finding[Case], judge: Callable[[Case], Finding[Case]], tries: int = TRIES) -> Finding[Case]:
    """Return the failure of the simplest case that fails the same way, which Hypothesis alone may not find."""
    case = simplest(failure.example, lambda other: judge(other).failure == failure.failure, tries)
    return failure if case == failure.example else judge(case)


def judged(case: Case, keywords: Mapping[str, Any]) -> Finding[Case]:
    """Check a case: a right one must not be called wrong, a faulty one must be."""
    try:
        report = check_gradients(*case, **keywords)
    except Exception as error:  # noqa: BLE001  a crash is what is looked for
        if case.fault is not None and _change(case) is None:
            return Finding(case, note="raises", error=error)
        return Finding(case, type(error).__name__, str(error), "crashed", error=error)
    accused = report.verdict in (Verdict.WRONG, Verdict.BROKEN)
    if case.fault is None:
        verdict, why = (str(report.verdict), _why(report)) if accused else ("", "")
        return Finding(case, verdict, why, report=report)
    if accused:
        return Finding(case, note="found", report=report)
    change = _change(case)
    if change is None or change <= SEEN:
        return Finding(case, note="raises" if change is None else "changes nothing", report=report)
    return Finding(case, MISSED, f"{case.fault[0]} changes the gradient by {change:.2g} of it", "missed", report)


def _change(case: Case) -> float | None:
    """Return what the fault changes, None if the spoiled way back raises."""
    try:
        return effect(case)
    except Exception:  # noqa: BLE001  it may raise anything
        return None


def _why(report: Report) -> str:
    """Return what is wrong in one line: the worst entry, or the breach of the protocol."""
    from gradcheck._render.failure import failure_message  # noqa: PLC0415  a picture, needed only here

    if report.problems and not report.wrong:
        return report.problems[0].sentence
    return failure_message(report).splitlines()[0]


def _row(finding: Finding[Case], *, faulty: bool) -> CheckedNetwork:
    report, case = finding.report, finding.example
    fault = (finding.note or "none fits") if faulty else ""
    kinds = tuple(str(step[0]) for step in every(case.layers))
    if report is None:
        return CheckedNetwork(case.family, kinds, Counter(), 0.0, fault)
    right = (t.worst for t in report.tensors.values() if t.verdict is Verdict.CORRECT)
    multiples = (entry.multiple for entry in right if entry is not None and entry.uncertainty > 0)
    return CheckedNetwork(case.family, kinds, Counter(report.counts), max(multiples, default=0.0), fault)
