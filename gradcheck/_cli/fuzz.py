"""What does `gradcheck fuzz` do? It checks random networks, and keeps those that fail."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck._cli.options import add_keywords, add_output, keywords, positive
from gradcheck._cli.outcome import FAILED, FINE, NOTHING, WRONG, Refusal, stopped
from gradcheck._cli.output import form_of, write

if TYPE_CHECKING:
    import argparse

    from gradcheck._fuzz.search import Fuzz

HELP = "test the checker itself on random networks"
ABOUT = """\
Test the checker on random networks of the reference library: no right gradient may be called
wrong, and with --faulty no planted mistake may be missed. Failures are reduced to a small example
and saved for `gradcheck replay`."""
EXAMPLES = """\
examples:
  gradcheck fuzz --examples 1000
  gradcheck fuzz --faulty --layers --seed 7"""

CASES = Path(".gradcheck") / "cases"
OF_FUZZ = ("seed", "entries", "neighbours")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--examples", type=positive, default=100, metavar="N", help="number of networks; default: %(default)s"
    )
    parser.add_argument("--faulty", action="store_true", help="plant a mistake in each network, which must be found")
    parser.add_argument("--layers", action="store_true", help="single layers instead of whole networks")
    parser.add_argument(
        "--cases", type=Path, default=CASES, metavar="DIR", help="folder for failing cases; default: %(default)s"
    )
    add_keywords(parser, *OF_FUZZ)
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Check them, and show what was found; cut short, show what was found by then."""
    from gradcheck._fuzz.faces import render
    from gradcheck._fuzz.rows import verdict
    from gradcheck._fuzz.search import Fuzz

    form_of(options)
    words = keywords(options)
    fuzz = Fuzz(options.examples, words.pop("seed", 0), options.faulty, options.layers, words)
    cut = None
    try:
        fuzz.run(quiet=options.quiet)
    except KeyboardInterrupt as error:
        cut = error
    paths = _kept(fuzz, options.cases)
    code = _code(fuzz) if cut is None else stopped(cut)
    line = f"{verdict(fuzz)}  {len(fuzz.rows)} networks"
    write(options, lambda form, width, colour: render(fuzz, form, width, colour=colour, paths=paths), line, code)
    if cut is not None:
        print(f"gradcheck: interrupted after {len(fuzz.rows)} of {fuzz.examples} networks", file=sys.stderr)
    return code


def _kept(fuzz: Fuzz, folder: Path) -> list[Path]:
    """Write what failed, and return where."""
    from gradcheck.replay import write as keep

    try:
        return [keep(failure.example, fuzz.keywords, failure.failure, folder) for failure in fuzz.failures]
    except OSError as error:
        raise Refusal(error) from error


def _code(fuzz: Fuzz) -> int:
    failures = {failure.failure for failure in fuzz.failures}
    if failures & {"WRONG", "MISSED"}:
        return WRONG
    if failures:
        return FAILED
    return FINE if fuzz.rows else NOTHING
