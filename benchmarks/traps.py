"""What do the checkers say to the hard cases of tests/traps? A table, generated."""

from __future__ import annotations

import pkgutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from benchmarks.patience import LateError, patience
from benchmarks.peers import ACCUSES, FAILS, NOT_ASKED, PASSES, PEERS, SCIPY_RELATIVE, TEXTBOOK_STEP, Peer
from benchmarks.questions import NotExpressible, question
from gradcheck import Verdict, check_gradients

OURS = "gradcheck"
PATIENCE = 10  # seconds for a peer's answer
FALSE = {("wrong", PASSES): "**false pass**", ("right", ACCUSES): "**false alarm**"}
NO_ANSWER = (FAILS, NOT_ASKED, "n/a")

HEADER = """# Hard cases, and what checkers say to them

Every file in `tests/traps` is a hard case: a right gradient that must pass, wrong ones that must be found, and points
without a derivative. Each was put to all checkers, at default settings: the very same function, and the same claim.
A *false pass* is a wrong gradient that passed; a *false alarm* is a right one that was accused.

The cases were chosen, by us, because they are hard. The totals do not say how often a checker errs in daily work.
Some of what is missed here is smaller than a tolerance that somebody chose on purpose, and where a mistake does not
show at the given point, only nearby (zero-initialised layers, symmetric matrices), the peers were not asked nearby.

- {ours} answers `CORRECT` or `KINK` (passes), `WRONG` or `BROKEN` (accuses), and `UNTESTED` or `UNDECIDED`, which is
  neither.
{peers}
- `fails`: an exception that is no complaint about a gradient. `n/a`: cannot be put to this checker. `not asked`: would
  take too long, entry by entry, or had not answered in ten seconds.
"""
ABOUT = {
    "textbook loop": f"Textbook loop: central differences of the sum of the outputs with a step of {TEXTBOOK_STEP:g}, "
    "an entry being wrong if it is off by more than 1e-6 of itself and 1e-8.",
    "torch slow": "torch: `torch.autograd.gradcheck`, entry by entry and with `fast_mode=True`, on float arrays as "
    "they are, float64 for nearly all; it warns that other precisions may fail.",
    "JAX float64": "JAX: `jax.test_util.check_grads(order=1, modes=('rev',))` on the point in float64, and in float32.",
    "autograd": "autograd: `autograd.test_util.check_grads(order=1, modes=['rev'])`.",
    "SciPy": f"SciPy: `scipy.optimize.check_grad` returns a distance and leaves the rest to its user; more than "
    f"{SCIPY_RELATIVE:g} of the length of the claim is taken for an accusation.",
    "fdm": "fdm: `fdm.check_sensitivity`, along one random direction, with a step that adapts to the function.",
    "fiddy": "fiddy: `fiddy.get_derivative` with the steps and criteria of its own example, and one percent for the "
    "claim; where its slopes disagree with one another it makes no derivative, and that counts as a failure.",
    "OpenMDAO": "OpenMDAO: `check_partials` of a component with the arrays as inputs, and `assert_check_partials`; "
    "a finite difference with a step of 1e-6, and 1e-6 for what may be off.",
}


@dataclass(frozen=True)
class TrapRow:
    """One trap, and every checker's answer to it."""

    family: str
    name: str
    truth: str
    answers: dict[str, str]

    def cell(self, checker: str) -> str:
        """The answer of a checker, as the table shows it."""
        return FALSE.get((self.truth, self.kind(checker)), self.answers[checker])

    def kind(self, checker: str) -> str:
        """The answer of a checker in the words of the peers."""
        answer = self.answers[checker]
        return {"CORRECT": PASSES, "KINK": PASSES, "WRONG": ACCUSES, "BROKEN": ACCUSES}.get(answer, answer)


@contextmanager
def tests_in_reach() -> Iterator[None]:
    """Let what the tests share be imported, for a while."""
    folder = str(Path(__file__).parents[1] / "tests")
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def traps() -> list[Any]:
    """Return the traps of the test suite, which are data."""
    with tests_in_reach():
        found: list[Any] = pkgutil.resolve_name("traps:collect")()
    return found


def ask_all(peers: list[Peer]) -> Iterator[TrapRow]:
    """Put every trap to every checker."""
    for trap in traps():
        answers = {peer.name: ask(peer, trap) for peer in peers}
        yield TrapRow(trap.family, trap.id, trap.truth, {OURS: str(ours(trap)), **answers})


