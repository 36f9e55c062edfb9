"""What does `gradcheck compare` do? It shows what changed from one run to the next, and fails if it got worse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck._cli.options import add_output, add_strict
from gradcheck._cli.outcome import FINE, WRONG
from gradcheck._cli.output import form_of, write
from gradcheck._cli.report import loaded

if TYPE_CHECKING:
    import argparse

HELP = "show what changed between two saved runs"
ABOUT = """\
Show what changed between two runs or reports saved as JSON: newly wrong, newly right, added,
removed, or less certain. Checks are matched by test and model, tensors by name. The exit code is 1
if anything got worse, else 0, even if something is still wrong."""
EXAMPLES = """\
examples:
  pytest --gradcheck-report=json:new.json; gradcheck compare old.json new.json
  gradcheck compare old.json new.json --strict --format github"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("old", type=Path, metavar="OLD.json", help="the run before")
    parser.add_argument("new", type=Path, metavar="NEW.json", help="the run to be judged")
    parser.add_argument(
        "--factor",
        type=_factor,
        default=10.0,
        metavar="X",
        help="report uncertainties that changed by more than this factor; default: 10",
    )
    add_output(parser)
    add_strict(parser, "fail on what was removed or is less certain as well")


def run(options: argparse.Namespace) -> int:
    """Compare them."""
    from gradcheck import Run
    from gradcheck._compare.changes import Grade
    from gradcheck._compare.faces import render
    from gradcheck._compare.pairs import compare

    form_of(options)
    found = compare(Run.of(loaded(options.old)), Run.of(loaded(options.new)), options.factor)
    failing = {Grade.WORSE, Grade.LESS} if options.strict else {Grade.WORSE}
    code = WRONG if failing & set(found.grades) else FINE
    line = f"{found.verdict}  {options.old} and {options.new}"
    write(options, lambda form, width, colour: render(found, form, width, colour=colour), line, code)
    return code


def _factor(text: str) -> float:
    from argparse import ArgumentTypeError

    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not factor > 1:
        msg = f"write a number above 1, such as 10, not {text!r}"
        raise ArgumentTypeError(msg)
    return factor
