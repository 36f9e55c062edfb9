"""What does `gradcheck demo` do? It tells the story of the digits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gradcheck._cli.outcome import FINE, WRONG, refusing

if TYPE_CHECKING:
    import argparse

HELP = "train on handwritten digits, check every weight and bias, find a planted mistake"
ABOUT = """\
A network learns to read handwritten digits. Is what backpropagation tells it true? Every weight
and bias is checked before and after; then a mistake is planted, and found."""
EXAMPLES = """\
examples:
  gradcheck demo
  gradcheck demo --fault forgotten_mean    it learns with that mistake in it, and fails"""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--fault", metavar="NAME", help="leave a mistake in, and exit 1")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="for a page and a table; default: %(default)s",
    )


def run(options: argparse.Namespace) -> int:
    """Tell it."""
    from gradcheck._demo import demo

    with refusing():
        return WRONG if demo(options.output, options.fault) else FINE
