"""What does a page of a report say that is true on every machine?

Rounding decides which of two wrong entries comes first, how many times its uncertainty it is off, and whether a ladder
has one rung more. It decides no verdict, no cause, no count of what is wrong, and no digit of a claim.
"""

from __future__ import annotations

import difflib
import html
import itertools
import math
import re
from dataclasses import dataclass

from pages import NUMBER, numbers, structure

from gradcheck import Verdict

DRAWN = re.compile(r"<svg.*?</svg>|<style>.*?</style>|<script>.*?</script>|base64,[^\"]*|sha256-[^\']*", re.DOTALL)
COST = re.compile(r"[\d,]+ evaluations?")
LUCK = (  # parts of a page, and what stands in their place
    (DRAWN, ""),
    (re.compile(r"<pre.*?</pre>", re.DOTALL), ""),  # the message tells of the worst entry; its causes stand below
    (re.compile(r"(<section class=\"finding\">.*?)<ul>.*?</ul>", re.DOTALL), r"\1"),  # unless it is the worst tensor
    (re.compile(r"\br-\d+"), "r-#"),  # the place of a tensor among those that need a look
    (re.compile(r"\[[\d,]+\]((?:</code>)? against step)"), r"[#]\1"),  # the worst entry of a tensor
    (re.compile(r" \d+ lies? beyond the edge\."), ""),  # points of its picture
    (re.compile(r"\b(gradcheck|numpy|python) \d[\w.]*\b"), r"\1 #"),
)
ROUGH = re.compile(r"(?<![\w.])\d+e[-+]\d+")  # in a remark: a noise, or what would have been seen
REMARK = ("- ", "<li>")
OF_THE_WORST = ("worst at", "error / ±", "relative")  # columns that tell of one entry of a tensor
ROUGHLY = 100.0  # times: a resolution follows the noise that was met; on two machines it differed by a factor of two
PRINTED = 1e-5  # relative: the last of the six digits of a number
ALIKE = 0.25  # relative: evaluations; five kernels of OpenBLAS differ by 0.05


@dataclass(frozen=True)
class Said:
    """All that a page says, taken apart."""

    lines: list[str]  # what is the same everywhere, word for word and digit for digit
    entries: list[dict[str, str]]  # the rows that tell of single entries, the first few by their uncertainty
    resolutions: dict[str, str]  # of each tensor
    cost: list[float]  # evaluations


def differences(page, old, report):
    """Return in what an old page differs from that of this report, or is not true of it."""
    new, old = said(page), said(old)
    found = [line for line in difflib.unified_diff(old.lines, new.lines, lineterm="", n=0) if line[:3] not in HEADS]
    cheap = len(new.cost) == len(old.cost) and all(map(_alike, new.cost, old.cost))
    known = {entry.name: entry for tensor in report.tensors.values() for entry in tensor.entries()}
    untrue = [str(row) for row in old.entries if not _holds(row, known.get(row["entry"]))]
    names = sorted(new.resolutions.keys() & old.resolutions.keys())
    pairs = [(name, old.resolutions[name], new.resolutions[name]) for name in names]
    moved = [f"{name}: a resolution of {was}, now {now}" for name, was, now in pairs if not _roughly(was, now)]
    return found + untrue + moved + [f"{old.cost} evaluations, now {new.cost}"] * (not cheap)


HEADS = ("---", "+++", "@@ ")  # of a unified diff


def _roughly(was, now):
    if NUMBER.fullmatch(was) and NUMBER.fullmatch(now):
        return 1 / ROUGHLY < float(now) / float(was) < ROUGHLY
    return was == now


def _alike(new, old):
    return math.isclose(new, old, rel_tol=ALIKE)


def _holds(row, entry):
    """Return whether what a row says of an entry is so, as far as both know it."""
    if entry is None or entry.verdict is Verdict.CORRECT:
        return False
    value, uncertainty = map(float, row["measured"].split(" ± "))
    measured = {"measured": (value, entry.estimate)}
    sides = {side: (float(row[side]), getattr(entry, side)) for side in ("left", "right") if side in row}
    slack = uncertainty + entry.uncertainty
    known = all(math.isclose(*both, rel_tol=PRINTED, abs_tol=slack) for both in (measured | sides).values())
    claimed = math.isclose(float(row["claimed"]), entry.claim, rel_tol=PRINTED)
    return known and claimed and row.get("at") in {None, "", entry.where}


def said(text):
    """Take apart a page, in Markdown or for the browser."""
    for pattern, instead in LUCK:
        text = pattern.sub(instead, text)
    text = _ordered(TABLE.sub(_piped, text))
    lines, entries, resolutions = [], [], {}
    for is_table, block in itertools.groupby(text.splitlines(), lambda line: line.startswith("|")):
        if not is_table:
            lines += [_steady(line.rstrip()) for line in block if line.strip()]
            continue
        header, *rows = map(_cells, block)
        rows = [dict(zip(header, row, strict=True)) for row in rows if not set("".join(row)) <= set(":-")]
        lines.append(" | ".join(header))
        lines += _lines(header[0], rows)
        resolutions |= {row[header[0]]: row["resolution"] for row in rows if "resolution" in row}
        entries += rows if header[0] == "entry" else []
    return Said(lines, entries, resolutions, [n for found in COST.findall(text) for n in numbers(found)])


def _steady(line):
    return ROUGH.sub("#", line) if line.startswith(REMARK) else COST.sub("# evaluations", line)


def _lines(kind, rows):
    """Return what rows say that is the same everywhere, in an order that is."""
    if kind == "tensor":
        return sorted(" | ".join(v for k, v in row.items() if k not in {*OF_THE_WORST, "resolution"}) for row in rows)
    if kind == "entry":  # how many there are, and their form
        return [f"{len(rows)} rows", *sorted({" ".join(structure(" | ".join([*r.values()][1:]))) for r in rows})]
    return []  # the rungs of one entry


TABLE = re.compile(r"<thead>.*?</tbody>", re.DOTALL)


def _piped(table):
    """Return the rows of a table for the browser as they stand in Markdown, after the tags that they are made with."""
    rows = re.findall(r"<tr>(.*?)</tr>", table[0], re.DOTALL)
    tags = sorted({" ".join(re.findall(r"<[^>]*>", row)) for row in rows})
    cells = [re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row) for row in rows]
    return "\n".join([*tags, *(html.unescape(re.sub(r"<.*?>", "", f"| {' | '.join(row)} |")) for row in cells)])


def _cells(line):
    return [cell.strip().strip("`*") for cell in line.removeprefix("|").removesuffix("|").split("|")]


def _ordered(text):
    """Return a page for the browser with its tensors in the order of their names."""
    parts = [part.strip() for part in re.split(r"(?=<section\b)", text)]
    findings = sorted(part for part in parts if part.startswith('<section class="finding">'))
    others = [part for part in parts if part not in findings]
    return "\n".join(others + findings)
