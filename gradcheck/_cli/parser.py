"""Which commands are there, and what do they take? Each is a module that says so."""

from __future__ import annotations

import argparse
from types import MappingProxyType
from typing import TYPE_CHECKING

from gradcheck._cli import check, compare, demo, explain, fuzz, replay, report
from gradcheck._cli.outcome import CODES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

COMMANDS: Mapping[str, ModuleType] = MappingProxyType(
    {
        "demo": demo,
        "check": check,
        "fuzz": fuzz,
        "explain": explain,
        "replay": replay,
        "report": report,
        "compare": compare,
    },
)

EXAMPLES = f"""\
examples:
  gradcheck demo                            see what it does
  gradcheck check layers.py:softmax         check your own gradient
  gradcheck report run.json --output run.html

`gradcheck COMMAND --help` has the details. In pytest, use the fixture `gradcheck`.

{CODES}"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    from gradcheck import __version__

    own = argparse.ArgumentParser(
        prog="gradcheck",
        description="Check hand-written gradients against measured slopes.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    own.add_argument("--version", action="version", version=f"gradcheck {__version__}")
    commands = own.add_subparsers(metavar="COMMAND", title="commands")
    for name, command in COMMANDS.items():
        one = commands.add_parser(
            name,
            help=command.HELP,
            description=command.ABOUT,
            epilog=f"{command.EXAMPLES}\n\n{CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add(one)
        one.set_defaults(run=command.run)
    return own
