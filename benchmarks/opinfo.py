"""Does anybody accuse an operator of PyTorch? Its own database of operators and samples, put to both checkers."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from benchmarks.operators import TRUTHS
from benchmarks.patience import LateError, patience
from benchmarks.samples import LARGEST, MOST, OperatorSample, cases
from gradcheck import InputError, Report, Verdict, check_gradients

PATIENCE = 30  # seconds for an answer
SLOW, FAST = "torch", "torch fast"
OURS, DOOR = "gradcheck", "gradcheck.compat"
PASSES, ACCUSES, UNKNOWN, REFUSES = "passes", "**accuses**", "undecided", "refuses"

HEADER = f"""# PyTorch's operators, and what two checkers say to them

Every operator of `torch.testing._internal.common_methods_invocations.op_db` that PyTorch differentiates, in float64 on
the CPU, at up to {MOST} of its own samples of up to {LARGEST} entries, as its own tests call it (`gradcheck_wrapper`,
`output_process_fn_grad`, `gradcheck_nondet_tol`): to `torch.autograd.gradcheck` entry by entry and with
`fast_mode=True`, to `check_gradients`, and to `gradcheck.compat.torch.gradcheck`, all with their defaults.

- *accuses*: a gradient is said to be wrong or broken. *undecided*: neither wrong nor right, and said so (`UNDECIDED`,
  or a function that is not continuous at the point). *refuses*: a call that cannot be checked as it is.
- What PyTorch's own tests skip, or expect to fail, stands in a table of its own, at the end, if anybody objects to it.
- Why the two disagree was worked out by hand, operator by operator.
"""


@dataclass(frozen=True)
class Answer:
    """What a checker said, why, and how long it took."""

    says: str
    why: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class OperatorRow:
    """A case, and every checker's answer to it."""

    case: OperatorSample
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def agreed(self) -> bool:
        """Whether PyTorch's checker, entry by entry, and both of ours pass it, or all accuse it."""
        accused = {self.answers[who].says == ACCUSES for who in (SLOW, OURS, DOOR)}
        judged = all(self.answers[who].says in (PASSES, ACCUSES) for who in (SLOW, OURS, DOOR))
        return judged and len(accused) == 1


def ask(case: OperatorSample) -> OperatorRow:
    """Put a case to all checkers."""
    return OperatorRow(case, {who: _timed(asked, case) for who, asked in CHECKERS.items()})


def _timed(asked: Callable[[OperatorSample], Answer], case: OperatorSample) -> Answer:
    import torch

    torch.manual_seed(0)
    begun = time.perf_counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            with patience(PATIENCE):
                answer = asked(case)
        except LateError:
            answer = Answer("too late")
        except InputError as error:
            answer = Answer(REFUSES, str(error))
        except Exception as error:  # noqa: BLE001  whatever a checker raises is its answer
            answer = Answer("fails", f"{type(error).__name__}: {error}")
    return Answer(answer.says, " ".join(answer.why.split()), time.perf_counter() - begun)


def _ours(case: OperatorSample) -> Answer:
    report = check_gradients(case.function, *case.tensors, progress=False)
    if report.wrong or report.problems:
        return Answer(ACCUSES, _numbers(report))
    unknown = report.verdict in (Verdict.UNDECIDED, Verdict.BROKEN)
    return Answer(UNKNOWN if unknown else PASSES, str(report.verdict))


def _numbers(report: Report) -> str:
    if report.wrong:
        e = report.wrong[0]
        return f"{e.name} claims {e.claim:.6g}, measured {e.estimate:.6g} ± {e.uncertainty:.1g}, at {e.where}"
    return report.problems[0].sentence


def _door(case: OperatorSample) -> Answer:
    from gradcheck.compat.torch import GradcheckError, gradcheck

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            gradcheck(case.function, case.tensors, nondet_tol=case.nondet)
        except GradcheckError as error:
            return Answer(ACCUSES, _numbers(error.report))
    unknown = [w for w in caught if w.category.__name__ == "UndecidedWarning"]
    return Answer(UNKNOWN if unknown else PASSES, str(unknown[0].message) if unknown else "")


