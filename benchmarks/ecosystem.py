"""What is said of public packages, as they come? Every call of tests/ecosystem, and the truth where it is not plain."""

from __future__ import annotations

import pkgutil
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from benchmarks.patience import LateError, patience
from gradcheck import InputError, Report, Verdict, check_gradients

PATIENCE = 300  # seconds for an answer
PLAIN = ("CORRECT", "KINK")
WORST = 3  # entries of which the numbers are shown

HEADER = """# Public packages, and what is said of their derivatives

Layers, losses, solvers and derivatives written by hand, called as somebody who uses the package would
(`tests/ecosystem`, `make ecosystem`), with the settings that they come with. Every answer that is neither `CORRECT` nor
`KINK` stands in a table of its own, with what is true, worked out by hand.
"""
# What a module of tests/ecosystem is called on the index, where that is not its own name.
DISTRIBUTIONS = {"sklearn": "scikit-learn", "pinocchio": "pin"}


@dataclass(frozen=True)
class Said:
    """What was said of one call, at what cost."""

    package: str
    name: str
    answer: str
    why: str = ""
    truth: str = ""
    entries: int = 0
    evaluations: int = 0
    seconds: float = 0.0

    @property
    def plain(self) -> bool:
        """Whether nothing needs to be explained."""
        return self.answer in PLAIN


def ask(call: Any) -> Said:  # noqa: ANN401  a call of tests/ecosystem, which is no package
    """Make a call."""
    begun = time.process_time()
    report, answer, why = None, "", ""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            with patience(PATIENCE):
                report = check_gradients(call.model, *call.args, **call.keywords, progress=False)
        except LateError:
            answer = "too late"
        except InputError as error:
            answer, why = "refused", str(error)
        except Exception as error:  # noqa: BLE001  whatever is raised is the answer
            answer, why = "fails", f"{type(error).__name__}: {error}"
    seconds = time.process_time() - begun
    if report is None:
        return Said(call.package, call.name, answer, why, call.truth, seconds=seconds)
    return Said(
        package=call.package,
        name=call.name,
        answer=report.verdict.name,
        why="; ".join(_numbers(report)),
        truth=call.truth,
        entries=report.checked,
        evaluations=report.evaluations,
        seconds=seconds,
    )


def _numbers(report: Report) -> list[str]:
    """Return what does not hold, with its numbers."""
    bad = [*report.wrong, *(e for t in report.tensors.values() for e in t.entries(Verdict.UNDECIDED))]
    said = [f"{e.name} claims {e.claim:.6g}, measured {e.estimate:.6g} ± {e.uncertainty:.1g}" for e in bad[:WORST]]
    more = [f"{len(bad)} of {report.checked} entries"] if len(bad) > WORST else []
    return [*(p.sentence for p in report.problems), *said, *more]


def page(said: list[Said], missing: list[str]) -> str:
    """Return the page: totals, what is not plain and why, and every call."""
    parts = [HEADER, _totals(said, missing)]
    unplain = [s for s in said if not s.plain]
    if unplain:
        parts += ["\n## Neither correct nor a kink\n", _unplain(unplain)]
    parts += ["\n## Every call\n", _every(said)]
    return "\n".join(parts) + "\n"


def _totals(said: list[Said], missing: list[str]) -> str:
    counts = Counter(s.answer for s in said)
    text = ", ".join(f"{n} {answer}" for answer, n in counts.most_common())
    packages = list(dict.fromkeys(s.package for s in said))
    versions = ", ".join(f"{p} {_version(p)}" for p in packages)
    absent = f"\n\nNot installed: {', '.join(missing)}." if missing else ""
    return f"{len(said)} calls of {len(packages)} packages: {text}.\n\nAsked of {versions}.{absent}"


def _version(package: str) -> str:
    try:
        return version(DISTRIBUTIONS.get(package, package))
    except PackageNotFoundError:
        return "(no version)"


def _unplain(said: list[Said]) -> str:
    rows = [[s.package, s.name, s.answer, _cell(s.why), s.truth or "not worked out"] for s in said]
    return _table(rows, ["package", "what", "answer", "said", "truth"])


def _every(said: list[Said]) -> str:
    rows = [[s.package, s.name, s.answer, s.entries, s.evaluations, f"{s.seconds:.2f} s"] for s in said]
    return _table(rows, ["package", "what", "answer", "entries", "evaluations", "CPU time"])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _table(cells: list[list[Any]], head: list[str]) -> str:
    return str(tabulate(cells, head, tablefmt="github", disable_numparse=True))


def calls() -> tuple[list[Any], list[str]]:
    """Return the calls of tests/ecosystem, and the packages that are not installed."""
    folder = str(Path(__file__).parents[1] / "tests")
    sys.path.insert(0, folder)
    try:
        found: tuple[list[Any], list[str]] = pkgutil.resolve_name("ecosystem:collect")()
    finally:
        sys.path.remove(folder)
    return found


def main(output: Path | None, *, quick: bool = False) -> None:
    """Print the totals and what is not plain; write the page if there is a place for it. Quick: every tenth call."""
    from tqdm import tqdm

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        every, missing = calls()
    asked = every[:: 10 if quick else 1]
    text = page([ask(call) for call in tqdm(asked, unit="call", disable=None, leave=False)], missing)
    if output:
        output.write_text(text, encoding="utf-8", newline="\n")
    print(text.split("\n## Every call")[0])
