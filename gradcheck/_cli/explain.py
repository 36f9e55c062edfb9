"""What does `gradcheck explain` do? It reads out what backpropagation says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck._cli.options import whole
from gradcheck._cli.outcome import FINE, refusing

if TYPE_CHECKING:
    import argparse

HELP = "show what backpropagation does to each weight of a small network"
ABOUT = """\
Train a small network on handwritten digits, and show for one digit which way backpropagation
changes each weight, and what the step does to the cost."""
EXAMPLES = """\
examples:
  gradcheck explain
  gradcheck explain --digit 7 --output story"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--digit", type=int, default=2, metavar="K", help="the digit shown, 0 to 9; default: %(default)s"
    )
    parser.add_argument("--seed", type=whole, default=0, metavar="N", help="seed of the network; default: %(default)s")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="folder for the page and its pictures; default: %(default)s",
    )


def run(options: argparse.Namespace) -> int:
    """Read it out."""
    from gradcheck._explain.tell import explain

    with refusing():
        for line in explain(options.output, options.digit, options.seed):
            print(line)
    return FINE
