"""How is the ablation told? What is needed by nothing first, then a row for each change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from tabulate import tabulate

from benchmarks.ablation.corpus import CLEAN, DRAW, FAULT, TRAP, Answers
from benchmarks.ablation.records import RECORD
from benchmarks.ablation.rules import missing
from benchmarks.ablation.run import ENOUGH, FAR, AblationRow, Alteration
from benchmarks.ablation.unit_tests import AT_ONCE

SHOWN = 3  # failures that a row names
NOTICED = 0.01  # relative: a change of evaluations or of uncertainty that is worth a word

ABOUT = """# What is needed, and what fails without it

Every constant of the numerics was halved and doubled, every rule was switched off, and every second opinion left out,
one at a time; each time the checker was asked again. Constants that may be halved and doubled without harm were also
made a thousand times larger and smaller. `python -m benchmarks ablation --corpus spread` writes this page.

- First the tests of the module were run, the quickest first, as many as take {seconds:.0f} seconds. Where one fails
  with every change of a constant or rule, that is the answer, and no case was asked: see *Noticed by a unit test*.
- The cases, of the dearest a part: {cases}.
  A change was put to those that read the constant, or in which the rule or opinion came to something else than what
  takes its place (noted in a run without any change; the others cannot differ), or to some of them, from the cheapest
  to the dearest, until {enough} failures were found; an opinion first to the hard case that it exists for.
- What no case misses was put to the other unit tests that read it, again the quickest first.
- Left out was what does not give the same twice: a case that reads a clock.
- A hard case fails where its verdict, or an entry that must be named, is not the expected one; a planted fault where it
  is not found, or another cause is named first; its clean twin where its verdict changes; a random network of the
  calibration where an entry of a right gradient is accused, an uncertainty is exceeded that was not, half a percent
  more of the entries are undecided, or an error of one part in 1e5, planted in one entry, is no longer found.
- A kept record (`record.json` beside the tests) fails where a check says another thing than it did when somebody looked
  at it last, or costs another number of evaluations. The records are asked last.
- *Evaluations* and *uncertainty* are those of the cases asked, against those without the change; the latter is the
  geometric mean of those stated. Where a change fails early they speak of few cases.
- *Asked* is how many of the cases that it concerns were asked; *same* how many of these gave the same to the last bit.
"""


def page(
    rows: list[AblationRow],
    before: Mapping[str, Answers],
    tested: Mapping[str, Sequence[str]],
    late: Sequence[str] = (),
) -> str:
    """Return the whole page; `tested`: the unit tests that notice what needs no case; `late`: what was not asked."""
    at = {place: n for n, place in enumerate(dict.fromkeys(row.change.place for row in rows))}
    rows = sorted(rows, key=lambda row: at[row.change.place])
    parts = [ABOUT.format(cases=_counted(before), enough=ENOUGH, seconds=AT_ONCE)]
    idle = [place for place in needed_by_nothing(rows) if place not in tested]
    unread = dict.fromkeys(row.change.place for row in rows if not row.relevant)
    unasked = [place for place in unread if place not in tested]
    table = _table([row for row in rows if row.change.place in idle]) if idle else "None."
    parts += ["## Needed by nothing that was asked\n", IDLE, table]
    parts += ["\n## Noticed by a kept record alone\n", PINNED, _list(pinned(rows))]
    parts += ["\n## Noticed by a unit test\n", TESTED, *(_tested(*pair) for pair in tested.items())]
    parts += ["\n## Read by no case\n", UNASKED, _list(unasked)]
    parts += ["\n## Not asked\n", LATE, _list(late)] if late else []
    for kind, title in (("constant", "Constants"), ("rule", "Rules"), ("opinion", "Second opinions")):
        some = [row for row in rows if row.change.kind == kind and row.relevant]
        parts += [f"\n## {title}\n", _table(some)] if some else []
    if missing():
        parts += ["\nDeclared in `benchmarks/ablation/rules.py`, and not found: " + ", ".join(missing()) + "."]
    return "\n".join(parts) + "\n"


IDLE = """Nothing failed, whichever way these were changed, no unit test either. Each is a candidate to be removed, or
for a case that needs it; some buy precision or evaluations, which the last columns show, or memory, which nothing here
does.
"""
PINNED = """Over the other cases no verdict is wrong without these. What a check says or costs is another thing: they
buy precision or evaluations, and a change of them is noticed.
"""
TESTED = """A unit test fails with every change of these: why each is what it is stands there.
"""
LATE = """Time was up before these were put to all cases that they concern.
"""
UNASKED = """No case of this corpus reads these, or is one in which the rule comes to anything else than what took its
place; nor does a unit test fail.
"""


def _list(places: Sequence[str]) -> str:
    return "\n".join(f"- `{place}`" for place in places) or "None."


def _tested(place: str, tests: Sequence[str]) -> str:
    named = ", ".join(f"`{test.rpartition('/')[2]}`" for test in tests)
    return f"- `{place}`: {named}"


def missed_by_no_case(rows: list[AblationRow]) -> list[Alteration]:
    """Return the changes of what no case misses, or reads: constants halved and doubled, rules switched off."""
    idle = needed_by_nothing(rows)
    return [row.change for row in rows if row.change.how not in FAR and (row.change.place in idle or not row.relevant)]


def needed_by_nothing(rows: list[AblationRow]) -> list[str]:
    """Return what was asked about, and no change of which made anything fail."""
    return [place for place, some in _by_place(rows) if all(row.relevant and not row.failures for row in some)]


def pinned(rows: list[AblationRow]) -> list[str]:
    """Return what nothing but kept records would miss."""
    failures = {place: [text for row in some for text in row.failures] for place, some in _by_place(rows)}
    return [place for place, texts in failures.items() if texts and all(text.startswith(RECORD) for text in texts)]


def _by_place(rows: list[AblationRow]) -> list[tuple[str, list[AblationRow]]]:
    order = sorted(rows, key=lambda row: row.change.place)
    return [(place, list(some)) for place, some in groupby(order, key=lambda row: row.change.place)]


def _counted(before: Mapping[str, Answers]) -> str:
    kinds = {
        TRAP: "hard cases",
        CLEAN: "clean networks",
        FAULT: "planted faults",
        DRAW: "random right gradients",
        RECORD: "kept records",
    }
    return ", ".join(f"{sum(key.startswith(start) for key in before)} {name}" for start, name in kinds.items())


def _table(rows: list[AblationRow]) -> str:
    head = ["what", "change", "asked", "same", "evaluations", "uncertainty", "fails"]
    return str(tabulate([_cells(row) for row in rows], head, tablefmt="github", disable_numparse=True))


def _cells(row: AblationRow) -> list[str]:
    failed = [text.replace("|", "\\|") for text in row.failures[:SHOWN]]
    more = len(row.failures) - len(failed)
    value = row.change.edit.get("value")
    return [
        f"`{row.change.place}`",
        f"{row.change.how}: {value}" if value else row.change.how,
        f"{row.asked} of {row.relevant}",
        str(row.same),
        _ratio(row.evaluations),
        _ratio(row.uncertainty),
        "; ".join(failed) + (f"; and {more} more" if more > 0 else ""),
    ]


def _ratio(ratio: float) -> str:
    if abs(ratio - 1) < NOTICED:
        return ""
    return f"{100 * (ratio - 1):+.0f} %" if ratio < 2 else f"times {ratio:.3g}"