def ours(trap: Any) -> Verdict:  # noqa: ANN401
    """Return our own verdict."""
    np.random.seed(0)  # noqa: NPY002  one of the traps draws from it
    with np.errstate(all="ignore"):
        return check_gradients(trap.f, *trap.args, **trap.keywords).verdict


def ask(peer: Peer, trap: Any) -> str:  # noqa: ANN401
    """Return a peer's answer."""
    try:
        asked = question(trap.f, trap.args, trap.keywords)
    except NotExpressible:
        return "n/a"
    if peer.name == "SciPy" and "vjp" in trap.keywords:
        return "n/a"  # several outputs
    try:
        with patience(PATIENCE):
            return peer.says(asked)
    except LateError:
        return NOT_ASKED


def totals(rows: list[TrapRow]) -> list[list[Any]]:
    """Count, for each checker: cases asked, false passes, false alarms, and what it did not judge."""
    judged = [row for row in rows if row.truth != "neither"]
    table = []
    for checker in rows[0].answers:
        counts = Counter((row.truth, row.kind(checker)) for row in judged)
        asked = Counter(row.truth for row in judged if row.kind(checker) not in NO_ANSWER)
        kinds = Counter(row.kind(checker) for row in judged)
        silent = kinds.total() - sum(kinds[kind] for kind in (PASSES, ACCUSES, *NO_ANSWER))
        table.append(
            [
                checker,
                f"{counts['wrong', PASSES]} of {asked['wrong']}",
                f"{counts['right', ACCUSES]} of {asked['right']}",
                silent,
                kinds[FAILS],
            ]
        )
    return table


def by_kind(rows: list[TrapRow]) -> list[list[Any]]:
    """Count for each kind of difficulty the cases that are right or wrong, and each checker's false answers."""
    table = []
    for family, group in groupby(rows, key=lambda row: row.family):
        judged = [row for row in group if row.truth != "neither"]
        truths = Counter(row.truth for row in judged)
        cells = [f"{truths['wrong']} / {truths['right']}"]
        for checker in rows[0].answers:
            false = Counter((row.truth, row.kind(checker)) for row in judged)
            asked = any(row.kind(checker) not in NO_ANSWER for row in judged)
            cells.append(f"{false['wrong', PASSES]} / {false['right', ACCUSES]}" if asked else "not asked")
        table.append([family, *cells])
    return table


def page(rows: list[TrapRow], peers: list[Peer]) -> str:
    """Return the page: what was asked, the totals, and a table for each family."""
    names = list(rows[0].answers)
    about = "\n".join(f"- {ABOUT[peer.name]}" for peer in peers if peer.name in ABOUT)
    packages = dict.fromkeys(f"{peer.package} {peer.version.split('+')[0]}" for peer in peers)
    head = [
        "checker",
        "false passes, of wrong ones",
        "false alarms, of right ones",
        "undecided or untested",
        "failures",
    ]
    parts = [
        HEADER.format(ours=OURS, peers=about),
        _table(totals(rows), head),
        f"\nAsked in one run, with {', '.join(packages)}.\n",
        "\n## By kind\n\nHow many are wrong and right; then each checker's false passes and false alarms.\n",
        _table(by_kind(rows), ["kind", "wrong / right", *names]),
    ]
    for family, group in groupby(rows, key=lambda row: row.family):
        cells = [[row.name.replace("|", "\\|"), row.truth, *(row.cell(name) for name in names)] for row in group]
        parts += [f"\n## {family[0].upper()}{family[1:]}\n", _table(cells, ["case", "truth", *names])]
    return "\n".join(parts) + "\n"


def _table(cells: list[list[Any]], head: list[str]) -> str:
    return str(tabulate(cells, head, tablefmt="github", disable_numparse=True))


def main(output: Path | None, *, quick: bool = False) -> None:
    """Print the totals; write the page if there is a place for it. Quick: without the peers."""
    peers = [peer for peer in PEERS if peer.version and not quick]
    rows = list(ask_all(peers))
    text = page(rows, peers)
    missing = dict.fromkeys(peer.package for peer in PEERS if not peer.version)
    if missing and not quick:
        print(f"not installed, and left out: {', '.join(missing)}")
    if output:
        output.write_text(text, encoding="utf-8", newline="\n")
    print(text.split("\n## ")[0])
