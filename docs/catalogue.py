"""How does the page of causes come about? Each case of docs/causes is run: `python docs/catalogue.py` fills it again.

A case is a program that makes a `report`. Its lines that end in `# wrong` are the mistake, and those that end in
`# right` stand there instead once it is mended; its docstring is a heading and what happens. Its name is that of the
mistake among those that the diagnosis knows.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from readme import BLOCK, CUT, ROOT

from gradcheck import Report, _explained
from gradcheck._diagnose.cause import Cause, Slip

PAGE = ROOT / "docs" / "causes.md"
CASES = ROOT / "docs" / "causes"
GROUPS = {  # heading of a part of the page -> its mistakes
    "numbers": "NOT_FINITE INFINITE_SLOPE EXACT_FLOAT32 ZERO ZERO_IN_PART CLIPPED UNLIMITED COARSER",
    "sums": "REPEATED_INDEX LAST_ONLY BIAS_OF_ONE_EXAMPLE WEIGHT_OF_ONE_EXAMPLE SINGLE_EXAMPLE EXAMPLE_MISSING "
    "AVERAGED USE_OF_A_LAYER LAYER_NOT_ADDED PER_EXAMPLE",
    "factors": "FACTOR UNKNOWN_FACTOR FACTOR_IN_PART FACTOR_PER_SLICE KNOWN_ARRAY LOGARITHM CONJUGATE",
    "places": "EXCHANGED PERMUTED REORDERED STALE OPPOSITE MASKED ANOTHER SYMMETRISED PROJECTED",
    "terms": "DECAY CONSTANT OF_ITSELF TRUTH SAME_ALONG_AXES COTANGENT_ALONE UNTOUCHED STRAIGHT_THROUGH LEFT_OUT",
    "derivatives": "ACTIVATION HIDDEN_LAYER WAY_BACK EXPLICIT HANDED_ON OF_OUTPUT UNTRANSPOSED PRODUCT COTANGENT "
    "SETTING ONE_STEP ANOTHER_NUMBER",
    "unknown": "TWO_MISTAKES PLACE SINCE JOINED NOT_RECOGNISED",
}
WRONG, RIGHT = "  # wrong", "  # right"


@dataclass(frozen=True)
class Case:
    """A mistake in code, before and after."""

    slip: Slip
    text: str

    @property
    def said(self) -> tuple[str, str]:
        """The heading, and what happens."""
        head, _, text = (ast.get_docstring(ast.parse(self.program(right=True))) or "").partition("\n\n")
        return head.rstrip("."), text

    def program(self, *, right: bool) -> str:
        """Return the program with the mistake, or once it is mended."""
        kept, other = (RIGHT, WRONG) if right else (WRONG, RIGHT)
        lines = [line for line in self.text.splitlines() if not line.endswith(other)]
        return "\n".join(line.removesuffix(kept) for line in lines) + "\n"

    def run(self, *, right: bool) -> tuple[Report, tuple[Cause, ...]]:
        """Run the program, and return its report and the causes that it names."""
        module, text = ModuleType(self.slip.name.lower()), self.program(right=right)
        sys.modules[module.__name__] = module  # where dataclasses look for themselves
        file = f"{module.__name__}.py"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)  # as of a file that is there
        with heard() as causes:
            exec(compile(text, file, "exec"), module.__dict__)  # noqa: S102
        report = module.__dict__["report"]
        assert isinstance(report, Report)  # noqa: S101  our own cases
        return report, tuple(causes)

    @property
    def shown(self) -> str:
        """The program below the cut, as the change that mends it."""
        below = self.text.partition(CUT)[2].strip("\n").splitlines()
        marks = {WRONG: "-", RIGHT: "+"}
        lines = [f"{marks.get(line[-9:], ' ')}{_bare(line)}".rstrip() for line in below]
        return "\n".join(["```diff", *lines, "```"])

    @property
    def section(self) -> str:
        """What the page says of it."""
        head, text = self.said
        report, _ = self.run(right=False)
        return f"### {head}\n\n{text}\n\n{self.shown}\n\n" + "\n>\n".join(f"> {_code(s)}" for s in report.diagnosis)


def _bare(line: str) -> str:
    return line.removesuffix(WRONG).removesuffix(RIGHT)


def _code(sentence: str) -> str:
    """Return a sentence in which nothing is taken for a mark."""
    return re.sub(r"([*<_\[$])", r"\\\1", sentence)


@contextmanager
def heard() -> Iterator[list[Cause]]:
    """Yield a list that holds the causes of the last report, once there is one."""
    causes: list[Cause] = []
    module = vars(_explained)
    before = module["told"]

    def told(found: tuple[Cause, ...]) -> tuple[str, ...]:
        causes[:] = found
        return tuple(before(found))

    module["told"] = told
    try:
        yield causes
    finally:
        module["told"] = before


def case(name: str) -> Case:
    """Return the case of a mistake."""
    return Case(Slip[name], (CASES / f"{name.lower()}.py").read_text(encoding="utf-8"))


def group(name: str) -> str:
    """Return a part of the page."""
    return "\n\n".join(case(one).section for one in GROUPS[name].split())


def written(text: str) -> str:
    """Return the page with every block filled again."""
    return BLOCK.sub(lambda m: f"{m[1]}{group(m[3])}\n{m[4]}", text)


def main(page: Path = PAGE) -> None:
    """Fill the blocks of the page."""
    page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
