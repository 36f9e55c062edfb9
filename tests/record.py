"""What did a check say, and what did it cost, the last time that somebody decided it? Kept beside the tests of a room.

`python tests/record.py` makes the records anew. A change of a constant shows in them, and whether it is one for the
better is then decided, and not found out by accident. The cases are made of sums, products and roots, which are the
same on every machine; what sums over many numbers leave in the last digits is let pass.
"""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
NUMBER = re.compile(r"(?<![\w.])-?\d+\.?\d*(?:e[+-]?\d+)?(?![\w.]*\[)")
LINE = re.compile(r" \(line \d+\)")  # of a test, which others above it may move
ALIKE = 0.05  # relative: two digits of an uncertainty
COST = "evaluations"


def said(report):
    """Return all that a report says and what it cost, as lines."""
    lines = [f"{report.verdict.name}: {report.evaluations} {COST}, {report.gradients} gradients"]
    for name, t in report.tensors.items():
        counts = " ".join(f"{n} {verdict.name}" for verdict, n in sorted(t.counts.items()))
        finite = t.uncertainties[np.isfinite(t.uncertainties)]
        known = f"{np.exp(np.mean(np.log(finite + 1e-300))):.3g} to {finite.max():.3g}" if finite.size else "nothing"
        rungs = sum(map(len, t.rungs.values()))
        more = f"{t.means}, {t.resolution:.2g}, {rungs} rungs, {len(t.places)} elsewhere {t.note}"
        lines.append(f"{name}: {counts}; known to {known}; {more}")
    lines += [f"problem: {problem.sentence}" for problem in report.problems]
    lines += [f"cause: {sentence}" for sentence in report.diagnosis]
    lines += [f"missed: {sentence}" for sentence in report.power]
    lines += [f"note: {sentence}" for sentence in report.notes]
    return [line.strip() for line in lines]


def differences(new, old):
    """Return the lines that say another thing than before, but for the last digits of their numbers."""
    if len(new) != len(old):
        return [line for line in new if line not in old] + [f"no longer: {line}" for line in old if line not in new]
    return [f"{a} (was: {b})" for a, b in zip(new, old, strict=True) if not _alike(a, b)]


def _alike(a, b):
    a, b = LINE.sub("", a), LINE.sub("", b)
    if NUMBER.sub("#", a) != NUMBER.sub("#", b):
        return False
    pairs = zip(map(float, NUMBER.findall(a)), map(float, NUMBER.findall(b)), strict=True)
    allowed = 0 if COST in a else ALIKE
    return all(abs(x - y) <= allowed * max(abs(x), abs(y)) for x, y in pairs)


def kept(test):
    """Return what is kept of the cases of a test file."""
    return json.loads(Path(test).with_name("record.json").read_text(encoding="utf-8"))


def main():
    """Make the record of each room anew."""
    for test in sorted(HERE.glob("*/test_record_of_checks.py")):
        cases = runpy.run_path(str(test))["CASES"]
        found = {name: case() for name, case in cases.items()}
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        test.with_name("record.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