def _torch(case: OperatorSample, *, fast: bool = False) -> Answer:
    import torch
    from torch.autograd.gradcheck import GradcheckError

    try:
        torch.autograd.gradcheck(case.function, case.tensors, nondet_tol=case.nondet, fast_mode=fast)
    except GradcheckError as error:
        return Answer(ACCUSES, str(error)[:160])
    return Answer(PASSES)


CHECKERS: dict[str, Callable[[OperatorSample], Answer]] = {
    SLOW: _torch,
    FAST: lambda case: _torch(case, fast=True),
    OURS: _ours,
    DOOR: _door,
}


def page(rows: list[OperatorRow]) -> str:
    """Return the page: totals, every disagreement with its numbers and the truth, and what PyTorch marks."""
    own = [row for row in rows if not row.case.marked]
    marked = [row for row in rows if row.case.marked]
    apart = [row for row in own if not row.agreed]
    accused = [row for row in marked if any(answer.says != PASSES for answer in row.answers.values())]
    parts = [HEADER, _totals(own), "\n## Where they disagree\n", _apart(apart), "\n## The numbers\n", _evidence(apart)]
    parts += ["\n## What PyTorch's own tests skip or expect to fail\n", _totals(marked), "", _apart(accused)]
    return "\n".join(parts) + "\n"


def _totals(rows: list[OperatorRow]) -> str:
    operators = len({row.case.operator for row in rows})
    table = []
    for who in CHECKERS:
        said = Counter(row.answers[who].says for row in rows)
        seconds = sorted(row.answers[who].seconds for row in rows)
        other = ", ".join(f"{n} {says}" for says, n in said.items() if says not in (PASSES, ACCUSES, UNKNOWN))
        middle = seconds[len(seconds) // 2] * 1e3
        table.append(
            [who, said[PASSES], said[ACCUSES], said[UNKNOWN], other, f"{middle:.1f} ms", f"{sum(seconds):.0f} s"]
        )
    head = ["checker", "passes", "accuses", "undecided", "other", "median of a sample", "all samples"]
    agreed = sum(row.agreed for row in rows)
    return f"{operators} operators, {len(rows)} samples; all agree on {agreed}.\n\n{_table(table, head)}"


def _apart(rows: list[OperatorRow]) -> str:
    """Return one line for each operator: who says what, and what is true."""
    table = []
    for name in dict.fromkeys(row.case.operator for row in rows):
        group = [row for row in rows if row.case.operator == name]
        said = [" / ".join(dict.fromkeys(row.answers[who].says for row in group)) for who in CHECKERS]
        truth, why = TRUTHS.get(name, ("not worked out", ""))
        table.append([f"`{name}`", len(group), *said, truth, why])
    return _table(table, ["operator", "samples", *CHECKERS, "truth", "why"])


def _evidence(rows: list[OperatorRow]) -> str:
    table = []
    for row in rows:
        said = [f"{who}: {a.why[:200]}" for who, a in row.answers.items() if a.why and a.says != PASSES]
        table.append(
            [f"`{row.case.operator}`", row.case.sample, row.case.what[:80], "; ".join(said).replace("|", "\\|")]
        )
    return _table(table, ["operator", "sample", "shapes and settings", "said"])


def _table(cells: list[list[Any]], head: list[str]) -> str:
    return str(tabulate(cells, head, tablefmt="github", disable_numparse=True))


def main(output: Path | None, *, quick: bool = False) -> None:
    """Print the totals; write the page if there is a place for it. Quick: every twentieth case."""
    import torch
    from tqdm import tqdm

    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        every = list(cases())[:: 20 if quick else 1]
    text = page([ask(case) for case in tqdm(every, unit="sample", disable=None, leave=False)])
    if output:
        output.write_text(text, encoding="utf-8", newline="\n")
    print(text.split("\n## The numbers")[0])
