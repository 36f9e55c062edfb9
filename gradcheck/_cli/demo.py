"""What does `gradcheck demo` do? It tells the story of the digits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck._cli.outcome import FINE, WRONG, refusing

if TYPE_CHECKING:
    import argparse

HELP = "train on handwritten digits, check every weight and bias, find a planted mistake"
ABOUT = """\
Train a small network on handwritten digits, with the gradient of every weight and bias checked
before and after; then plant a mistake, and find it."""
EXAMPLES = """\
examples:
  gradcheck demo
  gradcheck demo --fault forgotten_mean    train with that mistake; the check fails"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--fault", metavar="NAME", help="train with this mistake in the network: the check fails, exit code 1"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="folder for the report (HTML and Markdown); default: %(default)s",
    )


def run(options: argparse.Namespace) -> int:
    """Tell it."""
    from gradcheck._demo import demo

    with refusing():
        return WRONG if demo(options.output, options.fault) else FINE
