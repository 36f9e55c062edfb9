"""What does `gradcheck explain` do? It reads out what backpropagation says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck._cli.options import whole
from gradcheck._cli.outcome import FINE, refusing

if TYPE_CHECKING:
    import argparse

HELP = "what backpropagation says: who pulls on which weight, and why"
ABOUT = """\
A network has learned to read handwritten digits. What does backpropagation tell it about one of
them, and what becomes of that?"""
EXAMPLES = """\
examples:
  gradcheck explain
  gradcheck explain --digit 7 --output story"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--digit", type=int, default=2, metavar="K", help="from 0 to 9; default: %(default)s")
    parser.add_argument("--seed", type=whole, default=0, metavar="N", help="draws the network; default: %(default)s")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="for a page and pictures; default: %(default)s",
    )


def run(options: argparse.Namespace) -> int:
    """Read it out."""
    from gradcheck._explain.tell import explain

    with refusing():
        for line in explain(options.output, options.digit, options.seed):
            print(line)
    return FINE
