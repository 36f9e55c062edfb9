"""What does the command `gradcheck` do? Results to stdout, all else to stderr, one exit code."""

# PYTHON_ARGCOMPLETE_OK: argcomplete looks for these words before it runs a command to complete it.

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from gradcheck._cli.outcome import FAILED, Refusal, stopped, terminable
from gradcheck._cli.parser import parser

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    own = parser()
    _complete(own)
    options = own.parse_args(argv)
    if not hasattr(options, "run"):
        own.print_help(sys.stderr)
        return FAILED
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot show ± still shows the number; lone surrogates are spelled out everywhere.
            stream.reconfigure(errors="backslashreplace" if stream.encoding.lower() == "utf-8" else "replace")
    try:
        with terminable():
            code: int = options.run(options)
            sys.stdout.flush()
    except Refusal as refusal:
        print(f"gradcheck: {refusal}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt as error:
        print("gradcheck: interrupted", file=sys.stderr)
        return stopped(error)
    except BrokenPipeError:  # `| head` has seen enough
        return _unwritten()
    except OSError as error:
        print(f"gradcheck: {error}", file=sys.stderr)
        return _unwritten()
    return code


def _unwritten() -> int:
    """Drop what stdout did not accept, so that Python does not try again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _complete(own: ArgumentParser) -> None:
    """Offer completions to the shell, where argcomplete is installed."""
    if "_ARGCOMPLETE" not in os.environ:
        return
    try:
        import_module("argcomplete").autocomplete(own)
    except ModuleNotFoundError:
        return
